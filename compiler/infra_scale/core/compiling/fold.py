"""The fold of compiled requests: conflicts, shared Components, orphaned autoscalers, and files to delete."""

from collections.abc import Collection, Iterable, Sequence, Set
from typing import NamedTuple, Protocol

from infra_scale.core.compiling.compiled import Beside, CompiledRequest, Folded
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.compiling.shared import Planned, conflict_findings, orphaned_autoscalers, shared_files
from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.core.documents.request import Reading
from infra_scale.core.generated.namespaces import components
from infra_scale.core.generated.tree import contents, newer
from infra_scale.core.generated.unexpected import foreign as not_ours
from infra_scale.core.generated.unexpected import in_the_way
from infra_scale.core.planning.conflicts import Suspicion
from infra_scale.core.rules.orphaned_autoscalers import concerned
from infra_scale.model.finding import Finding
from infra_scale.model.source import Found
from infra_scale.model.state import Rest


class Remaining(Protocol):
    """Data that the fold reads after all requests were added."""

    def compiled(self) -> Iterable[CompiledRequest]:
        """The same requests again, in the same order. File contents are not needed."""

    def reading(self, path: str) -> Reading:
        """One of the request files. Raises InfraScaleError."""

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """The other generated files: neither their path has a hash in `wanted` nor their folder one in
        `passed_over`. Raises InfraScaleError.
        """  # fmt: skip


class Requests:
    """Takes compiled requests one by one, in the order of their paths, and keeps only what the result needs."""

    def __init__(self, environment: Environment, misnamed: Iterable[Finding] = (), *, prunes: bool = False) -> None:
        """`misnamed` are the findings about files below requests/ whose names are not valid for requests.

        With `prunes`, files at the paths of generated files are deleted.
        """
        scope = environment.scope
        misnamed = tuple(misnamed)
        self._environment, self._prunes = environment, prunes
        self._misnamed = [finding for finding in misnamed if scope.has_path(finding.path)]
        self._selected = len({finding.path for finding in self._misnamed})
        self._unselected: set[str] = set()
        self._unplanned = {finding.path for finding in misnamed}
        self._suspicion = Suspicion()
        self._files = self._new_files()
        self._foreign: list[Found] = []
        self._too_new: dict[str, Finding] = {}
        self._scalers: list[PlannedScaler] = []

    @property
    def selected(self) -> int:
        """The number of request files in the scope of the run."""
        return self._selected

    @property
    def added(self) -> int:
        """The number of requests that were added."""
        return self._selected + len(self._unselected)

    def add(self, one: CompiledRequest, beside: Beside) -> None:
        """Add a request."""
        self._suspicion.add(one.path, one.claims)
        self._files.add(one)
        if one.folder is None:
            self._unplanned.add(one.path)
        if one.is_selected:
            self._selected += 1
        else:
            self._unselected.add(one.path)
        self._foreign += beside.foreign
        self._scalers += beside.orphaned
        if beside.too_new:
            self._too_new[one.path] = beside.too_new

    def finish(self, remaining: Remaining) -> Folded:
        """The result, after all requests were added. Raises InfraScaleError."""
        environment, scope = self._environment, self._environment.scope
        colliding = self._collisions(remaining)
        kept = self._kept(remaining, {finding.path for finding in colliding} | self._too_new.keys())
        shared = shared_files(
            kept.files.planned(self._unplanned | kept.out),
            kept.rest.found,
            environment,
            present=() if self._prunes else (*kept.rest.found, *kept.rest.beside, *self._foreign),
            faults={finding.path for finding in kept.faults},
        )
        orphaned = self._orphaned((*self._scalers, *shared.scalers), remaining)
        found = {f for f in colliding if f.path not in self._unselected and scope.has_path(f.path)}
        found.update(self._misnamed, environment.findings, kept.faults, shared.findings)
        return Folded(
            frozenset(kept.out),
            frozenset({finding.path for finding in colliding} - self._unselected),
            frozenset(found),
            frozenset(f for f in orphaned if scope.shard or f.path not in self._unselected),
            kept.rest,
            shared.files,
            shared.obsolete,
            shared.unexpected,
            shared.unverified,
        )

    def _new_files(self) -> "_Files":
        return _Files(in_parts=self._environment.scope.shard is not None)

    def _kept(self, remaining: Remaining, out: set[str]) -> "_Kept":
        """The requests that are kept: foreign files at its paths, or a newer plan format, exclude a request as well."""
        files, rest = self._without(remaining, out)
        too_new = {**newer(contents(rest.found)), **self._too_new}
        if too_new.keys() - out:
            out = out | too_new.keys()
            files, rest = self._without(remaining, out)
        present = (*rest.found, *rest.beside, *self._foreign)
        taken: dict[str, Finding] = {}
        if not self._prunes and any(not_ours(present)):
            taken = in_the_way(present, {one.path: one.files for one in remaining.compiled() if one.path not in out})
        if taken:
            out = out | taken.keys()
            files, rest = self._without(remaining, out)
        shard = self._environment.scope.shard
        faults = [finding for path, finding in too_new.items() if shard is None or shard.has(path)]
        return _Kept(out, files, rest, (*faults, *taken.values()))

    def _without(self, remaining: Remaining, out: Set[str]) -> "tuple[_Files, Rest]":
        """The files of all requests that are not `out`, and the other generated files."""
        files = self._files
        if out:
            files = self._new_files()
            for one in remaining.compiled():
                files.add(one, is_out=one.path in out)
        return files, remaining.rest(files.wanted, files.passed_over)

    def _collisions(self, remaining: Remaining) -> tuple[Finding, ...]:
        """Reads again only requests that may be in conflict."""
        readings = {path: remaining.reading(path) for path in sorted(self._suspicion.paths)}
        return tuple(conflict_findings(readings, self._environment.targets)) if readings else ()

    def _orphaned(self, scalers: Sequence[PlannedScaler], remaining: Remaining) -> set[Finding]:
        """Reads all requests again only if an autoscaler may be orphaned."""
        readings: dict[str, Reading] = {}
        for one in remaining.compiled() if scalers else ():
            reading = remaining.reading(one.path)
            if reading.request and concerned(reading.request, scalers):
                readings[one.path] = reading
        return orphaned_autoscalers(scalers, readings, self._environment) if scalers else set()


