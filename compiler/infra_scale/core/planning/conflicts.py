"""Conflicts: two requests for one object in a cluster."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from zlib import crc32

from infra_scale.model.finding import Finding
from infra_scale.model.position import Position, Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.target import Target


class Place(NamedTuple):
    """One workload of one request."""

    request: ScaleRequest
    workload: Workload

    @property
    def key(self) -> tuple[str, Route]:
        """A short key, because hashing the place would hash its whole request."""
        return (self.request.path, self.workload.route)

    @property
    def route(self) -> Route:
        """The position of the workload's name."""
        return (*self.workload.route, "name")


class Conflict(NamedTuple):
    """Several places that request one object; `subject` is its name."""

    rule: str
    subject: str
    help: str
    places: tuple[Place, ...]

    def findings(self, position_of: Mapping[tuple[str, Route], Position | None]) -> Iterator[Finding]:
        """One error at each place, with the location of the first other one."""
        for place in self.places:
            other = next(other for other in self.places if other is not place)
            there = position_of[other.key]
            where = f"{other.request.path}:{there.line}:{there.column}" if there else other.request.path
            message = f"{self.subject} is also requested in {where}"
            yield Finding(
                self.rule,
                "error",
                message,
                place.request.path,
                help=self.help,
                workload=place.workload.ref,
                position=position_of[place.key],
            )


def conflicts(requests: Iterable[ScaleRequest], targets: Mapping[str, Target]) -> Iterator[Conflict]:
    """Workloads that are scaled twice (GIT-001), and workloads whose autoscalers have the same name (GIT-002).

    A workload belongs to its cluster, so two targets that share a cluster can conflict; a target without clusters
    counts as one.
    """
    workloads: defaultdict[Key, list[Place]] = defaultdict(list)
    autoscalers: defaultdict[Key, list[Place]] = defaultdict(list)
    for request in requests:
        for key, place in _claimed(request, targets.get(request.target)):
            (autoscalers if key[0] in _KEYS else workloads)[key].append(place)
    yield from _once([*_workload_conflicts(workloads.values()), *_autoscaler_conflicts(autoscalers)])


def claims(request: ScaleRequest, target: Target) -> tuple[int, ...]:
    """A short number for each object that a request claims.

    Requests without a common or repeated number do not conflict. Others may.
    """
    return tuple(crc32("\0".join(key).encode()) for key, _ in _claimed(request, target))


class Suspicion:
    """Finds requests that may conflict, one by one: only their numbers are kept."""

    def __init__(self) -> None:
        self._first: dict[int, str] = {}
        self.paths: set[str] = set()

    def add(self, path: str, claimed: Iterable[int]) -> None:
        """Add the claims of a request."""
        for number in claimed:
            if number in self._first:
                self.paths |= {path, self._first[number]}
            else:
                self._first[number] = path


Key = tuple[str, str, str, str, str]
"""A unique object: an autoscaler or nothing, cluster, namespace, name, and the kind of a workload."""


def _claimed(request: ScaleRequest, target: Target | None) -> Iterator[tuple[Key, Place]]:
    clusters = _clusters(request.target, target)
    for workload in request.workloads:
        place, ref = Place(request, workload), workload.ref
        for cluster in clusters if workload.cluster is None else (workload.cluster,):
            yield ("", cluster, ref.namespace, ref.name, ref.kind), place
            for autoscaler in _autoscalers(workload, request):
                yield (autoscaler, cluster, ref.namespace, ref.name, ""), place


def _autoscalers(workload: Workload, request: ScaleRequest) -> Iterator[str]:
    """The kinds of the objects that are created with a workload's name."""
    if request.hpa_of(workload):
        yield "HorizontalPodAutoscaler"
    if workload.vpa:
        yield "VerticalPodAutoscaler"
    if request.keda_of(workload):
        yield "ScaledObject"


def _once(found: Iterable[Conflict]) -> Iterator[Conflict]:
    """Each conflict once, in however many clusters it is one."""
    seen: set[tuple[str, tuple[tuple[str, Route], ...]]] = set()
    for conflict in found:
        key = (conflict.rule, tuple(place.key for place in conflict.places))
        if key not in seen:
            seen.add(key)
            yield conflict


def _workload_conflicts(groups: Iterable[list[Place]]) -> Iterator[Conflict]:
    for places in groups:
        if len(places) > 1:
            ref = places[0].workload.ref
            subject = f"{ref} in namespace {ref.namespace}"
            yield Conflict("GIT-001", subject, _way_out(places), tuple(places))


def _way_out(places: list[Place]) -> str:
    """Entries of several containers cannot be merged: each entry sizes one."""
    sized = {place.workload.container for place in places if _sizes(place.workload)}
    if len(sized) <= 1:
        return "scale a workload in one request, once: merge the two"
    if None in sized:
        return "an entry sizes one container: merge the two for the same container, else size one in a later change"
    return "an entry sizes one container: keep one of them here, and size the other container in a later change"


def _sizes(workload: Workload) -> bool:
    return bool(workload.container or workload.requests or workload.limits)


def _autoscaler_conflicts(groups: Mapping[Key, list[Place]]) -> Iterator[Conflict]:
    for (autoscaler, _, namespace, name, _), places in groups.items():
        if len({place.workload.ref for place in places}) > 1:
            subject = f"the {autoscaler} {name} in namespace {namespace}"
            help = f"it has its workload's name: scale one of the two without {_KEYS[autoscaler]}"
            yield Conflict("GIT-002", subject, help, tuple(places))


_KEYS = {"HorizontalPodAutoscaler": "hpa", "VerticalPodAutoscaler": "vpa", "ScaledObject": "keda"}


def _clusters(target: str, known: Target | None) -> tuple[str, ...]:
    if known is None or not known.clusters:
        return (f"target {target}",)
    return tuple(dict.fromkeys(cluster.name for cluster in known.clusters))
