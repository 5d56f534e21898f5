"""Rules about the quality of service of pods, which decides the order of eviction."""

from collections.abc import Iterator, Sequence
from typing import Literal

from infra_scale.core.planning.before import container_of, planned_containers
from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.core.ruling.reservations import amount, reserved
from infra_scale.core.ruling.rollout_delta import move_at
from infra_scale.model.autoscaler import Resource
from infra_scale.model.capacity import Site
from infra_scale.model.manifest import Container
from infra_scale.model.pod import Pod
from infra_scale.model.quantity import Quantity

_BOTH: tuple[Resource, ...] = ("cpu", "memory")
Qos = Literal["Guaranteed", "Burstable", "BestEffort"]


@rule(
    "RES-003",
    "warning",
    why="A node under pressure evicts BestEffort pods first, then Burstable ones that use more than they request.",
    fix="check that this is intended; Guaranteed needs requests equal to limits, cpu and memory, in every container",
    source="kubernetes/pkg/apis/core/v1/helper/qos/qos.go, ComputePodQOS",
)
def quality_changes(subject: Subject) -> Iterator[Hit]:
    """Requests or limits that change the QoS class of the running pods, or if these are unknown, of the manifest."""
    workload = subject.workload
    if workload.requests is None and workload.limits is None:
        return
    key = "requests" if workload.requests is not None else "limits"
    found = ((site, _change(subject, site)) for site in subject.sites or (None,))
    yield from merged(
        (site, Hit(f"QoS of {workload.ref} changes {before}→{after}; eviction order changes", (key,)))
        for site, (before, after) in found
        if before != after
    )


_Change = tuple[Qos | None, Qos | None]
"""Before and after; None if unknown."""


def _change(subject: Subject, site: Site | None) -> _Change:
    if move := move_at(site):
        return _of_pod(move.template), _of_pod(move.load.pod)
    workload, base = subject.workload, subject.base
    if (site and site.live) or base is None or base.has_pod_resources or container_of(workload, base) is None:
        return None, None
    if not base.knows_containers or base.why_unknown("resources"):
        return None, None
    before = _of_containers((*base.containers, *base.initial))
    return before, _of_containers((*planned_containers(workload, base), *base.initial))


def _of_pod(pod: Pod) -> Qos:
    """If the pod as a whole has resources, only they count."""
    several = (pod,) if pod.requests or pod.limits else (*pod.containers, *pod.init_containers)
    return _class(
        [
            (_positive(dict(one.requests).get(resource)), _positive(dict(one.limits).get(resource)))
            for one in several
            for resource in _BOTH
        ]
    )


def _of_containers(containers: Sequence[Container]) -> Qos:
    """The class of a pod with these containers, including init containers."""
    return _class(
        [
            (_positive(reserved(one.requests, one.limits, resource)), _positive(amount(one.limits, resource)))
            for one in containers
            for resource in _BOTH
        ]
    )


def _class(amounts: Sequence[tuple[Quantity | None, Quantity | None]]) -> Qos:
    """By request and limit of each container and resource; an amount of 0 counts as none."""
    if all(request is None and limit is None for request, limit in amounts):
        return "BestEffort"
    guaranteed = all(limit is not None and request == limit for request, limit in amounts)
    return "Guaranteed" if guaranteed else "Burstable"


def _positive(quantity: Quantity | None) -> Quantity | None:
    return quantity if quantity is not None and quantity.nano > 0 else None
