"""Two requests for one thing in a cluster, and what to say about it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.model.finding import Finding
from infra_scale.model.position import Position, Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef


class Place(NamedTuple):
    """One workload of one request."""

    request: ScaleRequest
    workload: Workload

    @property
    def key(self) -> tuple[str, Route]:
        """Short, where the place itself would be hashed with its whole request."""
        return (self.request.path, self.workload.route)

    @property
    def route(self) -> Route:
        """Where the workload is named."""
        return (*self.workload.route, "name")


class Conflict(NamedTuple):
    """Several places that ask for one thing; `subject` names it."""

    rule: str
    subject: str
    help: str
    places: tuple[Place, ...]

    def findings(self, position_of: Mapping[tuple[str, Route], Position | None]) -> Iterator[Finding]:
        """One error at each place, naming the first of the others."""
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
    """Workloads that are scaled twice (GIT-001), and different workloads whose autoscalers bear one name (GIT-002).

    A workload is one of its cluster, so two targets that share a cluster can collide; a target without clusters stands
    for one.
    """
    workloads: defaultdict[tuple[str, WorkloadRef], list[Place]] = defaultdict(list)
    autoscalers: defaultdict[tuple[str, str, str, str], list[Place]] = defaultdict(list)
    for request in requests:
        clusters = _clusters(request.target, targets)
        for workload in request.workloads:
            place = Place(request, workload)
            for cluster in clusters if workload.cluster is None else (workload.cluster,):
                workloads[cluster, workload.ref].append(place)
                for autoscaler in _autoscalers(workload, request):
                    autoscalers[cluster, autoscaler, workload.ref.namespace, workload.ref.name].append(place)
    yield from _once([*_workload_conflicts(workloads.values()), *_autoscaler_conflicts(autoscalers)])


def _autoscalers(workload: Workload, request: ScaleRequest) -> Iterator[str]:
    """The kinds of the objects that a workload gets, which bear its name."""
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
            yield Conflict("GIT-001", subject, "scale a workload in one request, once: merge the two", tuple(places))


def _autoscaler_conflicts(groups: Mapping[tuple[str, str, str, str], list[Place]]) -> Iterator[Conflict]:
    for (_, autoscaler, namespace, name), places in groups.items():
        if len({place.workload.ref for place in places}) > 1:
            subject = f"the {autoscaler} {name} in namespace {namespace}"
            help = f"it bears its workload's name: scale one of the two without {_KEYS[autoscaler]}"
            yield Conflict("GIT-002", subject, help, tuple(places))


_KEYS = {"HorizontalPodAutoscaler": "hpa", "VerticalPodAutoscaler": "vpa", "ScaledObject": "keda"}


def _clusters(target: str, targets: Mapping[str, Target]) -> tuple[str, ...]:
    known = targets.get(target)
    if known is None or not known.clusters:
        return (f"target {target}",)
    return tuple(dict.fromkeys(cluster.name for cluster in known.clusters))
