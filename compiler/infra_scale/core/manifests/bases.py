"""A workload of a build to what a plan needs of it."""

from collections.abc import Iterable, Iterator

from infra_scale.core.manifests.facts import SUBSTITUTED
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.membership import Companions, pod_labels, pod_route, pod_template
from infra_scale.core.manifests.outcome import Place
from infra_scale.core.manifests.provenance import decides
from infra_scale.core.manifests.tree import Json, Unknown, at, member, text_at
from infra_scale.core.reading.json_values import as_number
from infra_scale.model.manifest import Base, Budget, Container
from infra_scale.model.names import is_label, is_name
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity, QuantityError, Resources

_DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
_TRUE = ("true", "True", "TRUE")
_REPLICAS = ("spec", "replicas")
COMPANIONS = "autoscalers and budgets"
"""A field of what is unknown."""


class _Fields:
    """Reads values of a workload, and keeps the reasons for those that are not known."""

    def __init__(self) -> None:
        self.unknown: dict[str, str] = {}

    def text(self, of: object, field: str, *route: str) -> str | None:
        """A text; None where there is none, or where it is not known."""
        found = at(of, route)
        if isinstance(found, Unknown):
            self.unknown.setdefault(field, found.reason)
        elif isinstance(found, str) and SUBSTITUTED in found:
            self.unknown.setdefault(field, f"Flux substitutes {found}")
        elif isinstance(found, str) and found:
            return str(found)
        return None

    def items(self, of: object, field: str, *route: str) -> list[object]:
        """The items of a list; none where it is not known."""
        found = at(of, route)
        unknown = [one for one in (found, *(found if isinstance(found, list) else ())) if isinstance(one, Unknown)]
        if unknown:
            self.unknown.setdefault(field, unknown[0].reason)
            return []
        return found if isinstance(found, list) else []


def base_of(one: Resource, final: Resource, patch: tuple[str, str]) -> Base:
    """A workload as it is where our Component joins; `final` is what becomes of it.

    `patch` is the name and the namespace by which a patch there finds it.
    """
    fields = _Fields()
    doc, kind = one.doc, one.id.kind
    strategy = "updateStrategy" if kind in ("StatefulSet", "DaemonSet") else "strategy"
    template = pod_template(one)
    if isinstance(template, Unknown):
        fields.unknown["containers"] = template.reason
    containers, initial = _containers(fields, template)
    default = fields.text(template, "containers", "metadata", "annotations", _DEFAULT_CONTAINER)
    labels = pod_labels(one)
    return Base(
        path=one.place.file,
        name=one.id.name,
        built_name=final.id.name,
        built_namespace=_namespace(one),
        patch_name=patch[0],
        patch_namespace=patch[1] or None,
        api_version=str(member(doc, "apiVersion")) if isinstance(member(doc, "apiVersion"), str) else "",
        replicas=as_number(fields.text(doc, "replicas", *_REPLICAS)),
        replicas_path=decides(one, _REPLICAS).file,
        containers=(*containers, *(each for each, is_sidecar in initial if is_sidecar)),
        default_container=default if default and is_label(default) else None,
        strategy=fields.text(doc, "strategy", "spec", strategy, "type"),
        surge=fields.text(doc, "strategy", "spec", strategy, "rollingUpdate", "maxSurge"),
        unavailable=fields.text(doc, "strategy", "spec", strategy, "rollingUpdate", "maxUnavailable"),
        partition=as_number(fields.text(doc, "strategy", "spec", strategy, "rollingUpdate", "partition")),
        is_parallel=fields.text(doc, "strategy", "spec", "podManagementPolicy") == "Parallel",
        is_paused=fields.text(doc, "strategy", "spec", "paused") in _TRUE,
        is_suspended=fields.text(doc, "suspend", "spec", "suspend") in _TRUE,
        concurrency=fields.text(doc, "suspend", "spec", "concurrencyPolicy"),
        initial=tuple(each for each, is_sidecar in initial if not is_sidecar),
        has_pod_resources=isinstance(member(member(template, "spec"), "resources"), dict),
        labels=_texts(labels),
        init_names=tuple(each.name for each, _ in initial),
        starting_deadline=as_number(
            fields.text(doc, "startingDeadlineSeconds", "spec", "startingDeadlineSeconds")
            if kind == "CronJob"
            else None
        ),
        blocks=tuple(_blocks(template)) if kind == "Rollout" else (),
        pods_from=_pods_from(doc) if kind == "Rollout" else "",
        unknown=tuple(fields.unknown.items()),
    )


