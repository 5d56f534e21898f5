"""The clusters of our sample targets, in ops/clusters, by way of objects of the Kubernetes API.

`make golden` writes them anew. Both run the applications of examples/apps, as the sample requests find them, and some
thirty workloads more. Their numbers are chosen so that the sample requests meet every verdict: most fit; in
prod-eu-1, checkout on Black Friday needs further nodes; in prod-eu-2, the node for a fifth ledger is taken by others;
and nobody knows what cart-cache takes.
"""

import json
from datetime import UTC, datetime
from typing import NamedTuple

import yaml

from infra_scale.core.capture.objects import inventory
from infra_scale.core.capture.snapshot import Selection, capture
from infra_scale.core.documents.snapshot import write_snapshot
from infra_scale.model.snapshot import NodePool
from infra_scale.usecases.management import management
from support.repository import CHECKOUT
from support.sample_objects import Cluster, Object, thing, used_by

MOMENT = datetime(2025, 12, 31, 21, tzinfo=UTC)
CLUSTERS = ("prod-eu-1", "prod-eu-2")

_MEMORY_TAINT = {"key": "workload", "value": "memory", "effect": "NoSchedule"}
_BOUNDED = {"requests.cpu": "14", "requests.memory": "72Gi", "pods": "60"}
_QUOTAS = {"payments": _BOUNDED, "assistant": {"requests.cpu": "8", "requests.memory": "24Gi"}, "data": {"pods": "40"}}
_DEFAULTS = {
    "payments": {"cpu": "50m", "memory": "256Mi"},
    "assistant": {"cpu": "50m", "memory": "128Mi"},
    "search": {"cpu": "100m", "memory": "256Mi"},
}
_SAMPLES = {
    ("assistant", "assistant/base/web"): 3,
    ("catalog", "catalog/base/search-api"): 3,
    ("catalog", "catalog/base/license-server"): 1,
    ("data", "data/base/loader"): 1,
    ("data", "data/base/warehouse"): 3,
    ("orders", "orders/base/mailer"): 2,
    ("orders", "orders/base/worker"): 3,
    ("payments", "payments-gateway/base/gateway"): 6,
    ("payments", "payments-ledger/base/ledger"): 3,
    ("platform", "platform/base/node-agent"): 0,
    ("reports", "reports/base/backfill"): 1,
    ("reports", "reports/base/nightly-report"): 2,
    ("search", "frontend/base/frontend"): 8,
    ("search", "frontend/base/suggest"): 8,
    ("shop", "shop/base/cart-cache"): 1,
    ("shop", "shop/base/checkout"): 12,
    ("shop", "shop/base/receipts"): 2,
}
"""Namespace and manifest below examples/apps, with how many pods run."""
_OTHERS = {
    "assistant": ("feedback", "prompt-cache", "session"),
    "catalog": ("images", "import", "prices", "reviews"),
    "data": ("export", "lineage", "quality"),
    "orders": ("api", "fulfilment", "invoices", "returns"),
    "payments": ("fraud", "reconciler", "webhooks"),
    "platform": ("audit", "dns-sync", "portal"),
    "reports": ("dashboard", "scheduler", "viewer"),
    "search": ("crawler", "ranker", "synonyms"),
    "shop": ("basket", "home", "login", "vouchers"),
}
_SIZES = (("100m", "256Mi"), ("250m", "512Mi"), ("150m", "384Mi"))
_HPAS = {
    ("payments", "gateway"): (4, 12),
    ("search", "frontend"): (4, 10),
    ("catalog", "search-api"): (2, 6),
    ("orders", "worker"): (2, 6),
}
_BUDGETS = (("assistant", "web", 2), ("payments", "gateway", 3), ("payments", "ledger", 2), ("shop", "checkout", "75%"))


class _Design(NamedTuple):
    """What differs from cluster to cluster."""

    version: str
    pool_label: str
    general: tuple[int, int, Object]
    """Nodes, how many there may be, what one has."""
    memory: tuple[int, int, Object]
    leave: tuple[int, int]
    """What other people leave free on a general node: thousandths of a core, Mi."""
    full: str = ""
    """The node on which they leave next to nothing."""


_DESIGNS = {
    "prod-eu-1": _Design(
        "v1.33.5-eks-113cf36",
        "eks.amazonaws.com/nodegroup",
        (26, 40, {"cpu": "7910m", "memory": "31482280Ki", "ephemeral-storage": "95551679124", "pods": "58"}),
        (8, 12, {"cpu": "7910m", "memory": "63461304Ki", "ephemeral-storage": "95551679124", "pods": "58"}),
        (900, 7600),
    ),
    "prod-eu-2": _Design(
        "v1.32.9-gke.1548000",
        "cloud.google.com/gke-nodepool",
        (28, 36, {"cpu": "7910m", "memory": "28486948Ki", "ephemeral-storage": "47093746742", "pods": "110"}),
        (5, 5, {"cpu": "7910m", "memory": "58882356Ki", "ephemeral-storage": "47093746742", "pods": "110"}),
        (1500, 7600),
        full="memory-5",
    ),
}


