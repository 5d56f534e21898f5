"""The desired state of plans, by workload and cluster."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.comparing.settings import Key, settings, triggers
from infra_scale.model.action import AUTOSCALER_KINDS, Action
from infra_scale.model.cost import Estimate
from infra_scale.model.forecast import NO_PLAN_FORECAST, PlanForecast, WorkloadForecast
from infra_scale.model.plan import ScalePlan
from infra_scale.model.pod import PodContainer
from infra_scale.model.snapshot import LiveAutoscaler, LiveWorkload
from infra_scale.model.units import amount_text
from infra_scale.model.workload import BATCH, WorkloadRef


class Place(NamedTuple):
    """One workload in one cluster."""

    cluster: str | None
    """None if its target has no clusters."""
    namespace: str
    workload: str
    """Kind/name."""


class DesiredState(NamedTuple):
    """The desired state of one workload in one cluster."""

    place: Place
    target: str
    request: str
    settings: Mapping[Key, str]
    triggers: Mapping[Key, str]
    """The utilization above which its HPA adds pods; shown only if it changes."""
    estimate: Estimate | None
    forecast: WorkloadForecast | None
    running: Mapping[Key, str] = {}
    """The same settings in a snapshot."""


def wanted(plan: ScalePlan, forecast: PlanForecast = NO_PLAN_FORECAST) -> Iterator[DesiredState]:
    """The desired states of a plan."""
    grouped: dict[Place, list[Action]] = {}
    for action in plan.actions:
        place = _place(action.cluster.name if action.cluster else None, action.ref)
        grouped.setdefault(place, []).append(action)
    estimates = forecast.cost.estimates if forecast.cost else ()
    costs = {_place(one.cluster, one.ref): one for one in estimates}
    verdicts = {_place(cluster.cluster, one.ref): one for cluster in forecast.capacity for one in cluster.workloads}
    metadata = plan.metadata
    for place, actions in grouped.items():
        yield DesiredState(
            place,
            metadata.target,
            metadata.path,
            settings(actions),
            triggers(actions),
            costs.get(place),
            verdicts.get(place),
        )


def _place(cluster: str | None, ref: WorkloadRef) -> Place:
    return Place(cluster, ref.namespace, str(ref))


def running(live: LiveWorkload) -> Mapping[Key, str]:
    """The settings of a running workload that a snapshot has."""
    workload = str(live.ref)
    found = {Key(workload, "parallelism" if live.ref.kind in BATCH else "replicas"): str(live.replicas)}
    containers = live.pod.containers
    for container in (*containers, *(one for one in live.pod.init_containers if one.is_sidecar)):
        found |= {Key(workload, f"{name} of {container.name}"): value for name, value in _resources(container)}
    if len(containers) == 1:  # a plan need not name the only container
        found |= {Key(workload, name): value for name, value in _resources(containers[0])}
    for kind, scaler in ((AUTOSCALER_KINDS["hpa"], live.hpa), (AUTOSCALER_KINDS["keda"], live.scaled_object)):
        if scaler:
            found |= {Key(f"{kind}/{scaler.name}", name): value for name, value in _scaling(scaler)}
    return found


def _resources(container: PodContainer) -> Iterator[tuple[str, str]]:
    for noun, amounts in (("request", container.requests), ("limit", container.limits)):
        yield from ((f"{resource} {noun}", amount_text(resource, quantity)) for resource, quantity in amounts)


def _scaling(scaler: LiveAutoscaler) -> Iterator[tuple[str, str]]:
    yield "replicas", f"{scaler.minimum} to {scaler.maximum}"
    if scaler.target_cpu is not None:
        yield "target CPU", f"{scaler.target_cpu}%"
