"""ClusterSnapshot to snapshot.yaml: a fact a line, so that a pod that has moved is three changed lines."""

from infra_scale.core.documents.request_nodes import said
from infra_scale.core.documents.snapshot_workload import (
    amounts_node,
    labels_node,
    scheduling_node,
    taint_nodes,
    workload_node,
)
from infra_scale.core.syntax.emitter import Inline, Node, yaml_text
from infra_scale.model import snapshot as model
from infra_scale.model.pod import Requirement
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.time import in_seconds

_HEADER = (
    "# Captured by infra-scale from the cluster {cluster}. Do not edit, but for min and max of nodePools:"
    " run `infra-scale snapshot {cluster}`.\n"
)


def snapshot_yaml(snapshot: ClusterSnapshot) -> str:
    """The text of snapshot.yaml."""
    metadata = {
        "cluster": snapshot.cluster,
        "capturedAt": in_seconds(snapshot.captured_at),
        "kubernetesVersion": snapshot.kubernetes_version,
        "clusterUID": snapshot.cluster_uid,
        "schema": 1,
    }
    document: dict[str, Node] = {
        "apiVersion": "infra.scale/v1",
        "kind": "ClusterSnapshot",
        "metadata": said(metadata),
        **said({"unknown": [Inline(resource=gap.resource, reason=gap.reason) for gap in snapshot.gaps]}),
        "nodePools": [_pool(pool) for pool in snapshot.pools],
        "nodes": [_node(node) for node in snapshot.nodes],
        "namespaces": [_namespace(namespace) for namespace in snapshot.namespaces],
        "workloads": [workload_node(workload) for workload in snapshot.workloads],
        **said({"waitingPods": [_waiting(waiting) for waiting in snapshot.waiting]}),
    }
    return _HEADER.format(cluster=snapshot.cluster) + yaml_text(document)


def _pool(pool: model.NodePool) -> dict[str, Node]:
    node: dict[str, Node] = {"name": pool.name, "min": pool.minimum, "max": pool.maximum, "current": pool.current}
    template = pool.template
    if template:
        node["template"] = {
            "allocatable": amounts_node(template.allocatable),
            **said(
                {
                    "daemonsetOverhead": amounts_node(template.overhead),
                    "labels": labels_node(template.labels),
                    "taints": taint_nodes(template.taints),
                }
            ),
        }
    return said(node)


def _node(node: model.Node) -> dict[str, Node]:
    written: dict[str, Node] = {
        "id": node.id,
        "count": node.times if node.times > 1 else None,
        "pool": node.pool,
        "unschedulable": node.is_unschedulable or None,
    }
    return {
        **said(written),
        "allocatable": amounts_node(node.allocatable),
        "requested": amounts_node(node.requested),
        "pods": node.pods,
        **said(
            {
                "labels": labels_node(node.labels),
                "taints": taint_nodes(node.taints),
                "hostPorts": [*node.ports],
            }
        ),
    }


def _waiting(waiting: model.Waiting) -> dict[str, Node]:
    requests = amounts_node(waiting.pod.containers[0].requests)
    return {"count": waiting.times, **said({"requests": requests, **scheduling_node(waiting.pod.scheduling)})}


def _namespace(state: model.NamespaceState) -> dict[str, Node]:
    quotas: list[Node] = [_quota(quota) for quota in state.quotas]
    ranges: list[Node] = [
        {"name": one.name, "limits": [_limit(limit) for limit in one.limits]} for one in state.limit_ranges
    ]
    return {"name": state.name, **said({"quotas": quotas, "limitRanges": ranges})}


def _quota(quota: model.Quota) -> dict[str, Node]:
    scopes: list[Node] = [one.key for one in quota.scopes if one.operator == "Exists"]
    selected: list[Node] = [_scope(one) for one in quota.scopes if one.operator != "Exists"]
    return {
        "name": quota.name,
        "hard": amounts_node(quota.hard),
        "used": amounts_node(quota.used),
        **said({"scopes": scopes, "scopeSelector": {"matchExpressions": selected} if selected else None}),
    }


def _scope(one: Requirement) -> Inline:
    return Inline(scopeName=one.key, operator=one.operator, **said({"values": list(one.values)}))


def _limit(limit: model.Limit) -> dict[str, Node]:
    return {
        "type": limit.type,
        **said(
            {
                "min": amounts_node(limit.minimum),
                "max": amounts_node(limit.maximum),
                "default": amounts_node(limit.default),
                "defaultRequest": amounts_node(limit.default_request),
                "maxLimitRequestRatio": amounts_node(limit.ratio),
            }
        ),
    }
