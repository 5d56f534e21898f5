"""`replacements`: a value of one object copied into fields of others."""

import re
from collections.abc import Callable

from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.outcome import Place, Refusal, Unavailable
from infra_scale.core.manifests.patterns import is_match
from infra_scale.core.manifests.targets import Target, has_labels, target_of
from infra_scale.core.manifests.tree import ABSENT, Json, Unknown, is_large, member, spread, text_at, with_member
from infra_scale.core.syntax.plain import Number, Quoted, Truth, Typed, plain_text

Resources = tuple[Resource, ...]
_Change = Callable[[object], object]
_PART = re.compile(r"(?:\[[^\]]*\]|\\.|[^.\\\[]|\[)+")
_LONGEST_PATH = 1000
_LONGEST_INDEX = 10
_DEFAULT_PATH = "metadata.name"


def replaced(resources: Resources, entry: Json, place: Place, unseen: str) -> Resources:
    """The objects of a build after one entry. `unseen` is why the source may be an object that is not known."""
    targets = entry.get("targets")
    if ("source" not in entry and "sourceValue" not in entry) or not isinstance(targets, list):
        message = "replacements must specify a source and at least one target"
        raise Refusal(message, place)
    value = _source_value(resources, entry, place, unseen)
    for selector in targets:
        if not isinstance(selector, dict) or "select" not in selector:
            message = "target must specify resources to select"
            raise Refusal(message, place)
        resources = tuple(_set_in(one, selector, value, place) for one in resources)
    return resources


def _source_value(resources: Resources, entry: Json, place: Place, unseen: str) -> object:
    if "sourceValue" in entry:
        return text_at(entry, "sourceValue")
    source = member(entry, "source")
    wanted = target_of(source)
    found = [one for one in resources if any(_is_source(wanted, former) for former in one.ids())]
    if len(found) > 1:
        message = f"multiple matches for selector {wanted.kind}/{wanted.name}"
        raise Refusal(message, place)
    if not found:
        if unseen:
            return Unknown(unseen)
        message = f"nothing selected by {wanted.kind}/{wanted.name}"
        raise Refusal(message, place)
    path = text_at(source, "fieldPath") or _DEFAULT_PATH
    value = _looked_up(found[0].doc, parts_of(path))
    if value in (ABSENT, None, {}, []):
        message = f"fieldPath `{path}` is missing for replacement source {wanted.kind}/{wanted.name}"
        raise Refusal(message, place)
    if is_large(value):
        message = "a replacement that copies a large value"
        raise Unavailable(message)
    return _part(value, member(source, "options"), place)


def _is_source(wanted: Target, one: Id) -> bool:
    return (
        wanted.name in ("", one.name)
        and wanted.namespace in ("", one.namespace)
        and wanted.kind in ("", one.kind)
        and wanted.group in ("", one.group)
        and wanted.version in ("", one.version)
    )


def parts_of(path: str) -> list[str]:
    """The steps of a path: separated by dots, but not in brackets or after a backslash. Raises Unavailable."""
    if len(path) > _LONGEST_PATH:
        message = f"a path of more than {_LONGEST_PATH} characters"
        raise Unavailable(message)
    return [_unwrapped(part.replace("\\.", ".")) for part in _PART.findall(path)]


def _unwrapped(part: str) -> str:
    """Brackets without a condition only protect the dots of a key."""
    return part[1:-1] if part.startswith("[") and part.endswith("]") and "=" not in part else part


def _is_index(part: str) -> bool:
    return part.isdecimal() and len(part) < _LONGEST_INDEX


def _looked_up(value: object, parts: list[str]) -> object:
    for part in parts:
        if isinstance(value, list):
            key, _, wanted = part.strip("[]").partition("=")
            if _is_index(part):
                value = value[int(part)] if int(part) < len(value) else ABSENT
            else:
                value = next((one for one in value if member(one, key) == wanted), ABSENT)
        else:
            value = member(value, part)
    return value


def _part(value: object, options: object, place: Place) -> object:
    delimiter = text_at(options, "delimiter")
    if not delimiter or isinstance(value, Unknown):
        return value
    index = int(text_at(options, "index") or 0)
    if not isinstance(value, str):
        message = "delimiter option can only be used with scalar nodes"
        raise Refusal(message, place)
    parts = value.split(delimiter)
    if not 0 <= index < len(parts):
        message = f"options.index {index} is out of bounds for value {value}"
        raise Refusal(message, place)
    return parts[index]


