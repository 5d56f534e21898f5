"""All objects of a cluster to its snapshot: the same objects in any order give the same snapshot."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from infra_scale.core.capture.hosts import Hosts, asked_keys, asked_numbers, hosts_of, numbered
from infra_scale.core.capture.namespaces import namespace_states
from infra_scale.core.capture.nodes import folded, labelled, quantities, see_nodes, with_ports
from infra_scale.core.capture.objects import Inventory, ObjectError, read
from infra_scale.core.capture.pod_matches import PodMatches, scheduling_of
from infra_scale.core.capture.pods import SeenPod, seen_pods
from infra_scale.core.capture.pools import pools_of
from infra_scale.core.capture.scalers import scalers_of
from infra_scale.core.capture.templates import read_pod
from infra_scale.core.capture.workloads import Live, live_workloads, placements, with_injected, with_overhead
from infra_scale.core.reading.values import mapping, optional_text
from infra_scale.model.pod import Pod, PodContainer
from infra_scale.model.snapshot import ClusterSnapshot, Gap, LiveWorkload, NodePool, Waiting
from infra_scale.model.workload import WorkloadRef

_DIGITS = 16
"""Length of a digest: 64 bits distinguish clusters and do not reveal the uid."""


class Selection(NamedTuple):
    """Parameters of a capture."""

    cluster: str
    namespaces: tuple[str, ...]
    """Managed namespaces: their quotas, limit ranges and workloads are in the snapshot."""
    captured_at: datetime
    """RFC 3339, UTC, seconds."""
    pools: tuple[NodePool, ...] = ()
    """Of the previous snapshot: their limits are kept."""
    gaps: tuple[Gap, ...] = ()
    """Kinds that could not be read."""


def capture(found: Inventory, wanted: Selection) -> ClusterSnapshot:
    """The snapshot of a cluster. Raises ObjectError."""
    pods = tuple(seen_pods(found))
    uid = _digest(found)
    seen = see_nodes(found.of("Node"), pods, salt=uid or wanted.cluster)
    hosts = hosts_of(seen)
    known = tuple(live_workloads(found, wanted.namespaces, scalers_of(found)))
    refs = {one.workload.ref for one in known}
    loose = tuple(pod for pod in pods if pod.owner not in refs)
    others = PodMatches(known, tuple(pod for pod in loose if not pod.is_leaving))
    live = [_conditioned(one, others, hosts) for one in known]
    waiting = waiting_pods(loose, hosts)
    templates = [*(one.pod for one in live), *(one.pod for one in waiting)]
    seen = labelled(seen, asked_keys(templates), asked_numbers(templates))
    seen = with_ports(seen, loose, {port for one in live for port in one.pod.scheduling.ports})
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
        waiting=waiting,
    )


def _conditioned(live: Live, candidates: PodMatches, hosts: Hosts) -> LiveWorkload:
    """With all conditions on nodes, including those on other pods."""
    try:
        scheduling = scheduling_of(live, candidates)
    except (TypeError, ValueError) as error:
        message = f"{live.workload.ref} is not in the API's format: {error}"
        raise ObjectError(message) from error
    return live.workload._replace(pod=numbered(live.workload.pod._replace(scheduling=scheduling), hosts))


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
    pods: Sequence[SeenPod],
    placed: Mapping[WorkloadRef, Mapping[str, int]],
    row_of: Mapping[str, str],
) -> tuple[LiveWorkload, ...]:
    """With the existing pods, their overhead and placement, by rows of nodes."""
    owned: dict[WorkloadRef, list[SeenPod]] = {}
    for pod in pods:
        if pod.owner:
            owned.setdefault(pod.owner, []).append(pod)
    finished = []
    for one in live:
        counts: dict[str, int] = {}
        for node, count in placed.get(one.ref, {}).items():
            counts[row_of[node]] = counts.get(row_of[node], 0) + count
        by_number = sorted(counts.items(), key=lambda item: int(item[0].removeprefix("n")))
        own = owned.get(one.ref, [])
        finished.append(
            with_injected(with_overhead(one, own), own)._replace(
                placement=tuple(by_number),
                existing=len(own),
                scheduled=sum(pod.node is not None for pod in own),
            )
        )
    return tuple(finished)


def waiting_pods(pods: Iterable[SeenPod], hosts: Hosts) -> tuple[Waiting, ...]:
    """Pods without a node, identical ones in one row. Raises ObjectError."""
    alike = Counter(_sized(one, hosts) for one in pods if one.node is None)
    return tuple(Waiting(times, pod) for pod, times in sorted(alike.items(), key=lambda row: str(row[0])))


def _sized(seen: SeenPod, hosts: Hosts) -> Pod:
    """Its size, and the conditions that it sets on nodes."""
    pod = numbered(read(seen.thing, lambda thing: read_pod(thing.spec)), hosts)
    conditions = pod.scheduling._replace(ports=(), unmodelled=())
    return Pod((PodContainer("pod", quantities(seen.size)),), scheduling=conditions)