def unknown_place(one: Resource, field: str) -> Place:
    """Where a field of a workload is written whose value is unknown."""
    outer: Route = ("spec",) if field in ("strategy", "paused", "suspend") else pod_route(one)
    outer = _REPLICAS if field == "replicas" else outer
    found = _unknown_routes(at(one.doc, outer), outer)
    return decides(one, next((route for route in found if field != "resources" or field in route), outer))


def _unknown_routes(value: object, route: Route) -> Iterator[Route]:
    if isinstance(value, Unknown) or (isinstance(value, str) and SUBSTITUTED in value):
        yield route
    elif isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _unknown_routes(item, (*route, key))


def _blocks(template: object) -> Iterable[tuple[str, str]]:
    """The maps for resources that each container has: a JSON patch cannot set a value below one that is missing."""
    for field in ("containers", "initContainers"):
        listed = at(template, ("spec", field))
        for one in listed if isinstance(listed, list) else ():
            name, resources = text_at(one, "name"), member(one, "resources")
            if name and isinstance(resources, dict):
                yield str(name), "resources"
                yield from ((str(name), key) for key in ("requests", "limits") if isinstance(resources.get(key), dict))


def _pods_from(doc: object) -> str:
    kind, name = (str(text_at(doc, "spec", "workloadRef", key)) for key in ("kind", "name"))
    return f"{kind}/{name}" if kind.isalnum() and is_name(name) else ""


def _namespace(one: Resource) -> str | None:
    found = at(one.doc, ("metadata", "namespace"))
    return str(found) if isinstance(found, str) and found else None


def _texts(labels: object) -> tuple[tuple[str, str], ...]:
    found = labels.items() if isinstance(labels, dict) else ()
    return tuple((str(key), str(value)) for key, value in found if isinstance(value, str))


def _containers(fields: _Fields, template: object) -> tuple[list[Container], list[tuple[Container, bool]]]:
    """The ordinary containers; the init containers, each with whether it is a sidecar."""
    ordinary = [_container(fields, one) for one in fields.items(template, "containers", "spec", "containers")]
    written = fields.items(template, "containers", "spec", "initContainers")
    sidecars = [fields.text(one, "containers", "restartPolicy") == "Always" for one in written]
    initial = [
        (_container(fields, one, is_sidecar=is_sidecar), is_sidecar)
        for one, is_sidecar in zip(written, sidecars, strict=True)
    ]
    if not all(is_label(one.name) for one in (*ordinary, *(each for each, _ in initial))):
        fields.unknown.setdefault("containers", "the name of a container is missing, or Kubernetes would refuse it")
    return ([], []) if "containers" in fields.unknown else (ordinary, initial)


def _container(fields: _Fields, written: object, *, is_sidecar: bool = False) -> Container:
    name = fields.text(written, "containers", "name") or ""
    here = _Fields()
    requests, limits = (_resources(here, written, block) for block in ("requests", "limits"))
    for field, reason in here.unknown.items():
        fields.unknown.setdefault("resources", f"{field} of container {name}: {reason}")
    return Container(name, requests, limits, is_sidecar, frozenset(here.unknown))


def _resources(fields: _Fields, written: object, block: str) -> Resources:
    cpu, memory = (
        _quantity(fields.text(written, f"{block}.{one}", "resources", block, one)) for one in ("cpu", "memory")
    )
    return Resources(cpu, memory, "memory")


def _quantity(value: str | None) -> Quantity | None:
    try:
        return Quantity.parse(value) if value else None
    except QuantityError:
        return None


def with_companions(base: Base, found: Companions) -> Base:
    """A workload with the autoscalers and budgets that a build has for it."""
    unknown = base.unknown
    if found.unknown:
        unknown = (*unknown, (COMPANIONS, found.unknown[0].what))
    return base._replace(
        hpas=tuple(dict.fromkeys(_names(found.hpas))),
        scaled_objects=tuple(dict.fromkeys(_names(found.scaled_objects))),
        budgets=tuple(map(_budget, found.budgets)),
        unknown=unknown,
    )


def _names(resources: Iterable[Resource]) -> Iterable[str]:
    """Their names; one that Kubernetes would refuse is passed over."""
    return (str(one.id.name) for one in resources if is_name(one.id.name))


def _budget(one: Resource) -> Budget:
    spec: Json | object = member(one.doc, "spec")
    bounds = (member(spec, key) for key in ("minAvailable", "maxUnavailable"))
    return Budget(str(one.id.name), *(str(bound) if isinstance(bound, str) and bound else None for bound in bounds))
