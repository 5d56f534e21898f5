"""ops/clusters/<cluster>/snapshot.yaml: reader and writer. It is generated, and read as untrusted input."""

from collections.abc import Iterator
from datetime import UTC, datetime

from infra_scale.core.documents.blocks import present
from infra_scale.core.documents.snapshot_pods import amounts_node, labels_node, read_taint, taint_nodes
from infra_scale.core.documents.snapshot_workloads import read_waiting, read_workload, waiting_node, workload_node
from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.amounts import Reader, labels, requirement
from infra_scale.core.reading.values import mapping, optional_number, optional_text, sequence, text, truth, whole_number
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.emitter import Inline, yaml_text
from infra_scale.core.syntax.emitter import Node as Yaml
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.text import shortened
from infra_scale.model.finding import Finding
from infra_scale.model.pod import Requirement
from infra_scale.model.position import Route
from infra_scale.model.snapshot import (
    ClusterSnapshot,
    Gap,
    Limit,
    LimitRange,
    LimitType,
    NamespaceState,
    Node,
    NodePool,
    NodeTemplate,
    Quota,
)
from infra_scale.model.source import Source
from infra_scale.model.time import in_seconds, read_time

_NO_TIME = datetime.min.replace(tzinfo=UTC)
"""Placeholder for a refused time."""
MAX_NODES = 20_000
"""Kubernetes is tested with up to 5,000 nodes; nodes that share a row are counted."""
MAX_GROWTH = 100_000
"""Nodes that all pools together may add: the packing tries each. This many take half a second."""

_TYPES: dict[str, LimitType] = {
    "Container": "Container",
    "Pod": "Pod",
    "PersistentVolumeClaim": "PersistentVolumeClaim",
}
_AGAIN = "capture the snapshot again"

_HEADER = (
    "# Captured by infra-scale from the cluster {cluster}. Do not edit, except min and max of nodePools:"
    " run `infra-scale snapshot {cluster}`.\n"
)

_Json = dict[str, Value]


def read_snapshot(source: Source, *, schema: str) -> tuple[ClusterSnapshot | None, tuple[Finding, ...]]:
    """Bytes to a snapshot: YAML, then the JSON Schema with text `schema`, then the quantities; at most 5 MiB.

    All findings are errors with their positions; None if there is one.
    """
    document, faults = read_document(source, schema=schema, limit=limits.MAX_SNAPSHOT_BYTES)
    if document is None or faults:
        return None, faults
    return _read(document)


def _read(document: Document) -> tuple[ClusterSnapshot | None, tuple[Finding, ...]]:
    """The snapshot in a document that its schema accepts; None if it has errors."""
    reader, written = Reader(document), mapping(document.value)
    metadata = mapping(written.get("metadata"))
    captured_at = read_time(text(metadata.get("capturedAt")))
    snapshot = ClusterSnapshot(
        cluster=text(metadata.get("cluster")),
        captured_at=captured_at or _NO_TIME,
        pools=tuple(_read_pool(reader, one, route) for route, one in _items(written, "nodePools")),
        nodes=tuple(_read_node(reader, one, route) for route, one in _items(written, "nodes")),
        namespaces=tuple(_read_namespace(reader, one, route) for route, one in _items(written, "namespaces")),
        workloads=tuple(read_workload(reader, one, route) for route, one in _items(written, "workloads")),
        kubernetes_version=optional_text(metadata.get("kubernetesVersion")),
        cluster_uid=optional_text(metadata.get("clusterUID")),
        waiting=tuple(read_waiting(reader, one, route) for route, one in _items(written, "waitingPods")),
        gaps=tuple(Gap(text(one["resource"]), text(one["reason"])) for _, one in _items(written, "unknown")),
    )
    if captured_at is None:
        message = f'"{metadata.get("capturedAt")}" is not a time'
        reader.refuse("SCH-005", message, ("metadata", "capturedAt"), "write for example 2025-01-15T03:00:00Z")
    _check(reader, snapshot)
    return (None if reader.findings else snapshot), tuple(reader.findings)


def _items(written: _Json, key: str, route: Route = ()) -> Iterator[tuple[Route, _Json]]:
    for index, one in enumerate(sequence(written.get(key))):
        yield (*route, key, index), mapping(one)


