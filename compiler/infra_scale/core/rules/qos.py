"""Rules about the quality of service of pods: which of them a node evicts first."""

from collections.abc import Iterator, Sequence
from typing import Literal

from infra_scale.core.planning.containers import container_of, planned_containers
from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.core.rules.reservations import amount, reserved
from infra_scale.model.autoscaler import Resource
from infra_scale.model.manifest import Container
from infra_scale.model.quantity import Quantity

_BOTH: tuple[Resource, ...] = ("cpu", "memory")
Qos = Literal["Guaranteed", "Burstable", "BestEffort"]


@rule(
    "RES-003",
    "warning",
    why="A node under pressure evicts BestEffort pods first, then Burstable ones that use more than they request.",
    fix="be sure that it is meant; Guaranteed needs requests equal to limits, cpu and memory, in every container",
    source="kubernetes/pkg/apis/core/v1/helper/qos/qos.go, ComputePodQOS",
)
def quality_changes(subject: Subject) -> Iterator[Hit]:
    """Requests or limits that change the QoS class which the base manifest gives the pods."""
    workload, base = subject.workload, subject.base
    changes = workload.requests is not None or workload.limits is not None
    if base is None or base.has_pod_resources or not changes or container_of(workload, base) is None:
        return
    before = qos((*base.containers, *base.initial))
    after = qos((*planned_containers(workload, base), *base.initial))
    if before != after:
        key = "requests" if workload.requests is not None else "limits"
        yield Hit(f"QoS of {workload.ref} changes {before}→{after}; eviction order changes", (key,))


def qos(containers: Sequence[Container]) -> Qos:
    """The QoS class of a pod with these containers, init containers included; an amount of 0 counts as none."""
    amounts = [
        (_positive(reserved(one.requests, one.limits, resource)), _positive(amount(one.limits, resource)))
        for one in containers
        for resource in _BOTH
    ]
    if all(request is None and limit is None for request, limit in amounts):
        return "BestEffort"
    guaranteed = all(limit is not None and request == limit for request, limit in amounts)
    return "Guaranteed" if guaranteed else "Burstable"


def _positive(quantity: Quantity | None) -> Quantity | None:
    return quantity if quantity is not None and quantity.nano > 0 else None
