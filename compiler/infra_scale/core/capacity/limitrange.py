"""LimitRange: its defaults, and what it refuses, in the API server's words, with bytes in units.

Source: plugin/pkg/admission/limitranger/admission.go and SetDefaults_LimitRangeItem (core/v1/defaults.go).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from infra_scale.core.capacity.amounts import amounts
from infra_scale.core.capacity.pods import pod_limits, pod_requests, with_requests_from_limits
from infra_scale.model.capacity import Bound, LimitFault
from infra_scale.model.pod import Amounts, Pod, PodContainer
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import Limit, LimitRange
from infra_scale.model.units import amount_text

_ByName = Mapping[str, Quantity]
_MICRO = 10**6


def effective(pod: Pod, ranges: Iterable[LimitRange]) -> Pod:
    """The pod after admission: requests from its own limits first, then the defaults of LimitRanges.

    Pod defaulting runs when the pod is decoded, before the LimitRanger: with an explicit limit, the request is that
    limit, and defaultRequest has no effect. Of several LimitRanges, the first by name decides; Kubernetes does not
    define the order.
    """
    pod = with_requests_from_limits(pod)
    for limit_range in _by_name(ranges):
        default, default_request = _defaults(limit_range)
        pod = pod._replace(
            containers=tuple(_filled(container, default, default_request) for container in pod.containers),
            init_containers=tuple(_filled(container, default, default_request) for container in pod.init_containers),
        )
    return pod


def source_of_limit(ranges: Iterable[LimitRange], resource: str) -> str | None:
    """The LimitRange that sets the default limit of a container."""
    return next((one.name for one in _by_name(ranges) if resource in _defaults(one)[0]), None)


def limit_faults(pod: Pod, ranges: Iterable[LimitRange]) -> tuple[LimitFault, ...]:
    """The violations of LimitRanges by a pod that is already `effective`, in the order of ranges and containers."""
    return tuple(
        fault
        for limit_range in _by_name(ranges)
        for limit in limit_range.limits
        for fault in _of(limit, limit_range, pod)
    )


def _by_name(ranges: Iterable[LimitRange]) -> list[LimitRange]:
    return sorted(ranges, key=lambda limit_range: limit_range.name)


def _of(limit: Limit, limit_range: LimitRange, pod: Pod) -> Iterator[LimitFault]:
    if limit.type == "Container":
        for container in (*pod.containers, *pod.init_containers):
            for bound, text in _checked(limit, dict(container.requests), dict(container.limits)):
                yield LimitFault(bound, limit_range.name, container.name, text)
    elif limit.type == "Pod":
        for bound, text in _checked(limit, dict(pod_requests(pod)), dict(pod_limits(pod))):
            yield LimitFault(bound, limit_range.name, None, text)


def _checked(limit: Limit, requests: _ByName, limits: _ByName) -> Iterator[tuple[Bound, str]]:
    """`limits` are those of a container or pod, `limit` is the item of the LimitRange."""
    checks: tuple[tuple[Bound, Amounts, _Check], ...] = (
        ("minimum", limit.minimum, _below),
        ("maximum", limit.maximum, _above),
        ("ratio", limit.ratio, _beyond),
    )
    for bound, bounds, check in checks:
        for name, enforced in bounds:
            if text := check(name, limit.type, enforced, (requests.get(name), limits.get(name))):
                yield bound, text


_Found = tuple[Quantity | None, Quantity | None]
"""Request and limit."""
_Check = Callable[[str, str, Quantity, _Found], str | None]


def _below(name: str, of: str, enforced: Quantity, found: _Found) -> str | None:
    request, limit = found
    subject = f"minimum {name} usage per {of} is {amount_text(name, enforced)}"
    if request is None:
        return f"{subject}.  No request is specified"
    if request < enforced:
        return f"{subject}, but request is {amount_text(name, request)}"
    return f"{subject}, but limit is {amount_text(name, limit)}" if limit is not None and limit < enforced else None


def _above(name: str, of: str, enforced: Quantity, found: _Found) -> str | None:
    request, limit = found
    subject = f"maximum {name} usage per {of} is {amount_text(name, enforced)}"
    if limit is None:
        return f"{subject}.  No limit is specified"
    if limit > enforced:
        return f"{subject}, but limit is {amount_text(name, limit)}"
    if request is not None and request > enforced:
        return f"{subject}, but request is {amount_text(name, request)}"
    return None


def _beyond(name: str, of: str, enforced: Quantity, found: _Found) -> str | None:
    request, limit = found
    subject = f"{name} max limit to request ratio per {of} is {enforced}"
    if request is None or not request.nano:
        return f"{subject}, but no request is specified or request is 0"
    if limit is None or not limit.nano:
        return f"{subject}, but no limit is specified or limit is 0"
    if limit.nano * 10**9 <= enforced.nano * request.nano:
        return None
    return f"{subject}, but provided ratio is {_six_decimals(limit.nano, request.nano)}"


def _six_decimals(above: int, below: int) -> str:
    """The quotient in the format of C's %f, half to even."""
    whole, rest = divmod(above * _MICRO, below)
    whole += 2 * rest > below or (2 * rest == below and whole % 2)
    return f"{whole // _MICRO}.{whole % _MICRO:06}"


def _defaults(limit_range: LimitRange) -> tuple[_ByName, _ByName]:
    """Default limits and requests: Default from Max, then DefaultRequest from Default and from Min."""
    limits: dict[str, Quantity] = {}
    requests: dict[str, Quantity] = {}
    for limit in limit_range.limits:
        if limit.type == "Container":
            default = {**dict(limit.maximum), **dict(limit.default)}
            limits |= default
            requests |= {**dict(limit.minimum), **default, **dict(limit.default_request)}
    return limits, requests


def _filled(container: PodContainer, limits: _ByName, requests: _ByName) -> PodContainer:
    return container._replace(
        requests=amounts({**requests, **dict(container.requests)}),
        limits=amounts({**limits, **dict(container.limits)}),
    )