def _read_pool(reader: Reader, written: _Json, route: Route) -> NodePool:
    template = mapping(written.get("template"))
    return NodePool(
        name=text(written["name"]),
        minimum=optional_number(written.get("min")),
        maximum=optional_number(written.get("max")),
        current=whole_number(written["current"]),
        template=_read_template(reader, template, (*route, "template")) if template else None,
    )


def _read_template(reader: Reader, written: _Json, route: Route) -> NodeTemplate:
    return NodeTemplate(
        allocatable=reader.amounts(written["allocatable"], (*route, "allocatable")),
        overhead=reader.amounts(written.get("daemonsetOverhead"), (*route, "daemonsetOverhead")),
        labels=labels(written.get("labels")),
        taints=tuple(read_taint(mapping(one)) for one in sequence(written.get("taints"))),
    )


def _read_node(reader: Reader, written: _Json, route: Route) -> Node:
    return Node(
        id=text(written["id"]),
        pool=optional_text(written.get("pool")),
        is_unschedulable=truth(written.get("unschedulable", False)),
        allocatable=reader.amounts(written["allocatable"], (*route, "allocatable")),
        requested=reader.amounts(written["requested"], (*route, "requested")),
        pods=whole_number(written["pods"]),
        labels=labels(written.get("labels")),
        taints=tuple(read_taint(mapping(one)) for one in sequence(written.get("taints"))),
        times=whole_number(written.get("count", 1)),
        ports=tuple(text(one) for one in sequence(written.get("hostPorts"))),
    )


def _read_namespace(reader: Reader, written: _Json, route: Route) -> NamespaceState:
    return NamespaceState(
        name=text(written["name"]),
        quotas=tuple(_read_quota(reader, one, inner) for inner, one in _items(written, "quotas", route)),
        limit_ranges=tuple(_read_range(reader, one, inner) for inner, one in _items(written, "limitRanges", route)),
    )


def _read_quota(reader: Reader, written: _Json, route: Route) -> Quota:
    selector = mapping(written.get("scopeSelector"))
    return Quota(
        name=text(written["name"]),
        hard=reader.amounts(written["hard"], (*route, "hard")),
        used=reader.amounts(written["used"], (*route, "used")),
        scopes=(
            *(Requirement(text(scope), "Exists") for scope in sequence(written.get("scopes"))),
            *(requirement(mapping(one), "scopeName") for one in sequence(selector.get("matchExpressions"))),
        ),
    )


def _read_range(reader: Reader, written: _Json, route: Route) -> LimitRange:
    return LimitRange(
        text(written["name"]), tuple(_read_limit(reader, one, inner) for inner, one in _items(written, "limits", route))
    )


def _read_limit(reader: Reader, written: _Json, route: Route) -> Limit:
    keys = ("min", "max", "default", "defaultRequest", "maxLimitRequestRatio")
    return Limit(_TYPES[text(written["type"])], *(reader.amounts(written.get(key), (*route, key)) for key in keys))


def _check(reader: Reader, snapshot: ClusterSnapshot) -> None:
    """Checks that a schema cannot express: names are unique, and refer to existing objects."""
    reader.once(((("nodePools", index, "name"), one.name) for index, one in enumerate(snapshot.pools)), "node pool")
    reader.once(((("nodes", index, "id"), one.id) for index, one in enumerate(snapshot.nodes)), "node")
    reader.once(
        ((("namespaces", index, "name"), one.name) for index, one in enumerate(snapshot.namespaces)), "namespace"
    )
    reader.once(((("workloads", index, "name"), one.ref) for index, one in enumerate(snapshot.workloads)), "workload")
    _check_nodes(reader, snapshot)


def _check_nodes(reader: Reader, snapshot: ClusterSnapshot) -> None:
    pools, nodes = {pool.name for pool in snapshot.pools}, {node.id for node in snapshot.nodes}
    for index, node in enumerate(snapshot.nodes):
        if node.pool is not None and node.pool not in pools:
            message = f"there is no node pool `{shortened(node.pool)}`"
            reader.refuse("SCH-009", message, ("nodes", index, "pool"), _AGAIN)
    for index, live in enumerate(snapshot.workloads):
        for id, _ in live.placement:
            if id not in nodes:
                message, route = f"there is no node `{shortened(id)}`", ("workloads", index, "placement", id)
                reader.refuse("SCH-009", message, route, _AGAIN, on_key=True)
    total = sum(node.times for node in snapshot.nodes)
    if total > MAX_NODES:
        message = f"expected at most {MAX_NODES} nodes, found {total}"
        reader.refuse("SCH-007", message, ("nodes",), "remove pools that no request uses")
    further = sum(max(0, pool.most - pool.current) for pool in snapshot.pools)
    if further > MAX_GROWTH:
        message = f"expected pools that grow by at most {MAX_GROWTH} nodes together, found {further}"
        reader.refuse("SCH-007", message, ("nodePools",), "lower the `max` of pools to the autoscaler's limits")


