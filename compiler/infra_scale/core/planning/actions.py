"""A request to its ordered actions."""

from collections.abc import Iterator

from infra_scale.model.action import Action, ApplyHpa, ScaleJob, ScaleWorkload, UpdateResources
from infra_scale.model.request import ScaleRequest, Workload


def actions(request: ScaleRequest) -> tuple[Action, ...]:
    """The actions in the order of the request, and for each workload: scale, resources, autoscaler."""
    return tuple(action for workload in request.workloads for action in _actions_of(workload, request))


def _actions_of(workload: Workload, request: ScaleRequest) -> Iterator[Action]:
    if workload.replicas is not None:
        yield ScaleWorkload(workload.ref, workload.replicas)
    if workload.parallelism is not None or workload.suspend is not None:
        yield ScaleJob(workload.ref, workload.parallelism, workload.suspend)
    if workload.requests or workload.limits:
        yield UpdateResources(workload.ref, workload.container, workload.requests, workload.limits)
    if workload.hpa and request.autoscaling == "hpa":
        yield ApplyHpa(workload.ref, workload.hpa)