def _set_in(one: Resource, selector: Json, value: object, place: Place) -> Resource:
    paths = member(selector, "fieldPaths")
    options = member(selector, "options")
    is_sure = True
    try:
        if not _takes(one, selector):
            return one
    except Unavailable as error:
        is_sure, value = False, Unknown(str(error))
    doc: object = one.doc
    for path in paths if isinstance(paths, list) and paths else [_DEFAULT_PATH]:
        finder = _Finder(str(path), value, options)
        doc = finder.inside(doc, parts_of(str(path)))
        if not finder.count and is_sure:
            message = f'unable to find field "{path}" in replacement target'
            raise Refusal(message, place)
    return one.changed(spread(one.doc, doc), place) if isinstance(doc, dict) else one


def _takes(one: Resource, selector: Json) -> bool:
    select = target_of(selector.get("select"))
    if not has_labels(select, one.doc):
        return False
    raw = one.id._replace(namespace=text_at(one.doc, "metadata", "namespace"))
    ids = (*one.former(), raw)
    rejects = selector.get("reject")
    for reject in map(target_of, rejects if isinstance(rejects, list) else ()):
        if (reject.labels or reject.annotations) and has_labels(reject, one.doc):
            return False
        if not reject.is_empty and any(reject.takes_id(former) for former in ids):
            return False
    return any(select.takes_id(former) for former in ids)


class _Finder:
    """Sets a value at each place that a path leads to."""

    def __init__(self, path: str, value: object, options: object) -> None:
        self._path = path
        self._value = value
        self._options = options
        self._is_created = text_at(options, "create") == "true"
        self.count = 0

    def inside(self, node: object, parts: list[str]) -> object:
        """A node with the value set below it. Raises Refusal."""
        if not parts:
            self.count += 1
            return self._set(node)
        if isinstance(node, Unknown):
            self.count += 1
            return node
        if isinstance(node, str):
            self.count += 1  # a path into YAML or JSON text
            return Unknown("a replacement inside a text")
        if isinstance(node, list):
            return self._in_list(node, parts)
        return self._in_map(node, parts)

    def _in_map(self, node: object, parts: list[str]) -> object:
        key, rest = parts[0], parts[1:]
        if key == "*" or key.startswith("["):
            message = f"wrong node kind: expected a list at {key} of {self._path}"
            raise Refusal(message)
        old = member(node, key)
        if old is ABSENT or old is None:
            if not self._is_created:
                return node
            is_list = bool(rest) and (rest[0].startswith("[") or _is_index(rest[0]))
            old = ([] if is_list else {}) if rest else ABSENT
        new = self.inside(old, rest)
        return node if new is old else with_member(node, key, new)

    def _in_list(self, node: list[object], parts: list[str]) -> object:
        key, rest = parts[0], parts[1:]
        if _is_index(key):
            index = int(key)
            if index == len(node) and self._is_created:
                node = [*node, {} if rest else ABSENT]
            if index >= len(node):
                message = f"index {index} specified but only {len(node)} elements found"
                raise Refusal(message)
            return [*node[:index], self.inside(node[index], rest), *node[index + 1 :]]
        field, _, wanted = key.strip("[]").partition("=")
        chosen = [key == "*" or self._is_item(item, field, wanted) for item in node]
        if self._is_created and not any(chosen) and key != "*":
            node, chosen = [*node, {field: wanted} if field else wanted], [*chosen, True]
        return [self.inside(item, rest) if is_chosen else item for item, is_chosen in zip(node, chosen, strict=True)]

    def _is_item(self, item: object, field: str, wanted: str) -> bool:
        """By a pattern that may match any part of the text."""
        found = member(item, field) if field else item
        return isinstance(found, str) and (wanted in found or is_match(f".*(?:{wanted}).*", found))

    def _set(self, old: object) -> object:
        value = self._value
        if isinstance(value, Unknown):
            return value
        if isinstance(old, str) and text_at(self._options, "delimiter"):
            value = self._joined(old, value)
        if old is ABSENT:
            return plain_text(str(value)) if isinstance(value, str) and not isinstance(value, Typed) else value
        if isinstance(old, str) and isinstance(value, str):
            return _retyped(old, value)
        return Unknown("a replacement of a value by one of another kind") if isinstance(old, str) else value

    def _joined(self, old: str, value: object) -> object:
        delimiter, index = text_at(self._options, "delimiter"), int(text_at(self._options, "index") or 0)
        parts = old.split(delimiter)
        if not isinstance(value, str):
            return value
        if index < 0:
            parts = [value, *parts]
        elif index >= len(parts):
            parts.append(value)
        else:
            parts[index] = value
        return delimiter.join(parts)


def _retyped(old: str, value: str) -> object:
    """The text takes the place of the old one, whose type stays."""
    if not isinstance(old, Typed):
        return Quoted(value) if isinstance(old, Quoted) else str(value)
    new = plain_text(value)
    if isinstance(old, Number) and isinstance(new, Number):
        return new
    if isinstance(old, Truth) and isinstance(new, Truth):
        return new
    message = f"a replacement of {old} by {value}, which is of another type"
    raise Refusal(message)
