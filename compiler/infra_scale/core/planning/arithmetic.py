"""When an HPA adds pods: its percentage of what a pod requests (kubernetes.md §2.1, §2.4).

A pod's request is the sum of its containers' and sidecars'; a container that says only a limit requests that much. An
HPA with `container` looks at that one alone. CPU is counted in thousandths, memory in bytes, as Kubernetes does, and
what is not whole is dropped: 65 % of 250m is 162m.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.planning.containers import container_of, planned_containers
from infra_scale.model.autoscaler import Hpa, Resource
from infra_scale.model.manifest import Base, Container
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.request import Workload
from infra_scale.model.resources import Resources
from infra_scale.model.units import amount_text

_MEBI = 2**20
_HUNDRED = 100
_NOUNS: dict[Resource, str] = {"cpu": "CPU", "memory": "memory"}


class Trigger(NamedTuple):
    """From which use on an HPA adds pods."""

    resource: Resource
    percent: int
    request: int
    """Of a pod: thousandths of a core, or bytes."""
    before: int | None
    """The same with what the manifest says; None where it is not known."""
    whole: bool
    """Whether all containers of the pod are known."""

    @property
    def words(self) -> str:
        """What to tell a reviewer."""
        now, noun = _text(self.resource, self.request * self.percent // _HUNDRED), _NOUNS[self.resource]
        share = f"{self.percent} % of {_text(self.resource, self.request)}"
        if self.before is None or self.before == self.request:
            rest = "" if self.whole else ", if the pod has no other container"
            return f"it adds pods above {now} {noun} per pod ({share}{rest})"
        was = _text(self.resource, self.before * self.percent // _HUNDRED)
        moved = f"its trigger moves from {was} to {now} {noun} per pod ({share})"
        return f"{moved}: {_LOWERED if self.request < self.before else _RAISED}"


_LOWERED = (
    "the same load brings more pods, and each of them uses less; to lower the request again for that goes in circles"
)
_RAISED = "the same load runs on fewer pods"


def triggers(workload: Workload, hpa: Hpa, base: Base | None) -> Iterator[Trigger]:
    """The triggers of an HPA, as far as the requests of its pods are known."""
    targets: dict[Resource, int | None] = {"cpu": hpa.target_cpu, "memory": hpa.target_memory}
    for resource, percent in targets.items():
        if percent is None:
            continue
        before = _requested(base.containers, resource) if base else {}
        now = _sum(_after(workload, base, resource), hpa.container)
        if now is not None:
            whole = base is not None or hpa.container is not None
            yield Trigger(resource, percent, now, _sum(before, hpa.container) if base else None, whole)


_Requests = Mapping[str | None, int | None]
"""What each container requests; None where it requests nothing."""


def _requested(containers: Iterable[Container], resource: Resource) -> _Requests:
    return {one.name: _amount(resource, one.requests, one.limits) for one in containers}


def _after(workload: Workload, base: Base | None, resource: Resource) -> _Requests:
    changes = workload.requests or workload.limits
    if base is None:
        return {workload.container: _amount(resource, workload.requests, workload.limits)} if changes else {}
    if changes and container_of(workload, base) not in [one.name for one in base.containers]:
        return {None: None}  # which container it is for is not known
    return _requested(planned_containers(workload, base), resource)


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
    """What an HPA divides by; None where a container requests nothing: then it cannot work."""
    if container is not None:
        return requests.get(container)
    amounts = [amount for amount in requests.values() if amount is not None]
    return sum(amounts) if amounts and len(amounts) == len(requests) else None


def _text(resource: Resource, amount: int) -> str:
    if resource == "cpu":
        return f"{amount}m"
    return amount_text(resource, Quantity((amount // _MEBI * _MEBI or amount) * NANO, "binary"))
