"""The free capacity of existing nodes, and of nodes that pools could add."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.amounts import Size, whole
from infra_scale.core.capacity.filters import refusal
from infra_scale.model.pod import Labels, Pod, Scheduling, Taint, Toleration
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import ClusterSnapshot, Node, NodePool, NodeTemplate


class NodeCapacity(NamedTuple):
    """One node for packing."""

    id: str
    pool: str | None
    free: Mapping[str, int]
    """By resource, in the scheduler's steps, rounded down; `pods` is the number of further pods. May be negative."""
    labels: Labels
    taints: tuple[Taint, ...] = ()
    is_unschedulable: bool = False
    is_new: bool = False
    """Whether the node does not exist yet."""
    allocatable: Mapping[str, int] = {}
    """The allocatable amounts, as `free`."""
    ports: tuple[str, ...] = ()
    """Host ports of pods that are not placed here."""


class Daemon(NamedTuple):
    """A changed DaemonSet: its use of each of its nodes, before and after."""

    scheduling: Scheduling
    before: Size
    after: Size


Released = Mapping[str, tuple[tuple[int, Size], ...]]
"""By the id of a node: the number of removed pods, and the size of one."""


def capacities(snapshot: ClusterSnapshot, released: Released) -> Iterator[NodeCapacity]:
    """The existing nodes, by pool and id, with the capacity that replaced pods free.

    Each node of a row frees the same number of whole pods: only their equality is known.
    """
    for node in sorted(snapshot.nodes, key=lambda node: (node.pool or "", natural(node.id))):
        free, allocatable = _free(node), whole(node.allocatable, up=False)
        for pods, size in released.get(node.id, ()):
            _take(free, (*size, ("pods", 1)), -(pods // node.times))
        for index in range(node.times):
            id = capacity_id(node, index)
            yield NodeCapacity(
                id,
                node.pool,
                free,
                node.labels,
                node.taints,
                node.is_unschedulable,
                allocatable=allocatable,
                ports=node.ports,
            )


def capacity_id(node: Node, index: int) -> str:
    """The id of one node of a row."""
    return node.id if node.times == 1 else f"{node.id}/{index + 1}"


def running(snapshot: ClusterSnapshot, placement: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The number of pods of a workload on each node."""
    placed = dict(placement)
    if not placed:
        return {}
    return {
        capacity_id(node, index): -(-(placed[node.id] - index) // node.times)
        for node in snapshot.nodes
        if node.id in placed
        for index in range(min(node.times, placed[node.id]))
    }


def new_capacities(snapshot: ClusterSnapshot, most: int, daemons: Sequence[Daemon] = ()) -> Iterator[NodeCapacity]:
    """The nodes that pools could add, by pool: at most `most` of each, for as many pods."""
    for pool in sorted(snapshot.pools, key=lambda pool: pool.name):
        if capacity := template_capacity(pool, daemons):
            for index in range(min(most, pool.most - pool.current)):
                yield capacity._replace(id=f"{pool.name}+{index + 1}")


def template_capacity(pool: NodePool, daemons: Sequence[Daemon] = ()) -> NodeCapacity | None:
    """A node as the pool would add it; None if unknown."""
    if pool.template is None:
        return None
    free = _free_of_new(pool.template, daemons)
    allocatable = whole(pool.template.allocatable, up=False)
    return NodeCapacity(
        f"{pool.name}+",
        pool.name,
        free,
        pool.template.labels,
        pool.template.taints,
        is_new=True,
        allocatable=allocatable,
    )


def kinds(snapshot: ClusterSnapshot) -> tuple[NodeCapacity, ...]:
    """Every kind of node once, empty: existing ones, and those that pools could add."""
    empty = {
        (node.allocatable, node.labels, node.taints, node.is_unschedulable): node for node in snapshot.nodes
    }.values()
    added = (capacity for pool in snapshot.pools if pool.most and (capacity := template_capacity(pool)))
    return (*map(_empty, empty), *added)


def takes(capacity: NodeCapacity, scheduling: Scheduling, size: Size) -> bool:
    """Whether a node fits one pod."""
    if refusal(scheduling, capacity.labels, capacity.taints, is_unschedulable=capacity.is_unschedulable) is not None:
        return False
    return all(one <= capacity.free.get(name, 0) for name, one in (*size, ("pods", 1)) if one)


def eligible_rows(snapshot: ClusterSnapshot, pod: Pod) -> Iterator[tuple[str, int]]:
    """The nodes of a DaemonSet with such pods: the id of each row, and its number of nodes."""
    scheduling = of_daemon(pod.scheduling)
    for node in snapshot.nodes:
        if refusal(scheduling, node.labels, node.taints, is_unschedulable=node.is_unschedulable) is None:
            yield node.id, node.times


def nodes_for(snapshot: ClusterSnapshot, scheduling: Scheduling) -> int:
    """The number of existing nodes on which such a pod may run, whatever their free capacity."""
    return sum(
        node.times
        for node in snapshot.nodes
        if refusal(scheduling, node.labels, node.taints, is_unschedulable=node.is_unschedulable) is None
    )


def empty_capacities(snapshot: ClusterSnapshot) -> tuple[NodeCapacity, ...]:
    """Every kind of node of every pool once, empty: existing ones, and those that pools may add."""
    there = {
        (node.pool, node.allocatable, node.labels, node.taints, node.is_unschedulable): node for node in snapshot.nodes
    }
    growing = (template_capacity(pool) for pool in snapshot.pools if pool.most > pool.current)
    return (*map(_empty, there.values()), *filter(None, growing))


def pools_of(empty: Iterable[NodeCapacity], scheduling: Scheduling, size: Size) -> tuple[str | None, ...]:
    """The node pools for such a pod, by name: those with an empty node that fits it.

    None: nodes without a pool.
    """
    return tuple(
        sorted({capacity.pool for capacity in empty if takes(capacity, scheduling, size)}, key=lambda pool: pool or "")
    )


def of_daemon(scheduling: Scheduling) -> Scheduling:
    """With the tolerations that the DaemonSet controller adds (daemon/util, AddOrUpdateDaemonPodTolerations)."""
    return scheduling._replace(tolerations=(*scheduling.tolerations, *_OF_DAEMONS))


_OF_DAEMONS = (
    Toleration("node.kubernetes.io/not-ready", "Exists", "", "NoExecute"),
    Toleration("node.kubernetes.io/unreachable", "Exists", "", "NoExecute"),
    Toleration("node.kubernetes.io/disk-pressure", "Exists", "", "NoSchedule"),
    Toleration("node.kubernetes.io/memory-pressure", "Exists", "", "NoSchedule"),
    Toleration("node.kubernetes.io/pid-pressure", "Exists", "", "NoSchedule"),
    Toleration("node.kubernetes.io/unschedulable", "Exists", "", "NoSchedule"),
)


def _empty(node: Node) -> NodeCapacity:
    """An empty node."""
    return NodeCapacity(
        node.id, node.pool, whole(node.allocatable, up=False), node.labels, node.taints, node.is_unschedulable
    )


def _free(node: Node) -> dict[str, int]:
    free = whole(node.allocatable, up=False)
    _take(free, (*whole(node.requested, up=True).items(), ("pods", node.pods)), 1)
    return free


def _free_of_new(template: NodeTemplate, daemons: Sequence[Daemon]) -> dict[str, int]:
    free = whole(template.allocatable, up=False)
    _take(free, whole(template.overhead, up=True).items(), 1)
    for daemon in daemons:
        scheduling = of_daemon(daemon.scheduling)
        if refusal(scheduling, template.labels, template.taints, is_unschedulable=False) is None:
            _take(free, daemon.after, 1)
            _take(free, daemon.before, -1)
    return free


def _take(free: dict[str, int], amount: Iterable[tuple[str, int]], times: int) -> None:
    for name, one in amount:
        free[name] = free.get(name, 0) - times * one


def natural(id: str) -> tuple[str, int, str]:
    """n2 before n10."""
    stem = id.rstrip("0123456789")
    digits = id[len(stem) :]
    return stem, int(digits) if 0 < len(digits) < _DIGITS else 0, id


_DIGITS = 19


def exceeds_every_node(snapshot: ClusterSnapshot, scheduling: Scheduling, resource: str, amount: Quantity) -> bool:
    """Whether no eligible kind of node has this much free; False if there is no eligible node."""
    (size,) = whole(((resource, amount),), up=True).values()
    free = [
        capacity.free.get(resource, 0)
        for capacity in kinds(snapshot)
        if refusal(scheduling, capacity.labels, capacity.taints, is_unschedulable=capacity.is_unschedulable) is None
    ]
    return bool(free) and max(free) < size
