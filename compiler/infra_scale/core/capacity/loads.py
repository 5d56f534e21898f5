"""Demands of plans, and the other workloads of a snapshot, to loads with the existing pods."""

from collections.abc import Container, Iterator

from infra_scale.core.capacity.admission import is_rejected
from infra_scale.core.capacity.demand import Demand, PlannedChange, Present, demand_of, load_of
from infra_scale.core.capacity.limitrange import effective
from infra_scale.core.capacity.packing.node_capacity import eligible_rows
from infra_scale.model.capacity import Load
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import BATCH, WorkloadRef


def load_for(snapshot: ClusterSnapshot, demand: Demand, *, assumes_pending: bool = False) -> Load | Unknown:
    """The load of a demand; `assumes_pending`: pods with unknown state in an older snapshot count as pending."""
    ranges = snapshot.namespace(demand.ref.namespace).limit_ranges
    if demand.why_unknown:
        return demand.why_unknown
    if demand.pod_after is None:
        return Unknown("the containers of the workload are unknown")
    pod = effective(demand.pod_after, ranges)
    pod_before = effective(demand.pod_before, ranges) if demand.pod_before else None
    if demand.ref.kind == "DaemonSet":
        demand = _on_every_node(snapshot, demand)
    if demand.before is None:
        return Unknown("the number of running replicas is unknown")
    rejected = is_rejected(demand, snapshot.kubernetes_version)
    if rejected is None:
        return Unknown("whether the cluster allows changes to the resources of a Job is unknown")
    present = _present(demand, demand.before, assumes_pending=assumes_pending)
    return load_of(demand, present, pod_before=pod_before, pod=pod)._replace(is_rejected=rejected)


def is_ambiguous(demand: Demand) -> bool:
    """Whether the number of running pods is unknown in a snapshot."""
    if demand.ref.kind in ("DaemonSet", *BATCH) or demand.before is None or demand.existing is not None:
        return False
    return sum(pods for _, pods in demand.placement) < demand.before


def other_loads(snapshot: ClusterSnapshot, planned: Container[WorkloadRef]) -> Iterator[Load]:
    """The workloads of a snapshot without a plan, unchanged."""
    for live in snapshot.workloads:
        if live.ref not in planned:
            demand = demand_of(live, PlannedChange())
            if live.ref.kind in BATCH:  # finished pods are not started again
                demand = demand._replace(before=live.existing if live.existing is not None else live.replicas)
            load = load_for(snapshot, demand)
            if isinstance(load, Load):
                yield load


def _on_every_node(snapshot: ClusterSnapshot, demand: Demand) -> Demand:
    """For a DaemonSet: one pod on each node, unless the snapshot has their placement."""
    if demand.pod_before is None:
        return demand._replace(before=0)
    rows = tuple(eligible_rows(snapshot, demand.pod_before))
    count = sum(times for _, times in rows)
    if demand.existing is not None:
        return demand._replace(before=count)
    return demand._replace(before=count, existing=count, scheduled=count, placement=rows)


def _present(demand: Demand, before: int, *, assumes_pending: bool) -> Present:
    placed = sum(pods for _, pods in demand.placement)
    if demand.existing is not None:
        scheduled = demand.existing if demand.scheduled is None else min(demand.scheduled, demand.existing)
        return Present(before, demand.existing, scheduled)
    return Present(before, before, min(placed, before)) if assumes_pending else Present(before, before, before)