def write_snapshot(snapshot: ClusterSnapshot) -> str:
    """The text of snapshot.yaml: one fact per line, so that a moved pod changes three lines."""
    metadata = {
        "cluster": snapshot.cluster,
        "capturedAt": in_seconds(snapshot.captured_at),
        "kubernetesVersion": snapshot.kubernetes_version,
        "clusterUID": snapshot.cluster_uid,
        "schema": 1,
    }
    document: dict[str, Yaml] = {
        "apiVersion": "infra.scale/v1",
        "kind": "ClusterSnapshot",
        "metadata": present(metadata),
        **present({"unknown": [Inline(resource=gap.resource, reason=gap.reason) for gap in snapshot.gaps]}),
        "nodePools": [_pool(pool) for pool in snapshot.pools],
        "nodes": [_node(node) for node in snapshot.nodes],
        "namespaces": [_namespace(namespace) for namespace in snapshot.namespaces],
        "workloads": [workload_node(workload) for workload in snapshot.workloads],
        **present({"waitingPods": [waiting_node(waiting) for waiting in snapshot.waiting]}),
    }
    return _HEADER.format(cluster=snapshot.cluster) + yaml_text(document)


def _pool(pool: NodePool) -> dict[str, Yaml]:
    node: dict[str, Yaml] = {"name": pool.name, "min": pool.minimum, "max": pool.maximum, "current": pool.current}
    template = pool.template
    if template:
        node["template"] = {
            "allocatable": amounts_node(template.allocatable),
            **present(
                {
                    "daemonsetOverhead": amounts_node(template.overhead),
                    "labels": labels_node(template.labels),
                    "taints": taint_nodes(template.taints),
                }
            ),
        }
    return present(node)


def _node(node: Node) -> dict[str, Yaml]:
    written: dict[str, Yaml] = {
        "id": node.id,
        "count": node.times if node.times > 1 else None,
        "pool": node.pool,
        "unschedulable": node.is_unschedulable or None,
    }
    return {
        **present(written),
        "allocatable": amounts_node(node.allocatable),
        "requested": amounts_node(node.requested),
        "pods": node.pods,
        **present(
            {
                "labels": labels_node(node.labels),
                "taints": taint_nodes(node.taints),
                "hostPorts": [*node.ports],
            }
        ),
    }


def _namespace(state: NamespaceState) -> dict[str, Yaml]:
    quotas: list[Yaml] = [_quota(quota) for quota in state.quotas]
    ranges: list[Yaml] = [
        {"name": one.name, "limits": [_limit(limit) for limit in one.limits]} for one in state.limit_ranges
    ]
    return {"name": state.name, **present({"quotas": quotas, "limitRanges": ranges})}


def _quota(quota: Quota) -> dict[str, Yaml]:
    scopes: list[Yaml] = [one.key for one in quota.scopes if one.operator == "Exists"]
    selected: list[Yaml] = [_scope(one) for one in quota.scopes if one.operator != "Exists"]
    return {
        "name": quota.name,
        "hard": amounts_node(quota.hard),
        "used": amounts_node(quota.used),
        **present({"scopes": scopes, "scopeSelector": {"matchExpressions": selected} if selected else None}),
    }


def _scope(one: Requirement) -> Inline:
    return Inline(scopeName=one.key, operator=one.operator, **present({"values": list(one.values)}))


def _limit(limit: Limit) -> dict[str, Yaml]:
    return {
        "type": limit.type,
        **present(
            {
                "min": amounts_node(limit.minimum),
                "max": amounts_node(limit.maximum),
                "default": amounts_node(limit.default),
                "defaultRequest": amounts_node(limit.default_request),
                "maxLimitRequestRatio": amounts_node(limit.ratio),
            }
        ),
    }
