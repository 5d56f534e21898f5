"""The build result of an application's base, as far as kustomization files determine it without kustomize.

A Component is applied in an overlay, after its `resources` are built and before anything else that the overlay does. So
what counts is the build of those resources: with the namespace of the base's kustomization, without the overlay's own.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.reading.graph import built_from, folders_above, reached
from infra_scale.core.reading.json_values import Json, as_list, as_map, as_text
from infra_scale.core.reading.patches import COUNTED, PATCHING, may_matter
from infra_scale.model.names import RENDERED

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_ADDING = ("helmCharts", "helmChartInflationGenerator", "generators")
"""Add objects that are unknown offline."""
_CHANGING = ("transformers", "replacements", "vars")
"""Can change the content of a file."""
_LAYERS = 1000
"""Kustomizations that are built from one."""
_DEPTH = 20
_TOO_DEEP = "a folder that refers to itself, or too deep"
_TWICE = ", which is applied more than once"
_MOST = 2_000_000
_TOO_MANY = f"what it builds: all kustomizations together handle more than {_MOST} objects"
"""Objects in all builds, each counted once for every kustomization that adds or changes it."""

Files = Mapping[str, tuple[Json, ...]]
"""The objects of each file, by path."""


class Built(NamedTuple):
    """An object as a base builds it."""

    path: str
    item: Json
    namespace: str | None
    names: tuple[str, ...]
    """All that it has had: that of the file first, that of the build last. kustomize finds it by any of them."""

    @property
    def name(self) -> str:
        """The one that the build has."""
        return self.names[-1]


class Place(NamedTuple):
    """A kustomization that joins Components of ours."""

    path: str
    """The kustomization file."""
    joined: tuple[str, ...]
    """The folders of those Components."""
    later: tuple[tuple[str, Json], ...]
    """The kustomizations that are applied after them, by path, from the inside: those win."""


class _Unknown(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """Why the build result of a folder is unknown."""


class _Found:
    """What a build has found so far."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, int], Built] = {}
        self.components: set[str] = set()
        """Those that have been applied."""


