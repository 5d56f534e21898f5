"""The cost of a request, from the pods of its workloads in snapshots, manifests or the request itself."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.capacity.amounts import amounts
from infra_scale.core.capacity.demand import live_bounds
from infra_scale.core.capacity.loads import load_for
from infra_scale.core.capacity.packing.node_capacity import of_daemon, pools_of
from infra_scale.core.capacity.pods import billable, pod_size, with_requests_from_limits
from infra_scale.core.cost.budget import total_of
from infra_scale.core.cost.estimate import State, Subject, estimate
from infra_scale.core.forecast.demands import demand_for
from infra_scale.core.forecast.outlook import Outlook, Outlooks
from infra_scale.core.planning.before import planned_containers
from infra_scale.core.planning.ownership import running
from infra_scale.model.capacity import Bounds, Load
from infra_scale.model.cost import Basis, Cost
from infra_scale.model.manifest import Base, Container
from infra_scale.model.pod import Amounts, Billable, Pod, PodContainer
from infra_scale.model.quantity import Resources
from infra_scale.model.request import Workload
from infra_scale.model.snapshot import LiveWorkload
from infra_scale.model.tagged import tagged
from infra_scale.model.target import TargetedRequest
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef


def cost_of(aimed: TargetedRequest, outlooks: Outlooks) -> Cost | None:
    """The cost of a request by workload, whatever other requests plan; None if no prices are configured."""
    if not outlooks.has_prices(aimed.target):
        return None
    estimates = tuple(
        estimate(subject, outlooks.sheet(aimed.target, subject.cluster)) for subject in _subjects(aimed, outlooks)
    )
    return Cost(estimates, total_of(estimates))


def _subjects(aimed: TargetedRequest, outlooks: Outlooks) -> Iterator[Subject]:
    target = aimed.target
    if not target.clusters:
        for workload in aimed.request.workloads:
            yield _written(workload, aimed, None, Unknown("no snapshot"))
    for cluster in target.clusters_of(None):
        outlook = outlooks.of(target, cluster.name)
        for workload in aimed.request.workloads:
            if workload.cluster in (None, cluster.name):
                yield _subject(workload, aimed, cluster.name, outlook)


def _subject(workload: Workload, aimed: TargetedRequest, cluster: str, outlook: Outlook | Unknown) -> Subject:
    if isinstance(outlook, Unknown):
        return _written(workload, aimed, cluster, outlook)
    load = load_for(outlook.snapshot, demand_for(workload, aimed, outlook.snapshot, outlook.live))
    if isinstance(load, Unknown):
        return _written(workload, aimed, cluster, load)
    return Subject(workload.ref, _before(load, outlook.live[workload.ref], outlook), _after(load, outlook), cluster)


def _before(load: Load, live: LiveWorkload, outlook: Outlook) -> State | Unknown:
    pod = billable(load.pod_before) if load.pod_before else Unknown("its pods are unknown")
    if isinstance(pod, Unknown):
        return pod
    pools = _pools(load.ref, load.pod_before or load.pod, outlook)
    return State(load.before, *_range(load.before, live_bounds(live)), pod, pools)


def _pools(ref: WorkloadRef, pod: Pod, outlook: Outlook) -> tuple[str | None, ...]:
    scheduling = of_daemon(pod.scheduling) if ref.kind == "DaemonSet" else pod.scheduling
    return pools_of(outlook.empty, scheduling, pod_size(pod))


def _after(load: Load, outlook: Outlook) -> State | Unknown:
    pod = billable(load.pod)
    if isinstance(pod, Unknown):
        return pod
    counts = load.counts
    return State(counts["requested"], counts["hpaMin"], counts["hpaMax"], pod, _pools(load.ref, load.pod, outlook))


def _range(replicas: int, bounds: Bounds | None) -> tuple[int, int]:
    if bounds is None or not bounds.acts_on(replicas):
        return replicas, replicas
    return min(replicas, bounds.minimum), max(replicas, bounds.maximum)


@tagged
class _Template(NamedTuple):
    """A pod template and its source."""

    pod: Pod
    basis: Basis


def _written(workload: Workload, aimed: TargetedRequest, cluster: str | None, why: Unknown) -> Subject:
    """Without a snapshot: the running state is unknown; the planned state comes from the request and the manifest."""
    template = _template(workload, aimed.bases.get(workload.key))
    if isinstance(template, Unknown):
        return Subject(workload.ref, why, template, cluster, "request")
    pod = billable(with_requests_from_limits(template.pod))
    after = pod if isinstance(pod, Unknown) else _planned(workload, aimed, pod)
    return Subject(workload.ref, why, after, cluster, template.basis)


def _planned(workload: Workload, aimed: TargetedRequest, pod: Billable) -> State | Unknown:
    if workload.ref.kind == "DaemonSet":
        return Unknown("the number of its nodes is unknown")
    scaler = aimed.request.keda_of(workload) or aimed.request.hpa_of(workload)
    asked = workload.replicas if workload.replicas is not None else running(workload, aimed.bases.get(workload.key))
    if scaler:
        point = max(scaler.minimum, min(scaler.minimum if asked is None else asked, scaler.maximum))
        return State(point, scaler.minimum, scaler.maximum, pod)
    return Unknown("the number of running replicas is unknown") if asked is None else State(asked, asked, asked, pod)


def _template(workload: Workload, base: Base | None) -> _Template | Unknown:
    if base is not None and not base.has_pod_resources and base.knows_containers:
        planned = planned_containers(workload, base)
        if any(one.unknown for one in planned):
            return Unknown("resources of its containers are unknown")
        return _Template(Pod(tuple(map(_container, planned))), "manifest")
    if base is None and (workload.requests or workload.limits):
        name = workload.container or workload.ref.name
        return _Template(Pod((_pod_container(name, workload.requests, workload.limits),)), "request")
    return Unknown("its containers are unknown")


def _container(container: Container) -> PodContainer:
    return _pod_container(container.name, container.requests, container.limits)


def _pod_container(name: str, requests: Resources | None, limits: Resources | None) -> PodContainer:
    return PodContainer(name, _amounts(requests), _amounts(limits))


def _amounts(resources: Resources | None) -> Amounts:
    named = (("cpu", resources.cpu), ("memory", resources.memory)) if resources else ()
    return amounts({name: one for name, one in named if one is not None})
