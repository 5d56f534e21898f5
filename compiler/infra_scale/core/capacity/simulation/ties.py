"""Breaks ties between equal candidates, whose real order is unknown."""

from collections.abc import Sequence
from typing import TypeVar

_One = TypeVar("_One")
_BITS = 2**64


class Ties:
    """The first, the last, or any by a seed, with the same result in every Python version."""

    def __init__(self, *, prefers_last: bool = False, seed: int | None = None) -> None:
        self._sign = -1 if prefers_last else 1
        self._state = seed

    def first(self, indices: Sequence[int]) -> int:
        """One of several equal candidates, such as nodes with the same score."""
        if self._state is not None:
            return self.one_of(indices)
        return min(indices, key=lambda index: self._sign * index)

    def rank(self, index: int) -> int:
        """A sort key: smaller comes first."""
        return self._sign * index if self._state is None else self._below(_BITS)

    def one_of(self, several: Sequence[_One]) -> _One:
        """Any of several; without a seed, the first."""
        return several[0 if self._state is None else self._below(len(several))]

    def shuffled(self, several: Sequence[_One]) -> list[_One]:
        """In any order; without a seed, unchanged."""
        return list(several) if self._state is None else sorted(several, key=lambda _: self._below(_BITS))

    def _below(self, bound: int) -> int:
        """The next number of splitmix64: `random` is slow to import, and may change with Python."""
        self._state = ((self._state or 0) + 0x9E3779B97F4A7C15) % _BITS
        mixed = self._state
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9 % _BITS
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB % _BITS
        return (mixed ^ (mixed >> 31)) % bound