def sample_snapshot(cluster: str) -> str:
    """The text of the cluster's snapshot.yaml."""
    design = _DESIGNS[cluster]
    wanted = Selection(
        cluster,
        management(CHECKOUT, cluster).namespaces,
        MOMENT,
        # As people would have written them into the snapshot before.
        pools=(
            NodePool("general", design.general[0] // 2, design.general[1], 0, None),
            NodePool("memory", design.memory[0] // 2, design.memory[1], 0, None),
        ),
    )
    # By way of JSON, as kubectl would have saved it.
    return write_snapshot(capture(inventory(json.loads(json.dumps(sample_objects(cluster)))), wanted))


def sample_objects(cluster: str) -> list[Object]:
    """All objects of the cluster."""
    design = _DESIGNS[cluster]
    made = Cluster(f"00000000-0000-4000-8000-{cluster:>012}", design.version)
    made.pool((design.pool_label, "general"), design.general[0], design.general[2], machine="general-8")
    made.pool(
        (design.pool_label, "memory"), design.memory[0], design.memory[2], machine="memory-8", taints=(_MEMORY_TAINT,)
    )
    for name, cpu, memory in (("network", "50m", "128Mi"), ("logs", "100m", "256Mi"), ("metrics", "50m", "96Mi")):
        made.everywhere("kube-system", name, _spec(cpu, memory), {})
    for (namespace, manifest), pods in _SAMPLES.items():
        _add_sample(made, namespace, manifest, pods, design)
    for namespace, names in _OTHERS.items():
        for index, name in enumerate(names):
            _add(made, namespace, _deployment(name, *_SIZES[(index + len(name)) % len(_SIZES)]), 2 + len(name) % 3)
    made.fill({"general": design.leave, "memory": (3200, 12000), design.full: (900, 3000)})
    return [*made.objects, *_admission(made.objects), *_scalers()]


def _add_sample(made: Cluster, namespace: str, manifest: str, pods: int, design: _Design) -> None:
    documents = yaml.safe_load_all((CHECKOUT / f"examples/apps/{manifest}.yaml").read_text(encoding="utf-8"))
    (body,) = [one for one in documents if one]
    if body["metadata"]["name"] == "ledger":
        # The databases of prod have nodes of their own, and no two share one.
        term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": {"app": "ledger"}}}
        affinity = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
        body["spec"]["template"]["spec"] |= {
            "affinity": affinity,
            "nodeSelector": {design.pool_label: "memory"},
            "tolerations": [{**_MEMORY_TAINT, "operator": "Equal"}],
        }
    _add(made, namespace, body, pods)


def _add(made: Cluster, namespace: str, body: Object, pods: int) -> None:
    """A workload that runs so many pods, with them."""
    kind, name = body["kind"], body["metadata"]["name"]
    body["metadata"] |= {"namespace": namespace, "generation": 1 + len(name)}
    spec = body["spec"]["jobTemplate"]["spec"] if kind == "CronJob" else body["spec"]
    default = _DEFAULTS.get(namespace, {})
    if kind == "DaemonSet":
        body["status"] = {"desiredNumberScheduled": made.everywhere(namespace, name, spec["template"]["spec"], default)}
    else:
        spec["parallelism" if kind in ("Job", "CronJob") else "replicas"] = pods
        made.run(body, spec["template"]["spec"], pods, default)
    made.objects.append(body)


def _spec(cpu: str, memory: str) -> Object:
    return {"containers": [{"name": "app", "resources": {"requests": {"cpu": cpu, "memory": memory}}}]}


def _deployment(name: str, cpu: str, memory: str) -> Object:
    template = {"metadata": {"labels": {"app": name}}, "spec": _spec(cpu, memory)}
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    return thing("apps/v1", "Deployment", None, name, spec={"strategy": strategy, "template": template})


def _admission(objects: list[Object]) -> list[Object]:
    quotas = [
        thing(
            "v1",
            "ResourceQuota",
            namespace,
            "compute",
            status={"hard": hard, "used": used_by(objects, namespace, [*hard])},
        )
        for namespace, hard in _QUOTAS.items()
    ]
    ranges = [
        thing(
            "v1", "LimitRange", namespace, "defaults", spec={"limits": [{"type": "Container", "defaultRequest": one}]}
        )
        for namespace, one in _DEFAULTS.items()
    ]
    return [*quotas, *ranges]


def _scalers() -> list[Object]:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    hpas = [
        _aimed("autoscaling/v2", "HorizontalPodAutoscaler", namespace, name, minReplicas=low, maxReplicas=high)
        for (namespace, name), (low, high) in _HPAS.items()
    ]
    for hpa in hpas:
        hpa["spec"]["metrics"] = [{"type": "Resource", "resource": cpu}]
    mailer = _aimed("keda.sh/v1alpha1", "ScaledObject", "orders", "mailer", minReplicaCount=1, maxReplicaCount=5)
    budgets = [
        thing(
            "policy/v1",
            "PodDisruptionBudget",
            namespace,
            name,
            spec={"minAvailable": least, "selector": {"matchLabels": {"app": name}}},
        )
        for namespace, name, least in _BUDGETS
    ]
    return [*hpas, mailer, *budgets]


def _aimed(version: str, kind: str, namespace: str, name: str, **spec: object) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    return thing(version, kind, namespace, name, spec={"scaleTargetRef": target, **spec})
