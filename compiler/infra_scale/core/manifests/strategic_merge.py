"""Strategic merge patches, as kyaml merges them (yaml/walk, yaml/merge2): not always as kubectl does.

Items of a patch come before the others, in the order of the patch, so a patch of the second container makes it the
first. Null and `$patch: delete` remove. An added value is merged with itself, which removes nulls and directives in it.
"""

from collections.abc import Iterable

from infra_scale.core.manifests.merge_keys import KeyedList, Schema, schema_of
from infra_scale.core.manifests.outcome import Refusal
from infra_scale.core.manifests.tree import ABSENT, Json, Open, Unknown, member, over, restyled, with_member, without

_DIRECTIVE = "$patch"
_DIRECTIVES = ("delete", "merge", "replace")
_Keys = tuple[str, ...]


def merged(doc: Json, patch: Json) -> Json | None:
    """An object with a patch of it merged in; None where the patch deletes it. Raises Refusal."""
    result = _walk(doc, patch, schema_of(doc))
    return result if isinstance(result, dict) else None


def _walk(old: object, new: object, schema: object) -> object:
    """ABSENT where nothing is left. `new` is ABSENT where the patch has nothing to say."""
    if new is ABSENT:
        return _normal(old, schema)
    if new is None:
        return ABSENT
    if isinstance(new, Unknown):
        return new
    if isinstance(old, Unknown):
        return _over_unknown(old, new, schema)
    is_new = old is ABSENT or old is None
    if not is_new and _named(old) != _named(new):
        message = f"wrong node kind: a patch has {_named(new)} where the object has {_named(old)}"
        raise Refusal(message)
    if isinstance(new, dict):
        return _map({} if is_new else old, new, schema, is_new=is_new)
    if isinstance(new, list) and isinstance(schema, KeyedList):
        return _keyed([] if is_new else old, new, schema)
    return over(old, new) if isinstance(new, str) else new


def _named(value: object) -> str:
    return "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a scalar"


def _over_unknown(old: Unknown, new: object, schema: object) -> object:
    if isinstance(new, dict):
        return _map(Open({}, old.reason), new, schema, is_new=False)
    return old if isinstance(new, list) and isinstance(schema, KeyedList) else new


def _map(old: object, new: Json, schema: object, *, is_new: bool) -> object:
    directive = _directive(new, is_lenient=is_new)
    if directive == "delete":
        return ABSENT
    new = without(new, _DIRECTIVE) if directive else new
    base = old if isinstance(old, dict) and directive != "replace" else {}
    if not isinstance(schema, dict):
        schema = schema_of(base) or schema_of(new)
    return _members(base, new, schema or {})


def _members(old: Json, new: Json, schema: Schema) -> Json:
    result: Json = Open(old, old.reason) if isinstance(old, Open) else dict(old)
    for key in new:
        value = _walk(member(old, key), new[key], schema.get(key))
        if value is ABSENT:
            result.pop(key, None)
        else:
            result[key] = value
    for key in old:
        if key not in new:
            result[key] = _normal(result[key], schema.get(key))
    return result


def _normal(old: object, schema: object) -> object:
    """What a merge makes of a value that the patch leaves alone.

    Keyed lists with doubled items change even so, and a quoted number over a plain one is a string from now on.
    """
    if isinstance(schema, KeyedList) and isinstance(old, list):
        return _keyed(old, [], schema)
    if isinstance(schema, dict) and isinstance(old, dict):
        return _members(old, {}, schema)
    return restyled(old)


def _directive(patch: Json, *, is_lenient: bool) -> str:
    directive = patch.get(_DIRECTIVE)
    if directive is None or is_lenient or directive in _DIRECTIVES:
        return directive if isinstance(directive, str) and directive in _DIRECTIVES else ""
    message = f"unknown patch strategy '{directive}'"
    raise Refusal(message)


def _keyed(old: object, new: list[object], schema: KeyedList) -> object:
    items = old if isinstance(old, list) else []
    marks = [one for one in new if isinstance(one, dict) and _DIRECTIVE in one and len(one) == 1]
    if marks:
        directive = _directive(dict(marks[0]), is_lenient=False)
        if directive == "delete":
            return ABSENT
        new = [one for one in new if one not in marks]
        items = [] if directive == "replace" else items
    if not schema.keys:
        return _texts(items, new)
    keys = _present(schema.keys, [*items, *new])
    if keys is None:
        return Unknown("items of a list that kustomize merges by key lack the key")
    return _by_key(items, new, keys, schema)


def _texts(old: list[object], new: list[object]) -> object:
    if all(isinstance(one, str) for one in (*old, *new)):
        return list(dict.fromkeys([*new, *old]))
    return Unknown("a list of texts has other items")


def _present(keys: _Keys, items: Iterable[object]) -> _Keys | None:
    """The keys that all items have; None where some have one that others lack."""
    found: list[str] = []
    items = list(items)
    for key in keys:
        having = sum(isinstance(member(one, key), str) and member(one, key) != "" for one in items)
        if having == len(items):
            found.append(key)
        elif having:
            return None
    return tuple(found) or (None if items else keys)


def _by_key(old: list[object], new: list[object], keys: _Keys, schema: KeyedList) -> object:
    olds = {tuple(str(member(one, key)) for key in keys): one for one in old}
    news = {tuple(str(member(one, key)) for key in keys): one for one in new}
    if len(olds) < len(old) or len(news) < len(new):
        return Unknown("a list that kustomize merges by key has two items with one key")
    result: list[object] = []
    for key, patch in news.items():
        item = olds.pop(key, ABSENT)
        value = _walk(item, patch, schema.items)
        if item is not ABSENT and isinstance(patch, dict) and patch.get(_DIRECTIVE) == "replace":
            value = item  # kustomize puts the old item back
        if value is ABSENT or value == {}:
            continue
        result.append(value)
    for item in olds.values():
        value = _walk(item, ABSENT, schema.items)
        result += [] if value == {} else [value]
    return result


def with_identity(doc: Json, name: str, namespace: str, kind: str) -> Json:
    """An object with the identity that it had before a patch: empty where it had none."""
    metadata = member(doc, "metadata")
    kept = metadata if isinstance(metadata, dict) else {}
    kept = with_member(kept, "name", name)
    kept = with_member(kept, "namespace", namespace) if namespace else without(kept, "namespace")
    return (
        {**with_member(doc, "metadata", kept), "kind": kind}
        if not isinstance(doc, Open)
        else Open({**doc, "metadata": kept, "kind": kind}, doc.reason)
    )
