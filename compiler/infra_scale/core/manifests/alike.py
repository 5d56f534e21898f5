"""Names that differ from another by one typo."""

from collections.abc import Iterable, Iterator, Mapping

from infra_scale.model.workload import KINDS, WorkloadRef

_SHORTEST, _LONGEST = 2, 63
"""What is left of a name when a letter is taken out: of fewer every name is alike, and of more there are too many."""


class Alike:
    """Workloads by kind and by what is left of their names without one letter: two that share one are alike.

    So that thousands of names are not compared with each of thousands that are not there.
    """

    def __init__(self, declared: Mapping[tuple[str, str], object]) -> None:
        self._declared = declared
        self._by_part: dict[tuple[str, str], list[str]] = {}
        for kind, name in declared:
            for part in _parts(name):
                self._by_part.setdefault((kind, part), []).append(name)

    def to(self, ref: WorkloadRef) -> Iterator[tuple[str, str]]:
        """The same name of another kind; then names that differ by one typo."""
        yield from ((kind, ref.name) for kind in KINDS if kind != ref.kind and (kind, ref.name) in self._declared)
        for part in _parts(ref.name):
            near: Iterable[str] = self._by_part.get((ref.kind, part), ())
            yield from ((ref.kind, name) for name in near if name != ref.name)


def _parts(name: str) -> Iterator[str]:
    """A name, and it without each of its letters."""
    if _SHORTEST < len(name) <= _LONGEST:
        yield name
        yield from dict.fromkeys(f"{name[:index]}{name[index + 1 :]}" for index in range(len(name)))
