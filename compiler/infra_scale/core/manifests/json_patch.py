"""JSON patches, as the library in kustomize applies them (evanphx/json-patch 4): not always as RFC 6902 has it.

`replace` of a missing member adds it, `copy` of a missing one copies null, and negative indices count from the end.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.outcome import Refusal, Unavailable
from infra_scale.core.manifests.tree import (
    ABSENT,
    Json,
    Unknown,
    is_large,
    is_same,
    member,
    restyled,
    with_member,
    without,
)

_Parts = tuple[str, ...]
_Change = Callable[[object, str], object]
"""From a container and the last part of a pointer to the container afterwards."""
_LONGEST_INDEX = 10
_OPERATIONS = ("add", "copy", "move", "remove", "replace", "test")


class Operation(NamedTuple):
    """One operation of a patch."""

    op: str
    path: _Parts
    source: _Parts
    value: object

    @property
    def route(self) -> tuple[str, ...]:
        """The path without unescaped slashes, for messages and provenance."""
        return self.path


def read_operation(written: object) -> Operation:
    """One item of a patch. Raises Refusal."""
    if not isinstance(written, dict):
        message = "an operation of a JSON patch is not a map"
        raise Refusal(message)
    op, path = written.get("op"), written.get("path")
    if not isinstance(op, str) or op not in _OPERATIONS:
        message = f"unexpected kind of JSON patch operation: {op}"
        raise Refusal(message)
    if not isinstance(path, str) or "/" not in path:
        message = f"a JSON patch operation without a path below the root: {path}"
        raise Refusal(message)
    source = written.get("from")
    value = restyled(written.get("value"))
    return Operation(op, _parts(path), _parts(source) if isinstance(source, str) else (), value)


def as_merge(written: Iterable[object]) -> Json:
    """The values that our patches add, as a part of the object: an item of a list is named by the test before it."""
    names: dict[_Parts, object] = {}
    result: Json = {}
    for operation in map(read_operation, written):
        if operation.op == "test":
            names[operation.path[:-1]] = operation.value
        elif operation.op == "add":
            _put(result, operation, names)
    return result


def _put(result: Json, operation: Operation, names: Mapping[_Parts, object]) -> None:
    inner = result
    for end, key in enumerate(operation.path[:-1], 1):
        item = names.get(operation.path[: end + 1])
        if item is not None:
            found = inner.setdefault(key, [{"name": item}])
            inner = found[0] if isinstance(found, list) else {}
        elif operation.path[:end] not in names:
            found = inner.setdefault(key, {})
            inner = found if isinstance(found, dict) else {}
    inner[operation.path[-1]] = operation.value


def _parts(pointer: str) -> _Parts:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def applied(doc: Json, operation: Operation) -> Json:
    """A document after one operation. Raises Refusal where the operation fails."""
    op, path, value = operation.op, operation.path, operation.value
    if op in ("copy", "move"):
        value = _found(doc, operation.source)
        if op == "move":
            doc = _edited(doc, operation.source, _removed)
        if is_large(value):
            message = "a JSON patch that copies a large value"
            raise Unavailable(message)
        value = None if value is ABSENT else value
    if op == "test":
        _test(doc, path, value)
        return doc
    change: _Change = _removed
    if op == "replace":
        change = lambda node, key: _replaced(node, key, value)  # noqa: E731 (one of three of the same shape)
    elif op != "remove":
        change = lambda node, key: _added(node, key, value)  # noqa: E731
    return _edited(doc, path, change)


def _edited(doc: Json, parts: _Parts, change: _Change) -> Json:
    result = _inside(doc, parts, change, "/".join(("", *parts)))
    return result if isinstance(result, dict) else doc


def _inside(node: object, parts: _Parts, change: _Change, path: str) -> object:
    key = parts[0]
    if isinstance(node, Unknown) and _is_index(key):
        return node
    if len(parts) == 1:
        return change(node, key)
    inner = _get(node, key)
    if not isinstance(inner, (dict, list, Unknown)):
        message = f"doc is missing path: {path}"
        raise Refusal(message)
    new = _inside(inner, parts[1:], change, path)
    if isinstance(node, list):
        index = int(key)
        return [*node[:index], new, *node[index:][1:]]
    return with_member(node, key, new)


def _is_index(key: str) -> bool:
    return key == "-" or key.removeprefix("-").isdecimal()


def _get(node: object, key: str) -> object:
    if isinstance(node, list):
        return node[_index(key, len(node))]
    return member(node, key)


def _index(key: str, size: int) -> int:
    """Where a list has an item, from the start. Raises Refusal."""
    digits = key.removeprefix("-")
    is_index = digits.isascii() and digits.isdecimal() and len(digits) < _LONGEST_INDEX
    index = int(key) if is_index else size
    if not -size <= index < size:
        message = f"invalid index referenced: {key}"
        raise Refusal(message)
    return index % size


def _added(node: object, key: str, value: object) -> object:
    if isinstance(node, list):
        index = len(node) if key == "-" else _index(key, len(node) + 1)
        return [*node[:index], value, *node[index:]]
    return with_member(node, key, value)


def _replaced(node: object, key: str, value: object) -> object:
    if isinstance(node, list):
        index = _index(key, len(node))
        return [*node[:index], value, *node[index + 1 :]]
    return with_member(node, key, value)


def _removed(node: object, key: str) -> object:
    if isinstance(node, list):
        index = _index(key, len(node))
        return [*node[:index], *node[index + 1 :]]
    if isinstance(node, dict) and key in node:
        return without(node, key)
    if member(node, key) is ABSENT:
        message = f"Unable to remove nonexistent key: {key}"
        raise Refusal(message)
    return node


def _found(doc: object, parts: _Parts) -> object:
    node = doc
    for part in parts:
        if isinstance(node, Unknown):
            return node
        if not isinstance(node, (dict, list)):
            message = f"doc is missing path: {'/'.join(('', *parts))}"
            raise Refusal(message)
        node = _get(node, part)
    return node


def _test(doc: Json, parts: _Parts, expected: object) -> None:
    found = _found(doc, parts)
    if isinstance(found, Unknown) or is_same(None if found is ABSENT else found, expected):
        return
    message = f"testing value {'/'.join(('', *parts))} failed"
    raise Refusal(message)
