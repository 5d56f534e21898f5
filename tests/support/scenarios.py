"""Clusters and plans by the hundred: the same seed gives the same cluster and the same plan.

A cluster is what its own simulation has made of its workloads, as `kubectl get` shows it. A plan changes the count of
pods, their size or both, of one or two workloads. Quotas, nodes and sizes are drawn so that much is decided at the
edge.
"""

import copy
from random import Random
from typing import NamedTuple

from support.simulated.pods import Object, Pod
from support.simulated.scheduler import ZONE
from support.simulated.world import Change, World

HOST = "kubernetes.io/hostname"
_CPU = ("100m", "250m", "250m", "500m", "500m", "750m", "1", "1500m", "2", "3")
_MEMORY = ("128Mi", "256Mi", "256Mi", "512Mi", "512Mi", "1Gi", "2Gi", "3Gi")
_STRATEGIES: tuple[Object, ...] = (
    {},
    {"type": "Recreate"},
    *(
        {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}}
        for surge, unavailable in ((1, 0), (0, 1), (1, 1), (2, 0), ("50%", "50%"), ("100%", 0), ("25%", "34%"), (2, 1))
    ),
)
_UPDATES: tuple[Object, ...] = ({}, {}, {"type": "OnDelete"}, {"rollingUpdate": {"partition": 1}})


class Scenario(NamedTuple):
    """A cluster and a plan."""

    things: list[Object]
    """Of the cluster, as `kubectl get` shows them."""
    changes: tuple[Change, ...]
    request: str
    """The same plan as a request."""


