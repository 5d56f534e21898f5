"""The workloads of requests, looked up in what the manifests of a target build.

Only builds that may hold a workload are made. They leave our Components out: values are those at the place where our
Component is joined, or at the end of a root that joins none.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from infra_scale.core.manifests.alike import Alike
from infra_scale.core.manifests.beside import with_objects
from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.candidates import END, Candidate, candidates_in, named
from infra_scale.core.manifests.deployments import Deployments
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.inventory import Inventory, Read, read_files
from infra_scale.core.manifests.loose import loose_candidates, loose_objects
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.overruled import marked, overrulings
from infra_scale.core.manifests.reach import clusters_of
from infra_scale.core.manifests.tree import text_at
from infra_scale.model.finding import Finding
from infra_scale.model.helm import HelmEntry, release_ref
from infra_scale.model.manifest import Absence, Base, Fault
from infra_scale.model.names import RENDERED, is_label
from infra_scale.model.position import Position
from infra_scale.model.request import Workload
from infra_scale.model.source import Found
from infra_scale.model.target import Target
from infra_scale.model.workload import PatchedRef, WorkloadRef

_START = Position(1, 1, 1, "")
_FEW = 3
_KEPT = 256
"""Workloads that are remembered: those of a request are looked up several times, one after the other."""


class Lookup(NamedTuple):
    """What the manifests of a target have about one workload."""

    candidates: tuple[Candidate, ...] = ()
    """The builds that may be meant, each different from the others."""
    absence: Absence | None = None

    @property
    def base(self) -> Base | None:
        """The workload; None if there is none, or several."""
        return self.candidates[0].base if len(self.candidates) == 1 else None


class Manifests:
    """The manifests of all targets."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._of_target: dict[tuple[str, ...], _Builds] = {}
        self._found: dict[tuple[tuple[str, ...], tuple[HelmEntry, ...], WorkloadRef], Lookup] = {}
        self._deployments: dict[str, Deployments] = {}

    def of(self, target: Target, ref: WorkloadRef, cluster: str | None = None) -> Base | None:
        """The workload in the manifests of a target; None if none or several of them declare it for a cluster."""
        return self.lookup(target, ref, cluster).base

    def absence(self, target: Target, ref: WorkloadRef, cluster: str | None = None) -> Absence | None:
        """Why the manifests of a target do not have a workload; None if each of its clusters has it."""
        clusters: list[str | None] = [one.name for one in target.clusters_of(cluster)]
        found = (self.lookup(target, ref, name).absence for name in clusters or [None])
        return next(filter(None, found), None)

    def unread(self, target: Target) -> tuple[str, ...]:
        """The first few manifests of a target that could not be read."""
        doubts = self._builds(target).inventory.doubts if target.manifests else ()
        return tuple(islice(dict.fromkeys(one.place.file for one in doubts), _FEW))

    def not_followed(self, targets: Iterable[Target]) -> Iterator[Finding]:
        """MAN-002 for each kustomization with parts that are unknown here."""
        found: dict[str, dict[str, None]] = {}
        for target in targets:
            if target.manifests:
                for reason in self._builds(target).inventory.not_followed:
                    found.setdefault(reason.place.file, {})[shown(reason.what)] = None
        for path, reasons in sorted(found.items()):
            message = f"the objects and changes of this are unknown: {', '.join(reasons)}"
            help = "nothing is assumed of the workloads that it touches; a request can name the container"
            yield Finding("MAN-002", "note", message, path, help=help, position=_START)

    def joined(self, targets: Iterable[Target]) -> dict[str, str]:
        """A kustomization that joins each Component of ours, by the folder of that."""
        found: dict[str, str] = {}
        for target in targets:
            if target.manifests:
                found |= self._builds(target).inventory.joined
        return found

    def lookup(self, target: Target, ref: WorkloadRef, cluster: str | None = None) -> Lookup:
        """What is known of a workload, in the builds of one cluster if these are known."""
        found = self._looked_up(target, ref)
        if cluster is None or len(found.candidates) <= 1:
            return found
        builds = self._builds(target)
        of = [(one, clusters_of(one.root, builds.build(one.root), target, "")) for one in found.candidates if one.root]
        here = [one for one, names in of if names and cluster in names] or [one for one, names in of if names is None]
        return builds.chosen(here, ref) if here else found

    def _looked_up(self, target: Target, ref: WorkloadRef) -> Lookup:
        if not target.manifests:
            return Lookup()
        key = (target.manifests, target.helm, ref)
        if key not in self._found:
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[key] = self._builds(target).lookup(ref, target.helm)
        return self._found[key]

    def deployments(self, target: Target) -> Deployments:
        """The builds that deploy the workloads of a target."""
        if target.name not in self._deployments:
            self._deployments[target.name] = Deployments(self._builds(target).inventory, target)
        return self._deployments[target.name]

    def faults(self, target: Target, workload: Workload, *, is_autoscaled: bool) -> tuple[Fault, ...]:
        """Why our Component of a workload does not reach its builds, or breaks one."""
        if not target.manifests:
            return ()
        found = self.deployments(target)
        return tuple(
            fault
            for cluster in target.clusters_of(workload.cluster)
            if (ref := self.patched(target, workload.ref, cluster.name))
            for fault in found.faults(ref, cluster.name, is_autoscaled=is_autoscaled)
        )

    def patched(self, target: Target, ref: WorkloadRef, cluster: str | None = None) -> PatchedRef | None:
        """The object that our Component of a workload patches; None for one whose values go into a file."""
        base = self.of(target, ref, cluster)
        return release_ref(ref, base.chart) if base and base.chart else ref

    def _builds(self, target: Target) -> "_Builds":
        known = self._of_target.get(target.manifests)
        if known is None:
            known = self._of_target[target.manifests] = _Builds(Inventory(self._read, target.manifests))
        return known


