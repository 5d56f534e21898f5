"""The demands of requests on a cluster."""

from collections.abc import Iterable, Mapping

from infra_scale.core.capacity.demand import Demand, PlannedChange, demand_of
from infra_scale.core.planning.actions import removed
from infra_scale.core.planning.before import container_of
from infra_scale.model.capacity import Bounds
from infra_scale.model.request import Workload
from infra_scale.model.snapshot import ClusterSnapshot, LiveWorkload
from infra_scale.model.target import TargetedRequest
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef


def demands(aimed: Iterable[TargetedRequest], snapshot: ClusterSnapshot) -> tuple[Demand, ...]:
    """One demand for each workload that is planned for the cluster; if two requests scale one (an error), the first."""
    live = {one.ref: one for one in snapshot.workloads}
    found: dict[WorkloadRef, Demand] = {}
    for one in aimed:
        for workload in one.workloads_for(snapshot.cluster):
            if workload.ref not in found:
                found[workload.ref] = demand_for(workload, one, snapshot, live)
    return tuple(found.values())


def demand_for(
    workload: Workload, aimed: TargetedRequest, snapshot: ClusterSnapshot, live: Mapping[WorkloadRef, LiveWorkload]
) -> Demand:
    """The demand of one workload; `live` are those of the snapshot."""
    seen = live.get(workload.ref)
    if seen is None:
        return Demand(workload.ref, None, None, None, None, why_unknown=_why_unseen(workload.ref, snapshot))
    gone = removed(workload, aimed.request)
    if gone in ("hpa", "keda"):
        seen = seen._replace(hpa=None, scaled_object=None)
    return _without_future_pods(demand_of(seen, _change(workload, aimed, seen)), workload)


def _without_future_pods(demand: Demand, workload: Workload) -> Demand:
    """The demand with only pods that really run: for a Job or CronJob, a snapshot has the parallelism."""
    resumes = workload.suspend is False
    is_other = resumes or demand.after not in (None, demand.before) or demand.pod_after != demand.pod_before
    after = demand.before if demand.after is None else demand.after
    if workload.ref.kind == "CronJob":  # its pods are temporary: those of a run are additional
        before = 0 if is_other else demand.before
        return demand._replace(before=before, after=after, placement=(), existing=before, scheduled=before)
    if workload.ref.kind == "Job" and resumes and demand.before:  # while it is suspended, none runs
        placed = sum(pods for _, pods in demand.placement)
        running = min(demand.before, placed if demand.existing is None else demand.existing)
        return demand._replace(before=running, after=after, existing=running, scheduled=min(running, placed))
    return demand


def _change(workload: Workload, aimed: TargetedRequest, live: LiveWorkload) -> PlannedChange:
    """The changes of a request to a workload."""
    request = aimed.request
    keda = request.keda_of(workload)
    scaler = keda or request.hpa_of(workload)
    return PlannedChange(
        _wanted(workload),
        Bounds(scaler.minimum, scaler.maximum, starts_from_zero=keda is not None) if scaler else None,
        container_of(workload, aimed.bases.get(workload.key), live.pod.names),
        workload.requests,
        workload.limits,
    )


def _wanted(workload: Workload) -> int | None:
    if workload.suspend:
        return 0
    return workload.parallelism if workload.replicas is None else workload.replicas


def _why_unseen(ref: WorkloadRef, snapshot: ClusterSnapshot) -> Unknown:
    if ref.kind == "Rollout":
        return Unknown(f"a snapshot does not have Rollouts, so the pods of {ref} are unknown")
    if snapshot.lists(ref.namespace):
        return Unknown(f"{ref} is not in the snapshot of {snapshot.cluster}")
    return Unknown(f"namespace {ref.namespace} is not in the snapshot of {snapshot.cluster}")