class _Files:
    """The generated files of the requests that are kept."""

    def __init__(self, *, in_parts: bool) -> None:
        self._in_parts = in_parts
        self.wanted: set[int] = set()
        self.passed_over: set[int] = set()
        self._named: set[str] = set()
        self._planned: set[str] = set()
        self._components: set[tuple[str, str]] = set()
        self._folders: set[str] = set()
        self._parts: dict[str, bytes] = {}

    def add(self, one: CompiledRequest, *, is_out: bool = False) -> None:
        """Add a request; of an omitted one, only the namespaces."""
        self._named |= one.namespaces
        if one.parts and not is_out:
            self._parts.update(one.parts)
            self.wanted.update(map(hash, one.parts))
        if one.files and not is_out:
            self.wanted.update(map(hash, one.files))
            if self._in_parts:
                self._folders.update(path.rpartition("/")[0] for path in one.files)
            self._planned |= one.namespaces
            self._components.update(components(one.files))
        elif self._in_parts and one.folder and not one.is_selected and not is_out:
            self._components.update(one.components)
            folders = [f"{folder}/{name}" for folder, name in one.components]
            self.passed_over.update(map(hash, (one.folder, *folders)))

    def planned(self, unplanned: Set[str]) -> Planned:
        """The inputs of shared files."""
        return Planned(unplanned, self._components, self._named, self._planned, self._owns, self._parts)

    def _owns(self, path: str) -> bool:
        return path.rpartition("/")[0] in self._folders


class _Kept(NamedTuple):
    out: set[str]
    files: _Files
    rest: Rest
    faults: tuple[Finding, ...]