class Builds:
    """The kustomizations among some files, each built once."""

    def __init__(self, files: Files, contents: Mapping[str, bytes]) -> None:
        self._files = files
        self._contents = contents
        self._by_folder: dict[str, dict[str, Json]] = {}
        for path, objects in files.items():
            folder, _, name = path.rpartition("/")
            if name in FILE_NAMES:
                self._by_folder.setdefault(folder, {})[path] = objects[0] if objects else {}
        self._done: dict[str, tuple[Built, ...]] = {}
        self._certain: dict[str, bool] = {}
        self.steps = 0
        """How many objects have been added or changed so far."""
        self.unknown: dict[str, list[str]] = {}
        """What could not be followed, by the path of the kustomization file."""

    def all(self) -> Iterator[tuple[Built, ...]]:
        """What each overlay is given by its bases; a base that no overlay here uses, by itself; and plain files.

        Where overlays name a Component of ours, they decide; else those are asked that would be the place for one.
        """
        inner, outer = self._links()
        places = {folder for folder in self._by_folder if self._names_ours(folder)}
        told = reached(places, inner)
        environment = reached(told, outer)
        others = [folder for folder in self._by_folder if folder not in environment]
        used = set[str]().union(*(inner[folder] for folder in others))
        for folder in sorted(places):
            yield self._given(folder, before_ours=True)
        for folder in others:
            if folder not in used:
                yield self._given(folder) if inner[folder] else self._build(folder, ())
        plain: dict[str, list[Built]] = {}
        for path in self._files:
            folder = path.rpartition("/")[0]
            if not any(above in self._by_folder for above in folders_above(folder)):
                plain.setdefault(folder, []).extend(self._read(path))
        yield from map(tuple, plain.values())

    def places(self) -> Iterator[Place]:
        """Where Components of ours are joined.

        kustomize applies components in their order and then what the kustomization itself changes; an overlay of that
        comes last (accumulateTarget in api/internal/target/kusttarget.go; tried with kubectl 1.37).
        """
        outer = self._links()[1] if self._by_folder else {}
        for folder in sorted(self._by_folder):
            path, written = self._kustomization(folder)
            components = _paths(folder, written, "components")
            joined = tuple(other for other in components if other.startswith(f"{RENDERED}/"))
            if joined:
                after = components[components.index(joined[0]) + 1 :]
                above = built_from(folder, outer, _LAYERS)
                if len(above) > _LAYERS:
                    self._note(path, f"more than {_LAYERS} kustomizations are built from it")
                later = [*(other for other in after if other in self._by_folder), *above[:_LAYERS]]
                yield Place(path, joined, tuple(map(self._kustomization, later)))

    def _links(self) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """Which kustomizations each one names as resources, and by which it is named."""
        inner = {folder: self._inner(folder) for folder in self._by_folder}
        outer: dict[str, list[str]] = {}
        for folder, folders in inner.items():
            for other in folders:
                outer.setdefault(other, []).append(folder)
        return inner, outer

    def _names_ours(self, folder: str) -> bool:
        _, written = self._kustomization(folder)
        return any(path.startswith(f"{RENDERED}/") for path in _paths(folder, written, "components"))

    def _inner(self, folder: str) -> list[str]:
        """The kustomizations that one names as resources."""
        _, written = self._kustomization(folder)
        return [path for path in _resources(folder, written) if path in self._by_folder]

    def _kustomization(self, folder: str) -> tuple[str, Json]:
        files = self._by_folder[folder]
        path = min(files)
        if len(files) > 1:
            self._note(path, "several kustomization files in one folder")
        return path, files[path]

    def _build(self, folder: str, seen: tuple[str, ...]) -> tuple[Built, ...]:
        """The build result of a folder; empty if unknown."""
        if folder not in self._done:
            _, written = self._kustomization(folder)
            given = self._given(folder, seen)
            certain = given if self._is_certain(folder) else ()
            self._done[folder] = tuple(_transformed(certain, written))
        return self._done[folder]

    def _given(self, folder: str, seen: tuple[str, ...] = (), *, before_ours: bool = False) -> tuple[Built, ...]:
        """What the resources and foreign components of a folder build to, before its own changes.

        With `before_ours`, only the components that come before one of ours: what that finds.
        """
        found = _Found()
        try:
            self._add_resources(found, folder, seen)
            for component in self._foreign(folder, before_ours=before_ours):
                self._apply(component, found, (*seen, folder))
        except _Unknown as reason:
            self._note(self._kustomization(folder)[0], str(reason))
            return ()
        return tuple(found.objects.values())

    def _foreign(self, folder: str, *, before_ours: bool = False) -> list[str]:
        """The components of a folder that are not ours, in their order."""
        components = _paths(folder, self._kustomization(folder)[1], "components")
        ours = [index for index, other in enumerate(components) if other.startswith(f"{RENDERED}/")]
        foreign = [other for index, other in enumerate(components) if index not in ours]
        return foreign[: ours[0]] if before_ours and ours else foreign

    def _add_resources(self, found: _Found, folder: str, seen: tuple[str, ...]) -> None:
        path, written = self._kustomization(folder)
        if folder in seen or len(seen) > _DEPTH:
            raise _Unknown(_TOO_DEEP)
        for resource in _resources(folder, written):
            for built in self._resource(resource, path, (*seen, folder)):
                found.objects[built.path, id(built.item)] = built
                self._step(1)
        for key in _ADDING:
            if written.get(key):
                self._note(path, key)

    def _apply(self, component: str, found: _Found, seen: tuple[str, ...]) -> None:
        """Let a component add to what was found and change it: its own components first, as in kustomize."""
        name = f"the component {component}"
        if component not in self._by_folder or not self._is_certain(component):
            raise _Unknown(name)
        if component in found.components:
            raise _Unknown(name + _TWICE)
        found.components.add(component)
        self._add_resources(found, component, seen)
        for inner in self._foreign(component):
            self._apply(inner, found, (*seen, component))
        changes = self._kustomization(component)[1]
        self._step(len(found.objects) + 1)
        found.objects = dict(zip(found.objects, _transformed(found.objects.values(), changes), strict=True))

    def _step(self, objects: int) -> None:
        self.steps += objects
        if self.steps > _MOST:
            raise _Unknown(_TOO_MANY)

    def _resource(self, resource: str, path: str, seen: tuple[str, ...]) -> Iterable[Built]:
        if resource in self._by_folder:
            return self._build(resource, seen)
        if resource in self._files:
            return self._read(resource)
        self._note(path, f"{resource}, which is not in a folder of `manifests`")
        return ()

    def _read(self, path: str) -> Iterator[Built]:
        for item in self._files[path]:
            metadata = as_map(item.get("metadata"))
            name = as_text(metadata.get("name"))
            if name:
                yield Built(path, item, as_text(metadata.get("namespace")), (name,))

    def _is_certain(self, folder: str) -> bool:
        """Whether nothing in a kustomization can change containers or replicas."""
        if folder not in self._certain:
            path, written = self._kustomization(folder)
            changing = [key for key in _CHANGING if written.get(key)]
            changing += [key for key in PATCHING if self._may_patch(folder, written.get(key))]
            for key in changing:
                self._note(path, key)
            self._certain[folder] = not changing
        return self._certain[folder]

    def _may_patch(self, folder: str, patches: object) -> bool:
        return any(may_matter(patch, folder, self._contents) for patch in as_list(patches))

    def _note(self, path: str, what: str) -> None:
        told = self.unknown.setdefault(path, [])
        if what not in told:
            told.append(what)


def _transformed(objects: Iterable[Built], written: Json) -> Iterator[Built]:
    """What a kustomization makes of each object."""
    counts = {as_text(as_map(one).get("name")): as_map(one).get("count") for one in as_list(written.get("replicas"))}
    prefix, suffix = as_text(written.get("namePrefix")) or "", as_text(written.get("nameSuffix")) or ""
    namespace = as_text(written.get("namespace"))
    for built in objects:
        names = (*built.names, f"{prefix}{built.name}{suffix}") if prefix or suffix else built.names
        changed = built._replace(namespace=namespace or built.namespace, names=names)
        count = next((counts[name] for name in reversed(names) if counts.get(name)), None)
        if count is None or built.item.get("kind") not in COUNTED:
            yield changed
        else:
            spec = {**as_map(built.item.get("spec")), "replicas": count}
            yield changed._replace(item={**built.item, "spec": spec})


def _resources(folder: str, written: Json) -> list[str]:
    return [*_paths(folder, written, "resources"), *_paths(folder, written, "bases")]


def _paths(folder: str, written: Json, key: str) -> list[str]:
    """The entries of a list in a kustomization, relative to the root of the repository; URLs are unchanged."""
    named = [text for text in map(as_text, as_list(written.get(key))) if text]
    paths = (text if "://" in text else posixpath.normpath(posixpath.join(folder, text)) for text in named)
    return list(dict.fromkeys(paths))
