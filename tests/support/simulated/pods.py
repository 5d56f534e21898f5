"""Pods, their templates and nodes, read from the objects of the API."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

Object = dict[str, Any]
Size = dict[str, int]
"""By resource, as Kubernetes calls it: cpu in thousandths, all else in units."""

_UNITS = {
    "m": Fraction(1, 1000),
    **{unit: Fraction(1000**number) for number, unit in enumerate(("", "k", "M", "G"))},
    **{unit: Fraction(1024**number) for number, unit in enumerate(("Ki", "Mi", "Gi"), 1)},
}


def amount(resource: str, text: object) -> int:
    """A quantity, rounded up as the scheduler does it."""
    digits = str(text).rstrip("mkMGKi")
    unit = _UNITS[str(text)[len(digits) :]]
    return -int(-(Fraction(digits) * unit * (1000 if resource == "cpu" else 1)) // 1)


def amounts(written: Mapping[str, object] | None) -> Size:
    """Requests, limits, or what a node has."""
    return {resource: amount(resource, text) for resource, text in (written or {}).items()}


class Container(NamedTuple):
    """What one container asks for."""

    name: str
    requests: Size
    limits: Size


class Spread(NamedTuple):
    """A topology spread constraint with DoNotSchedule."""

    max_skew: int
    key: str
    selector: dict[str, str]
    honors_taints: bool


class Template(NamedTuple):
    """What a controller makes pods of."""

    labels: dict[str, str]
    containers: tuple[Container, ...]
    requests: Size | None
    """Of the pod as a whole; None where it says none."""
    limits: Size | None
    node_selector: dict[str, str]
    tolerations: tuple[Object, ...]
    apart: tuple[tuple[str, dict[str, str]], ...]
    """Required anti-affinity: topology key and labels."""
    spread: tuple[Spread, ...]
    ports: tuple[int, ...]


class Node(NamedTuple):
    """One node."""

    name: str
    labels: dict[str, str]
    taints: tuple[Object, ...]
    is_cordoned: bool
    allocatable: Size


class Pod:
    """One pod that was accepted."""

    def __init__(self, template: Template, owner: str, namespace: str, ordinal: int = -1) -> None:
        """`owner`: the workload; `ordinal`: the number that a StatefulSet gives it."""
        self.template, self.owner, self.namespace, self.ordinal = template, owner, namespace, ordinal
        self.name = ""
        """Of one that was there before."""
        self.containers: tuple[Container, ...] = template.containers
        """With what admission has filled in."""
        self.size: Size = {}
        self.charge: Size = {}
        """What quotas count."""
        self.node: Node | None = None
        self.is_leaving = False

    @property
    def is_ready(self) -> bool:
        """Whether it counts as available: at once when it has a node."""
        return self.node is not None and not self.is_leaving


def read_node(thing: Object) -> Node:
    """A node."""
    spec = thing["spec"]
    return Node(
        thing["metadata"]["name"],
        thing["metadata"]["labels"],
        tuple(spec.get("taints", ())),
        bool(spec.get("unschedulable")),
        amounts(thing["status"]["allocatable"]),
    )


def read_template(thing: Object) -> Template:
    """A pod template, or a pod."""
    spec = thing["spec"]
    level = spec.get("resources", {})
    affinity = spec.get("affinity", {}).get("podAntiAffinity", {})
    return Template(
        thing["metadata"].get("labels", {}),
        tuple(_container(one) for one in spec["containers"]),
        amounts(level["requests"]) if "requests" in level else None,
        amounts(level["limits"]) if "limits" in level else None,
        spec.get("nodeSelector", {}),
        tuple(spec.get("tolerations", ())),
        tuple(
            (term["topologyKey"], term["labelSelector"]["matchLabels"])
            for term in affinity.get("requiredDuringSchedulingIgnoredDuringExecution", ())
        ),
        tuple(
            Spread(
                one["maxSkew"],
                one["topologyKey"],
                one["labelSelector"]["matchLabels"],
                one.get("nodeTaintsPolicy") == "Honor",
            )
            for one in spec.get("topologySpreadConstraints", ())
            if one["whenUnsatisfiable"] == "DoNotSchedule"
        ),
        tuple(port["hostPort"] for one in spec["containers"] for port in one.get("ports", ()) if "hostPort" in port),
    )


def _container(thing: Object) -> Container:
    resources = thing.get("resources", {})
    return Container(thing["name"], amounts(resources.get("requests")), amounts(resources.get("limits")))
