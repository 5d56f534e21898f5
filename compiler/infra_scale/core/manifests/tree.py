"""Immutable values of manifests: a map, a list, a scalar as text, None for null, or Unknown.

No function here changes its arguments. What a step cannot know it writes as Unknown: such a value moves with its list,
and a later step that sets the value makes it known again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from infra_scale.core.syntax.plain import SUSPECT, Number, Quoted, Truth, Typed, plain_text
from infra_scale.model.position import Route

Json = dict[str, object]
MAX_COPIED = 10_000
"""Members and items of a value that a patch or a replacement copies."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that may be anything, or absent."""

    reason: str


class Open(Json):
    """A map of which only some members are known: any other may be there."""

    __slots__ = ("reason",)

    def __init__(self, members: Mapping[str, object], reason: str) -> None:
        super().__init__(members)
        self.reason = reason


class Absent:
    """The type of ABSENT: nothing is there."""

    __slots__ = ()


ABSENT = Absent()


def member(value: object, key: str) -> object:
    """A member of a map; ABSENT where there is none, Unknown where there may be one."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        return Unknown(value.reason) if isinstance(value, Open) else ABSENT
    return value if isinstance(value, Unknown) else ABSENT


def at(value: object, route: Iterable[str | int]) -> object:
    """What is at the end of a route of keys and list indices; likewise."""
    for step in route:
        if isinstance(step, str):
            value = member(value, step)
        elif isinstance(value, list):
            value = value[step] if -len(value) <= step < len(value) else ABSENT
        elif not isinstance(value, Unknown):
            return ABSENT
    return value


def text_at(value: object, *route: str) -> str:
    """The text at a route of keys; empty where there is none."""
    found = at(value, route)
    return found if isinstance(found, str) else ""


def with_member(value: object, key: str, new: object) -> Json:
    """A map with one member set. In a value that is not known only that member is known."""
    if isinstance(value, Open):
        return Open({**value, key: new}, value.reason)
    if isinstance(value, Unknown):
        return Open({key: new}, value.reason)
    return {**value, key: new} if isinstance(value, dict) else {key: new}


def without(value: Json, key: str) -> Json:
    """A map without one member."""
    kept = {name: item for name, item in value.items() if name != key}
    return Open(kept, value.reason) if isinstance(value, Open) else kept


def put(value: object, keys: tuple[str, ...], new: object) -> Json:
    """A map with the value at a route of keys set, and the maps on the way there created."""
    inner = put(member(value, keys[0]), keys[1:], new) if len(keys) > 1 else new
    return with_member(value, keys[0], inner)


def is_same(one: object, other: object) -> bool:
    """Whether two values are equal as JSON: 1 is 1.0, but not "1"."""
    if isinstance(one, str) and isinstance(other, str):
        return _scalar(one) == _scalar(other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return one is other or (one is None and other is None)


def _scalar(text: str) -> tuple[str, object]:
    """What it is, and its value: true is not 1."""
    if isinstance(text, Number):
        return "number", float(text)
    return ("boolean", text == "true") if isinstance(text, Truth) else ("text", str(text))


def blended(one: object, other: object, reason: str) -> object:
    """What is known where it is not known which of two values is right."""
    if one is other or is_same(one, other):
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        both: Json = {}
        for key in {**one, **other}:
            value = blended(member(one, key), member(other, key), reason)
            if value is not ABSENT:
                both[key] = value
        return Open(both, reason) if isinstance(one, Open) or isinstance(other, Open) else both
    return Unknown(reason)


def is_large(value: object) -> bool:
    """Whether a value has more members and items than one that is copied may have: copies of copies double."""
    left, queue = MAX_COPIED, [value]
    while queue and left >= 0:
        one = queue.pop()
        inner = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        left -= len(inner)
        queue += inner
    return left < 0


class Shared(str):
    """A label that one step has written into several fields of an object: kustomize keeps one node for all of them.

    What a later step writes over one of them, all of them have.
    """

    __slots__ = ()


def spread(old: Json, new: Json) -> Json:
    """A document in which a value written over a shared one is in all its fields."""
    written: dict[int, object] = {}
    _overwritten(old, new, written)
    if not written:
        return new
    found = mapped(new, lambda text: written.get(id(text), text))
    return found if isinstance(found, dict) else new


def _overwritten(old: object, new: object, written: dict[int, object]) -> None:
    if isinstance(old, Shared):
        if isinstance(new, str) and new is not old:
            written[id(new)] = written.setdefault(id(old), Shared(new))
    elif old is not new and isinstance(old, dict) and isinstance(new, dict):
        for key, value in old.items():
            if key in new:
                _overwritten(value, new[key], written)
    elif old is not new and isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for one, other in zip(old, new, strict=True):
            _overwritten(one, other, written)


def restyled(value: object) -> object:
    """A value after its way through JSON: only strings that look like something else are in quotes."""
    return mapped(value, _restyled)


def _restyled(text: str) -> str:
    if isinstance(text, Typed):
        return text
    if text[:1] in SUSPECT and type(plain_text(text)) is not str:
        return text if isinstance(text, Quoted) else Quoted(text)
    return text if type(text) is str else str(text)


def over(old: object, new: str) -> str:
    """A scalar written over another, whose quotes stay."""
    if isinstance(old, Quoted):
        return Quoted(new)
    return str(new) if isinstance(new, Quoted) and (isinstance(old, str) or old is None) else new


def mapped(value: object, change: Callable[[str], object]) -> object:
    """A value with each text that `change` gives another value replaced; itself where nothing is."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        new = {key: mapped(item, change) for key, item in value.items()}
        if all(new[key] is item for key, item in value.items()):
            return value
        return Open(new, value.reason) if isinstance(value, Open) else new
    if isinstance(value, list):
        items = [mapped(item, change) for item in value]
        return value if all(map(_is, items, value)) else items
    return value


def _is(one: object, other: object) -> bool:
    return one is other


def unknowns(value: object, route: Route = ()) -> Iterable[tuple[Route, str]]:
    """Where a value is not known, and why; an open map counts as its own route."""
    if isinstance(value, Unknown):
        yield route, value.reason
    elif isinstance(value, dict):
        if isinstance(value, Open):
            yield route, value.reason
        for key, item in value.items():
            yield from unknowns(item, (*route, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknowns(item, (*route, index))


def has_text(value: object, part: str) -> bool:
    """Whether a text in a value has a part."""
    if isinstance(value, dict):
        return any(has_text(each, part) for each in value.values())
    if isinstance(value, list):
        return any(has_text(each, part) for each in value)
    return isinstance(value, str) and part in value
