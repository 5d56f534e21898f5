"""The least privilege that commands need in a cluster, as RBAC objects.

Source: the verbs of the API requests that `snapshot`, `validate --server` and `apply` send; Kubernetes docs, "Using
RBAC Authorization": a subresource is a resource of its own, and a dry run needs the permission of its write.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from infra_scale.core.executing.requests import RESOURCES
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.model.action import (
    AUTOSCALER_KINDS,
    Action,
    RemoveAutoscaler,
    ScaleWorkload,
    autoscaler_of,
)
from infra_scale.model.step import ObjectRef, workload_object

Purpose = Literal["capture", "validate", "apply"]
NAME = "infra-scale"

_CAPTURED = (
    ("", ("namespaces", "nodes", "pods", "resourcequotas", "limitranges")),
    ("apps", ("deployments", "statefulsets", "replicasets", "daemonsets")),
    ("batch", ("jobs", "cronjobs")),
    ("autoscaling", ("horizontalpodautoscalers",)),
    ("policy", ("poddisruptionbudgets",)),
    ("autoscaling.k8s.io", ("verticalpodautoscalers",)),
    ("keda.sh", ("scaledobjects",)),
)
"""Group and resources that a snapshot is made from."""


def capturing_role() -> str:
    """The ClusterRole for `snapshot`: it lists, and nothing else."""
    rules: list[Node] = [_rule(group, names, ("get", "list")) for group, names in _CAPTURED]
    return _document("ClusterRole", f"{NAME}-capture", None, rules)


def identifying_role() -> str:
    """The ClusterRole that shows which cluster this is: its kube-system namespace."""
    rule: dict[str, Node] = {**_rule("", ("namespaces",), ("get",)), "resourceNames": ["kube-system"]}
    return _document("ClusterRole", f"{NAME}-identity", None, [rule])


def roles(actions: Iterable[Action], purpose: Literal["validate", "apply"]) -> Iterator[str]:
    """A Role for each namespace of some actions."""
    by_namespace: dict[str, list[Action]] = {}
    for action in actions:
        by_namespace.setdefault(action.ref.namespace, []).append(action)
    for namespace, within in sorted(by_namespace.items()):
        rules = [*_of_workloads(within), *_of_autoscalers(within)]
        if purpose == "apply":
            rules += _of_the_run()
        yield _document("Role", f"{NAME}-{purpose}", namespace, rules)


def _of_workloads(actions: Iterable[Action]) -> Iterator[Node]:
    """Reading each kind; writing only the field that the plans change."""
    verbs: dict[str, tuple[str, ...]] = {}
    for action in actions:
        name = _resource(workload_object(action.ref))
        if isinstance(action, ScaleWorkload):
            verbs.setdefault(name, ("get",))
            verbs[f"{name}/scale"] = ("get", "patch")
        elif autoscaler_of(action) is None:
            verbs[name] = ("get", "patch")
        else:
            verbs.setdefault(name, ("get",))
    for (group, name), allowed in sorted(((_group(name), name), allowed) for name, allowed in verbs.items()):
        yield _rule(group, (name,), allowed)


def _of_autoscalers(actions: Iterable[Action]) -> Iterator[Node]:
    """Whether another HPA sets the replicas is always read."""
    hpas = _resource(ObjectRef(AUTOSCALER_KINDS["hpa"], "", ""))
    verbs: dict[str, set[str]] = {hpas: {"list"}}
    for action in actions:
        if kind := autoscaler_of(action):
            removes = isinstance(action, RemoveAutoscaler)
            name = _resource(ObjectRef(AUTOSCALER_KINDS[kind], "", ""))
            # A removed autoscaler is created again by a rollback, and a new one is deleted.
            verbs.setdefault(name, set()).update(("get", "create", "delete", *(() if removes else ("patch",))))
    for name, allowed in sorted(verbs.items()):
        yield _rule(_group(name), (name,), sorted(allowed))


def _of_the_run() -> Iterator[Node]:
    """Pods and events show health; the journal is a ConfigMap, the lock a Lease."""
    yield _rule("", ("pods", "events"), ("get", "list"))
    yield _rule("", ("configmaps",), ("get", "create", "update"))
    yield _rule("coordination.k8s.io", ("leases",), ("get", "create", "update"))


def _rule(group: str, names: Iterable[str], verbs: Iterable[str]) -> dict[str, Node]:
    return {"apiGroups": [group], "resources": [*names], "verbs": [*verbs]}


def _resource(ref: ObjectRef) -> str:
    return RESOURCES[ref.kind][1]


def _group(name: str) -> str:
    plural = name.partition("/")[0]
    version = next(version for version, known in RESOURCES.values() if known == plural)
    return version.split("/")[1]


def _document(kind: str, name: str, namespace: str | None, rules: list[Node]) -> str:
    metadata: dict[str, Node] = {"name": name, **({"namespace": namespace} if namespace else {})}
    node: dict[str, Node] = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "rules": rules,
    }
    return yaml_text(node)
