"""The values of a release that are in Git: layers of maps, of which the last wins."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.manifests.facts import SUBSTITUTED
from infra_scale.core.manifests.identity import Resource
from infra_scale.core.manifests.outcome import Refusal, Unavailable
from infra_scale.core.manifests.provenance import decides
from infra_scale.core.manifests.reading import documents_in
from infra_scale.core.manifests.tree import ABSENT, Json, Unknown, at, member
from infra_scale.model.helm import HelmValue, Path
from infra_scale.model.source import Found, Source

INLINE = ("spec", "values")
ON = ("true", "True", "TRUE")
"""A switch that is on."""


class Layer(NamedTuple):
    """One map of values."""

    tree: object
    """A map; Unknown where it is not read."""
    file: str
    release: Resource | None = None
    """The HelmRelease, for values in it: other files may set some of them."""

    @property
    def unread(self) -> str:
        """Why it is unknown; empty if it is read."""
        return self.tree.reason if isinstance(self.tree, Unknown) else ""


def inline(release: Resource) -> Layer:
    """The values in a HelmRelease."""
    return Layer(at(release.doc, INLINE), release.place.file, release)


def layer_in(content: bytes | str, file: str) -> Layer:
    """The values in a text."""
    try:
        documents = documents_in(file, content.encode() if isinstance(content, str) else content)
    except (Refusal, Unavailable) as error:
        return Layer(Unknown(f"{file} cannot be read: {error}"), file)
    return Layer((documents[0] if documents else None) or {}, file)


def layer_of(path: str, files: Mapping[str, Found]) -> Layer:
    """The values in a file."""
    found = files.get(path)
    if not isinstance(found, Source):
        return Layer(Unknown(f"{path} is not in a folder of `manifests`"), path)
    if len(found.content) < found.size:
        return Layer(Unknown(f"{path} is too large to be read"), path)
    return layer_in(found.content, path)


def values_at(layers: Sequence[Layer], paths: Iterable[Path]) -> tuple[HelmValue, ...]:
    """What Git has at some paths."""
    return tuple(value_at(layers, path) for path in paths)


def value_at(layers: Sequence[Layer], path: Path) -> HelmValue:
    """What Git has at a path."""
    for layer in reversed(layers):
        found = _in(layer.tree, path)
        if found is ABSENT:
            continue
        file = decides(layer.release, (*INLINE, *path)).file if layer.release else layer.file
        if isinstance(found, Unknown):
            return HelmValue(path, None, file, unknown=found.reason)
        if isinstance(found, (list, dict)):
            return HelmValue(path, None, file, is_list=True)
        if isinstance(found, str) and SUBSTITUTED in found:
            return HelmValue(path, None, file, unknown=f"Flux substitutes {found}")
        return HelmValue(path, str(found) if isinstance(found, str) else None, file)
    near = path[:-2] if path[-2:-1] in (("requests",), ("limits",)) else ()
    return HelmValue(path, None, has_map=bool(near) and any(isinstance(_in(one.tree, near), dict) for one in layers))


def has(tree: object, path: Path) -> bool:
    """Whether a map has a value at, above or below a path, so that it overrides one there."""
    return _in(tree, path) is not ABSENT


def _in(tree: object, path: Path) -> object:
    """The value at a path; a list where something on the way is no map."""
    for key in path:
        if isinstance(tree, (dict, Unknown)):
            tree = member(tree, key)
        elif tree is ABSENT or tree is None:
            return ABSENT
        else:
            return []
    return tree


def merged(path: Path, value: object, into: Json) -> None:
    """Set a value in a map that is being made."""
    for key in path[:-1]:
        inner = into.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        into = inner
    into[path[-1]] = value
