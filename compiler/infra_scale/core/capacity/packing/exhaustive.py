"""Is there any placement? Bounds that prove there is none, and for small cases a search that looks at all of them.

First fit can miss a placement, and has anomalies: one more node can make it fail. Where the search comes to its end,
the answer is exact, so neither can happen.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.packing.first_fit import free_of
from infra_scale.core.capacity.packing.placement_state import Item, PlacementState

_ROOMS = 40
_ITEMS = 8
_STEPS = 20_000
"""Ways to fill one node that are looked at, about a twentieth of a second."""

Counts = tuple[int, ...]
"""Pods by item."""


class Searched(NamedTuple):
    """What a search found."""

    placement: tuple[dict[int, int], ...] | None
    """By item: how many pods each node gets. None: none was found."""
    is_complete: bool
    """Whether everything was looked at: then there is no other answer."""


def is_impossible(placement: PlacementState, items: Sequence[Item]) -> bool:
    """Whether no placement can exist: all ask for more than is free, or one has too few places even alone."""
    asked = [0 for _ in placement.resources]
    for item in items:
        for index, one in placement.needs(item.size):
            asked[index] += one * item.pods
    free = [sum(row[index] for row in placement.free if row[index] > 0) for index in range(len(asked))]
    if any(wanted > there for wanted, there in zip(asked, free, strict=True)):
        return True
    if len(items) * len(placement.capacities) > _LOOKS:
        return False
    return any(sum(pods for _, pods in free_of(item, placement)) < item.pods for item in items)


_LOOKS = 100_000
"""At nodes, for which every workload is tried by itself: a tenth of a second."""


def search(placement: PlacementState, items: Sequence[Item]) -> Searched:
    """A placement of all pods, by looking at every way to fill every node to the brim.

    Not for large cases, nor for spread constraints: those are not looked at.
    """
    if len(placement.capacities) > _ROOMS or len(items) > _ITEMS or any(item.scheduling.spread for item in items):
        return Searched(None, is_complete=False)
    looking = _Search(placement, items)
    try:
        filled = looking.fill(0, tuple(item.pods for item in items))
    except _OutOfSteps:
        return Searched(None, is_complete=False)
    if filled is None:
        return Searched(None, is_complete=True)
    return Searched(
        tuple(
            {capacity: row[number] for capacity, row in enumerate(filled) if row[number]}
            for number in range(len(items))
        ),
        is_complete=True,
    )


class _OutOfSteps(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """The budget is spent."""


class _Search:
    """One search; remembers the dead ends."""

    def __init__(self, placement: PlacementState, items: Sequence[Item]) -> None:
        self.free = placement.free
        self.needs = [placement.needs(item.size) for item in items]
        self.limits = [dict(free_of(item, placement)) for item in items]
        """By item: how many pods each node takes of it alone."""
        self.after = self._places_after(len(placement.capacities))
        self.dead: set[tuple[int, Counts]] = set()
        self.steps = _STEPS

    def fill(self, capacity: int, left: Counts) -> list[Counts] | None:
        """What goes into `capacity` and those behind it; None where not all that is left has a place there."""
        if not any(left):
            return []
        if (capacity, left) in self.dead or any(map(int.__gt__, left, self.after[capacity])):
            return None
        for counts in self._ways(capacity, left):
            rest = self.fill(capacity + 1, tuple(map(int.__sub__, left, counts)))
            if rest is not None:
                return [counts, *rest]
        self.dead.add((capacity, left))
        return None

    def _places_after(self, capacities: int) -> list[Counts]:
        """For each node: how many places there are for each item in it and behind it."""
        after = [tuple(0 for _ in self.limits)]
        for capacity in reversed(range(capacities)):
            after.append(
                tuple(places + limit.get(capacity, 0) for places, limit in zip(after[-1], self.limits, strict=True))
            )
        return after[::-1]

    def _ways(self, capacity: int, left: Counts) -> Iterator[Counts]:
        """The ways to fill a node that leave no place for any more: to do with less is never better."""
        most = tuple(min(pods, limit.get(capacity, 0)) for pods, limit in zip(left, self.limits, strict=True))
        for counts, free in self._counts(0, most, self.free[capacity]):
            self.steps -= 1
            if self.steps < 0:
                raise _OutOfSteps
            if not any(
                pods < limit and _fits(free, needs) for pods, limit, needs in zip(counts, most, self.needs, strict=True)
            ):
                yield counts

    def _counts(self, number: int, most: Counts, free: list[int]) -> Iterator[tuple[Counts, list[int]]]:
        if number == len(most):
            yield (), free
            return
        needs = self.needs[number]
        for pods in range(min(most[number], *(free[index] // one for index, one in needs)), -1, -1):
            rest = free[:]
            for index, one in needs:
                rest[index] -= one * pods
            for counts, last in self._counts(number + 1, most, rest):
                yield (pods, *counts), last


def _fits(free: list[int], needs: list[tuple[int, int]]) -> bool:
    return all(free[index] >= one for index, one in needs)
