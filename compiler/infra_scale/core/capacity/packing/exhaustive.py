"""Whether any placement exists: bounds that prove there is none, and an exhaustive search for small cases.

First fit can miss a placement, and has anomalies: one more node can make it fail. If the search completes, the
answer is exact, so neither can happen.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.packing.first_fit import free_of
from infra_scale.core.capacity.packing.placement_state import Item, PlacementState

_ROOMS = 40
_ITEMS = 8
_STEPS = 20_000
"""Maximum number of ways to fill one node, about a twentieth of a second."""

Counts = tuple[int, ...]
"""Pods by item."""


class Searched(NamedTuple):
    """The result of a search."""

    placement: tuple[dict[int, int], ...] | None
    """By item: the number of pods on each node. None: no placement was found."""
    is_complete: bool
    """Whether the search was complete: then the result is exact."""


def is_impossible(placement: PlacementState, items: Sequence[Item]) -> bool:
    """Whether no placement can exist: the total exceeds the free amounts, or one item does not fit even alone."""
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
"""Maximum number of nodes for which each workload is tested by itself: a tenth of a second."""


def search(placement: PlacementState, items: Sequence[Item]) -> Searched:
    """A placement of all pods, from all maximal ways to fill each node.

    Not for large cases; spread constraints are not considered.
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
        """By item: the number of its pods that each node could hold alone."""
        self.after = self._places_after(len(placement.capacities))
        self.dead: set[tuple[int, Counts]] = set()
        self.steps = _STEPS

    def fill(self, capacity: int, left: Counts) -> list[Counts] | None:
        """The pods in `capacity` and the following nodes; None if the remaining pods do not all fit there."""
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
        """For each node: the number of pods of each item that fit in it and the following nodes."""
        after = [tuple(0 for _ in self.limits)]
        for capacity in reversed(range(capacities)):
            after.append(
                tuple(places + limit.get(capacity, 0) for places, limit in zip(after[-1], self.limits, strict=True))
            )
        return after[::-1]

    def _ways(self, capacity: int, left: Counts) -> Iterator[Counts]:
        """The maximal ways to fill a node: others are never better."""
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
