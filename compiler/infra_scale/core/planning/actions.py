"""A request to its ordered actions."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import assert_never

from infra_scale.core.planning.before import Before
from infra_scale.model.action import (
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    Autoscaler,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.manifest import Bases
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import Handover, Owner, ScaleRequest, Workload
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef


def actions(request: ScaleRequest, target: Target, bases: Bases) -> tuple[Action, ...]:
    """The actions by cluster in the order of execution, and within a cluster in the order of the request.

    For each workload: delete the previous autoscaler, scale, resources, autoscalers.
    """
    return tuple(
        action._replace(cluster=cluster)
        for cluster in target.clusters_of(None) or (None,)
        for workload in request.workloads
        if cluster is None or workload.cluster in (None, cluster.name)
        for action in _actions_of(workload, request, Before(bases.get(workload.key)))
    )


def _actions_of(workload: Workload, request: ScaleRequest, before: Before) -> Iterator[Action]:
    ref, gone = workload.ref, removed(workload, request)
    if gone and gone != "vpa":
        yield RemoveAutoscaler(ref, gone)
    if workload.replicas is not None:
        yield ScaleWorkload(ref, workload.replicas, before=before.base.replicas if before.base else None)
    if workload.parallelism is not None or workload.suspend is not None:
        yield ScaleJob(ref, workload.parallelism, workload.suspend)
    if workload.requests or workload.limits:
        yield before.update(workload)
    if gone == "vpa":  # last: a pod that starts earlier would have the requests that the VPA had replaced
        yield RemoveAutoscaler(ref, gone)
    yield from _autoscalers(workload, request)


def _autoscalers(workload: Workload, request: ScaleRequest) -> Iterator[Action]:
    if hpa := request.hpa_of(workload):
        yield ApplyHpa(workload.ref, hpa)
    if vpa := workload.vpa:
        minimum, maximum = (one and one.canonical for one in (vpa.minimum, vpa.maximum))
        yield ApplyVpa(workload.ref, vpa._replace(minimum=minimum, maximum=maximum))
    if keda := request.keda_of(workload):
        yield ApplyKeda(workload.ref, keda)


def request_of(plan: ScalePlan) -> ScaleRequest:
    """The request for the actions of a plan: one workload for each cluster, and only what actions state."""
    grouped: dict[tuple[WorkloadRef, str | None], list[Action]] = {}
    for action in plan.actions:
        grouped.setdefault((action.ref, action.cluster.name if action.cluster else None), []).append(action)
    workloads = tuple(
        reduce(_with, acting, _NO_SETTINGS._replace(ref=ref, route=("workloads", number), cluster=cluster))
        for number, ((ref, cluster), acting) in enumerate(grouped.items())
    )
    of = plan.metadata
    return ScaleRequest(
        of.path, of.request, of.target, plan.namespace, plan.autoscaling, of.owner, of.reason, of.ticket, workloads
    )


_NO_SETTINGS = Workload(
    WorkloadRef("Deployment", "", ""),
    (),
    replicas=None,
    parallelism=None,
    suspend=None,
    container=None,
    requests=None,
    limits=None,
    hpa=None,
)


def _with(workload: Workload, action: Action) -> Workload:
    match action:
        case ScaleWorkload():
            return workload._replace(replicas=action.to)
        case ScaleJob():
            return workload._replace(parallelism=action.parallelism, suspend=action.suspend)
        case UpdateResources(_, container, requests, limits):
            return workload._replace(container=container, requests=requests, limits=limits)
        case ApplyHpa():
            return workload._replace(hpa=action.hpa)
        case ApplyVpa():
            return workload._replace(vpa=action.vpa)
        case ApplyKeda():
            return workload._replace(keda=action.keda)
        case RemoveAutoscaler():
            return workload._replace(handover=Handover(action.autoscaler, None))
        case _:
            assert_never(action)


def workload_of(request: ScaleRequest) -> Callable[[Action], Workload]:
    """The workload of a request that an action belongs to."""
    workloads = {(workload.ref, workload.cluster): workload for workload in request.workloads}
    # A workload that names a cluster has no action if the target has no clusters; TGT-003 reports it.
    somewhere = {workload.ref: workload for workload in request.workloads}

    def found(action: Action) -> Workload:
        place = action.cluster.name if action.cluster else None
        return workloads.get((action.ref, place)) or workloads.get((action.ref, None)) or somewhere[action.ref]

    return found


def removed(workload: Workload, request: ScaleRequest) -> Autoscaler | None:
    """The autoscaler that a hand-over deletes; None if it stays, or KEDA takes over an HPA."""
    before: Owner | None = workload.handover.before if workload.handover else None
    if before == "hpa" and not request.hpa_of(workload) and not request.keda_of(workload):
        return "hpa"
    if before == "keda" and not request.keda_of(workload):
        return "keda"
    if before == "vpa" and not workload.vpa:
        return "vpa"
    return None
