"""Which folders Argo CD and Flux build, how they change them, and for which cluster.

Source: Argo CD 3.4, util/kustomize/kustomize.go; Flux kustomize-controller 1.9, fluxcd/pkg/kustomize.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from infra_scale.core.manifests.facts import DELIVERING
from infra_scale.core.manifests.identity import Resource, declared
from infra_scale.core.manifests.outcome import Place, Refusal, Unavailable
from infra_scale.core.manifests.overlays import implied
from infra_scale.core.manifests.reading import KUSTOMIZATION_NAMES, objects_in
from infra_scale.core.manifests.tree import Json, at, member, text_at
from infra_scale.model.position import Route
from infra_scale.model.source import Found, Source

_ARGO, _FLUX = "argoproj.io", "kustomize.toolkit.fluxcd.io"
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ADDED: tuple[str, ...] = ("namePrefix", "nameSuffix", "namespace", "patches", "components", "commonAnnotations")
"""Fields of an Argo CD source that are fields of a kustomization."""
SUBSTITUTE_FROM = "substituteFrom is not followed"
_FLUX_ADDED = ("namePrefix", "nameSuffix", "patches", "components")


class Delivery(NamedTuple):
    """One build that Argo CD or Flux makes of a folder."""

    engine: Literal["Argo CD", "Flux"]
    name: str
    root: str
    """The folder that it builds."""
    place: Place
    """Where its overrides are written: in an Application or a Flux Kustomization."""
    overrides: Mapping[str, object] = {}
    """How it changes the kustomization of the folder: fields of a kustomization."""
    cluster: str = ""
    """Its name; empty: not known."""
    namespace: str = ""
    """That of objects that are built without one."""
    substitutes: Mapping[str, str] | None = None
    """What Flux replaces in the objects that are built; None: nothing is replaced."""
    unknown: tuple[str, ...] = ()
    """Why it is not known what is deployed: Helm, plugins, values from a ConfigMap, templates."""

    @property
    def kind(self) -> str:
        """The kind of the object that describes it."""
        return "Kustomization" if self.engine == "Flux" else "Application"


def delivery_objects(files: Mapping[str, Found]) -> Iterator[Resource]:
    """The Applications, ApplicationSets and Flux Kustomizations in some files. Only files that name one are parsed."""
    for path, file in files.items():
        if isinstance(file, Source) and any(mark in file.content for mark in DELIVERING):
            if path.rpartition("/")[2] in KUSTOMIZATION_NAMES or not path.endswith((".yaml", ".yml", ".json")):
                continue
            try:
                found = objects_in(path, file.content)
            except (Refusal, Unavailable):
                continue
            yield from (declared(one.object, one.place) for one in found)


def deliveries(objects: Iterable[Resource], paths: Iterable[str], clusters: Iterable[str]) -> tuple[Delivery, ...]:
    """What some objects build from the folders of a repository with some paths.

    A source whose folder is not among them is that of another repository. `clusters` are the names that replace the
    templates of an ApplicationSet.
    """
    sources, clusters = _Sources(paths), tuple(clusters)
    found: list[Delivery] = []
    for one in objects:
        reader = _READERS.get((one.id.group, one.id.kind))
        if reader is not None:
            found += reader(one, sources, clusters)
    return tuple(found)


class _Sources:
    """The folders of a repository."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self._folders = {"": False}
        for path in self.paths:
            folder, _, name = path.rpartition("/")
            if folder not in self._folders:
                self._folders.update((above, False) for above in _upwards(folder) if above not in self._folders)
            if name in KUSTOMIZATION_NAMES:
                self._folders[folder] = True

    def has(self, folder: str) -> bool:
        """Whether a folder is there."""
        return folder in self._folders

    def is_kustomized(self, folder: str) -> bool:
        """Whether a folder has a kustomization."""
        return self._folders.get(folder, False)


