"""Which workloads some manifests declare under which names, and whether that is known well enough to miss one."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from infra_scale.core.reading.json_values import Json, as_map, as_text
from infra_scale.model.manifest import Absence, Base
from infra_scale.model.names import is_label
from infra_scale.model.target import Target
from infra_scale.model.workload import KINDS, WorkloadRef

_SHORTEST, _LONGEST = 2, 63
"""What is left of a name when a letter is taken out: of fewer every name is alike, and of more there are too many."""

_FEW = 3


class Declared(NamedTuple):
    """What manifests declare, built or not."""

    bases: Mapping[tuple[str, str], tuple[Base, ...]] = {}
    """By kind and every name that a workload has or has had."""
    files: Mapping[tuple[str, str], tuple[str, ...]] = {}
    """The files with a kind and name, including files that no kustomization names or that are not a base."""
    alike: Mapping[tuple[str, str], tuple[str, ...]] = {}
    """See `index_of`."""
    uncertain: tuple[str, ...] = ()
    """Files that could not be read, and kustomizations that could not be followed."""

    def of(self, target: Target, ref: WorkloadRef) -> list[Base]:
        """The bases that may be meant: by the name that is built, else by one that the workload had before."""
        inside = [
            base
            for base in self.bases.get((ref.kind, ref.name), ())
            if base.built_namespace in (None, ref.namespace) and target.has_manifest(base.path)
        ]
        nearest = [base for base in inside if base.name == ref.name] or inside
        # A base without a namespace gets it when it is applied; one with this namespace is a better match.
        return [base for base in nearest if base.built_namespace] or nearest

    def absence(self, target: Target, ref: WorkloadRef) -> Absence | None:
        """Why the manifests of a target do not have a workload; None if they have it, or may have it."""
        found = self.of(target, ref) if target.manifests else []
        if len(found) > 1:
            return Absence("", several=tuple(base.path for base in found))
        if found or not target.manifests or any(map(target.has_manifest, self.uncertain)):
            return None
        for base in self.bases.get((ref.kind, ref.name), ()):
            if target.has_manifest(base.path) and base.built_namespace and is_label(base.built_namespace):
                return Absence(f"{ref} in namespace {base.built_namespace}")
        if any(map(target.has_manifest, self.files.get((ref.kind, ref.name), ()))):
            return None
        alike = (key for key in self._alike(ref) if any(target.has_manifest(base.path) for base in self.bases[key]))
        return Absence("/".join(next(alike, ())))

    def unread(self, target: Target) -> tuple[str, ...]:
        """The first few manifests of a target that could not be read or followed."""
        return tuple(islice(filter(target.has_manifest, self.uncertain), _FEW))

    def _alike(self, ref: WorkloadRef) -> Iterator[tuple[str, str]]:
        """The same name of another kind; then names that differ by one typo."""
        yield from ((kind, ref.name) for kind in KINDS if (kind, ref.name) in self.bases)
        for part in _parts(ref.name):
            yield from ((ref.kind, name) for name in self.alike.get((ref.kind, part), ()))


def index_of(keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Names by kind and by what is left of them without one letter: two that share one are alike.

    So that thousands of names are not compared with each of thousands that are not there.
    """
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for kind, name in keys:
        for part in _parts(name):
            found[kind, part] = (*found.get((kind, part), ()), name)
    return found


def declared_in(objects: Mapping[str, Iterable[Json]]) -> dict[tuple[str, str], tuple[str, ...]]:
    """The files in which each workload is declared, by kind and name."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for path, items in objects.items():
        for item in items:
            kind, name = as_text(item.get("kind")), as_text(as_map(item.get("metadata")).get("name"))
            if kind in KINDS and name:
                found.setdefault((kind, name), {})[path] = None
    return {key: tuple(paths) for key, paths in found.items()}


def _parts(name: str) -> Iterator[str]:
    """A name, and it without each of its letters."""
    if _SHORTEST < len(name) <= _LONGEST:
        yield name
        yield from dict.fromkeys(f"{name[:index]}{name[index + 1 :]}" for index in range(len(name)))
