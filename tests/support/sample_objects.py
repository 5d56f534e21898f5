"""A cluster in the making: nodes, and pods that find a place on them, as objects of the Kubernetes API.

Deterministic: pods go to the emptiest node that takes them, the first of those that are alike.
"""

from collections.abc import Iterator
from typing import Any

from infra_scale.model.quantity import Quantity

Object = dict[str, Any]

_VERSIONS = {"CronJob": "batch/v1", "Job": "batch/v1"}
_MADE_BY = {"Deployment": "ReplicaSet", "CronJob": "Job"}
_ZONES = ("a", "b", "c")


def thing(version: str, kind: str, namespace: str | None, name: str, **body: object) -> Object:
    """Any object."""
    place = {"namespace": namespace} if namespace else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **place}, **body}


def owned(kind: str, name: str) -> list[Object]:
    """The reference to what manages an object."""
    return [{"apiVersion": _VERSIONS.get(kind, "apps/v1"), "kind": kind, "name": name, "controller": True}]


def requested(spec: Object, default: Object) -> tuple[int, int]:
    """Thousandths of a core and bytes of one pod, with a LimitRange's defaults."""
    several = [{**default, **one.get("resources", {}).get("requests", {})} for one in spec["containers"]]
    cpu = sum(Quantity.parse(str(one.get("cpu", "0"))).milli() for one in several)
    return cpu, sum(Quantity.parse(str(one.get("memory", "0"))).units() for one in several)


class Cluster:
    """What there is so far."""

    def __init__(self, uid: str, version: str) -> None:
        self.objects: list[Object] = [thing("v1", "Namespace", None, "kube-system")]
        self.objects[0]["metadata"]["uid"] = uid
        self.objects.append({"serverVersion": {"gitVersion": version}})
        self._free: dict[str, list[int]] = {}
        self._labels: dict[str, Object] = {}
        self._tainted: set[str] = set()
        self._pods = 0

    def pool(
        self, label: tuple[str, str], count: int, allocatable: Object, *, machine: str, taints: tuple[Object, ...] = ()
    ) -> None:
        """Nodes that are alike but for their zone; taints keep pods away that do not select the pool."""
        for index in range(count):
            name = f"{label[1]}-{index + 1}"
            zone = f"eu-central-1{_ZONES[index % len(_ZONES)]}"
            labels = {
                label[0]: label[1],
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "node.kubernetes.io/instance-type": machine,
                "topology.kubernetes.io/zone": zone,
            }
            node = thing("v1", "Node", None, name, spec={"taints": list(taints)})
            node["metadata"]["labels"], node["status"] = labels, {"allocatable": allocatable}
            self.objects.append(node)
            amounts = (Quantity.parse(str(allocatable[key])) for key in ("cpu", "memory", "pods"))
            cpu, memory, pods = amounts
            self._free[name], self._labels[name] = [cpu.milli(), memory.units(), pods.units()], labels
            if taints:
                self._tainted.add(name)

    def everywhere(self, namespace: str, name: str, spec: Object, default: Object) -> int:
        """The pods of a DaemonSet, one a node; returns their number."""
        for node in self._free:
            self._run(node, namespace, owned("DaemonSet", name), spec, default)
        return len(self._free)

    def run(self, body: Object, spec: Object, pods: int, default: Object) -> None:
        """The pods of a workload, by their spec, and what it makes first."""
        kind, name, namespace = body["kind"], body["metadata"]["name"], body["metadata"]["namespace"]
        maker = _MADE_BY.get(kind)
        owners = owned(kind, name)
        if maker:
            made = thing(_VERSIONS.get(maker, "apps/v1"), maker, namespace, f"{name}-1", spec={})
            made["metadata"]["ownerReferences"] = owners
            self.objects.append(made)
            owners = owned(maker, f"{name}-1")
        used: set[str] = set()
        for _ in range(pods):
            node = self._emptiest(spec, requested(spec, default), used if "affinity" in spec else set())
            used.add(node)
            self._run(node, namespace, owners, spec, default)

    def fill(self, leave: dict[str, tuple[int, int]]) -> None:
        """Other people's pods, until at most so much (thousandths of a core, Mi) of a node, or of a pool's, is free."""
        for index, (name, free) in enumerate(self._free.items()):
            cpu, memory = leave.get(name) or leave[name.rpartition("-")[0]]
            # Not all alike: nodes that differ are not in one row.
            cpu, memory = free[0] - cpu - 40 * (index % 7), free[1] // 2**20 - memory - 96 * (index % 5)
            for part in range(8):
                share = {"cpu": f"{max(0, cpu) // 8}m", "memory": f"{max(0, memory) // 8}Mi"}
                spec = {"containers": [{"name": "app", "resources": {"requests": share}}]}
                self._run(name, "batch", owned("StatefulSet", f"other-{part}"), spec, {})

    def _emptiest(self, spec: Object, size: tuple[int, int], used: set[str]) -> str:
        wanted = spec.get("nodeSelector", {})
        takes = (
            name
            for name, free in self._free.items()
            if name not in used
            and all(self._labels[name].get(key) == value for key, value in wanted.items())
            and (wanted or name not in self._tainted)
            and size[0] <= free[0]
            and size[1] <= free[1]
            and free[2]
        )
        return max(takes, key=lambda name: self._free[name][0])

    def _run(self, node: str, namespace: str, owners: list[Object], spec: Object, default: Object) -> None:
        self._pods += 1
        filled = [
            {
                "name": one["name"],
                "resources": {"requests": {**default, **one.get("resources", {}).get("requests", {})}},
            }
            for one in spec["containers"]
        ]
        pod = thing("v1", "Pod", namespace, f"pod-{self._pods}", spec={"nodeName": node, "containers": filled})
        pod["metadata"]["ownerReferences"], pod["status"] = owners, {"phase": "Running"}
        self.objects.append(pod)
        cpu, memory = requested(spec, default)
        free = self._free[node]
        free[0], free[1], free[2] = free[0] - cpu, free[1] - memory, free[2] - 1


def used_by(objects: list[Object], namespace: str, resources: Iterator[str] | list[str]) -> Object:
    """What a quota counts of the pods of a namespace."""
    pods = [one for one in objects if one.get("kind") == "Pod" and one["metadata"]["namespace"] == namespace]
    cpu = sum(requested(one["spec"], {})[0] for one in pods)
    memory = sum(requested(one["spec"], {})[1] for one in pods)
    known = {"requests.cpu": f"{cpu}m", "requests.memory": f"{memory // 2**20}Mi", "pods": str(len(pods))}
    return {name: known[name] for name in resources}
