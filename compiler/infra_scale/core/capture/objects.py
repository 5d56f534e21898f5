"""Kubernetes objects as values, each once, independent of order and list."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

from infra_scale.core.reading.values import mapping, optional_text, sequence, text
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.text import shortened

_GROUPS = {
    "Namespace": "",
    "Node": "",
    "Pod": "",
    "ResourceQuota": "",
    "LimitRange": "",
    "Deployment": "apps",
    "StatefulSet": "apps",
    "ReplicaSet": "apps",
    "DaemonSet": "apps",
    "Job": "batch",
    "CronJob": "batch",
    "HorizontalPodAutoscaler": "autoscaling",
    "PodDisruptionBudget": "policy",
    "ScaledObject": "keda.sh",
    "VerticalPodAutoscaler": "autoscaling.k8s.io",
}
"""The API group of each captured kind; other kinds are ignored."""

_Read = TypeVar("_Read")


class ObjectError(ValueError):
    """Not a Kubernetes object, or not in the API's format."""


class Thing(NamedTuple):
    """One object of the API."""

    kind: str
    namespace: str
    """Empty if it has none."""
    name: str
    body: Mapping[str, Value]

    @property
    def labels(self) -> dict[str, Value]:
        """Its labels."""
        return mapping(mapping(self.body.get("metadata")).get("labels"))

    @property
    def spec(self) -> dict[str, Value]:
        """Its spec."""
        return mapping(self.body.get("spec"))

    @property
    def status(self) -> dict[str, Value]:
        """Its status."""
        return mapping(self.body.get("status"))

    @property
    def controller(self) -> tuple[str, str] | None:
        """Kind and name of its controller; None without one."""
        for reference in sequence(mapping(self.body.get("metadata")).get("ownerReferences")):
            owner = mapping(reference)
            if owner.get("controller") is True:
                return text(owner.get("kind")), text(owner.get("name"))
        return None


class Inventory(NamedTuple):
    """All objects that were found, each once."""

    by_kind: Mapping[str, tuple[Thing, ...]]
    """Sorted by namespace and name."""
    kubernetes_version: str | None = None

    def of(self, kind: str) -> tuple[Thing, ...]:
        """Those of one kind."""
        return self.by_kind.get(kind, ())

    def within(self, kind: str, namespace: str) -> tuple[Thing, ...]:
        """Those of one kind in one namespace."""
        return tuple(thing for thing in self.of(kind) if thing.namespace == namespace)


def inventory(values: Iterable[Value]) -> Inventory:
    """The objects in some API responses: lists, single objects, and the output of `kubectl version`.

    Raises ObjectError for other content, and for two different objects with one name.
    """
    found: dict[tuple[str, str, str], Thing] = {}
    version: str | None = None
    for value in values:
        if isinstance(value, dict) and "serverVersion" in value:
            version = optional_text(mapping(value["serverVersion"]).get("gitVersion"))
            continue
        for thing in _things(value, "", ""):
            key = (thing.kind, thing.namespace, thing.name)
            if found.setdefault(key, thing) != thing:
                message = f"{_named(thing)} exists twice, with different content"
                raise ObjectError(message)
    by_kind: dict[str, list[Thing]] = {}
    for _, thing in sorted(found.items()):
        by_kind.setdefault(thing.kind, []).append(thing)
    return Inventory({kind: tuple(things) for kind, things in by_kind.items()}, version)


def read(thing: Thing, reader: Callable[[Thing], _Read]) -> _Read:
    """The result of a reader for an object. Raises ObjectError with its name if a value has the wrong type."""
    try:
        return reader(thing)
    except (TypeError, ValueError) as error:
        message = f"{_named(thing)} is not in the API's format: {error}"
        raise ObjectError(message) from error


def _things(value: Value, kind: str, version: str) -> Iterator[Thing]:
    if not isinstance(value, dict):
        message = f"expected a Kubernetes object, found {shortened(str(value))!r}"
        raise ObjectError(message)
    kind = _word(value, "kind") or kind
    version = _word(value, "apiVersion") or version
    if not kind:
        message = "expected a Kubernetes object, found a mapping without `kind`"
        raise ObjectError(message)
    items = value.get("items")
    if kind.endswith("List") and (items is None or isinstance(items, list)):
        # Items of the API's own lists have no kind; those of kubectl's lists do.
        for item in items or ():
            yield from _things(item, kind.removesuffix("List"), version)
    elif _GROUPS.get(kind) == (version.rpartition("/")[0] if "/" in version else ""):
        yield _thing(value, kind)


def _thing(value: dict[str, Value], kind: str) -> Thing:
    metadata = value.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(name, str) or not name:
        message = f"a {kind} has no name"
        raise ObjectError(message)
    return Thing(kind, _word(metadata, "namespace") or "", name, value)


def _word(value: dict[str, Value], key: str) -> str | None:
    found = value.get(key)
    return found if isinstance(found, str) else None


def _named(thing: Thing) -> str:
    place = f"{thing.namespace}/{thing.name}" if thing.namespace else thing.name
    return f"{thing.kind} {shortened(place)}"
