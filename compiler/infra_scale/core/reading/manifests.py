"""Base manifests in the repository to what they say of each workload."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.syntax.stream import documents
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import Base, Container
from infra_scale.model.names import SUFFIXES
from infra_scale.model.position import Position
from infra_scale.model.quantity import Quantity, QuantityError
from infra_scale.model.resources import Resources
from infra_scale.model.source import Found, Source
from infra_scale.model.target import Target
from infra_scale.model.workload import KINDS, WorkloadRef

_START = Position(1, 1, 1, "")
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_ITEMS = 10_000
"""Objects of one List that are looked at."""

_Json = Mapping[str, object]


class Manifests(NamedTuple):
    """The workloads that the repository's manifests declare."""

    by_name: Mapping[tuple[str, str], tuple[Base, ...]]
    """By kind and name."""

    def of(self, target: Target, ref: WorkloadRef) -> Base | None:
        """What the manifests of a target say of a workload; None where none or several of them declare it.

        A file without a namespace leaves that to whoever applies it; one that names it is nearer.
        """
        inside = [
            base
            for base in self.by_name.get((ref.kind, ref.name), ())
            if base.namespace in (None, ref.namespace)
            and any(base.path.startswith(f"{folder}/") for folder in target.manifests)
        ]
        named = [base for base in inside if base.namespace]
        found = named or inside
        return found[0] if len(found) == 1 else None


def read_manifests(found: Iterable[Found]) -> tuple[Manifests, tuple[Finding, ...]]:
    """The workloads in some files, and MAN-001 for each file that could not be read."""
    by_name: dict[tuple[str, str], list[Base]] = {}
    findings: list[Finding] = []
    for item in found:
        if not isinstance(item, Source) or not item.path.endswith(SUFFIXES):
            continue
        read, fault = documents(item)
        if fault:
            message = f"this manifest could not be read, so nothing is known of its workloads: {fault}"
            help = "`manifests` of a target names folders with plain Kubernetes YAML"
            findings.append(Finding("MAN-001", "warning", message, item.path, help=help, position=_START))
        for base_kind, name, base in _bases(item.path, read):
            by_name.setdefault((base_kind, name), []).append(base)
    return Manifests({key: tuple(bases) for key, bases in by_name.items()}), tuple(findings)


def _bases(path: str, read: Iterable[object]) -> Iterator[tuple[str, str, Base]]:
    for item in _objects(read):
        kind, metadata = item.get("kind"), _map(item.get("metadata"))
        name = metadata.get("name")
        if isinstance(kind, str) and kind in KINDS and isinstance(name, str):
            yield kind, name, _base(path, item, metadata)


def _objects(read: Iterable[object]) -> Iterator[_Json]:
    for item in read:
        if isinstance(item, dict):
            yield item
            if str(item.get("kind", "")).endswith("List"):
                yield from (inner for inner in _list(item.get("items"))[:_ITEMS] if isinstance(inner, dict))


def _base(path: str, item: _Json, metadata: _Json) -> Base:
    spec = _map(item.get("spec"))
    outer = _map(_map(spec.get("jobTemplate")).get("spec")) if item.get("kind") == "CronJob" else spec
    template = _map(outer.get("template"))
    pod = _map(template.get("spec"))
    annotations = _map(_map(template.get("metadata")).get("annotations"))
    strategy = _map(spec.get("strategy")) or _map(spec.get("updateStrategy"))
    rolling = _map(strategy.get("rollingUpdate"))
    sidecars = (one for one in _list(pod.get("initContainers")) if _map(one).get("restartPolicy") == "Always")
    return Base(
        path=path,
        namespace=_text(metadata.get("namespace")),
        replicas=_number(spec.get("replicas")),
        containers=(
            *(_container(_map(one), is_sidecar=False) for one in _list(pod.get("containers"))),
            *(_container(_map(one), is_sidecar=True) for one in sidecars),
        ),
        default_container=_text(annotations.get(_DEFAULT_CONTAINER)),
        strategy=_text(strategy.get("type")),
        surge=_text(rolling.get("maxSurge")),
        unavailable=_text(rolling.get("maxUnavailable")),
        concurrency=_text(spec.get("concurrencyPolicy")),
    )


def _container(written: _Json, *, is_sidecar: bool) -> Container:
    resources = _map(written.get("resources"))
    requests, limits = _resources(_map(resources.get("requests"))), _resources(_map(resources.get("limits")))
    return Container(_text(written.get("name")) or "", requests, limits, is_sidecar)


def _resources(written: _Json) -> Resources:
    return Resources(_quantity(written.get("cpu")), _quantity(written.get("memory")), "memory")


def _quantity(value: object) -> Quantity | None:
    try:
        return Quantity.parse(value) if isinstance(value, str) else None
    except QuantityError:
        return None


def _map(value: object) -> _Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _DIGITS
        else None
    )


_DIGITS = 11
"""Of a 32-bit number there are at most ten."""
