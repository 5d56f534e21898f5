"""The size of a pod: its requests and limits, as the scheduler and quotas count them.

Source: component-helpers/resource/helpers.go and KEP-753 (sidecars), KEP-2837 (pod-level resources), qos.go.
"""

from collections.abc import Callable

from infra_scale.core.capacity.amounts import amounts, largest, plus, rounded_up, whole
from infra_scale.model.pod import Amounts, Billable, Pod, PodContainer
from infra_scale.model.quantity import Quantity
from infra_scale.model.verdict import Unknown

_POD_LEVEL = ("cpu", "memory")
"""Resources that can be set for the pod as a whole."""
_GPU_SUFFIX = "/gpu"
_NOTHING = Quantity(0, "decimal")

_Pick = Callable[[PodContainer], Amounts]


def with_requests_from_limits(pod: Pod) -> Pod:
    """The pod as the API stores it: a limit without a request is also the request (SetDefaults_Pod).

    With pod-level resources, its request is the sum of its containers, and its limit only if none of them has a request
    (defaultPodRequests).
    """
    pod = pod._replace(
        containers=tuple(map(_with_requests_from_limits, pod.containers)),
        init_containers=tuple(map(_with_requests_from_limits, pod.init_containers)),
    )
    if not pod.requests and not pod.limits:
        return pod
    of_containers = _total(pod, lambda container: container.requests)
    level = {name: one for name, one in of_containers.items() if name in _POD_LEVEL}
    return pod._replace(requests=amounts({**dict(pod.limits), **level, **dict(pod.requests)}))


def container_requests(pod: Pod) -> dict[str, Quantity]:
    """The sum of the containers' requests, ignoring pod-level requests."""
    return _total(pod, lambda container: container.requests)


def pod_requests(pod: Pod) -> Amounts:
    """The exact requests of the pod."""
    total = _total(pod, lambda container: container.requests)
    total |= {name: one for name, one in pod.requests if name in _POD_LEVEL}
    return amounts(plus(total, dict(pod.overhead)))


def pod_limits(pod: Pod) -> Amounts:
    """The exact limits of the pod; overhead counts only if there is a limit."""
    total = _total(pod, lambda container: container.limits)
    total |= {name: one for name, one in pod.limits if name in _POD_LEVEL}
    return amounts(plus(total, {name: one for name, one in pod.overhead if name in total}))


def pod_size(pod: Pod) -> tuple[tuple[str, int], ...]:
    """The scheduler's amounts: thousandths of a core and bytes, rounded up for each container."""
    total = _total(pod, lambda container: amounts(rounded_up(container.requests)))
    total |= {name: one for name, one in rounded_up(pod.requests).items() if name in _POD_LEVEL}
    return tuple(whole(amounts(plus(total, rounded_up(pod.overhead))), up=True).items())


def is_within(pod: Pod, other: Pod) -> bool:
    """Whether all requests and limits of a pod are at most those of another."""
    pairs = ((pod_requests(pod), pod_requests(other)), (pod_limits(pod), pod_limits(other)))
    return all(one <= dict(most).get(name, _NOTHING) for amounts, most in pairs for name, one in amounts)


def is_best_effort(pod: Pod) -> bool:
    """Whether it has no requests and limits: its quality of service class is BestEffort (qos.go)."""
    if pod.requests or pod.limits:
        return not _any_positive(pod.requests, pod.limits)
    containers = (*pod.containers, *pod.init_containers)
    return not any(_any_positive(container.requests, container.limits) for container in containers)


def billable(pod: Pod) -> Billable | Unknown:
    """The billed resources of the pod; unknown if a running container requests no cpu or memory, or a resource that a
    price sheet cannot contain.

    OpenCost bills max(request, usage), and usage is unknown here. Finished init containers are not billed.
    """
    running = (*pod.containers, *(one for one in pod.init_containers if one.is_sidecar))
    level = dict(pod.requests)
    for resource in _POD_LEVEL:
        for container in running if resource not in level else ():
            if not dict(container.requests).get(resource, _NOTHING).nano:
                return Unknown(f"container {container.name} requests no {resource}")
    total: dict[str, Quantity] = {}
    for container in running:
        total = plus(total, dict(container.requests))
    unpriced = [name for name, one in total.items() if "/" in name and not name.endswith(_GPU_SUFFIX) and one.nano]
    if unpriced:
        return Unknown(f"the price sheet has no price for {', '.join(sorted(unpriced))}")
    gpus = sum(one.units() for name, one in total.items() if name.endswith(_GPU_SUFFIX))
    return Billable(
        level.get("cpu", total.get("cpu", _NOTHING)), level.get("memory", total.get("memory", _NOTHING)), gpus
    )


def _with_requests_from_limits(container: PodContainer) -> PodContainer:
    return container._replace(requests=amounts({**dict(container.limits), **dict(container.requests)}))


def _total(pod: Pod, pick: _Pick) -> dict[str, Quantity]:
    """The larger of the amounts at run time and at any time during startup (KEP-753)."""
    sidecars: dict[str, Quantity] = {}
    peak: dict[str, Quantity] = {}
    for container in pod.init_containers:
        started = plus(sidecars, dict(pick(container)))
        peak = largest(peak, started)
        sidecars = started if container.is_sidecar else sidecars
    running = sidecars
    for container in pod.containers:
        running = plus(running, dict(pick(container)))
    return largest(running, peak)


def _any_positive(*several: Amounts) -> bool:
    return any(one.nano > 0 for some in several for name, one in some if name in _POD_LEVEL)
