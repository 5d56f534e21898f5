"""The HelmReleases of a build: their release, chart, and the layers of their values."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.helm_names import chart_name, fullname, release_name
from infra_scale.core.manifests.helm_values import Layer, inline, layer_in, layer_of, value_at
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.tree import Unknown, at, member, text_at
from infra_scale.model.helm import Path
from infra_scale.model.source import Found, Source

GROUP = "helm.toolkit.fluxcd.io"
_VALUES = "values.yaml"


class Release(NamedTuple):
    """A release, as Git describes it."""

    name: str
    chart: str
    """The path or URL of its chart; empty if unknown."""
    layers: tuple[Layer, ...] = ()
    """Its values, the last wins."""
    targets: tuple[tuple[str, str], ...] = ()
    """Each targetPath of valuesFrom, with its source: they win over all layers."""
    has_chart_in_git: bool = False

    @property
    def names(self) -> Mapping[str, str]:
        """What replaces the names in braces of an entry."""
        chart = chart_name(self.chart)
        texts = (value_at(self.layers, (key,)).text or "" for key in ("fullnameOverride", "nameOverride"))
        override, name_override = texts
        named = fullname(self.name, chart, override=override, name_override=name_override) if chart or override else ""
        return {"release": self.name, "chart": chart, "fullname": named}

    @property
    def not_checked(self) -> tuple[str, ...]:
        """Why some of its values are unknown."""
        return tuple(dict.fromkeys(layer.unread for layer in self.layers if layer.unread))


def helm_releases(resources: Iterable[Resource]) -> Iterator[Resource]:
    """The HelmReleases among some objects."""
    return (one for one in resources if one.id.kind == "HelmRelease" and one.id.group == GROUP)


def namespace_of(release: Resource) -> str:
    """The namespace of what a HelmRelease creates; empty if nothing in the build sets it."""
    return str(text_at(release.doc, "spec", "targetNamespace") or text_at(release.doc, "metadata", "namespace"))


def release_of(
    one: Resource, resources: Iterable[Resource], sources: Mapping[tuple[str, str], str], files: Mapping[str, Found]
) -> Release:
    """The release of a HelmRelease. `sources` are the charts of other objects, by kind and name."""
    target = text_at(one.doc, "spec", "targetNamespace")
    name = release_name(one.id.name, stated=text_at(one.doc, "spec", "releaseName"), target_namespace=target)
    chart = text_at(one.doc, "spec", "chart", "spec", "chart")
    reference = at(one.doc, ("spec", "chartRef"))
    chart = chart or sources.get((text_at(reference, "kind"), text_at(reference, "name")), "")
    layers, targets = _values_from(one, tuple(resources))
    defaults = [*defaults_of(chart, files)]
    return Release(name, chart, (*defaults, *layers, inline(one)), targets, has_chart_in_git=bool(defaults))


def defaults_of(chart: str, files: Mapping[str, Found]) -> Iterator[Layer]:
    """The values.yaml of a chart, if its path is a folder of this repository."""
    folder = chart.strip("/").removeprefix("./")
    path = f"{folder}/{_VALUES}"
    if f"{folder}/Chart.yaml" in files and isinstance(files.get(path), Source):
        yield layer_of(path, files)


def _values_from(
    one: Resource, resources: tuple[Resource, ...]
) -> tuple[tuple[Layer, ...], tuple[tuple[str, str], ...]]:
    """The layers of valuesFrom, and each targetPath with its source."""
    entries = at(one.doc, ("spec", "valuesFrom"))
    if isinstance(entries, Unknown):
        return (Layer(entries, one.place.file),), ()
    layers: list[Layer] = []
    targets: list[tuple[str, str]] = []
    for entry in entries if isinstance(entries, list) else ():
        kind, name = text_at(entry, "kind"), text_at(entry, "name")
        if target := text_at(entry, "targetPath"):
            targets.append((target, f"{kind}/{name}"))
        else:
            layers.append(_referenced(kind, name, text_at(entry, "valuesKey") or _VALUES, one, resources))
    return tuple(layers), tuple(targets)


def _referenced(kind: str, name: str, key: str, one: Resource, resources: tuple[Resource, ...]) -> Layer:
    if kind != "ConfigMap":
        return Layer(Unknown(f"{kind}/{name} is not read"), one.place.file)
    for other in resources:
        if other.id.kind == kind and any(each.name == name for each in other.ids()):
            text = member(member(other.doc, "data"), key)
            if isinstance(text, str):
                return layer_in(text, other.place.file)
    return Layer(Unknown(f"{key} of {kind}/{name} is not in these manifests"), one.place.file)


def is_at(target: str, path: Path) -> bool:
    """Whether a targetPath is at, above or below a path."""
    keys = tuple(part.replace("\0", ".") for part in target.replace("\\.", "\0").split("."))
    return all(one == other for one, other in zip(keys, path, strict=False))
