"""Whether pods fit on nodes: first fit decreasing with the scheduler's filters, in integers.

"Fits" is proven by a placement. "Does not fit" can be too pessimistic in large cases, because
first fit is a heuristic: see `is_proven`. First fit has anomalies too: an additional node can turn
"everything fits" into "not everything fits". It cannot if

- the search completes on the larger cluster (exhaustive.py): then the answer is exact;
- or first fit has placed the pods of at most two workloads: an additional node only takes pods of the first from the
  others, so every node has at least as much capacity for the second;
- or the additional node comes after the existing ones: their pods are the same, and it gets only the remaining ones.
  This applies to the nodes that pools add.

This is about all plans together. For one workload among several it cannot hold, whatever the algorithm: if not
everything fits, a node that admits one more pod of the first can displace one of the second.

Two things really make a cluster worse: a spread constraint counts the domain of an additional node even if it is full
or tainted, and a DaemonSet needs capacity on it. Of nodes that pools could add, only those that fit the pod count.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from typing import NamedTuple

from infra_scale.core.capacity.filters import ALONE, PORT_TAKEN, UNSPREAD
from infra_scale.core.capacity.packing.exhaustive import is_impossible, search
from infra_scale.core.capacity.packing.first_fit import free_of, own_limit, place
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity
from infra_scale.core.capacity.packing.placement_state import Item, Placed, PlacementState, Steps, block_of
from infra_scale.model.verdict import Shortage
from infra_scale.model.workload import WorkloadRef

_ALL_ORDERS = 3
"""Up to this many workloads, every order is tested: at most 6."""
_REASONS = {"cpu": "Insufficient cpu", "memory": "Insufficient memory", "pods": "Too many pods"}


class Packing(NamedTuple):
    """A placement of all items."""

    placed: Mapping[WorkloadRef, Placed]
    placement: PlacementState
    """The state after it."""
    is_proven: bool
    """Whether it is proven that no other placement fits all."""
    is_cut_short: bool = False
    """Whether there were too many pods to spread: those left out were not tested."""

    def pods_of(self, ref: WorkloadRef, *, new: bool) -> int:
        """The number of pods of a workload on new nodes, or on existing ones."""
        capacities = self.placement.capacities
        return sum(pods for index, pods in self.placed[ref] if capacities[index].is_new == new)

    @property
    def pods(self) -> int:
        """The number of placed pods."""
        return sum(pods for placed in self.placed.values() for _, pods in placed)

    def has_all(self, items: Iterable[Item]) -> bool:
        """Whether every pod is placed."""
        return all(sum(pods for _, pods in self.placed[item.ref]) >= item.pods for item in items)


def pack(capacities: Sequence[NodeCapacity], items: Sequence[Item]) -> Packing:
    """A placement of all items if one is found, else the partial one of the first order.

    DaemonSets go first, because they have no choice. The order of `items` does not matter.
    """
    placement = PlacementState(capacities, {name for item in items for name, _ in item.size})
    fixed = {item.ref: place(placement, item) for item in sorted(items, key=lambda item: item.order) if item.is_daemon}
    free = [item for item in items if not item.is_daemon]
    first: Packing | None = None
    for order in _orders(free):
        trial = placement.copy()
        packing = Packing({**fixed, **{item.ref: place(trial, item) for item in order}}, trial, is_proven=True)
        if trial.steps.left <= 0:
            return first._replace(is_proven=False) if first else packing._replace(is_cut_short=True)
        if packing.has_all(free):
            return packing
        if first is None and is_impossible(placement, free):
            return packing
        first = first or packing
    return _searched(placement, free, first or Packing(fixed, placement, is_proven=True), fixed)


def _searched(
    placement: PlacementState, items: Sequence[Item], first: Packing, fixed: Mapping[WorkloadRef, Placed]
) -> Packing:
    ordered = sorted(items, key=lambda item: item.order)
    found = search(placement, ordered)
    if found.placement is None:
        return first._replace(is_proven=found.is_complete)
    for item, capacities in zip(ordered, found.placement, strict=True):
        needs = placement.needs(item.size)
        for index, pods in capacities.items():
            placement.take(index, needs, pods)
            placement.settle(block_of(index))
    placed = {item.ref: list(capacities.items()) for item, capacities in zip(ordered, found.placement, strict=True)}
    return Packing({**fixed, **placed}, placement, is_proven=True)


def _orders(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The orders to test: largest first, by several measures of size; all orders of a few items.

    The cluster autoscaler scores by shares of a node's cpu and memory (DecreasingPodOrderer, binpacking_estimator.go).
    Here they are shares of all requested resources: the order must not change with the nodes.
    """
    sizes = {item.ref: dict(item.size) for item in items}
    cpu, memory = (sum(sizes[item.ref].get(name, 0) * item.pods for item in items) for name in _SCORED)
    shares = {ref: (size.get("cpu", 0) * memory, size.get("memory", 0) * cpu) for ref, size in sizes.items()}
    by_score = sorted(items, key=lambda item: (-sum(shares[item.ref]), item.order))
    if len(items) <= _ALL_ORDERS:
        yield from permutations(by_score)
        return
    yield by_score
    yield sorted(items, key=lambda item: (-max(shares[item.ref]), item.order))
    for name in _SCORED:
        yield sorted(items, key=lambda item: (-sizes[item.ref].get(name, 0), item.order))
    yield by_score[::-1]


