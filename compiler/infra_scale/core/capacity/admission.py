"""Errors of a pod template by itself: requests above limits, and containers above their pod.

The API server refuses the object with such a template; a LimitRange or quota refuses only its pods.

Source: pkg/apis/core/validation/validation.go, validateResourceRequirements and validatePodResourceConsistency;
pkg/apis/batch/validation/validation.go, ValidateJobSpecUpdate (KEP-5440, mutable pod resources of suspended Jobs).
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from infra_scale.core.capacity.amounts import ByResource
from infra_scale.core.capacity.demand import Demand
from infra_scale.core.capacity.limitrange import limit_faults
from infra_scale.core.capacity.pods import container_requests, with_requests_from_limits
from infra_scale.core.capacity.quota import unspecified
from infra_scale.core.capacity.versions import is_at_least
from infra_scale.model.pod import Amounts, Pod
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import NamespaceState
from infra_scale.model.units import amount_text

MUTABLE_JOBS = (1, 36)
"""Since this version, the resources of a suspended Job without active pods can change."""

_Of = Literal["container", "sum", "limit", "pod"]
"""A container's request above its limit, the containers' requests above the pod's, a container's limit above the pod's,
or the pod's request above its limit."""


class ResourceFault(NamedTuple):
    """Inconsistent requests or limits."""

    of: _Of
    container: str | None
    resource: str
    found: Quantity
    most: Quantity

    @property
    def found_text(self) -> str:
        """The found amount, in readable units."""
        return amount_text(self.resource, self.found)

    @property
    def most_text(self) -> str:
        """The largest allowed amount, in readable units."""
        return amount_text(self.resource, self.most)


def resource_faults(pod: Pod) -> Iterator[ResourceFault]:
    """The errors in the requests and limits of a pod."""
    every = (*pod.containers, *pod.init_containers)
    for one in every:
        yield from _above("container", one.name, dict(one.requests), one.limits)
    yield from _above("sum", None, container_requests(pod), pod.requests)
    yield from _above("pod", None, dict(pod.requests), pod.limits)
    for one in every:
        yield from _above("limit", one.name, dict(one.limits), pod.limits)


def _above(of: _Of, container: str | None, found: ByResource, most: Amounts) -> Iterator[ResourceFault]:
    return (
        ResourceFault(of, container, name, found[name], bound)
        for name, bound in most
        if name in found and found[name] > bound
    )


def is_refused(namespace: NamespaceState, pod: Pod) -> bool:
    """Whether the API server refuses every such pod in the namespace, whatever their number."""
    return (
        any(True for _ in resource_faults(pod))
        or bool(limit_faults(pod, namespace.limit_ranges))
        or any(unspecified(quota, pod) for quota in namespace.quotas)
    )


def is_rejected(demand: Demand, version: str | None) -> bool | None:
    """Whether the API server refuses the changed object, which then keeps its count as well; None: unknown."""
    if demand.pod_after is None or demand.pod_after == demand.pod_before:
        return False
    if demand.ref.kind == "Job" and demand.pod_before is not None:
        is_mutable = demand.is_suspended and is_at_least(version, MUTABLE_JOBS)
        if not is_mutable:
            return None if is_mutable is None else True
    return any(True for _ in resource_faults(with_requests_from_limits(demand.pod_after)))
