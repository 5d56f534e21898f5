"""All objects of a cluster to its snapshot: the same objects give the same snapshot, in whatever order they came."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capture.hosts import asked_keys, asked_numbers, hosts_of, numbered
from infra_scale.core.capture.namespaces import namespace_states
from infra_scale.core.capture.nodes import folded, labelled, see_nodes
from infra_scale.core.capture.objects import Inventory
from infra_scale.core.capture.pods import Running, running_pods
from infra_scale.core.capture.pools import pools_of
from infra_scale.core.capture.scalers import scalers_of
from infra_scale.core.capture.workloads import live_workloads, placements, with_overhead
from infra_scale.core.reading.values import mapping, optional_text
from infra_scale.model.snapshot import ClusterSnapshot, Gap, LiveWorkload, NodePool
from infra_scale.model.workload import WorkloadRef

_DIGITS = 16
"""Of a digest: 64 bits tell clusters apart, and lead back to no uid."""


class Wanted(NamedTuple):
    """What is to be looked at."""

    cluster: str
    namespaces: tuple[str, ...]
    """Under management: their quotas, limit ranges and workloads are in the snapshot."""
    captured_at: str
    """RFC 3339, UTC, seconds."""
    pools: tuple[NodePool, ...] = ()
    """Of the snapshot before: their bounds are kept."""
    gaps: tuple[Gap, ...] = ()
    """What could not be looked at."""


def capture(found: Inventory, wanted: Wanted) -> ClusterSnapshot:
    """The snapshot of a cluster. Raises ObjectError."""
    pods = tuple(running_pods(found))
    uid = _digest(found)
    seen = see_nodes(found.of("Node"), pods, salt=uid or wanted.cluster)
    hosts = hosts_of(seen)
    live = [
        one._replace(pod=numbered(one.pod, hosts))
        for one in live_workloads(found, wanted.namespaces, scalers_of(found))
    ]
    templates = [one.pod for one in live]
    seen = labelled(seen, asked_keys(templates), asked_numbers(templates))
    placed = placements(pods, hosts.by_name)
    rows, row_of = folded(seen, _by_node({one.ref: placed.get(one.ref, {}) for one in live}))
    return ClusterSnapshot(
        wanted.cluster,
        wanted.captured_at,
        pools=pools_of(seen, wanted.pools),
        nodes=rows,
        namespaces=namespace_states(found, wanted.namespaces),
        workloads=_placed(live, pods, placed, row_of),
        kubernetes_version=found.kubernetes_version,
        cluster_uid=uid,
        gaps=wanted.gaps,
    )


def _digest(found: Inventory) -> str | None:
    """Of the uid of the namespace kube-system, which lives as long as the cluster."""
    for thing in found.of("Namespace"):
        uid = optional_text(mapping(thing.body.get("metadata")).get("uid"))
        if thing.name == "kube-system" and uid:
            return f"sha256:{hashlib.sha256(uid.encode()).hexdigest()[:_DIGITS]}"
    return None


def _by_node(placed: Mapping[WorkloadRef, Mapping[str, int]]) -> dict[str, tuple[tuple[WorkloadRef, int], ...]]:
    by_node: dict[str, tuple[tuple[WorkloadRef, int], ...]] = {}
    for ref, counts in placed.items():
        for node, count in counts.items():
            by_node[node] = (*by_node.get(node, ()), (ref, count))
    return by_node


def _placed(
    live: Sequence[LiveWorkload],
    pods: Sequence[Running],
    placed: Mapping[WorkloadRef, Mapping[str, int]],
    row_of: Mapping[str, str],
) -> tuple[LiveWorkload, ...]:
    """With overhead and placement, by the rows of nodes."""
    first: dict[WorkloadRef, list[Running]] = {}
    for pod in pods:
        if pod.owner:
            first.setdefault(pod.owner, []).append(pod)
    finished = []
    for one in live:
        counts: dict[str, int] = {}
        for node, count in placed.get(one.ref, {}).items():
            counts[row_of[node]] = counts.get(row_of[node], 0) + count
        by_number = sorted(counts.items(), key=lambda item: int(item[0].removeprefix("n")))
        finished.append(with_overhead(one, first.get(one.ref, ()))._replace(placement=tuple(by_number)))
    return tuple(finished)
