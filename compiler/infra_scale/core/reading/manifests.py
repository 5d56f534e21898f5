"""Base manifests in the repository to what they say of each workload."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.reading.companions import Companions, Guard, Scaler, read_companions
from infra_scale.core.reading.json_values import Json, as_list, as_map, as_number, as_text
from infra_scale.core.syntax.stream import documents
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import Base, Container
from infra_scale.model.names import SUFFIXES, is_label
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


class Manifests(NamedTuple):
    """The workloads that the repository's manifests declare."""

    by_name: Mapping[tuple[str, str], tuple[Base, ...]]
    """By kind and name."""
    companions: Companions = Companions()

    def of(self, target: Target, ref: WorkloadRef) -> Base | None:
        """What the manifests of a target say of a workload; None where none or several of them declare it.

        A file without a namespace leaves that to whoever applies it; one that names it is nearer.
        """
        inside = [
            base
            for base in self.by_name.get((ref.kind, ref.name), ())
            if base.namespace in (None, ref.namespace) and target.has_manifest(base.path)
        ]
        named = [base for base in inside if base.namespace]
        found = named or inside
        return self.companions.beside(found[0], target, ref) if len(found) == 1 else None


def read_manifests(found: Iterable[Found]) -> tuple[Manifests, tuple[Finding, ...]]:
    """The workloads in some files, and MAN-001 for each file that could not be read."""
    by_name: dict[tuple[str, str], list[Base]] = {}
    companions: list[Scaler | Guard] = []
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
        companions += read_companions(item.path, _objects(read))
    return Manifests({key: tuple(bases) for key, bases in by_name.items()}, Companions.of(companions)), tuple(findings)


def _bases(path: str, read: Iterable[object]) -> Iterator[tuple[str, str, Base]]:
    for item in _objects(read):
        kind, metadata = item.get("kind"), as_map(item.get("metadata"))
        name = metadata.get("name")
        if isinstance(kind, str) and kind in KINDS and isinstance(name, str):
            base = _base(path, item, metadata)
            # Names that Kubernetes would refuse are a template's, or meant for whoever reads the plan.
            if all(is_label(container.name) for container in base.containers):
                yield kind, name, base


def _objects(read: Iterable[object]) -> Iterator[Json]:
    for item in read:
        if isinstance(item, dict):
            yield item
            if str(item.get("kind", "")).endswith("List"):
                yield from (inner for inner in as_list(item.get("items"))[:_ITEMS] if isinstance(inner, dict))


def _base(path: str, item: Json, metadata: Json) -> Base:
    spec = as_map(item.get("spec"))
    outer = as_map(as_map(spec.get("jobTemplate")).get("spec")) if item.get("kind") == "CronJob" else spec
    template = as_map(outer.get("template"))
    pod = as_map(template.get("spec"))
    annotations = as_map(as_map(template.get("metadata")).get("annotations"))
    strategy = as_map(spec.get("strategy")) or as_map(spec.get("updateStrategy"))
    rolling = as_map(strategy.get("rollingUpdate"))
    initial = [as_map(one) for one in as_list(pod.get("initContainers"))]
    default = as_text(annotations.get(_DEFAULT_CONTAINER))
    labels = as_map(as_map(template.get("metadata")).get("labels"))
    return Base(
        path=path,
        namespace=as_text(metadata.get("namespace")),
        replicas=as_number(spec.get("replicas")),
        containers=(
            *(_container(as_map(one), is_sidecar=False) for one in as_list(pod.get("containers"))),
            *(_container(one, is_sidecar=True) for one in initial if one.get("restartPolicy") == "Always"),
        ),
        default_container=default if default and is_label(default) else None,
        strategy=as_text(strategy.get("type")),
        surge=as_text(rolling.get("maxSurge")),
        unavailable=as_text(rolling.get("maxUnavailable")),
        concurrency=as_text(spec.get("concurrencyPolicy")),
        initial=tuple(_container(one, is_sidecar=False) for one in initial if one.get("restartPolicy") != "Always"),
        has_pod_resources="resources" in pod,
        labels=tuple((key, value) for key, value in labels.items() if isinstance(value, str)),
    )


def _container(written: Json, *, is_sidecar: bool) -> Container:
    resources = as_map(written.get("resources"))
    requests, limits = _resources(as_map(resources.get("requests"))), _resources(as_map(resources.get("limits")))
    return Container(as_text(written.get("name")) or "", requests, limits, is_sidecar)


def _resources(written: Json) -> Resources:
    return Resources(_quantity(written.get("cpu")), _quantity(written.get("memory")), "memory")


def _quantity(value: object) -> Quantity | None:
    try:
        return Quantity.parse(value) if isinstance(value, str) else None
    except QuantityError:
        return None
