"""Positions of keys and values: a second parse of a text that the builder in yaml.py has accepted.

Every displayed finding needs it, so it keeps libyaml's events and computes only the requested positions.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import yaml

from infra_scale.core.syntax.text import lines
from infra_scale.model.position import Position, Route

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Events = Callable[[], yaml.Event]
_Inner = list["_Value"] | dict[str, tuple[yaml.Event, "_Value"]] | None
"""Content of a value: the items of a sequence, or the keys of a mapping, with their positions."""
_Value = tuple[yaml.Event, yaml.Event, _Inner]
"""Start and end of a value."""


class _Places(NamedTuple):
    root: _Value
    excerpts: list[str]

    def position(self, route: Route, *, on_key: bool) -> Position:
        """See Places."""
        key, value = None, self.root
        for part in route:
            inner = value[2]
            if isinstance(inner, dict) and part in inner:
                key, value = inner[str(part)]
            elif isinstance(inner, list) and isinstance(part, int) and part < len(inner):
                key, value = None, inner[part]
            else:
                key = None
                break
        if on_key and key is not None:
            return _place(key, key, self.excerpts)
        return _place(value[0], value[1], self.excerpts)


@lru_cache(maxsize=8)  # findings are grouped by file; the positions of all files would take too much memory
def places_of(text: str, document: int = 0) -> _Places:
    """The positions of all keys and values of a document; of a key that is written twice, those of the first."""
    events: _Events = yaml.parse(text, Loader=_LOADER).__next__
    events()  # the start of the stream
    first = events()
    for _ in range(document):
        while type(first) is not yaml.DocumentEndEvent:
            first = events()
        first = events()
    root = _value(events(), events) if type(first) is yaml.DocumentStartEvent else (first, first, None)
    return _Places(root, lines(text))


def _value(event: yaml.Event, events: _Events) -> _Value:
    if type(event) is yaml.MappingStartEvent:
        keys: dict[str, tuple[yaml.Event, _Value]] = {}
        while type(last := events()) is yaml.ScalarEvent:
            value = _value(events(), events)
            if last.value not in keys:
                keys[last.value] = last, value
        return event, last, keys
    if type(event) is yaml.SequenceStartEvent:
        items: list[_Value] = []
        while type(last := events()) is not yaml.SequenceEndEvent:
            items.append(_value(last, events))
        return event, last, items
    return event, event, None


def _place(first: yaml.Event, last: yaml.Event, excerpts: list[str]) -> Position:
    start, end = first.start_mark, last.end_mark
    if start is None or end is None:
        raise TypeError(first)
    if start.line >= len(excerpts):  # libyaml's position of an empty value after a last line without a line end
        return Position(len(excerpts), len(excerpts[-1]) + 1, 1, excerpts[-1])
    excerpt = excerpts[start.line]
    stop = end.column if end.line == start.line else len(excerpt)
    return Position(start.line + 1, start.column + 1, max(1, stop - start.column), excerpt)
