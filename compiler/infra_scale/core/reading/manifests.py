"""Base manifests in the repository to what they say of each workload."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.reading.companions import Companions, read_companions
from infra_scale.core.reading.declared import Declared, declared_in, index_of
from infra_scale.core.reading.json_values import Json, as_list, as_map, as_number, as_text
from infra_scale.core.reading.kustomizations import FILE_NAMES, Builds, Built
from infra_scale.core.reading.overlays import Overlays, read_overlays
from infra_scale.core.reading.patches import unreadable
from infra_scale.core.syntax.stream import read_stream
from infra_scale.core.syntax.text import place_of
from infra_scale.model.action import AUTOSCALER_KINDS
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import Base, Container, Overruling
from infra_scale.model.names import SUFFIXES, is_label, is_name
from infra_scale.model.position import Position
from infra_scale.model.quantity import Quantity, QuantityError, Resources
from infra_scale.model.source import Found, Source
from infra_scale.model.target import Target
from infra_scale.model.workload import KINDS, WorkloadRef

_START = Position(1, 1, 1, "")
_JSON_MARKS = (b'"kind"', b'"apiVersion"')
"""What a JSON file has that may be a manifest."""
_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_TRUE = ("true", "True", "TRUE")


class Manifests(NamedTuple):
    """What the repository's manifests say."""

    declared: Declared = Declared()
    companions: Companions = Companions()
    overlays: Overlays = Overlays()

    def of(self, target: Target, ref: WorkloadRef) -> Base | None:
        """The workload in the manifests of a target; None if none or several of them declare it."""
        found = self.declared.of(target, ref)
        if len(found) != 1:
            return None
        return self.companions.beside(found[0], target, ref)._replace(overrulings=self.overrulings(target, ref))

    def overrulings(self, target: Target, ref: WorkloadRef) -> tuple[Overruling, ...]:
        """What overlays among the manifests of a target change of a workload after our Component."""
        names = {name for base in self.declared.of(target, ref) for name in base.names}
        return tuple(self.overlays.over(target, ref, names))


def read_manifests(found: Iterable[Found]) -> tuple[Manifests, tuple[Finding, ...]]:
    """What some files declare; MAN-001 for each that cannot be read, MAN-002 for each that is read in part."""
    found = tuple(found)
    objects, faults = _objects_of(found)
    contents = {item.path: item.content for item in found if isinstance(item, Source)}
    builds = Builds(objects, contents)
    by_name: dict[tuple[str, str], dict[Base, None]] = {}
    built_names: dict[int, str] = {}
    for built in builds.all():
        built_names.update((id(one.item), one.name) for one in built)
        for kind, base in _bases(built):
            for name in base.names:
                by_name.setdefault((kind, name), {})[base] = None
    partly = tuple(_partly(builds.unknown))
    links = (item.path for item in found if not isinstance(item, Source))
    uncertain = (*(fault.path for fault in (*faults, *partly)), *links)
    workloads = {key: tuple(bases) for key, bases in by_name.items()}
    declared = Declared(workloads, declared_in(objects), index_of(workloads), uncertain)
    companions = (one for path, items in objects.items() for one in read_companions(path, items, built_names))
    return Manifests(declared, Companions.of(companions), read_overlays(builds, contents)), (*faults, *partly)


def _objects_of(found: Iterable[Found]) -> tuple[dict[str, tuple[Json, ...]], list[Finding]]:
    objects: dict[str, tuple[Json, ...]] = {}
    findings: list[Finding] = []
    for source in found:
        if isinstance(source, Source) and _may_be_manifest(source):
            read, fault = read_stream(source)
            objects[source.path] = tuple(_objects(read))
            if fault:
                message = f"this manifest could not be read, so its workloads are unknown: {fault.what}"
                findings.append(_unread(source.path, message, fault.help, fault.position))
            elif source.path.rpartition("/")[2] in FILE_NAMES and objects[source.path]:
                findings += _unread_patches(source, objects[source.path][0])
    return objects, findings


def _unread_patches(source: Source, kustomization: Json) -> Iterator[Finding]:
    for text, fault in unreadable(kustomization):
        message = f"a patch in this kustomization could not be read, so its changes are unknown: {fault.what}"
        yield _unread(source.path, message, fault.help, place_of(source, text, fault.position))


def _unread(path: str, message: str, help: str, position: Position) -> Finding:
    return Finding("MAN-001", "warning", message, path, help=help, position=position)


def _may_be_manifest(source: Source) -> bool:
    """Whether kubectl or kustomize may read a file."""
    if source.path.endswith(".json"):
        return all(mark in source.content for mark in _JSON_MARKS)
    return source.path.endswith((*SUFFIXES, *FILE_NAMES))


def _partly(unknown: Mapping[str, list[str]]) -> Iterator[Finding]:
    for path, reasons in sorted(unknown.items()):
        message = f"the objects and changes of this are unknown: {', '.join(reasons)}"
        help = "nothing is assumed of the workloads that it touches; a request can name the container"
        yield Finding("MAN-002", "note", message, path, help=help, position=_START)


def _bases(build: Iterable[Built]) -> Iterator[tuple[str, Base]]:
    build = tuple(build)
    kinds = AUTOSCALER_KINDS.values()
    scalers = [(one.item.get("kind"), one.namespace, one.name) for one in build if one.item.get("kind") in kinds]
    for one in build:
        kind = one.item.get("kind")
        if isinstance(kind, str) and kind in KINDS:
            own = frozenset(other for other in kinds if (other, one.namespace, one.name) in scalers)
            base = _base(one)._replace(autoscalers=own)
            # Names that Kubernetes would refuse come from a template, or are meant for the reader of the plan.
            if all(is_label(container.name) for container in base.containers) and all(map(is_name, base.names)):
                yield kind, base


def _objects(read: Iterable[object]) -> Iterator[Json]:
    for item in read:
        if isinstance(item, dict):
            yield item
            if (as_text(item.get("kind")) or "").endswith("List"):
                yield from _objects(as_list(item.get("items")))


def _base(built: Built) -> Base:
    item = built.item
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
        path=built.path,
        namespace=as_text(as_map(item.get("metadata")).get("namespace")),
        built_namespace=built.namespace,
        names=built.names,
        api_version=as_text(item.get("apiVersion")) or "",
        replicas=as_number(spec.get("replicas")),
        containers=(
            *(_container(as_map(one), is_sidecar=False) for one in as_list(pod.get("containers"))),
            *(_container(one, is_sidecar=True) for one in initial if one.get("restartPolicy") == "Always"),
        ),
        default_container=default if default and is_label(default) else None,
        strategy=as_text(strategy.get("type")),
        surge=as_text(rolling.get("maxSurge")),
        unavailable=as_text(rolling.get("maxUnavailable")),
        partition=as_number(rolling.get("partition")),
        is_parallel=as_text(spec.get("podManagementPolicy")) == "Parallel",
        is_paused=spec.get("paused") in _TRUE,
        is_suspended=spec.get("suspend") in _TRUE,
        concurrency=as_text(spec.get("concurrencyPolicy")),
        initial=tuple(_container(one, is_sidecar=False) for one in initial if one.get("restartPolicy") != "Always"),
        has_pod_resources="resources" in pod,
        labels=tuple((key, value) for key, value in labels.items() if isinstance(value, str)),
        init_names=tuple(as_text(one.get("name")) or "" for one in initial),
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
