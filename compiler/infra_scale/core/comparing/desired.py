"""The desired state of plans, by workload and cluster."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.comparing.settings import Key, settings, triggers
from infra_scale.model.action import Action
from infra_scale.model.cost import Estimate
from infra_scale.model.forecast import NO_PLAN_FORECAST, PlanForecast, WorkloadForecast
from infra_scale.model.plan import ScalePlan
from infra_scale.model.workload import WorkloadRef


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