def _upwards(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _folder(path: str) -> str | None:
    """The folder that a path means, from the root of the repository; None outside of it."""
    folder = posixpath.normpath(path.lstrip("/") or ".")
    return None if folder.startswith("..") else "" if folder == "." else folder


def _of_application(one: Resource, sources: _Sources, clusters: tuple[str, ...]) -> Iterator[Delivery]:
    spec = one.doc.get("spec")
    return _argo(one, spec, ("spec",), sources, clusters)


def _of_application_set(one: Resource, sources: _Sources, clusters: tuple[str, ...]) -> Iterator[Delivery]:
    """An Application for each cluster, whose name replaces each template."""
    route: Route = ("spec", "template", "spec")
    spec = at(one.doc, route)
    patched = ("templatePatch is not followed",) if "templatePatch" in (_map(one.doc.get("spec"))) else ()
    for cluster in clusters:
        filled = _filled(spec, cluster)
        for made in _argo(one, filled, route, sources, clusters):
            is_templated = filled != spec
            yield made._replace(cluster=cluster if is_templated else "", unknown=(*made.unknown, *patched))
        if filled == spec:
            break


def _filled(value: object, cluster: str) -> object:
    """A value with the name of a cluster in place of each template."""
    if isinstance(value, dict):
        return {key: _filled(item, cluster) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, cluster) for item in value]
    return _TEMPLATE.sub(cluster, value) if isinstance(value, str) and "{{" in value else value


def _argo(
    one: Resource, spec: object, route: Route, sources: _Sources, clusters: tuple[str, ...]
) -> Iterator[Delivery]:
    several = member(spec, "sources")
    named = [((*route, "source"), member(spec, "source"))]
    if isinstance(several, list) and several:  # they take precedence
        named = [((*route, "sources", index), source) for index, source in enumerate(several)]
    destination = str(text_at(spec, "destination", "name"))
    for below, source in named:
        folder = _folder(text_at(source, "path"))
        if not isinstance(source, dict) or not source.get("path") or folder is None or not sources.has(folder):
            continue
        overrides, unknown = _argo_overrides(source, folder, sources)
        yield Delivery(
            "Argo CD",
            str(one.id.name),
            folder,
            one.place._replace(route=(*one.place.route, *below, "kustomize")),
            overrides,
            destination if destination in clusters else "",
            str(text_at(spec, "destination", "namespace")),
            unknown=unknown,
        )


def _argo_overrides(source: Json, folder: str, sources: _Sources) -> tuple[Json, tuple[str, ...]]:
    unknown = [f"{key} is not followed" for key in ("helm", "plugin") if source.get(key)]
    kustomize = _map(source.get("kustomize"))
    overrides: Json = {key: kustomize[key] for key in (*_ADDED, "replicas") if kustomize.get(key)}
    if labels := kustomize.get("commonLabels"):
        if _is_true(kustomize, "labelWithoutSelector"):
            templates = {"includeTemplates": kustomize.get("labelIncludeTemplates")}
            overrides["labels"] = [{"pairs": labels, **templates}]
        else:
            overrides["commonLabels"] = labels
    if not sources.is_kustomized(folder):
        recurses = _is_true(source.get("directory"), "recurse")
        below = implied(sources.paths, folder)["resources"]
        listed = [path for path in below if recurses or "/" not in path] if isinstance(below, list) else []
        overrides["resources"] = listed
    return overrides, tuple(unknown)


def _of_flux(one: Resource, sources: _Sources, _: tuple[str, ...]) -> Iterator[Delivery]:
    spec = _map(one.doc.get("spec"))
    folder = _folder(text_at(spec, "path"))
    if not folder or not sources.has(folder):  # a path that is not given may be that of any other repository
        return
    overrides: Json = {key: spec[key] for key in _FLUX_ADDED if spec.get(key)}
    if namespace := spec.get("targetNamespace"):
        overrides["namespace"] = namespace
    if not sources.is_kustomized(folder):
        overrides.update(implied(sources.paths, folder))
    build = spec.get("postBuild")
    unknown = (SUBSTITUTE_FROM,) if _map(build).get("substituteFrom") else ()
    yield Delivery(
        "Flux",
        str(one.id.name),
        folder,
        one.place._replace(route=(*one.place.route, "spec")),
        overrides,
        substitutes=_substitutes(build),
        unknown=unknown,
    )


def _substitutes(build: object) -> Mapping[str, str] | None:
    if not isinstance(build, dict):
        return None
    written = _map(build.get("substitute"))
    return {key: str(value) for key, value in written.items() if isinstance(value, str)}


def _map(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _is_true(value: object, key: str) -> bool:
    return text_at(value, key) == "true"


_Reader = Callable[[Resource, _Sources, tuple[str, ...]], Iterator[Delivery]]
_READERS: Mapping[tuple[str, str], _Reader] = {
    (_ARGO, "Application"): _of_application,
    (_ARGO, "ApplicationSet"): _of_application_set,
    (_FLUX, "Kustomization"): _of_flux,
}
