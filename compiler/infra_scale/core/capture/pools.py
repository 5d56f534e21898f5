"""Nodes to node pools: their number, the template of a new node, and the hand-written limits."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from infra_scale.core.capture.amounts import without_zeros
from infra_scale.core.capture.nodes import Seen, quantities
from infra_scale.model.pod import Amounts
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import NodePool, NodeTemplate

_PASSING = ("node.kubernetes.io/", "node.cloudprovider.kubernetes.io/", "ToBeDeleted", "karpenter.sh/disrupted")
"""Taints of nodes that start, fail or shut down; a new node has none of them."""


def pools_of(seen: Sequence[Seen], before: Iterable[NodePool]) -> tuple[NodePool, ...]:
    """The pools, sorted by name, with the bounds that they had `before`.

    A pool without nodes is only in the previous snapshot; it is kept if its `min` is 0.
    """
    known = {pool.name: pool for pool in before}
    found = {pool.name: pool for pool in _pools(seen, known)}
    empty = {
        name: pool._replace(current=0)
        for name, pool in known.items()
        if name not in found and pool.minimum == 0 and pool.maximum
    }
    return tuple(pool for _, pool in sorted({**found, **empty}.items()))


def _pools(seen: Sequence[Seen], known: Mapping[str, NodePool]) -> Iterator[NodePool]:
    ordered = sorted((one for one in seen if one.node.pool), key=lambda one: one.node.pool or "")
    for name, group in groupby(ordered, key=lambda one: one.node.pool or ""):
        nodes = list(group)
        before = known.get(name)
        minimum, maximum = (before.minimum, before.maximum) if before else (None, None)
        yield NodePool(name, minimum, maximum, len(nodes), _template(nodes))


def _template(nodes: Sequence[Seen]) -> NodeTemplate:
    """The minimum capacity of all nodes of a pool, and the maximum overhead of DaemonSets."""
    taken: dict[str, int] = {}
    for one in nodes:
        for name, steps in one.daemons.items():
            taken[name] = max(taken.get(name, 0), steps)
    labels, *others = (set(one.node.labels) for one in nodes)
    taints, *taints_of_others = (set(one.node.taints) for one in nodes)
    lasting = (one for one in taints.intersection(*taints_of_others) if not one.key.startswith(_PASSING))
    return NodeTemplate(
        _smallest([one.node.allocatable for one in nodes]),
        without_zeros(quantities(taken)),
        tuple(sorted(labels.intersection(*others))),
        tuple(sorted(lasting)),
    )


def _smallest(several: Sequence[Amounts]) -> Amounts:
    """Resource by resource; a new node may lack a resource that one of them lacks."""
    least: dict[str, Quantity] = dict(several[0])
    for one in map(dict, several[1:]):
        least = {name: min(least[name], one[name]) for name in least if name in one}
    return tuple(sorted(least.items()))
