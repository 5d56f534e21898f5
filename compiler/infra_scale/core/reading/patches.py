"""The changes of workloads by a kustomization itself: its `replicas` and its plain patches.

Patterns of a target are names with `.*` and `|`. Other expressions and selectors of labels are not understood, and a
patch behind one is not spoken of.
"""

import posixpath
from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple, get_args

from infra_scale.core.reading.json_values import Json, as_list, as_map, as_number, as_text
from infra_scale.core.syntax.stream import Fault, Stream, read_stream
from infra_scale.model.manifest import Field
from infra_scale.model.names import is_label
from infra_scale.model.source import Source

COUNTED = ("Deployment", "StatefulSet", "ReplicaSet")
"""What `replicas` of a kustomization is about, in every namespace (kustomize, ReplicaCountTransformer)."""

PATCHING = ("patches", "patchesStrategicMerge", "patchesJson6902")
"""The keys of a kustomization that hold patches."""

_FIELDS: tuple[Field, ...] = get_args(Field)
_NUMBERS: tuple[Field, ...] = ("replicas", "parallelism", "suspend")
_PATHS: tuple[tuple[Field, tuple[str, ...]], ...] = (
    *((field, ("spec", field)) for field in _NUMBERS),
    ("parallelism", ("spec", "jobTemplate", "spec", "parallelism")),
    *(
        ("resources", (*outer, "template", "spec", containers, "*", "resources"))
        for outer in (("spec",), ("spec", "jobTemplate", "spec"))
        for containers in ("containers", "initContainers")
    ),
)
_TELLING = (b"ontainers", b"replicas", b"$patch")
"""A patch without any of these changes nothing that is looked for."""
_HIDING = (b"\\", b"\0", b"!")
"""What can hide a word from a search of the bytes: an escape, another encoding, a tag."""


class Selector(NamedTuple):
    """Which objects a change is about; None: all of them."""

    kind: str | None
    name: str | None
    namespace: str | None = None

    def has(self, kind: str, namespace: str, names: Collection[str]) -> bool:
        """Whether it is about a workload, which kustomize knows by any name that it has ever had."""
        if self.namespace not in (None, namespace) or (self.kind and not _fits(self.kind, kind)):
            return False
        return self.name is None or any(_fits(self.name, name) for name in names)


class FieldChange(NamedTuple):
    """A field of some workloads that a kustomization changes."""

    of: Selector
    field: Field
    verb: Literal["sets", "removes", "changes"] = "changes"
    to: int | None = None
    container: str | None = None
    """Whose resources; None: it may be any."""


def changes_of(path: str, written: Json, contents: Mapping[str, bytes]) -> Iterator[FieldChange]:
    """What the kustomization at `path` changes; `contents` has the files that its patches may stand in."""
    for entry in map(as_map, as_list(written.get("replicas"))):
        if name := as_text(entry.get("name")):
            yield _to(entry.get("count"), Selector("|".join(COUNTED), name), "replicas")
    folder = path.rpartition("/")[0]
    for key in PATCHING:
        for patch in as_list(written.get(key)):
            yield from _of_patch(patch, folder, contents)


def _of_patch(patch: object, folder: str, contents: Mapping[str, bytes]) -> Iterator[FieldChange]:
    entry = as_map(patch)
    target = as_map(entry.get("target"))
    if target.keys() & {"labelSelector", "annotationSelector"}:
        return
    aimed = Selector(*(as_text(target.get(key)) for key in ("kind", "name", "namespace"))) if target else None
    for body in read_patch(patch, folder, contents).documents:
        if isinstance(body, list) and aimed:
            yield from _of_operations(body, aimed)
        elif isinstance(body, dict):
            yield from _of_merge(body, aimed or _named_by(body))


def inline_text(patch: object) -> str | None:
    """The text of a patch that is written into its kustomization."""
    return as_text(as_map(patch).get("patch")) or (patch if isinstance(patch, str) and "\n" in patch else None)


def may_matter(patch: object, folder: str, contents: Mapping[str, bytes]) -> bool:
    """Whether a patch may change containers or replicas, or may do anything because it cannot be read."""
    content = _content(patch, folder, contents)
    if content is None or any(word in content for word in _TELLING):
        return True
    if not any(mark in content for mark in _HIDING):
        return False
    bodies, fault = _read(content)
    return fault is not None or any(_tells(body) for body in bodies)


