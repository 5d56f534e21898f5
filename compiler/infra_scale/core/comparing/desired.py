"""What one side asks for, workload by workload and cluster by cluster: of plans, or of committed plan files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.comparing.settings import Action, Key, settings, triggers
from infra_scale.core.documents.plan_reader import CommittedPlan
from infra_scale.model.cost import Estimate
from infra_scale.model.forecast import PlanForecast, WorkloadForecast
from infra_scale.model.plan import ScalePlan
from infra_scale.model.workload import KINDS, WorkloadRef


class Place(NamedTuple):
    """One workload in one cluster."""

    cluster: str | None
    """None where its target names none."""
    namespace: str
    workload: str
    """Kind/name."""


class DesiredState(NamedTuple):
    """What is asked for one workload in one cluster."""

    place: Place
    target: str
    request: str
    settings: Mapping[Key, str]
    triggers: Mapping[Key, str]
    """From which use on its HPA adds pods: of interest only where it moves."""
    estimate: Estimate | None
    forecast: WorkloadForecast | None
    running: Mapping[Key, str] = {}
    """What a snapshot shows of the same settings."""


Kinds = Mapping[tuple[str, str], str]
"""The kind of a workload by its namespace and name, for autoscalers whose plan does not say it."""


def wanted(plan: ScalePlan, actions: Sequence[Action], forecast: PlanForecast) -> Iterator[DesiredState]:
    """What a plan asks for; `actions` are its own, as plan.yaml writes them."""
    grouped: dict[Place, list[Action]] = {}
    for action, written in zip(plan.actions, actions, strict=True):
        place = _place(action.cluster.name if action.cluster else None, action.ref)
        grouped.setdefault(place, []).append(written)
    estimates = forecast.cost.estimates if forecast.cost else ()
    forecasts = ((cluster.cluster, one) for cluster in forecast.capacity for one in cluster.workloads)
    return _joined(grouped, plan.request.target, plan.request.path, estimates, forecasts)


def committed(plan: CommittedPlan, clusters: Mapping[str, str], kinds: Kinds) -> Iterator[DesiredState]:
    """What a committed plan asks for, where `clusters` are the names of clusters by their contexts."""
    kinds = {**kinds, **{(str(a["namespace"]), str(a["name"])): str(a["kind"]) for a in plan.actions if _is_own(a)}}
    grouped: dict[Place, list[Action]] = {}
    for action in plan.actions:
        namespace, name = str(action["namespace"]), str(action["name"])
        kind = str(action["kind"]) if _is_own(action) else kinds.get((namespace, name), str(action["kind"]))
        context = str(action["context"]) if "context" in action else plan.kube_context
        place = Place(clusters.get(context, context) if context else None, namespace, f"{kind}/{name}")
        grouped.setdefault(place, []).append(action)
    return _joined(grouped, plan.target, plan.request, (), ())


def _joined(
    grouped: Mapping[Place, Sequence[Action]],
    target: str,
    request: str,
    estimates: Iterable[Estimate],
    forecasts: Iterable[tuple[str, WorkloadForecast]],
) -> Iterator[DesiredState]:
    costs = {_place(one.cluster, one.ref): one for one in estimates}
    verdicts = {_place(cluster, one.ref): one for cluster, one in forecasts}
    for place, actions in grouped.items():
        yield DesiredState(
            place, target, request, settings(actions), triggers(actions), costs.get(place), verdicts.get(place)
        )


def _place(cluster: str | None, ref: WorkloadRef) -> Place:
    return Place(cluster, ref.namespace, str(ref))


def _is_own(action: Action) -> bool:
    """Whether an action names the workload itself, and not an autoscaler of the same name."""
    return action["kind"] in KINDS
