"""What a build changes of a workload after it has joined our Component.

A second build has marks in the place of the values that our Component may set: what is no mark in the end, a later step
has set or removed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.provenance import decides, line_of, value_at
from infra_scale.core.manifests.tree import ABSENT, Json, Unknown, at, member, put, text_at
from infra_scale.core.reading.json_values import as_number
from infra_scale.model.manifest import Field, Overruling, Verb
from infra_scale.model.names import is_label
from infra_scale.model.position import Route
from infra_scale.model.source import Found
from infra_scale.model.workload import BATCH, KINDS

_OURS = Unknown("infra.scale sets it")
_AMOUNTS = tuple((block, resource) for block in ("requests", "limits") for resource in ("cpu", "memory"))
_POD: dict[str, tuple[str, ...]] = {"CronJob": ("spec", "jobTemplate", "spec", "template")}
_LISTS = ("containers", "initContainers")


def numbers_of(kind: str) -> tuple[tuple[Field, tuple[str, ...]], ...]:
    """The numbers of a kind of workload that a request can set, and where they are."""
    if kind not in BATCH:
        return () if kind == "DaemonSet" else (("replicas", ("spec", "replicas")),)
    inside = ("spec", "jobTemplate") if kind == "CronJob" else ()
    return (("parallelism", (*inside, "spec", "parallelism")), ("suspend", ("spec", "suspend")))


def marked(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Objects with marks for all values that our Component may set."""
    return tuple(replace(one, doc=_marked(one)) if one.id.kind in KINDS else one for one in resources)


def _marked(one: Resource) -> Json:
    doc = one.doc
    for _, keys in numbers_of(one.id.kind):
        doc = put(doc, keys, _OURS)
    outer = (*_POD.get(one.id.kind, ("spec", "template")), "spec")
    for name in _LISTS:
        items = at(doc, (*outer, name))
        if isinstance(items, list):
            doc = put(doc, (*outer, name), [_with_marks(item) for item in items])
    return doc


def _with_marks(container: object) -> object:
    if not isinstance(container, dict):
        return container
    for block, resource in _AMOUNTS:
        container = put(container, ("resources", block, resource), _OURS)
    return container


def overrulings(final: Resource, cluster: str, files: Mapping[str, Found]) -> Iterator[Overruling]:
    """What steps after our Component change of a workload, in a build with marks."""
    for field, keys in numbers_of(final.id.kind):
        value = value_at(final.doc, keys)
        if value is not _OURS and not isinstance(value, Unknown):
            number = as_number(value)
            verb: Verb = "removes" if value is ABSENT or value is None else "changes" if number is None else "sets"
            place = decides(final, keys)
            yield Overruling(place.file, cluster, field, verb, number, line=line_of(files, place, keys))
    for name in _LISTS:
        yield from _resized(final, cluster, name, files)


def _resized(final: Resource, cluster: str, field: str, files: Mapping[str, Found]) -> Iterator[Overruling]:
    """Containers of which a later step changes amounts."""
    pod = (*_POD.get(final.id.kind, ("spec", "template")), "spec", field)
    first = next((step for step in final.steps if _has_marks(value_at(step.before, pod))), None)
    items = value_at(first.before if first else final.doc, pod)
    for item in items if isinstance(items, list) else ():
        name = text_at(item, "name")
        if not is_label(name) or not _has_marks([item]):
            continue
        container: Route = (*pod, str(name))
        changed: dict[str, list[str]] = {}
        lines: dict[str, int] = {}
        for block, resource in _AMOUNTS:
            route: Route = (*container, "resources", block, resource)
            value = value_at(final.doc, route)
            if value is not _OURS and not isinstance(value, Unknown):
                place = decides(final, route)
                changed.setdefault(place.file, []).append(f"{block}.{resource}")
                lines.setdefault(place.file, line_of(files, place, route))
        for path, amounts in changed.items():
            one = Overruling(path, cluster, "resources", "changes", container=str(name), amounts=tuple(amounts))
            yield one._replace(line=lines[path])


def _has_marks(items: object) -> bool:
    """Whether containers have our marks."""
    return isinstance(items, list) and any(
        member(member(member(item, "resources"), block), resource) is _OURS
        for item in items
        for block, resource in _AMOUNTS
    )
