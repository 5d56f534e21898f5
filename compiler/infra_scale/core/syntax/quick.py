"""Fast parser for ordinary documents: half the time, without positions and error messages.

It gives up on everything that the builder in yaml.py would refuse, and on unusual syntax; then that builder parses the
text again. The tests check that both give the same result whenever this one gives one.
"""

from collections.abc import Callable
from functools import lru_cache

import yaml

from infra_scale.core.syntax import limits
from infra_scale.core.syntax.scalars import AMBIGUOUS, SPECIAL, Value, plain_value
from infra_scale.core.syntax.text import directive_in

_PARSER = getattr(yaml.cyaml, "CParser", None) if hasattr(yaml, "cyaml") else None
"""libyaml's events; platforms without libyaml have no fast parser."""

_SUSPECT = frozenset("-+.~=<0123456789nNtTfFyYoO")
"""First characters of plain scalars that may not be text."""
_SUSPECT_KEYS = _SUSPECT | {""}
_SHORT = 32
"""Longer texts rarely repeat."""

_Events = Callable[[], "yaml.Event | None"]


class _Unsure(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """Unusual syntax, left to the full parser."""


def quick_value(text: str) -> dict[str, Value] | None:
    """The mapping of a text without forbidden characters; None if the full parser is needed."""
    if _PARSER is None or "\t" in text or "?" in text or directive_in(text) is not None:
        return None
    events: _Events = _PARSER(text).get_event
    try:
        events()  # the start of the stream
        events()  # the start of the document, or the end of a stream without any
        value = _collection(events(), events, 1)
        events()  # the end of the document
        if type(events()) is yaml.StreamEndEvent and isinstance(value, dict):
            return value
    except (_Unsure, yaml.YAMLError):
        pass
    return None


def _collection(event: "yaml.Event | None", events: _Events, depth: int) -> Value:
    if depth >= limits.MAX_DEPTH:
        raise _Unsure
    if type(event) is yaml.MappingStartEvent and event.anchor is None and event.tag is None:
        return _mapping(events, depth)
    if type(event) is yaml.SequenceStartEvent and event.anchor is None and event.tag is None:
        return _sequence(events, depth)
    raise _Unsure


def _mapping(events: _Events, depth: int) -> Value:
    mapping: dict[str, Value] = {}
    while type(event := events()) is yaml.ScalarEvent:
        key = event.value
        if key in mapping or event.style or event.anchor is not None or event.tag is not None:
            raise _Unsure
        if key[:1] in _SUSPECT_KEYS and _plain(key) != key:
            raise _Unsure
        event = events()
        mapping[key] = _scalar(event) if type(event) is yaml.ScalarEvent else _collection(event, events, depth + 1)
    if type(event) is yaml.MappingEndEvent:
        return mapping
    raise _Unsure


def _sequence(events: _Events, depth: int) -> Value:
    sequence: list[Value] = []
    while type(event := events()) is not yaml.SequenceEndEvent:
        sequence.append(_scalar(event) if type(event) is yaml.ScalarEvent else _collection(event, events, depth + 1))
    return sequence


def _scalar(event: yaml.ScalarEvent) -> Value:
    text: str = event.value
    if event.anchor is not None or event.tag is not None:
        raise _Unsure
    if event.style:
        if event.style == '"' and not (text.isascii() and text.isprintable()):
            raise _Unsure  # an escape may have brought back a character that is forbidden
        if event.style in "|>":
            raise _Unsure
        return text
    if text[:1] in _SUSPECT:
        return _plain(text) if len(text) <= _SHORT else _plain.__wrapped__(text)
    if text:
        return text
    return None


@lru_cache(maxsize=2048)  # most numbers and words are in every file
def _plain(text: str) -> Value:
    match = SPECIAL.fullmatch(text)
    if match is None:
        return text
    if match.lastgroup in AMBIGUOUS:
        raise _Unsure
    return plain_value(text, str(match.lastgroup))
