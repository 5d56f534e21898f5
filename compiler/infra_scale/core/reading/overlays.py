"""What kustomizations change of a workload after they have joined our Component of it."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.reading.json_values import as_text
from infra_scale.core.reading.kustomizations import Builds, Place
from infra_scale.core.reading.patches import FieldChange, changes_of
from infra_scale.model.manifest import Overruling
from infra_scale.model.names import RENDERED, component_name
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef


class _Layer(NamedTuple):
    """One kustomization that comes after our Component."""

    path: str
    prefix: str
    suffix: str
    changes: tuple[FieldChange, ...]


class _Joined(NamedTuple):
    """One Component of ours in one place."""

    cluster: str
    component: str | None
    """Of one workload; None: of the whole namespace."""
    layers: tuple[_Layer, ...]


class Overlays(NamedTuple):
    """All places that join Components of ours."""

    by_namespace: Mapping[str, tuple[_Joined, ...]] = {}
    joined: Mapping[str, str] = {}
    """A kustomization that joins each Component of ours, by the folder of that."""

    def over(self, target: Target, ref: WorkloadRef, known: Collection[str]) -> Iterator[Overruling]:
        """What the manifests of a target change of a workload on each cluster; `known` are names that it has had."""
        for joined in self.by_namespace.get(ref.namespace, ()):
            if joined.component in (None, component_name(ref.kind, ref.name)):
                for layer, names in _named(joined.layers, ref.name, known):
                    if target.has_manifest(layer.path):
                        yield from _overruled(layer, joined.cluster, ref, names)


def read_overlays(builds: Builds, contents: Mapping[str, bytes]) -> Overlays:
    """Those among some kustomizations; `contents` has every file that their patches may stand in."""
    found: dict[str, list[_Joined]] = {}
    by_folder: dict[str, str] = {}
    read: dict[str, _Layer] = {}
    for place in builds.places():
        layers = tuple(_layers(place, contents, read))
        for folder in place.joined:
            by_folder.setdefault(folder, place.path)
            cluster, _, inside = folder.removeprefix(f"{RENDERED}/").partition("/")
            namespace, _, component = inside.partition("/")
            found.setdefault(namespace, []).append(_Joined(cluster, component or None, layers))
    return Overlays({namespace: tuple(all_of_it) for namespace, all_of_it in found.items()}, by_folder)


def _layers(place: Place, contents: Mapping[str, bytes], read: dict[str, _Layer]) -> Iterator[_Layer]:
    """Each kustomization is read once; `read` has those that were, by path."""
    for path, written in place.later:
        if path not in read:
            prefix, suffix = as_text(written.get("namePrefix")) or "", as_text(written.get("nameSuffix")) or ""
            read[path] = _Layer(path, prefix, suffix, tuple(changes_of(path, written, contents)))
        yield read[path]


def _named(layers: tuple[_Layer, ...], name: str, known: Collection[str]) -> Iterator[tuple[_Layer, set[str]]]:
    """Each layer with the names that a workload has had when it comes, and those that it gives itself."""
    names = {name, *known}
    for layer in layers:
        name = f"{layer.prefix}{name}{layer.suffix}"
        names = {*names, name}
        yield layer, names


def _overruled(layer: _Layer, cluster: str, ref: WorkloadRef, names: set[str]) -> Iterator[Overruling]:
    for change in dict.fromkeys(layer.changes):
        if change.of.has(ref.kind, ref.namespace, names):
            yield Overruling(layer.path, cluster, change.field, change.verb, change.to, change.container)
