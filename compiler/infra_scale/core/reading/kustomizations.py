"""What an application's base builds to, as far as kustomization files say it without running kustomize.

A Component is applied in an overlay, after its `resources` are built and before anything else that the overlay does. So
what counts is the build of those resources: with the namespace of the base's kustomization, without the overlay's own.
"""

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.reading.json_values import Json, as_list, as_map, as_text
from infra_scale.core.reading.patches import COUNTED
from infra_scale.model.names import RENDERED

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

_ADDING = ("helmCharts", "helmChartInflationGenerator", "generators")
"""Add what nobody sees offline."""
_CHANGING = ("transformers", "replacements", "vars")
"""Can change what a file says."""
_PATCHING = ("patches", "patchesStrategicMerge", "patchesJson6902")
_TELLING = (b"ontainers", b"replicas", b"$patch")
"""A patch without any of these changes nothing that is looked for."""
_DEPTH = 20
_MOST = 10_000
"""Objects of one build."""

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
        self.unknown: dict[str, list[str]] = {}
        """What could not be followed, by the path of the kustomization file."""

    def all(self) -> Iterator[tuple[Built, ...]]:
        """What each overlay is given by its bases; a base that no overlay here uses, by itself; and plain files.

        Where overlays name a Component of ours, they decide; else those are asked that would be the place for one.
        """
        inner, outer = self._links()
        places = {folder for folder in self._by_folder if self._names_ours(folder)}
        told = _reached(places, inner)
        around = _reached(told, outer)
        others = [folder for folder in self._by_folder if folder not in around]
        used = set[str]().union(*(inner[folder] for folder in others))
        for folder in sorted(places):
            yield self._given(folder, before_ours=True)
        for folder in others:
            if folder not in used:
                yield self._given(folder) if inner[folder] else self._build(folder, ())
        plain: dict[str, list[Built]] = {}
        for path in self._files:
            folder = path.rpartition("/")[0]
            if not any(above in self._by_folder for above in _up(folder)):
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
                later = [*(other for other in after if other in self._by_folder), *_above(folder, outer)]
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
        """What a folder builds to; nothing where that is not known."""
        if folder not in self._done:
            _, written = self._kustomization(folder)
            given = self._given(folder, seen)
            certain = given if self._is_certain(folder) else ()
            self._done[folder] = tuple(_transformed(built, written) for built in certain)
        return self._done[folder]

    def _given(self, folder: str, seen: tuple[str, ...] = (), *, before_ours: bool = False) -> tuple[Built, ...]:
        """What the resources and foreign components of a folder build to, before its own changes.

        With `before_ours`, only the components that come before one of ours: what that finds.
        """
        path, written = self._kustomization(folder)
        found: dict[tuple[str, int], Built] = {}
        if folder in seen or len(seen) > _DEPTH:
            self._note(path, "a folder that refers to itself, or too deep")
            return ()
        for resource in _resources(folder, written):
            for built in self._resource(resource, path, (*seen, folder)):
                found[built.path, id(built.item)] = built
        for key in _ADDING:
            if written.get(key):
                self._note(path, key)
        components = _paths(folder, written, "components")
        ours = [index for index, other in enumerate(components) if other.startswith(f"{RENDERED}/")]
        foreign = [other for index, other in enumerate(components) if index not in ours]
        for component in foreign[: ours[0]] if before_ours and ours else foreign:
            if component not in self._by_folder or not self._is_certain(component):
                self._note(path, f"the component {component}")
                return ()
            found |= {(built.path, id(built.item)): built for built in self._given(component, (*seen, folder))}
            changes = self._kustomization(component)[1]
            found = {key: _transformed(built, changes) for key, built in found.items()}
        return tuple(found.values())[:_MOST]

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
        path, written = self._kustomization(folder)
        changing = [key for key in _CHANGING if written.get(key)]
        changing += [
            key for key in _PATCHING if any(self._may_matter(folder, one) for one in as_list(written.get(key)))
        ]
        for key in changing:
            self._note(path, key)
        return not changing

    def _may_matter(self, folder: str, patch: object) -> bool:
        inline = as_text(as_map(patch).get("patch")) or (patch if isinstance(patch, str) and "\n" in patch else None)
        if inline:
            return any(word in inline.encode() for word in _TELLING)
        named = as_text(as_map(patch).get("path")) or as_text(patch) or ""
        content = self._contents.get(posixpath.normpath(posixpath.join(folder, named)))
        return content is None or any(word in content for word in _TELLING)

    def _note(self, path: str, what: str) -> None:
        told = self.unknown.setdefault(path, [])
        if what not in told:
            told.append(what)


def _reached(starts: Iterable[str], steps: Mapping[str, list[str]]) -> set[str]:
    """Where one comes to from some folders, and these."""
    found = {*starts}
    queue = [*found]
    while queue:
        new = [step for step in steps.get(queue.pop(), ()) if step not in found]
        found.update(new)
        queue += new
    return found


def _above(folder: str, outer: Mapping[str, list[str]]) -> list[str]:
    """A folder and those that are built from it, the nearest first."""
    found = [folder]
    for step in found:
        if len(found) <= _DEPTH:
            found += [one for one in sorted(outer.get(step, ())) if one not in found]
    return found


def _transformed(built: Built, written: Json) -> Built:
    prefix, suffix = as_text(written.get("namePrefix")) or "", as_text(written.get("nameSuffix")) or ""
    namespace = as_text(written.get("namespace")) or built.namespace
    names = (*built.names, f"{prefix}{built.name}{suffix}") if prefix or suffix else built.names
    changed = built._replace(namespace=namespace, names=names)
    counts = {as_text(as_map(one).get("name")): as_map(one).get("count") for one in as_list(written.get("replicas"))}
    count = next((counts[name] for name in reversed(names) if counts.get(name)), None)
    if count is None or built.item.get("kind") not in COUNTED:
        return changed
    return changed._replace(item={**built.item, "spec": {**as_map(built.item.get("spec")), "replicas": count}})


def _resources(folder: str, written: Json) -> list[str]:
    return [*_paths(folder, written, "resources"), *_paths(folder, written, "bases")]


def _paths(folder: str, written: Json, key: str) -> list[str]:
    """What a list of a kustomization names, from the top of the repository; an address stays as it is."""
    named = [text for text in map(as_text, as_list(written.get(key))) if text]
    paths = (text if "://" in text else posixpath.normpath(posixpath.join(folder, text)) for text in named)
    return list(dict.fromkeys(paths))


def _up(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