def read_patch(patch: object, folder: str, contents: Mapping[str, bytes]) -> Stream:
    """The bodies of a patch; none if its file is not in `contents`."""
    return _read(_content(patch, folder, contents) or b"")


def unreadable(written: Json) -> Iterator[tuple[str, Fault]]:
    """The patches inside a kustomization that cannot be read, each with the reason."""
    for key in PATCHING:
        for text in filter(None, map(inline_text, as_list(written.get(key)))):
            if fault := _read(text.encode(errors="replace")).fault:
                yield text, fault


def _read(content: bytes) -> Stream:
    return read_stream(Source("", content, len(content)))


def _content(patch: object, folder: str, contents: Mapping[str, bytes]) -> bytes | None:
    if text := inline_text(patch):
        return text.encode(errors="replace")
    named = as_text(as_map(patch).get("path")) or as_text(patch) or ""
    return contents.get(posixpath.normpath(posixpath.join(folder, named)))


def _tells(body: object) -> bool:
    """Whether any text in a patch, keys included, names what is looked for."""
    if isinstance(body, dict):
        return any(_tells(key) or _tells(value) for key, value in body.items())
    if isinstance(body, list):
        return any(map(_tells, body))
    return isinstance(body, str) and any(word in body.encode(errors="replace") for word in _TELLING)


def _named_by(body: Json) -> Selector:
    metadata = as_map(body.get("metadata"))
    return Selector(as_text(body.get("kind")), as_text(metadata.get("name")) or "", as_text(metadata.get("namespace")))


def _of_merge(body: Json, of: Selector) -> Iterator[FieldChange]:
    """A strategic merge patch."""
    spec = as_map(body.get("spec"))
    job = as_map(as_map(spec.get("jobTemplate")).get("spec"))
    if "$patch" in body or "$patch" in spec:
        yield from (FieldChange(of, field) for field in _FIELDS)
        return
    for field in _NUMBERS:
        for level in (spec, job):
            if field in level:
                yield _to(level[field], of, field)
    for level in (spec, job):
        pod = as_map(as_map(level.get("template")).get("spec"))
        yield from (FieldChange(of, "resources", container=name) for name in _resized(pod))


def _resized(pod: Json) -> Iterator[str | None]:
    for container in (as_map(one) for key in ("containers", "initContainers") for one in as_list(pod.get(key))):
        name = as_text(container.get("name"))
        if container.keys() & {"resources", "$patch"} and (name is None or is_label(name)):
            yield name


def _of_operations(body: list[object], of: Selector) -> Iterator[FieldChange]:
    """A JSON patch."""
    for operation in map(as_map, body):
        verb, steps = operation.get("op"), (as_text(operation.get("path")) or "").split("/")[1:]
        if verb == "test" or not steps or (verb == "add" and _adds_an_item(steps[-1])):
            continue
        for field, path in _PATHS:
            if steps == list(path) and field in _NUMBERS:
                yield FieldChange(of, field, "removes") if verb == "remove" else _to(operation.get("value"), of, field)
            elif all(step in (wanted, "-") or wanted == "*" for step, wanted in zip(steps, path, strict=False)):
                yield FieldChange(of, field)


def _adds_an_item(step: str) -> bool:
    return step == "-" or step.isdecimal()


def _to(value: object, of: Selector, field: Field) -> FieldChange:
    number = as_number(value)
    if value is None:
        return FieldChange(of, field, "removes")
    return FieldChange(of, field) if number is None else FieldChange(of, field, "sets", number)


def _fits(pattern: str, name: str) -> bool:
    """Whether a pattern of a target matches a whole name; untrusted expressions are never run."""
    return any(_is_like(one, name) for one in pattern.strip("^$()").split("|"))


def _is_like(pattern: str, name: str) -> bool:
    first, *others = pattern.split(".*")
    if not others:
        return name == first
    if not name.startswith(first) or not name[len(first) :].endswith(others[-1]):
        return False
    place = len(first)
    for part in others[:-1]:
        place = name.find(part, place)
        if place < 0:
            return False
        place += len(part)
    return place <= len(name) - len(others[-1])
