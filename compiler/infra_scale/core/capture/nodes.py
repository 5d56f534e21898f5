"""Nodes to rows: numbered instead of named, identical ones merged, with the total of their pods."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple, get_args

from infra_scale.core.capacity.filters import HOSTNAME
from infra_scale.core.capture.amounts import read_amounts, rounded, without_zeros
from infra_scale.core.capture.objects import Thing, read
from infra_scale.core.capture.pods import SeenPod, sums
from infra_scale.core.capture.templates import host_ports
from infra_scale.core.reading.values import mapping, optional_text, sequence, text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Amounts, Effect, Labels, Taint
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.snapshot import Node

POOL_LABELS = (
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
    "karpenter.sh/nodepool",
)
INSTANCE_TYPE = "node.kubernetes.io/instance-type"

_ALWAYS = ("cpu", "memory", "pods")
_VOLUMES = "attachable-volumes-"
_KEPT = ("kubernetes.io/os", "kubernetes.io/arch", INSTANCE_TYPE, *POOL_LABELS)
_TOPOLOGY = "topology.kubernetes.io/"
_CORDON = "node.kubernetes.io/unschedulable"
_LEAVING = "ToBeDeletedByClusterAutoscaler"
"""Its value is a timestamp: it would change with every capture."""
_EFFECTS: tuple[Effect, ...] = get_args(Effect)


class Seen(NamedTuple):
    """A node with its name, until it has a number."""

    name: str
    hostname: str
    node: Node
    labels: Mapping[str, str]
    """All of them."""
    daemons: Mapping[str, int]
    """The use by DaemonSets and static pods, with their number as `pods`."""


def see_nodes(things: Iterable[Thing], pods: Iterable[SeenPod], *, salt: str) -> tuple[Seen, ...]:
    """The nodes in the order of their numbers: by pool, then by a digest of their name. Raises ObjectError."""
    by_node: dict[str, list[SeenPod]] = {}
    for pod in pods:
        if pod.node is not None:
            by_node.setdefault(pod.node, []).append(pod)
    seen = [read(thing, lambda one: _see(one, by_node.get(one.name, ()))) for thing in things]
    seen.sort(key=lambda one: (one.node.pool or "", hashlib.sha256(f"{salt}/{one.name}".encode()).digest()))
    return tuple(one._replace(node=one.node._replace(id=f"n{index}")) for index, one in enumerate(seen, start=1))


def labelled(seen: Sequence[Seen], keys: Iterable[str], numbers: Iterable[str]) -> tuple[Seen, ...]:
    """With the labels that a snapshot may show, `keys` among them; some nodes have their number as host name."""
    kept, named = {*_KEPT, *keys}, set(numbers)
    return tuple(one._replace(node=one.node._replace(labels=_labels(one, kept, named))) for one in seen)


def with_ports(seen: Sequence[Seen], pods: Iterable[SeenPod], asked: Set[str]) -> tuple[Seen, ...]:
    """With those of the `asked` host ports that some pods take. Raises ObjectError."""
    taken: dict[str, set[str]] = {}
    for pod in pods if asked else ():
        if pod.node is not None:
            taken.setdefault(pod.node, set()).update(read(pod.thing, lambda thing: host_ports(thing.spec)))
    return tuple(
        one._replace(node=one.node._replace(ports=tuple(sorted(taken.get(one.name, set()) & asked)))) for one in seen
    )


def folded(seen: Sequence[Seen], placements: Mapping[str, object]) -> tuple[tuple[Node, ...], dict[str, str]]:
    """One row for identical nodes, also in `placements` (by id); and the row of each id."""
    rows: dict[object, Node] = {}
    row_of: dict[str, str] = {}
    for one in seen:
        alike = (one.node._replace(id=""), placements.get(one.node.id))
        row = rows.get(alike)
        rows[alike] = row._replace(times=row.times + 1) if row else one.node
        row_of[one.node.id] = rows[alike].id
    return tuple(rows.values()), row_of


def quantities(steps: Mapping[str, int]) -> Amounts:
    """Amounts of the scheduler's steps (thousandths of a core, bytes, pieces), rounded up."""
    exact = (
        (name, Quantity(one * (NANO // 1000 if name == "cpu" else NANO), "decimal"))
        for name, one in sorted(steps.items())
    )
    return rounded(tuple(exact), up=True)


def _see(thing: Thing, pods: Sequence[SeenPod]) -> Seen:
    labels = {key: text(value) for key, value in thing.labels.items()}
    pool = next((labels[key] for key in (*POOL_LABELS, INSTANCE_TYPE) if labels.get(key)), None)
    total = sums(pods)
    count = total.pop("pods")
    node = Node(
        id="",
        pool=pool,
        is_unschedulable=thing.spec.get("unschedulable") is True,
        allocatable=_allocatable(thing.status.get("allocatable")),
        requested=without_zeros(quantities({"cpu": 0, "memory": 0, **total}), besides=_ALWAYS),
        pods=count,
        labels=(),
        taints=tuple(sorted(set(_taints(thing.spec.get("taints"))))),
    )
    daemons = sums(pod for pod in pods if pod.is_on_every_node)
    return Seen(thing.name, labels.get(HOSTNAME, thing.name), node, labels, daemons)


def _allocatable(value: Value) -> Amounts:
    written = (pair for pair in read_amounts(value) if not pair[0].startswith(_VOLUMES))
    return without_zeros(rounded(tuple(written), up=False), besides=_ALWAYS)


def _taints(value: Value) -> Iterable[Taint]:
    for written in map(mapping, sequence(value)):
        key, wanted = text(written.get("key")), written.get("effect")
        effect = next((known for known in _EFFECTS if known == wanted), None)
        if effect is None:
            message = f"unknown effect {wanted!r}"
            raise ValueError(message)
        # A preference blocks no pod, the autoscaler's taints have a timestamp, and cordoned nodes have a field for it.
        if effect != "PreferNoSchedule" and key != _CORDON:
            yield Taint(key, "" if key == _LEAVING else optional_text(written.get("value")) or "", effect)


def _labels(one: Seen, kept: set[str], numbers: set[str]) -> Labels:
    shown = {key: value for key, value in one.labels.items() if key in kept or key.startswith(_TOPOLOGY)}
    shown.pop(HOSTNAME, None)
    if one.node.id in numbers:
        shown[HOSTNAME] = one.node.id
    return tuple(sorted(shown.items()))
