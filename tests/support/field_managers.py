"""Who owns the fields of an object, as server-side apply decides it; a list counts as one field.

Source: structured-merge-diff (merge/update.go), Kubernetes docs, "Server-Side Apply".
"""

import copy
from collections.abc import Iterator

from support.kube_objects import Object

Path = tuple[str, ...]
_NOT_OWNED = ("apiVersion", "kind", "status")
_OF_METADATA = ("annotations", "labels")


class FieldConflictError(Exception):
    """Another manager owns a field and has another value."""


class FieldManagers:
    """The managers of one object."""

    def __init__(self) -> None:
        self.owned: dict[str, set[Path]] = {}

    def entries(self) -> list[Object]:
        """metadata.managedFields; a manager of a subresource is named `NAME SUBRESOURCE` here, and has no time."""
        found: list[Object] = []
        for name, paths in sorted(self.owned.items()):
            manager, _, below = name.partition(" ")
            fields: Object = {}
            for path in paths:
                place = fields
                for part in path:
                    place = place.setdefault(f"f:{part}", {})
            entry = {"manager": manager, "operation": "Update", "fieldsType": "FieldsV1", "fieldsV1": fields}
            found.append({**entry, "subresource": below} if below else {**entry, "time": "2026-11-30T12:00:00Z"})
        return found

    def updated(self, old: Object, new: Object, manager: str) -> None:
        """A manager has changed an object without apply: it owns what it changed, alone."""
        before, after = dict(_fields(old)), dict(_fields(new))
        changed = {path for path, value in after.items() if before.get(path, _fields) != value}
        for fields in self.owned.values():
            fields.difference_update(changed, before.keys() - after.keys())
        self.owned.setdefault(manager, set()).update(changed)

    def applied(self, item: Object, config: Object, manager: str, *, force: bool) -> Object:
        """An object after server-side apply of a configuration. Raises FieldConflictError."""
        live, wanted = dict(_fields(item)), dict(_fields(config))
        others = [fields for name, fields in self.owned.items() if name != manager]
        changed = {path for path, value in wanted.items() if live.get(path, _fields) != value}
        taken = {path for fields in others for path in fields & changed}
        if taken and not force:
            raise FieldConflictError(", ".join(".".join(path) for path in sorted(taken)))
        for fields in others:
            fields.difference_update(taken)
        left = self.owned.get(manager, set()) - wanted.keys()
        self.owned[manager] = {*wanted}
        result = copy.deepcopy(item)
        for path in left:
            if not any(path in fields for fields in others):
                _remove(result, path)
        for path, value in wanted.items():
            _set(result, path, copy.deepcopy(value))
        return result


def _fields(node: Object, path: Path = ()) -> Iterator[tuple[Path, object]]:
    for key, value in node.items():
        if (not path and key in _NOT_OWNED) or (path == ("metadata",) and key not in _OF_METADATA):
            continue
        if isinstance(value, dict) and value:
            yield from _fields(value, (*path, key))
        else:
            yield (*path, key), value


def _remove(item: Object, path: Path) -> None:
    for key in path[:-1]:
        item = item.get(key, {})
    item.pop(path[-1], None)


def _set(item: Object, path: Path, value: object) -> None:
    for key in path[:-1]:
        item = item.setdefault(key, {})
    item[path[-1]] = value