def read_manifests(found: Iterable[Found], targets: Iterable[Target]) -> tuple[Manifests, tuple[Finding, ...]]:
    """The manifests of targets; MAN-001 for each that cannot be read, MAN-002 for each that is not followed."""
    read = read_files(found)
    manifests = Manifests(read)
    return manifests, (*read.findings, *manifests.not_followed(targets))


class _Builds:
    """The builds of one set of manifest folders."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        ends = dict.fromkeys(inventory.roots, (END,))
        files, streams = inventory.files, inventory.read.streams
        self._plain = Builder(files, empty=(RENDERED,), joining=ends, streams=streams)
        self._marked = Builder(files, empty=(RENDERED,), standing_in=marked, streams=streams)
        self._built: dict[str, Build | Refused] = {}
        self._alike: Alike | None = None

    def lookup(self, ref: WorkloadRef, helm: tuple[HelmEntry, ...] = ()) -> Lookup:
        """What is known of a workload."""
        found, unknown = self._candidates(ref)
        if not found and (self.inventory.releases or helm):
            from infra_scale.core.manifests.helm_search import charts_with  # noqa: PLC0415 (only for repositories with charts)

            of_charts = charts_with(ref, helm, self.inventory, self.build)
            if of_charts.absence and not unknown:
                return Lookup((), of_charts.absence)
            found, unknown = of_charts.candidates, [*unknown, *of_charts.unknown]
        joined = [one for one in found if one.is_joined] or found
        named = [one for one in joined if one.base.built_name == ref.name] or joined
        # A base without a namespace gets it when it is applied; one with this namespace is a better match.
        nearest = [one for one in named if one.base.built_namespace] or named
        return self.chosen(nearest, ref) if nearest else Lookup((), self._absence(ref, unknown))

    def chosen(self, nearest: list[Candidate], ref: WorkloadRef) -> Lookup:
        """One of some builds of a workload, unless they differ."""
        distinct = {one.base: one for one in reversed(nearest)}
        if len(distinct) > 1:
            paths = tuple(one.base.path for one in nearest)
            return Lookup(tuple(nearest), Absence("", several=paths))
        return Lookup((nearest[0]._replace(base=self._with_others(nearest[0].base, ref)),))

    def build(self, root: str) -> Build | Refused:
        """What a root builds without our Components."""
        if root not in self._built:
            self._built[root] = self._plain.build(root)
        return self._built[root]

    def _candidates(self, ref: WorkloadRef) -> tuple[list[Candidate], list[str]]:
        """The builds with a workload; why others may have it."""
        found: list[Candidate] = []
        unknown: list[str] = []
        paths = self.inventory.declared.get((ref.kind, ref.name), [])
        roots = {root for path in paths for root in self.inventory.roots_of(path)}
        for root in sorted(roots | self.inventory.renaming):
            if not self.inventory.may_be_in(root, ref.namespace):
                continue
            build = self.build(root)
            if isinstance(build, Refused):
                if root in roots:
                    unknown.append(f"kustomize does not build {root or 'the root'}: {build.what}")
                continue
            here = [*candidates_in(root, build, ref)]
            found += (self._with_overrulings(one, ref) for one in here if isinstance(one, Candidate))
            unknown += (one for one in here if isinstance(one, str))
            if root in roots and not here and build.opens:
                unknown.append(build.opens[0].what)
        found += loose_candidates(self.inventory, paths, ref)
        return found, unknown

    def _with_overrulings(self, one: Candidate, ref: WorkloadRef) -> Candidate:
        """A workload with what its root changes after our Component."""
        if not one.clusters:
            return one
        build = self._marked.build(one.root)
        finals = named(build, ref) if isinstance(build, Build) else ()
        found = (change for final in finals for name in sorted(one.clusters) for change in overrulings(final, name))
        return one._replace(base=one.base._replace(overrulings=tuple(found)))

    def _with_others(self, base: Base, ref: WorkloadRef) -> Base:
        """A workload with the autoscalers and budgets of its namespace in builds that do not have it."""
        key = (ref.kind, ref.name)
        base = base._replace(rollout=self.inventory.rollouts.get(key, ""))
        paths = [*self.inventory.aimed_at.get(key, ()), *self.inventory.budgets]
        found = [one for path in dict.fromkeys(paths) for one in self._elsewhere(path, ref)]
        return base if not found else with_objects(base, found, ref)

    def _elsewhere(self, path: str, ref: WorkloadRef) -> Iterator[Resource]:
        if self.inventory.is_loose(path):
            yield from (
                one
                for one in loose_objects(self.inventory, path)
                if text_at(one.doc, "metadata", "namespace") == ref.namespace
            )
            return
        for root in sorted(self.inventory.roots_of(path)):
            if not self.inventory.may_be_in(root, ref.namespace):
                continue
            build = self.build(root)
            if isinstance(build, Build) and not any(named(build, ref)):
                yield from (
                    one
                    for one in build.resources
                    if one.place.file == path and text_at(one.doc, "metadata", "namespace") == ref.namespace
                )

    def _absence(self, ref: WorkloadRef, unknown: list[str]) -> Absence:
        if unknown:
            return Absence("", unknown=shown(unknown[0]))
        key = (ref.kind, ref.name)
        if elsewhere := self._other_namespace(ref):
            return Absence(f"{ref} in namespace {elsewhere}", is_complete=self._is_complete())
        if key in self.inventory.declared and (reason := self.inventory.nameless(key)):
            return Absence("", unknown=shown(reason))
        self._alike = self._alike or Alike(self.inventory.declared)
        near = next(self._alike.to(ref), None)
        if near is None and self.inventory.doubts:
            return Absence("", unknown=shown(self.inventory.doubts[0].what))
        return Absence("/".join(near or ()), is_complete=self._is_complete())

    def _is_complete(self) -> bool:
        """Whether all objects that the manifests build are known."""
        renamed = map(self.build, self.inventory.renaming)
        return not self.inventory.doubts and all(isinstance(one, Build) and not one.opens for one in renamed)

    def _other_namespace(self, ref: WorkloadRef) -> str:
        """Another namespace in which the manifests have a workload of this name."""
        for path in self.inventory.declared.get((ref.kind, ref.name), ()):
            builds = [self.build(root) for root in sorted(self.inventory.roots_of(path))]
            resources = [one for build in builds if isinstance(build, Build) for one in build.resources]
            resources += loose_objects(self.inventory, path) if self.inventory.is_loose(path) else ()
            for one in resources:
                namespace = str(text_at(one.doc, "metadata", "namespace"))
                if (one.id.kind, one.id.name) == (ref.kind, ref.name) and is_label(namespace):
                    return namespace
        return ""


def shown(reason: str) -> str:
    """A reason as one line of plain text: it quotes files."""
    text = " ".join(reason.split())
    kept = "".join(sign if sign.isascii() and (sign.isalnum() or sign in " -_./:,;'=+(){}$") else "?" for sign in text)
    return kept[:300]
