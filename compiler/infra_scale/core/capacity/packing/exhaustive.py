"""Is there any placement? Bounds that prove there is none, and for small cases a search that looks at all of them.

First fit can miss a placement, and has anomalies: one more node can make it fail. Where the search comes to its end,
the answer is exact, so neither can happen.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.packing.first_fit import free_of
from infra_scale.core.capacity.packing.placement_state import Board, Item

_ROOMS = 40
_ITEMS = 8
_STEPS = 20_000
"""Ways to fill one room that are looked at, about a twentieth of a second."""

Counts = tuple[int, ...]
"""Pods by item."""


class Searched(NamedTuple):
    """What a search found."""

    placement: tuple[dict[int, int], ...] | None
    """By item: how many pods each room gets. None: none was found."""
    is_complete: bool
    """Whether everything was looked at: then there is no other answer."""


def is_impossible(board: Board, items: Sequence[Item]) -> bool:
    """Whether no placement can exist: all ask for more than is free, or one has too few places even alone."""
    asked = [0 for _ in board.resources]
    for item in items:
        for index, one in board.needs(item.size):
            asked[index] += one * item.pods
    free = [sum(row[index] for row in board.free if row[index] > 0) for index in range(len(asked))]
    if any(wanted > there for wanted, there in zip(asked, free, strict=True)):
        return True
    if len(items) * len(board.rooms) > _LOOKS:
        return False
    return any(sum(pods for _, pods in free_of(item, board)) < item.pods for item in items)


_LOOKS = 100_000
"""At rooms, for which every workload is tried by itself: a tenth of a second."""


def search(board: Board, items: Sequence[Item]) -> Searched:
    """A placement of all pods, by looking at every way to fill every room to the brim.

    Not for large cases, nor for spread constraints: those are not looked at.
    """
    if len(board.rooms) > _ROOMS or len(items) > _ITEMS or any(item.scheduling.spread for item in items):
        return Searched(None, is_complete=False)
    looking = _Search(board, items)
    try:
        filled = looking.fill(0, tuple(item.pods for item in items))
    except _OutOfSteps:
        return Searched(None, is_complete=False)
    if filled is None:
        return Searched(None, is_complete=True)
    return Searched(
        tuple({room: row[number] for room, row in enumerate(filled) if row[number]} for number in range(len(items))),
        is_complete=True,
    )


class _OutOfSteps(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """The budget is spent."""


class _Search:
    """One search; remembers the dead ends."""

    def __init__(self, board: Board, items: Sequence[Item]) -> None:
        self.free = board.free
        self.needs = [board.needs(item.size) for item in items]
        self.limits = [dict(free_of(item, board)) for item in items]
        """By item: how many pods each room takes of it alone."""
        self.after = self._places_after(len(board.rooms))
        self.dead: set[tuple[int, Counts]] = set()
        self.steps = _STEPS

    def fill(self, room: int, left: Counts) -> list[Counts] | None:
        """What goes into `room` and those behind it; None where not all that is left has a place there."""
        if not any(left):
            return []
        if (room, left) in self.dead or any(map(int.__gt__, left, self.after[room])):
            return None
        for counts in self._ways(room, left):
            rest = self.fill(room + 1, tuple(map(int.__sub__, left, counts)))
            if rest is not None:
                return [counts, *rest]
        self.dead.add((room, left))
        return None

    def _places_after(self, rooms: int) -> list[Counts]:
        """For each room: how many places there are for each item in it and behind it."""
        after = [tuple(0 for _ in self.limits)]
        for room in reversed(range(rooms)):
            after.append(
                tuple(places + limit.get(room, 0) for places, limit in zip(after[-1], self.limits, strict=True))
            )
        return after[::-1]

    def _ways(self, room: int, left: Counts) -> Iterator[Counts]:
        """The ways to fill a room that leave no place for any more: to do with less is never better."""
        most = tuple(min(pods, limit.get(room, 0)) for pods, limit in zip(left, self.limits, strict=True))
        for counts, free in self._counts(0, most, self.free[room]):
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
