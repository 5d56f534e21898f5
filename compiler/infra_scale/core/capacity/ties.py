"""Ties: which of several that are alike comes first, where nobody knows."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

_One = TypeVar("_One")
_MOSTLY = 0.8


class Ties:
    """The first, the last, or any: with a seed, which is always the same for one seed."""

    def __init__(self, *, prefers_last: bool = False, seed: int | None = None) -> None:
        self._sign = -1 if prefers_last else 1
        self._random = None if seed is None else Random(seed)  # noqa: S311 (no secret is made of it)

    def first(self, indices: Sequence[int]) -> int:
        """One of several nodes of the same score."""
        return self._random.choice(indices) if self._random else min(indices, key=lambda index: self._sign * index)

    def rank(self, index: int) -> float:
        """The smaller, the earlier."""
        return self._random.random() if self._random else self._sign * index

    def is_usual(self) -> bool:
        """Whether things go as they mostly do: four times of five."""
        return self._random is None or self._random.random() < _MOSTLY

    def shuffled(self, several: Sequence[_One]) -> list[_One]:
        """In any order; without a seed, as they are."""
        return self._random.sample(several, len(several)) if self._random else list(several)
