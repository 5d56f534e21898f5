"""How full nodes and quotas are, before and after: sums, for the eye. Whether pods fit is decided by packing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.amounts import amounts, plus
from infra_scale.core.capacity.pods import pod_requests
from infra_scale.core.capacity.quota import charge
from infra_scale.model.capacity import Load
from infra_scale.model.forecast import Gauge
from infra_scale.model.pod import Amounts, Pod
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.workload import WorkloadRef

_SHOWN = ("cpu", "memory", "pods")
_NONE = Quantity(0, "decimal")


class Fill(NamedTuple):
    """All nodes that take pods, summed up."""

    requested: Mapping[str, Quantity]
    allocatable: Mapping[str, Quantity]


def fill_of(snapshot: ClusterSnapshot) -> Fill:
    """The requests on the nodes of a snapshot."""
    nodes = [node for node in snapshot.nodes if not node.is_unschedulable]
    counted = (((*node.requested, ("pods", Quantity(node.pods * NANO, "decimal"))), node.times) for node in nodes)
    return Fill(_sum(counted), _sum((node.allocatable, node.times) for node in nodes))


def node_gauges(fill: Fill, loads: Sequence[Load]) -> Iterator[Gauge]:
    """The requests on all nodes, with and without the changes of `loads`."""
    before, limit = fill
    changes = {load.ref: _sum(_changes(load)) for load in loads}
    for name in _SHOWN:
        if name in limit:
            shares = {ref: change.get(name, _NONE).nano for ref, change in changes.items()}
            now, change = before.get(name, _NONE), Quantity(sum(shares.values()), limit[name].format)
            yield Gauge("", name, now, _moved(now, change), limit[name], _largest(shares))


def _largest(shares: Mapping[WorkloadRef, int]) -> WorkloadRef | None:
    """Who adds the most; of several, the first."""
    ref, share = max(shares.items(), key=lambda item: item[1], default=(None, 0))
    return ref if share > 0 else None


def quota_gauges(snapshot: ClusterSnapshot, loads: Sequence[Load]) -> Iterator[Gauge]:
    """The use of every line of the quotas that count `loads`, with and without their changes."""
    for namespace in sorted({load.ref.namespace for load in loads}):
        here = [load for load in loads if load.ref.namespace == namespace]
        for quota in sorted(snapshot.namespace(namespace).quotas, key=lambda quota: quota.name):
            change = _sum(
                (amounts(charge(quota, pod)), times)
                for load in here
                for pod, times in _pods(load, load.existing)
                if pod is not None
            )
            used = dict(quota.used)
            for name, hard in quota.hard:
                if name in change:
                    now = used.get(name, _NONE)
                    yield Gauge(f"{namespace}/{quota.name}", name, now, _moved(now, change[name]), hard)


def _changes(load: Load) -> Iterator[tuple[Amounts, int]]:
    for pod, times in _pods(load, load.scheduled):
        if pod is not None:
            yield (*pod_requests(pod), ("pods", Quantity(NANO, "decimal"))), times


def _pods(load: Load, now: int) -> tuple[tuple[Pod | None, int], ...]:
    """The pods that there will be, and less those that there are now; where none is replaced, the difference."""
    requested = load.counts["requested"]
    if load.restarts:
        kept = min(load.kept, now, requested)
        return (load.pod, requested - kept), (load.pod_before, kept - now)
    further = requested - now
    return ((load.pod if further > 0 else load.pod_before, further),)


def _sum(several: Iterable[tuple[Amounts, int]]) -> dict[str, Quantity]:
    total: dict[str, Quantity] = {}
    for some, times in several:
        total = plus(total, {name: one * times for name, one in some})
    return total


def _moved(before: Quantity, change: Quantity) -> Quantity:
    """Never below nothing: a snapshot may be older than the pods that it counts."""
    return Quantity(max(0, before.nano + change.nano), before.format if before.nano else change.format)
