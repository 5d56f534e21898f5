"""Where the keys and values of a text stand: a second reading, of a text that the builder in yaml.py has accepted.

Every finding that is shown needs it, so it is made of libyaml's events: composing nodes would take twice as long.
"""

from collections.abc import Callable
from functools import lru_cache

import yaml

from infra_scale.core.syntax.document import Places
from infra_scale.core.syntax.text import lines
from infra_scale.model.position import Position, Route

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_Events = Callable[[], yaml.Event]


@lru_cache(maxsize=8)  # findings come file by file; the places of all files would take more memory than all else
def places_of(text: str) -> Places:
    """The positions of all keys and values; of a key that is written twice, those of the first."""
    places = Places({}, {})
    events: _Events = yaml.parse(text, Loader=_LOADER).__next__
    events()  # the start of the stream
    if type(events()) is yaml.DocumentStartEvent:
        _visit(events(), (), events, lines(text), places)
    return places


def _visit(event: yaml.Event, route: Route, events: _Events, excerpts: list[str], places: Places) -> None:
    """Note where a value stands, and all that is in it."""
    last = event
    if type(event) is yaml.MappingStartEvent:
        while type(last := events()) is yaml.ScalarEvent:
            inner = (*route, last.value)
            if inner in places.keys:
                _skip(events)
            else:
                places.keys[inner] = _place(last, last, excerpts)
                _visit(events(), inner, events, excerpts, places)
    elif type(event) is yaml.SequenceStartEvent:
        index = 0
        while type(last := events()) is not yaml.SequenceEndEvent:
            _visit(last, (*route, index), events, excerpts, places)
            index += 1
    places.values[route] = _place(event, last, excerpts)


def _skip(events: _Events) -> None:
    """Pass over one value."""
    depth = 0
    while True:
        event = events()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth == 0:
            return


def _place(first: yaml.Event, last: yaml.Event, excerpts: list[str]) -> Position:
    start, end = first.start_mark, last.end_mark
    if start is None or end is None:
        raise TypeError(first)
    excerpt = excerpts[start.line] if start.line < len(excerpts) else ""
    stop = end.column if end.line == start.line else len(excerpt)
    return Position(start.line + 1, start.column + 1, max(1, stop - start.column), excerpt)
