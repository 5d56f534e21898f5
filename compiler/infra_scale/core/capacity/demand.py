"""Demand: what a plan wants of one workload in one cluster, before and after; and what that makes in pods."""

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
    """Between what the replicas of a workload are kept now."""
    if live.hpa:
        return Bounds(live.hpa.minimum, live.hpa.maximum)
    keda = live.scaled_object
    return Bounds(keda.minimum, keda.maximum, starts_from_zero=True) if keda else None


class Demand(NamedTuple):
    """One workload of the plans for one cluster."""

    ref: WorkloadRef
    before: int | None
    """Pods that are wanted now; None: unknown. 0 for a workload that does not exist yet."""
    after: int | None
    """Requested replicas (of a Job: its parallelism); None: unchanged. A DaemonSet has none."""
    pod_before: Pod | None
    """The running pods, from their template; None if there are none."""
    pod_after: Pod | None
    """As the template will say; None: unknown."""
    bounds: Bounds | None = None
    """Of the autoscaler that will set the replicas."""
    strategy: Strategy = Strategy()
    placement: tuple[tuple[str, int], ...] = ()
    """Where the pods run now, by the node's id; what is missing here is not counted on as free."""
    existing: int | None = None
    """Pods that exist, with and without a node; None: the snapshot does not tell."""
    scheduled: int | None = None
    """Those of them that have a node; None: the snapshot does not tell."""
    is_parallel: bool = False
    """Of a StatefulSet: whether its pods start all at once."""
    is_suspended: bool = False
    """Of a Job: whether it is suspended now, and none of its pods is active."""
    why_unknown: Unknown | None = None
    """Why nothing can be said of it, where that is known beforehand."""


class PlannedChange(NamedTuple):
    """What a plan changes about a workload; None where it leaves it alone."""

    replicas: int | None = None
    bounds: Bounds | None = None
    container: str | None = None
    requests: Resources | None = None
    limits: Resources | None = None


def demand_of(live: LiveWorkload, change: PlannedChange) -> Demand:
    """The demand of a change to a workload that a snapshot shows."""
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
    """The pod with other requests and limits in one container; None where it is not clear which one."""
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
    """The pods of a workload that there are now."""

    wanted: int
    existing: int
    scheduled: int


def load_of(demand: Demand, present: Present, *, pod_before: Pod | None, pod: Pod) -> Load:
    """A demand whose unknowns are known, with pods as LimitRanges leave them."""
    before = present.wanted
    ref, bounds = demand.ref, demand.bounds
    asked = before if ref.kind == "DaemonSet" or demand.after is None else demand.after
    acting = bounds if bounds and bounds.acts_on(asked) else None
    steady = acting.clamped(asked) if acting else asked
    template = pod_before
    changes = before > 0 and pod_before is not None and pod_before != pod
    restarts = changes and ref.kind in _REPLACED and demand.strategy.type != "OnDelete"
    if changes and not restarts and steady >= before:
        pod_before = pod  # those that run stay as they are: only further ones count
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
"""A change of the template replaces their pods; the others keep those that run."""


def _needed_surge(demand: Demand, steady: int, old: Pod | None, new: Pod) -> int:
    """The further pods that an update cannot do without.

    None where it may stop a pod first (maxUnavailable) that leaves room for a new one: further ones without a place are
    pending then, and hold nothing up (deployment/rolling.go, reconcileOldReplicaSets).
    """
    kind, strategy = demand.ref.kind, demand.strategy
    stops_first = kind == "Deployment" and fenceposts(strategy, steady).unavailable > 0
    return 0 if stops_first and old and is_within(new, old) else surge(strategy, kind, steady)