_SCORED = ("cpu", "memory")


def placeable(packing: Packing, item: Item) -> int:
    """The number of pods of a workload that fit on existing nodes, beside everything else.

    With spread constraints, which are placed pod by pod, at most a hundred more are tested, for a limited time.
    """
    placement, placed = packing.placement, packing.pods_of(item.ref, new=False)
    if item.is_daemon:
        return placed
    if item.scheduling.spread:
        copied = placement.copy()
        copied.steps = Steps(_MORE_STEPS)
        more = place(copied, item._replace(pods=_MORE_SPREAD, running=_running(packing, item)))
        return placed + sum(pods for index, pods in more if not placement.capacities[index].is_new)
    if item.scheduling.is_one_per_host:
        alone = free_of(item._replace(running=_running(packing, item)), placement)
        return placed + sum(pods for index, pods in alone if not placement.capacities[index].is_new)
    return placed + placement.total(item)


_MORE_SPREAD = 100
_MORE_STEPS = 10_000


def shortages(packing: Packing, item: Item) -> tuple[Shortage, ...]:
    """Why the existing nodes fit no further pod of a workload, most frequent reason first."""
    placement, needs = packing.placement, packing.placement.needs(item.size)
    own = item._replace(running=_running(packing, item))
    reasons: dict[str, list[str]] = {}
    for index, capacity in enumerate(placement.capacities):
        if not capacity.is_new:
            refused = placement.refusal(item.scheduling, index)
            reasons.setdefault(refused or _lack(placement, index, needs) or _rule(own, capacity), []).append(
                capacity.id
            )
    most_first = sorted(reasons.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return tuple(Shortage(reason, tuple(nodes)) for reason, nodes in most_first)


def _lack(placement: PlacementState, index: int, needs: list[tuple[int, int]]) -> str:
    row = placement.free[index]
    return insufficient(tuple([placement.resources[resource] for resource, one in needs if row[resource] < one]))


@lru_cache(maxsize=256)
def insufficient(names: tuple[str, ...]) -> str:
    """The scheduler's words for insufficient resources of a node; empty if there are none."""
    return " and ".join(_REASONS.get(name, f"Insufficient {name}") for name in names)


def _rule(item: Item, capacity: NodeCapacity) -> str:
    if any(port in capacity.ports for port in item.scheduling.ports):
        return PORT_TAKEN
    if own_limit(item, capacity) == 0:
        return ALONE if item.scheduling.is_alone_on_host else PORT_TAKEN
    return UNSPREAD


def _running(packing: Packing, item: Item) -> dict[str, int]:
    """The pods of a workload by node, old and new ones."""
    counts = dict(item.running)
    for index, pods in packing.placed[item.ref]:
        id = packing.placement.capacities[index].id
        counts[id] = counts.get(id, 0) + pods
    return counts
