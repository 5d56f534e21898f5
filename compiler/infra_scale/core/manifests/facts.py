"""What the inventory needs of one file: a function of its path and content, of plain types that can be stored."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.manifests.kustomization import Kustomization
from infra_scale.core.manifests.tree import member, text_at
from infra_scale.model.names import is_name
from infra_scale.model.workload import KINDS

ADDING = ("helmCharts", "helmChartInflationGenerator", "generators")
NAMING = ("resources", "bases", "components")
SUBSTITUTED = "${"
"""What a text has of which Flux substitutes parts."""
DELIVERING = (b"argoproj.io", b"kustomize.toolkit.fluxcd.io")
"""What a file has that declares an Application, an ApplicationSet or a Flux Kustomization."""
_AFTER_NAMESPACE = ("patchesJson6902", "replacements", "transformers")
"""Fields that may change namespaces after `namespace` has set them."""
_RENAMING = ("namePrefix", "nameSuffix", "transformers", "replacements")
_IDENTITY_PATCH = re.compile(rb"/metadata/name|[\s\"':]/kind[\s\"',}]")
_CHARTS = {"OCIRepository": "url", "HelmChart": "chart"}
"""The kinds that a HelmRelease may name as its chart, each with the field of its path or URL."""
_IDENTITY_OPTIONS = ("allowNameChange", "allowKindChange")

Note = tuple[str, ...]
"""An object: what it is, then its names. See `_notes`."""


class KustomizationFacts(NamedTuple):
    """One kustomization file."""

    path: str
    is_component: bool
    namespace: str
    is_last: bool
    """Whether nothing changes namespaces after `namespace`."""
    names: tuple[tuple[str, int, str], ...]
    """The files and folders that it names: field, index, text."""
    adding: tuple[str, ...]
    """Its fields that add objects, and are not run."""
    renames: bool
    """Whether it may change names, apart from patches in files."""
    patches: tuple[str, ...]
    """The files with patches, as it names them."""


class FileFacts(NamedTuple):
    """One file without errors."""

    is_manifest: bool
    """Whether kubectl or kustomize may read it."""
    notes: tuple[Note, ...] = ()
    """Its objects."""
    patches_names: bool = False
    """Whether it may be a patch that changes names."""
    delivers: bool = False
    kustomization: KustomizationFacts | None = None
    """None: it is none, or it is not valid."""


def facts_of(content: bytes, documents: Iterable[object] | None) -> FileFacts:
    """The facts of a file with these documents; None: it is no manifest."""
    notes = () if documents is None else tuple(note for item in objects_among(documents) for note in _notes(item))
    return FileFacts(
        documents is not None,
        notes,
        patches_names=patches_names(content),
        delivers=any(mark in content for mark in DELIVERING),
    )


def stored(facts: FileFacts) -> tuple[object, ...]:
    """Facts as plain tuples."""
    return *facts[:-1], facts.kustomization and tuple(facts.kustomization)


def loaded(plain: tuple[object, ...]) -> FileFacts:
    """Facts from plain tuples."""
    found = FileFacts(*plain)  # type: ignore[arg-type]  # as `stored` has written them
    if found.kustomization:
        return found._replace(kustomization=KustomizationFacts(*found.kustomization))
    return found


def facts_of_kustomization(one: Kustomization) -> KustomizationFacts:
    """The facts of a kustomization."""
    names = tuple((field, index, text) for field in NAMING for index, text in enumerate(map(_plain, one.texts(field))))
    entries = [*one.items("patches"), *one.items("patchesJson6902")]
    inline = any(
        any(text_at(entry, "options", option) for option in _IDENTITY_OPTIONS)
        or (not text_at(entry, "path") and patches_names(text_at(entry, "patch").encode()))
        for entry in entries
    )
    return KustomizationFacts(
        one.path,
        one.is_component,
        _plain(one.text("namespace")),
        not any(one.fields.get(field) for field in _AFTER_NAMESPACE),
        names,
        tuple(field for field in ADDING if one.items(field)),
        inline or any(one.fields.get(field) for field in _RENAMING),
        tuple(_plain(path) for entry in entries if (path := text_at(entry, "path"))),
    )


def patches_names(content: bytes) -> bool:
    """Whether a file may be a patch that changes names or kinds."""
    return _IDENTITY_PATCH.search(b"%s\n" % content) is not None


def objects_among(documents: Iterable[object]) -> Iterator[object]:
    """The objects of some documents, also those inside lists."""
    queue = list(documents)
    for one in queue:
        items = member(one, "items")
        if text_at(one, "kind").endswith("List") and isinstance(items, list):
            queue += items
        elif isinstance(one, dict):
            yield one


def _notes(item: object) -> Iterator[Note]:
    kind, name = text_at(item, "kind"), text_at(item, "metadata", "name")
    if kind == "Rollout" and not text_at(item, "apiVersion").startswith("argoproj.io/"):
        return  # other products have Rollouts as well
    if kind in KINDS:
        yield from _of_workload(item, kind, name)
    elif kind in ("HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"):
        aim = "targetRef" if kind == "VerticalPodAutoscaler" else "scaleTargetRef"
        yield (
            "aimed",
            _plain(text_at(item, "spec", aim, "kind") or "Deployment"),
            _plain(text_at(item, "spec", aim, "name")),
        )
    elif kind == "HelmRelease":
        yield "release", _plain(kind), _plain(name)
    elif kind in _CHARTS:
        yield "chart", _plain(kind), _plain(name), _plain(text_at(item, "spec", _CHARTS[kind]))
    elif kind == "PodDisruptionBudget":
        yield ("budget",)


def _of_workload(item: object, kind: str, name: str) -> Iterator[Note]:
    if is_name(name):
        yield "declared", _plain(kind), _plain(name)
        if kind == "Rollout":
            key = text_at(item, "spec", "workloadRef", "kind"), text_at(item, "spec", "workloadRef", "name")
            yield "rollout", *map(_plain, key), _plain(name)
    elif SUBSTITUTED in name:
        yield "substituted", _plain(kind)


def _plain(text: str) -> str:
    """A text of no other class: that is all that can be stored."""
    return text if type(text) is str else str(text)