class _Draw:
    """Chance with names."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 (no secret is made of it)
        self.one = self.random.choice
        self.number = self.random.randint

    def often(self, percent: int) -> bool:
        """Whether something is so, in so many of a hundred cases."""
        return self.random.randrange(100) < percent


def scenario(seed: int) -> Scenario:
    """The scenario of a seed."""
    draw = _Draw(seed)
    nodes = [_node(draw, number) for number in range(draw.number(2, 5))]
    workloads = [_workload(draw, name) for name in ("api", "db", "web")[: draw.number(1, 3)]]
    limit_ranges = [_limit_range(draw)] if draw.often(20) else []
    early = limit_ranges if draw.often(50) else []
    strays = _strays(draw, nodes)
    world = World([*nodes, *workloads, *early, *strays], draw.number(0, 10**9))
    world.run()
    made = [made for one in workloads if one["kind"] == "Deployment" for made in [_replica_set(one)]]
    specs = {one["metadata"]["name"]: one["spec"]["template"]["spec"] for one in workloads}
    specs |= {one["metadata"]["name"]: one["spec"] for one in strays}
    pods = [_pod(one, number, specs[one.owner or one.name]) for number, one in enumerate(world.pods)]
    quotas = [_quota(draw, world)] if draw.often(35) else []
    things = [*nodes, *workloads, *made, *limit_ranges, *quotas, *pods]
    chosen = draw.random.sample(workloads, min(len(workloads), draw.one((1, 1, 2))))
    changed = [_changed(draw, one) for one in sorted(chosen, key=lambda one: one["metadata"]["name"])]
    changes = tuple(Change(one["metadata"]["name"], one) for one in changed)
    return Scenario(things, changes, "".join(("target: prod\nnamespace: shop\nworkloads:\n", *map(_asked, changed))))


def _node(draw: _Draw, number: int) -> Object:
    name = f"node-{number}"
    labels = {HOST: name, "kubernetes.io/os": "linux"}
    if not draw.often(5):
        labels[ZONE] = draw.one(("a", "b", "c"))
    if draw.often(30):
        labels["disk"] = "ssd"
    spec: Object = {"taints": [{"key": "only", "value": "batch", "effect": "NoSchedule"}]} if draw.often(12) else {}
    if draw.often(6):
        spec["unschedulable"] = True
        spec.setdefault("taints", []).append({"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"})
    amount = {
        "cpu": draw.one(("2", "4", "4", "6", "8")),
        "memory": draw.one(("4Gi", "8Gi", "8Gi", "16Gi")),
        "pods": str(draw.one((110, 110, 110, 110, draw.number(2, 8)))),
    }
    status = {"allocatable": amount, "capacity": amount}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
        "status": status,
    }


def _size(draw: _Draw) -> Object:
    return {"cpu": draw.one(_CPU), "memory": draw.one(_MEMORY)}


def _container(draw: _Draw, name: str) -> Object:
    size = _size(draw)
    if draw.often(3):
        size = {}
    resources: Object = {"requests": size} if size else {}
    if draw.often(30):
        resources["limits"] = {"cpu": "4", "memory": "4Gi"}
    return {"name": name, "image": "registry.example/app:1", "resources": resources}


def _pod_spec(draw: _Draw, own: Object) -> Object:
    containers = [_container(draw, "app"), *([_container(draw, "side")] if draw.often(15) else [])]
    spec: Object = {"containers": containers}
    if draw.often(10):
        spec["nodeSelector"] = {"disk": "ssd"}
    if draw.often(15):
        spec["tolerations"] = [{"key": "only", "operator": "Exists"}]
    if draw.often(5):
        spec["resources"] = {"requests": {"cpu": "2", "memory": "2Gi"}, "limits": {"cpu": "4", "memory": "4Gi"}}
    if draw.often(18):
        term = {"topologyKey": draw.one((HOST, HOST, ZONE)), "labelSelector": {"matchLabels": _selector(draw, own)}}
        spec["affinity"] = {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    if draw.often(18):
        rule = {
            "maxSkew": draw.number(1, 2),
            "topologyKey": draw.one((HOST, ZONE)),
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": _selector(draw, own)},
        }
        spec["topologySpreadConstraints"] = [{**rule, **({"nodeTaintsPolicy": "Honor"} if draw.often(50) else {})}]
    if draw.often(2):
        containers[0]["ports"] = [{"containerPort": 80, "hostPort": 80}]
    return spec


def _selector(draw: _Draw, own: Object) -> Object:
    return own if draw.often(75) else {"tier": "front"}


def _workload(draw: _Draw, name: str) -> Object:
    own = {"app": name}
    labels = {**own, **({"tier": "front"} if draw.often(50) else {})}
    spec: Object = {
        "replicas": draw.number(1, 6),
        "selector": {"matchLabels": own},
        "template": {"metadata": {"labels": labels}, "spec": _pod_spec(draw, own)},
    }
    kind = "StatefulSet" if draw.often(25) else "Deployment"
    if kind == "Deployment":
        spec["strategy"] = draw.one(_STRATEGIES)
    else:
        spec["podManagementPolicy"] = draw.one(("OrderedReady", "Parallel"))
        spec["updateStrategy"] = draw.one(_UPDATES)
    metadata = {"namespace": "shop", "name": name, "generation": 1}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, "spec": spec}


def _strays(draw: _Draw, nodes: list[Object]) -> list[Object]:
    """Pods of other namespaces: some on nodes, some that wait for one."""
    found: list[Object] = []
    for node in nodes:
        name = node["metadata"]["name"]
        found += [_stray(f"other-{name}-{number}", draw, name) for number in range(draw.number(0, 2))]
    return [*found, *([_stray("other-waits", draw, None)] if draw.often(8) else [])]


def _stray(name: str, draw: _Draw, node: str | None) -> Object:
    size = {"cpu": draw.one(("100m", "200m", "500m")), "memory": draw.one(("64Mi", "256Mi", "512Mi"))}
    spec: Object = {
        "containers": [{"name": "app", "image": "x", "resources": {"requests": size if node else _size(draw)}}]
    }
    return _pod_thing(name, "kube-system", {}, {**spec, **({"nodeName": node} if node else {})})


def _limit_range(draw: _Draw) -> Object:
    limit: Object = {"type": "Container"}
    if draw.often(50):
        limit["default"] = {draw.one(("cpu", "memory")): draw.one(("1", "2"))}
        limit["default"] = {key: f"{one}Gi" if key == "memory" else one for key, one in limit["default"].items()}
    if draw.often(30):
        limit["defaultRequest"] = {"cpu": "100m", "memory": "128Mi"}
    if draw.often(30):
        limit["min"] = {"cpu": draw.one(("50m", "200m"))}
    if draw.often(15):
        limit["max"] = {"memory": draw.one(("2Gi", "8Gi"))}
    metadata = {"namespace": "shop", "name": "bounds"}
    return {"apiVersion": "v1", "kind": "LimitRange", "metadata": metadata, "spec": {"limits": [limit]}}


def _quota(draw: _Draw, world: World) -> Object:
    """A quota near what is used."""
    used, hard, status = world.used(), {}, {}
    for key in draw.random.sample(("requests.cpu", "requests.memory", "pods", "limits.memory", "limits.cpu"), 2):
        if key.startswith("limits.") and not draw.often(20):
            continue
        unit, step = ("m", 250) if key.endswith("cpu") else ("Mi", 256 * 2**20) if key.endswith("memory") else ("", 1)
        amount = used.get(key, 0) + step * draw.one((0, 1, 2, 4, 8, 16))
        scale = 2**20 if unit == "Mi" else 1
        hard[key], status[key] = f"{amount // scale}{unit}", f"{used.get(key, 0) // scale}{unit}"
    metadata = {"namespace": "shop", "name": "compute"}
    return {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": metadata,
        "spec": {"hard": hard},
        "status": {"hard": hard, "used": status},
    }


def _changed(draw: _Draw, workload: Object) -> Object:
    after = copy.deepcopy(workload)
    what = draw.one(("count", "count", "size", "both", "both"))
    if what != "size":
        after["spec"]["replicas"] = max(1, workload["spec"]["replicas"] + draw.one((-3, -2, -1, 1, 1, 2, 3, 5)))
    if what != "count":
        resources = after["spec"]["template"]["spec"]["containers"][0]["resources"]
        resources["requests"] = {**resources.get("requests", {}), **_size(draw)}
    return after


def _asked(changed: Object) -> str:
    size = changed["spec"]["template"]["spec"]["containers"][0]["resources"].get("requests")
    asked = f"- kind: {changed['kind']}\n  name: {changed['metadata']['name']}\n"
    asked += f"  replicas: {changed['spec']['replicas']}\n"
    if size:
        asked += f"  container: app\n  requests: {{cpu: {size['cpu']}, mem: {size['memory']}}}\n"
    return asked


def _replica_set(workload: Object) -> Object:
    name = workload["metadata"]["name"]
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name, "controller": True, "uid": name}
    metadata = {"namespace": "shop", "name": f"{name}-1", "ownerReferences": [owner]}
    spec = {key: workload["spec"][key] for key in ("replicas", "selector", "template")}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata, "spec": spec}


def _pod(pod: Pod, number: int, template: Object) -> Object:
    """A pod as the API shows it, with what admission has filled in."""
    containers = [
        {**written, "resources": {"requests": _texts(one.requests), "limits": _texts(one.limits)}}
        for written, one in zip(template["containers"], pod.containers, strict=True)
    ]
    spec = {**template, "containers": containers, **({"nodeName": pod.node.name} if pod.node else {})}
    if not pod.owner:
        return _pod_thing(pod.name, pod.namespace, pod.template.labels, spec)
    is_set = pod.ordinal >= 0
    owner = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet" if is_set else "ReplicaSet",
        "name": pod.owner if is_set else f"{pod.owner}-1",
        "controller": True,
        "uid": pod.owner,
    }
    name = f"{pod.owner}-{pod.ordinal if is_set else number}"
    return _pod_thing(name, pod.namespace, pod.template.labels, spec, ownerReferences=[owner])


def _texts(size: dict[str, int]) -> Object:
    return {name: f"{one}m" if name == "cpu" else str(one) for name, one in size.items()}


def _pod_thing(name: str, namespace: str, labels: Object, spec: Object, **more: object) -> Object:
    phase = "Running" if "nodeName" in spec else "Pending"
    metadata = {"namespace": namespace, "name": name, "labels": labels, **more}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {"phase": phase}}
