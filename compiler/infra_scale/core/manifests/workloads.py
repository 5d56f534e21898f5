"""The workloads of requests, looked up in what the manifests of a target build.

Only builds that may hold a workload are made. They leave our Components out: values are those at the place where our
Component is joined, or where `infra-scale wire` would join it.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from infra_scale.core.manifests.deployments import Deployments
from infra_scale.core.manifests.facts import FileFacts
from infra_scale.core.manifests.files import NOTHING_KNOWN, Read, read_files
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.lookups import Builds, Lookup
from infra_scale.core.manifests.outcome import shown
from infra_scale.core.manifests.reach import clusters_of
from infra_scale.model.finding import Finding
from infra_scale.model.helm import release_ref
from infra_scale.model.manifest import Absence, Base, Fault
from infra_scale.model.position import Position
from infra_scale.model.request import Workload
from infra_scale.model.source import Found
from infra_scale.model.target import Target
from infra_scale.model.workload import PatchedRef, WorkloadRef

_START = Position(1, 1, 1, "")
_FEW = 3
_KEPT = 256
"""Workloads that are remembered: those of a request are looked up several times, one after the other."""


class Manifests:
    """The manifests of all targets."""

    def __init__(self, read: Read) -> None:
        self.read = read
        self._inventories: dict[tuple[str, ...], Inventory] = {}
        self._of_target: dict[str, Builds] = {}
        self._of_places: dict[tuple[tuple[str, ...], frozenset[str]], Builds] = {}
        self._found: dict[tuple[str, WorkloadRef], Lookup] = {}
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
        doubts = self._inventory(target).doubts if target.manifests else ()
        return tuple(islice(dict.fromkeys(one.place.file for one in doubts), _FEW))

    def not_followed(self, targets: Iterable[Target]) -> Iterator[Finding]:
        """MAN-002 for each kustomization with parts that are unknown here."""
        found: dict[str, dict[str, None]] = {}
        for target in targets:
            if target.manifests:
                for reason in self._inventory(target).not_followed:
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
                found |= self._inventory(target).joined
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
        key = (target.name, ref)
        if key not in self._found:
            if len(self._found) >= _KEPT:
                self._found.clear()
            self._found[key] = self._builds(target).lookup(ref, target.helm)
        return self._found[key]

    def deployments(self, target: Target) -> Deployments:
        """The builds that deploy the workloads of a target."""
        if target.name not in self._deployments:
            self._deployments[target.name] = Deployments(self._inventory(target), target)
        return self._deployments[target.name]

    def faults(self, target: Target, workload: Workload, *, is_autoscaled: bool) -> tuple[Fault, ...]:
        """Why our Component of a workload does not reach its builds, or breaks one."""
        if not target.manifests:
            return ()
        found = self.deployments(target)
        faults: list[Fault] = []
        for cluster in target.clusters_of(workload.cluster):
            patched = self.patched(target, workload.ref, cluster.name)
            if patched is None:
                continue
            is_scaled = is_autoscaled or workload.vpa is not None
            known = self.lookup(target, workload.ref, cluster.name).candidates if is_scaled else ()
            faults += found.faults(patched, cluster.name, is_autoscaled=is_autoscaled)
            faults += found.owned(patched, cluster.name, known[0].scalers if len(known) == 1 else ())
        return tuple(faults)

    def patched(self, target: Target, ref: WorkloadRef, cluster: str | None = None) -> PatchedRef | None:
        """The object that our Component of a workload patches; None for one whose values go into a file."""
        base = self.of(target, ref, cluster) if target.helm else None
        return release_ref(ref, base.chart) if base and base.chart else ref

    def _builds(self, target: Target) -> Builds:
        if target.name not in self._of_target:
            key = target.manifests, self.deployments(target).places
            if key not in self._of_places:
                self._of_places[key] = Builds(self._inventory(target), key[1])
            self._of_target[target.name] = self._of_places[key]
        return self._of_target[target.name]

    def _inventory(self, target: Target) -> Inventory:
        if target.manifests not in self._inventories:
            self._inventories[target.manifests] = Inventory(self.read, target.manifests)
        return self._inventories[target.manifests]


def read_manifests(
    found: Iterable[Found], targets: Iterable[Target], known: Mapping[str, FileFacts] = NOTHING_KNOWN
) -> tuple[Manifests, tuple[Finding, ...]]:
    """The manifests of targets; MAN-001 for each that cannot be read, MAN-002 for each that is not followed.

    Files with `known` facts are read only if something is built from them.
    """
    read = read_files(found, known)
    manifests = Manifests(read)
    return manifests, (*read.findings, *manifests.not_followed(targets))
