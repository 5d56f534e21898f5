"""When an HPA adds pods: its percentage of what a pod requests, and a tolerance (kubernetes.md §2.1, §2.4).

A pod's request is the sum of its containers' and sidecars'; a container with only a limit requests that amount. An
HPA with `container` uses only that container. CPU is counted in thousandths, memory in bytes, both rounded down as in
Kubernetes: 65 % of 250m is 162m. Up to 10 % above its target an HPA does not change the replicas
(horizontal-pod-autoscaler-tolerance): it adds pods above 178m.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.planning.before import Before, resized_containers
from infra_scale.model.autoscaler import Hpa, Resource, trigger
from infra_scale.model.manifest import Container
from infra_scale.model.quantity import NANO, Quantity, Resources
from infra_scale.model.request import Workload
from infra_scale.model.units import amount_text

_MEBI = 2**20
_NOUNS: dict[Resource, str] = {"cpu": "CPU", "memory": "memory"}


class Trigger(NamedTuple):
    """The use above which an HPA adds pods."""

    resource: Resource
    percent: int
    request: int
    """Of a pod: thousandths of a core, or bytes."""
    before: int | None
    """The same with the manifest's requests; None if unknown."""
    whole: bool
    """Whether all containers of the pod are known."""

    @property
    def words(self) -> str:
        """The text for the reviewer."""
        now, noun = self._above(self.request), _NOUNS[self.resource]
        share = f"{self.percent} % of {_text(self.resource, self.request)} and the tolerance of 10 %"
        if self.before is None or self.before == self.request:
            rest = "" if self.whole else ", if the pod has no other container"
            return f"it adds pods above {now} {noun} per pod ({share}{rest})"
        moved = f"its trigger moves from {self._above(self.before)} to {now} {noun} per pod ({share})"
        return f"{moved}: {_LOWERED if self.request < self.before else _RAISED}"

    def _above(self, request: int) -> str:
        return _text(self.resource, trigger(request, self.percent))


_LOWERED = "the same load needs more pods, and each of them uses less; do not lower the request again because of that"
_RAISED = "the same load runs on fewer pods"


def triggers(workload: Workload, hpa: Hpa, before: Before) -> Iterator[Trigger]:
    """The triggers of an HPA with known requests."""
    if before.has_pod_resources:
        return  # the HPA divides by the requests of the pod
    targets: dict[Resource, int | None] = {"cpu": hpa.target_cpu, "memory": hpa.target_memory}
    for resource, percent in targets.items():
        if percent is None:
            continue
        known = _requested(before.containers, resource)
        now = _sum(_after(workload, before, resource), hpa.container)
        if now is not None:
            whole = before.is_known or hpa.container is not None
            yield Trigger(resource, percent, now, _sum(known, hpa.container) if before.is_known else None, whole)


_Requests = Mapping[str | None, int | None]
"""The request of each container; None: no request."""


def _requested(containers: Iterable[Container], resource: Resource) -> _Requests:
    return {one.name: _amount(resource, one.requests, one.limits) for one in containers}


def _after(workload: Workload, before: Before, resource: Resource) -> _Requests:
    changes = workload.requests or workload.limits
    if not before.is_known:
        return {workload.container: _amount(resource, workload.requests, workload.limits)} if changes else {}
    chosen = before.container(workload)
    if changes and chosen not in [one.name for one in before.containers]:
        return {None: None}  # the container is unknown
    return _requested(resized_containers(workload, before.containers, chosen), resource)


def _amount(resource: Resource, requests: Resources | None, limits: Resources | None) -> int | None:
    for resources in (requests, limits):
        quantity = _quantity(resource, resources)
        if quantity is not None:
            return quantity.milli() if resource == "cpu" else quantity.units()
    return None


def _quantity(resource: Resource, resources: Resources | None) -> Quantity | None:
    if resources is None:
        return None
    return resources.cpu if resource == "cpu" else resources.memory


def _sum(requests: _Requests, container: str | None) -> int | None:
    """The divisor of an HPA; None if a container has no request: then it cannot work."""
    if container is not None:
        return requests.get(container)
    amounts = [amount for amount in requests.values() if amount is not None]
    return sum(amounts) if amounts and len(amounts) == len(requests) else None


def _text(resource: Resource, amount: int) -> str:
    if resource == "cpu":
        return f"{amount}m"
    return amount_text(resource, Quantity((amount // _MEBI * _MEBI or amount) * NANO, "binary"))
