"""Demand: one workload of the plans in one cluster, before and after, and its pods."""

from typing import NamedTuple

from infra_scale.core.capacity.amounts import amounts
from infra_scale.core.capacity.pods import is_within
from infra_scale.core.capacity.rollout import fenceposts, surge
from infra_scale.model.capacity import Bounds, Load
from infra_scale.model.pod import Amounts, Pod, PodContainer
from infra_scale.model.quantity import Resources
from infra_scale.model.snapshot import LiveWorkload, Strategy
from infra_scale.model.verdict import Scenario, Unknown
from infra_scale.model.workload import Kind, WorkloadRef


def live_bounds(live: LiveWorkload) -> Bounds | None:
    """The current bounds of the replicas of a workload."""
    if live.hpa:
        return Bounds(live.hpa.minimum, live.hpa.maximum)
    keda = live.scaled_object
    return Bounds(keda.minimum, keda.maximum, starts_from_zero=True) if keda else None


class Demand(NamedTuple):
    """One workload of the plans for one cluster."""

    ref: WorkloadRef
    before: int | None
    """The current number of replicas; None: unknown. 0 for a workload that does not exist yet."""
    after: int | None
    """Requested replicas (of a Job: its parallelism); None: unchanged. A DaemonSet has none."""
    pod_before: Pod | None
    """The running pods, from their template; None if there are none."""
    pod_after: Pod | None
    """The pods of the new template; None: unknown."""
    bounds: Bounds | None = None
    """The bounds of the autoscaler that will set the replicas."""
    strategy: Strategy = Strategy()
    placement: tuple[tuple[str, int], ...] = ()
    """The number of running pods by node id; the capacity of pods missing here is not treated as free."""
    existing: int | None = None
    """Pods that exist, with and without a node; None: not in the snapshot."""
    scheduled: int | None = None
    """Existing pods that have a node; None: not in the snapshot."""
    is_parallel: bool = False
    """For a StatefulSet: whether all of its pods start at once."""
    is_suspended: bool = False
    """For a Job: whether it is suspended now and has no active pods."""
    why_unknown: Unknown | None = None
    """Why its verdict is unknown, if that is known in advance."""


class PlannedChange(NamedTuple):
    """The changes of a plan to a workload; None: unchanged."""

    replicas: int | None = None
    bounds: Bounds | None = None
    container: str | None = None
    requests: Resources | None = None
    limits: Resources | None = None


def demand_of(live: LiveWorkload, change: PlannedChange) -> Demand:
    """The demand of a change to a workload in a snapshot."""
    bounds = change.bounds or live_bounds(live)
    after = resized(live.pod, change.container, change.requests, change.limits)
    return Demand(
        live.ref,
        live.replicas,
        change.replicas,
        live.pod,
        after,
        bounds,
        live.strategy,
        placement=live.placement,
        existing=live.existing,
        scheduled=live.scheduled,
        is_parallel=live.is_parallel,
        is_suspended=live.is_suspended,
    )


def resized(pod: Pod, container: str | None, requests: Resources | None, limits: Resources | None) -> Pod | None:
    """The pod with other requests and limits in one container; None if the container is ambiguous."""
    if requests is None and limits is None:
        return pod
    every = (*pod.containers, *(one for one in pod.init_containers if one.is_sidecar))
    meant = every if container else pod.containers
    named = [one.name for one in meant if container in (None, one.name)]
    if len(named) != 1:
        return None

    def changed(one: PodContainer) -> PodContainer:
        if one.name != named[0]:
            return one
        return one._replace(requests=_updated(one.requests, requests), limits=_updated(one.limits, limits))

    return pod._replace(
        containers=tuple(map(changed, pod.containers)), init_containers=tuple(map(changed, pod.init_containers))
    )


def _updated(written: Amounts, change: Resources | None) -> Amounts:
    new = {"cpu": change.cpu, "memory": change.memory} if change else {}
    return amounts({**dict(written), **{name: one for name, one in new.items() if one is not None}})


class Present(NamedTuple):
    """The existing pods of a workload."""

    wanted: int
    existing: int
    scheduled: int


def load_of(demand: Demand, present: Present, *, pod_before: Pod | None, pod: Pod) -> Load:
    """A demand without unknown values, and its pods with the defaults of LimitRanges."""
    before = present.wanted
    ref, bounds = demand.ref, demand.bounds
    asked = before if ref.kind == "DaemonSet" or demand.after is None else demand.after
    acting = bounds if bounds and bounds.acts_on(asked) else None
    steady = acting.clamped(asked) if acting else asked
    template = pod_before
    changes = before > 0 and pod_before is not None and pod_before != pod
    restarts = changes and ref.kind in _REPLACED and demand.strategy.type != "OnDelete"
    if changes and not restarts and steady >= before:
        pod_before = pod  # running pods stay unchanged: only additional ones count
    counts: dict[Scenario, int] = {
        "requested": steady,
        "hpaMin": min(steady, acting.minimum) if acting else steady,
        "hpaMax": max(steady, acting.maximum) if acting else steady,
        "surge": steady + (_needed_surge(demand, steady, pod_before, pod) if restarts else 0),
    }
    return Load(
        ref,
        before,
        pod_before,
        pod,
        counts,
        restarts,
        demand.placement,
        bounds is not None,
        template,
        demand.strategy,
        demand.is_parallel,
        present.existing,
        present.scheduled,
    )


_REPLACED: tuple[Kind, ...] = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose pods are replaced when the template changes; others keep their running pods."""


def _needed_surge(demand: Demand, steady: int, old: Pod | None, new: Pod) -> int:
    """The additional pods that an update requires.

    None if it may first stop a pod (maxUnavailable) that frees capacity for a new one: additional pods without a node
    are then pending, and do not block the update (deployment/rolling.go, reconcileOldReplicaSets).
    """
    kind, strategy = demand.ref.kind, demand.strategy
    stops_first = kind == "Deployment" and fenceposts(strategy, steady).unavailable > 0
    return 0 if stops_first and old and is_within(new, old) else surge(strategy, kind, steady)
