"""ConfigMaps and Secrets that a kustomization generates: their data, merging with a base's, and hashes of names."""

import base64
import hashlib
import json
import posixpath
from collections.abc import Callable, Iterator
from dataclasses import replace

from infra_scale.core.manifests.identity import Resource, declared
from infra_scale.core.manifests.outcome import Place, Reason, Refusal
from infra_scale.core.manifests.tree import Json, Open, Unknown, member, put, text_at, with_member
from infra_scale.core.syntax.plain import Truth, Typed

Resources = tuple[Resource, ...]
Loader = Callable[[str], bytes]
"""From a path beside the kustomization to a content."""
_DIGITS = str.maketrans("013ae", "ghkmt")
_LENGTH = 10


def generated(kind: str, entry: Json, defaults: Json, load: Loader, place: Place) -> Resource:
    """What one entry generates. Raises Refusal, Unavailable."""
    name = text_at(entry, "name")
    if not name:
        message = "a configmap must have a name"
        raise Refusal(message, place)
    doc: Json = {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}
    if namespace := text_at(entry, "namespace"):
        doc = put(doc, ("metadata", "namespace"), namespace)
    if kind == "Secret":
        doc["type"] = text_at(entry, "type") or "Opaque"
    for key, field, value in _data(kind, entry, load, place):
        doc = put(doc, (field, key), value)
    local = entry.get("options")
    options = local if isinstance(local, dict) else {}
    for field in ("labels", "annotations"):
        pairs = {**_map(defaults.get(field)), **_map(options.get(field))}
        doc = put(doc, ("metadata", field), pairs) if pairs else doc
    if _is_set("immutable", options, defaults):
        doc["immutable"] = Truth("true")
    return replace(
        declared(doc, place),
        behavior=text_at(entry, "behavior"),
        needs_hash=not _is_set("disableNameSuffixHash", options, defaults),
    )


def without_data(kind: str, entry: object, reason: Reason) -> Resource:
    """What an entry generates whose data is not known."""
    name, namespace = text_at(entry, "name"), text_at(entry, "namespace")
    metadata: Json = {"name": name, "namespace": namespace} if namespace else {"name": name}
    doc: Json = {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": Unknown(reason.what)}
    return replace(declared(doc, reason.place), behavior=text_at(entry, "behavior"), unsure=reason.what)


def _map(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _is_set(name: str, *options: Json) -> bool:
    return any(text_at(one, name) in ("true", "y", "yes", "on") for one in options)


def _data(kind: str, entry: Json, load: Loader, place: Place) -> Iterator[tuple[str, str, str]]:
    """Each key, the field that has it, and the value there."""
    seen = set()
    for key, content in _pairs(entry, load, place):
        if key in seen:
            message = f"configmap {text_at(entry, 'name')} illegally repeats the key `{key}`"
            raise Refusal(message, place)
        seen.add(key)
        encoded = base64.b64encode(content).decode()
        if kind == "Secret":
            yield key, "data", encoded
            continue
        try:
            yield key, "data", content.decode()
        except UnicodeDecodeError:
            yield key, "binaryData", encoded


def _pairs(entry: Json, load: Loader, place: Place) -> Iterator[tuple[str, bytes]]:
    env = text_at(entry, "env")
    for path in (*_texts(entry, "envs"), *([env] if env else [])):
        for line in load(path).decode("utf-8", "replace").removeprefix("\ufeff").splitlines():
            stripped = line.lstrip()
            if stripped and not stripped.startswith("#"):
                key, _, value = stripped.partition("=")
                yield key, value.encode()
    for literal in _texts(entry, "literals"):
        key, sign, value = literal.partition("=")
        if not key or not sign:
            message = f"invalid literal source {literal}, expected key=value"
            raise Refusal(message, place)
        is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
        yield key, (value[1:-1] if is_quoted else value).encode()
    for source in _texts(entry, "files"):
        key, sign, path = source.rpartition("=")
        if sign and (not key or not path or "=" in key):
            message = f"file source {source}: expected key=path"
            raise Refusal(message, place)
        yield key or posixpath.basename(path), load(path)


def _texts(entry: Json, field: str) -> list[str]:
    value = entry.get(field)
    return [str(item) for item in value] if isinstance(value, list) else []


def absorbed(resources: Resources, new: Resource) -> Resources:
    """The objects of a build with a generated one added, or put in the place of what it merges or replaces."""
    found = [index for index, one in enumerate(resources) if new.id in one.ids()]
    if len(found) > 1:
        message = f"found multiple objects that could accept merge of {new.id}"
        raise Refusal(message, new.place)
    is_change = new.behavior in ("merge", "replace")
    if not found:
        if is_change:
            message = f"id {new.id} does not exist; cannot merge or replace"
            raise Refusal(message, new.place)
        return (*resources, new)
    if not is_change:
        message = f"id {new.id} exists; can not use behavior: '{new.behavior}', behavior must be merge or replace"
        raise Refusal(message, new.place)
    index = found[0]
    return (*resources[:index], _onto(resources[index], new), *resources[index + 1 :])


def _onto(old: Resource, new: Resource) -> Resource:
    metadata: Json = {"name": old.id.name}
    if namespace := text_at(old.doc, "metadata", "namespace"):
        metadata["namespace"] = namespace
    for field in ("labels", "annotations"):
        pairs = {**_map(_meta(old, field)), **_map(_meta(new, field))}
        if pairs:
            metadata[field] = pairs
    doc = {**new.doc, "metadata": metadata}
    if new.behavior == "merge":
        for field in ("data", "binaryData"):
            before = old.doc.get(field)
            if isinstance(before, Unknown):
                doc[field] = before
            elif before or field in doc:
                doc[field] = {**_map(before), **_map(doc.get(field))}
    return replace(old, needs_hash=old.needs_hash and new.needs_hash).changed(doc, new.place)


def _meta(one: Resource, field: str) -> object:
    return member(member(one.doc, "metadata"), field)


def hashed(one: Resource, place: Place) -> Resource:
    """With the hash of its data in its name, where kustomize adds one."""
    if not one.needs_hash:
        return one
    fields = ("data", "stringData" if one.id.kind == "Secret" else "binaryData")
    content: Json = {"kind": one.id.kind, "name": "", "data": one.doc.get("data", "")}
    if one.id.kind == "Secret":
        content["type"] = one.doc.get("type", "")
    if fields[1] in one.doc:
        content[fields[1]] = one.doc[fields[1]]
    if not all(_is_plain(value) for value in content.values()):
        return replace(one, unsure="the hash of data that is not known or no map of texts")
    name = f"{one.id.name}-{_hash(content)}"
    doc = with_member(one.doc, "metadata", with_member(one.doc.get("metadata"), "name", name))
    return one.remembered().changed(doc, place)


def _is_plain(value: object) -> bool:
    if isinstance(value, dict) and not isinstance(value, Open):
        return all(isinstance(item, str) and not isinstance(item, Typed) for item in value.values())
    return isinstance(value, str)


def _hash(content: Json) -> str:
    text = json.dumps(content, separators=(",", ":"), sort_keys=True, ensure_ascii=False, default=str)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
    return digest.translate(_DIGITS)
