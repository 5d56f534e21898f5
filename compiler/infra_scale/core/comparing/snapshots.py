"""The changes in a cluster between two snapshots, as numbers."""

from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.model.snapshot import ClusterSnapshot


class CountChange(NamedTuple):
    """The number of objects of one kind, and their changes."""

    total: int
    added: int
    removed: int
    changed: int


class SnapshotChanges(NamedTuple):
    """Objects by kind; nodes are compared by their properties, not by their numbers."""

    nodes: CountChange
    namespaces: CountChange
    workloads: CountChange


def snapshot_changes(before: ClusterSnapshot | None, after: ClusterSnapshot) -> SnapshotChanges:
    """The differences; without a previous snapshot, everything is new."""
    old = before or ClusterSnapshot(after.cluster, after.captured_at)
    nodes = _change({node.id: node for node in old.nodes}, {node.id: node for node in after.nodes})
    count, count_before = (sum(node.times for node in one.nodes) for one in (after, old))
    return SnapshotChanges(
        nodes._replace(total=count, added=max(0, count - count_before), removed=max(0, count_before - count)),
        _change({one.name: one for one in old.namespaces}, {one.name: one for one in after.namespaces}),
        _change({one.ref: one for one in old.workloads}, {one.ref: one for one in after.workloads}),
    )


def _change(before: Mapping[object, object], after: Mapping[object, object]) -> CountChange:
    both = before.keys() & after.keys()
    return CountChange(
        len(after),
        len(after.keys() - before.keys()),
        len(before.keys() - after.keys()),
        sum(before[key] != after[key] for key in both),
    )
