"""Whether the builds that join our Component hold what it sets, field by field."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.candidates import named
from infra_scale.core.manifests.delivery import SUBSTITUTE_FROM
from infra_scale.core.manifests.facts import SUBSTITUTED
from infra_scale.core.manifests.identity import Resource, declared
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.json_patch import as_merge
from infra_scale.core.manifests.membership import companions
from infra_scale.core.manifests.outcome import Place, Reason, Refusal, Refused, Unavailable
from infra_scale.core.manifests.provenance import decides, located, value_at
from infra_scale.core.manifests.reach import Deployed, components_for
from infra_scale.core.manifests.reading import documents_in, objects_in, operations_in
from infra_scale.core.manifests.tree import ABSENT, Json, Unknown, has_text, is_same, text_at
from infra_scale.model.names import RENDERED
from infra_scale.model.position import Route
from infra_scale.model.source import Found, Source
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import PatchedRef

_REFERENCES = ("scaleTargetRef", "targetRef")


@tagged
class Difference(NamedTuple):
    """A field that is built otherwise than our Component sets it."""

    kind: str
    name: str
    """Of the object."""
    route: Route
    """Items of lists by their names; empty: the whole object."""
    planned: str | None
    """None: it is removed."""
    built: str | None
    """None: there is none."""
    place: Place
    """The line that decides."""


class Checked(NamedTuple):
    """How a build turns out with our Components."""

    deployed: Deployed
    differences: tuple[Difference, ...] = ()
    refused: Refused | None = None
    """Why kustomize refuses it with our Components, and builds it without them."""
    unknown: tuple[Reason, ...] = ()
    """Why something is not checked."""
    files: Mapping[str, Found] = {}
    """Those of the build."""

    def located(self, place: Place, route: Route = ()) -> str:
        """The file and line of a place in the build, or of a value below it."""
        return located(self.files, place, route)


def checked(
    inventory: Inventory, one: Deployed, ref: PatchedRef, cluster: str, rendered: Mapping[str, Found]
) -> Checked:
    """A build with our Component of a workload, which is `rendered`; others of ours are left out."""
    files = {**inventory.files, **rendered}
    if not isinstance(one.build, Build):
        return Checked(one, unknown=(Reason(f"it cannot be built: {one.build.what}", one.build.place),), files=files)
    own, of_namespace = components_for(cluster, ref)
    ours = {join.component for join in one.build.joins if join.component.startswith(f"{RENDERED}/")}
    others = ours - {own, of_namespace}
    overrides = one.delivery.overrides if one.delivery else None
    written = one.delivery.place if one.delivery else None
    builder = Builder(inventory.files, empty=others, known=inventory.known._replace(rendered=rendered))
    build = builder.build(one.root, overrides, written)
    if isinstance(build, Refused):
        return Checked(one, refused=build, files=files)
    found = tuple(_differences(build, rendered, ref, own))
    unknown = (*(each for each in found if isinstance(each, Reason)), *build.opens, *_of_delivery(one, build, ref))
    differences = tuple(each for each in found if isinstance(each, Difference))
    return Checked(one, differences, unknown=tuple({each.what: each for each in unknown}.values()), files=files)


def _of_delivery(one: Deployed, build: Build, ref: PatchedRef) -> Iterator[Reason]:
    """What Argo CD or Flux does to a build in a way that is not known."""
    delivery = one.delivery
    for what in delivery.unknown if delivery else ():
        if delivery and (what != SUBSTITUTE_FROM or _is_substituted(build, ref)):
            yield Reason(f"{delivery.kind}/{delivery.name}: {what}", delivery.place)


def _is_substituted(build: Build, ref: PatchedRef) -> bool:
    """Whether Flux replaces parts of a workload, or of its autoscalers and budgets."""
    for final in named(build, ref):
        beside = companions(build, final)
        for each in (final, *beside.hpas, *beside.scaled_objects, *beside.vpas, *beside.budgets):
            if has_text(each.doc.get("spec"), SUBSTITUTED):
                return True
    return False


def component_files(namespace: str, names: Iterable[str], rendered: Mapping[str, bytes]) -> dict[str, Found]:
    """Rendered files for a build, with a Component of the namespace that joins only some workloads."""
    listed = "".join(f"- {name}\n" for name in names) or "[]\n"
    head = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncomponents:"
    whole = {**rendered, f"{namespace}/kustomization.yaml": f"{head}\n{listed}".encode()}
    return {path: Source(path, content, len(content)) for path, content in whole.items()}


def _differences(
    build: Build, files: Mapping[str, Found], ref: PatchedRef, component: str
) -> Iterator[Difference | Reason]:
    """What a build holds otherwise than our Component sets it; why some of that is unknown."""
    final = named(build, ref)
    if not final:
        gone = (one.place for one in build.removals if (one.id.kind, one.id.name) == (ref.kind, ref.name))
        place = next(gone, Place(f"{component}/kustomization.yaml"))
        yield from () if build.opens else (Difference(ref.kind, ref.name, (), ref.name, None, place),)
        return
    for patch in _patches(files, component):
        yield from _of_leaves(final[0], patch, ())
    beside = companions(build, final[0])
    scalers = [one.place for one in (*beside.hpas, *beside.scaled_objects, *beside.vpas)]
    for wanted in _objects(files, component):
        made = next((one for one in build.resources if one.place == wanted.place), None)
        if made is None:
            yield from () if build.opens else (_missing(build, wanted),)
            continue
        yield from filter(_is_no_reference, _of_leaves(made, wanted.doc, ()))
        if made.place not in scalers:
            yield from beside.unknown or (_misdirected(made),)


def _missing(build: Build, wanted: Resource) -> Difference:
    place = next((one.place for one in build.removals if one.declared == wanted.place), wanted.place)
    return Difference(wanted.id.kind, wanted.id.name, (), wanted.id.name, None, place)


def _misdirected(made: Resource) -> Difference:
    key = next((key for key in _REFERENCES if value_at(made.doc, ("spec", key)) is not ABSENT), _REFERENCES[0])
    route: Route = ("spec", key, "name")
    found = str(text_at(made.doc, "spec", key, "name"))
    return Difference(made.id.kind, made.id.name, route, "the workload", found or None, decides(made, route))


def _is_no_reference(one: Difference | Reason) -> bool:
    return isinstance(one, Reason) or not (len(one.route) > 1 and one.route[1] in _REFERENCES)


def _of_leaves(final: Resource, wanted: object, route: Route) -> Iterator[Difference | Reason]:
    """Where an object differs from the values that a part of it has to have, and where that is not known."""
    if isinstance(wanted, dict):
        keys = (key for key in wanted if not (route == () and key != "spec"))
        for key in keys:
            yield from _of_leaves(final, wanted[key], (*route, key))
        return
    if isinstance(wanted, list):
        for index, item in enumerate(wanted):
            name = text_at(item, "name")
            yield from _of_leaves(final, item, (*route, str(name) if name else index))
        return
    if route[-1] == "name":
        return
    built = value_at(final.doc, route)
    if isinstance(built, Unknown):
        field = ".".join(map(str, route))
        yield Reason(f"{field} of {final.id.kind}/{final.id.name} is unknown: {built.reason}", decides(final, route))
        return
    if is_same(built, wanted) or (wanted is None and built is ABSENT):
        return
    shown = None if built is ABSENT or built is None else str(built)
    planned = None if wanted is None else str(wanted)
    yield Difference(final.id.kind, str(final.id.name), route, planned, shown, decides(final, route))


def _patches(files: Mapping[str, Found], component: str) -> Iterator[Json]:
    path = f"{component}/kustomization.yaml"
    for entry in _listed(files, path, "patches"):
        source = files.get(f"{component}/{text_at(entry, 'path')}")
        text = source.content.decode() if isinstance(source, Source) else text_at(entry, "patch")
        try:
            operations = operations_in(path, text)
            found = [one.object for one in objects_in(path, text.encode())] if operations is None else []
        except (Refusal, Unavailable):
            continue
        yield from found if operations is None else [as_merge(operations)]


def _objects(files: Mapping[str, Found], component: str) -> Iterator[Resource]:
    for name in _listed(files, f"{component}/kustomization.yaml", "resources"):
        path = f"{component}/{name}"
        source = files.get(path)
        if isinstance(source, Source):
            yield from (declared(one.object, one.place) for one in objects_in(path, source.content))


def _listed(files: Mapping[str, Found], path: str, field: str) -> list[object]:
    source = files.get(path)
    root = documents_in(path, source.content)[0] if isinstance(source, Source) else None
    items = root.get(field) if isinstance(root, dict) else None
    return items if isinstance(items, list) else []
