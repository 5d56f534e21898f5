"""The YAML of manifests, as kustomize reads it: several documents, aliases, merge keys, tags.

Values are built from libyaml's events, so that depth, aliases and work are bounded before anything is built; the
library's own builder recurses on the C stack, and dies of a deep file. Aliases are shared, not copied. Every scalar is
text (see plain.py), or None for null.
"""

import binascii
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, NoReturn

import yaml

from infra_scale.core.syntax import limits
from infra_scale.core.syntax.merging import Merging, Unmergeable
from infra_scale.core.syntax.plain import SUSPECT as _SUSPECT
from infra_scale.core.syntax.plain import Folded, Quoted, plain_text
from infra_scale.core.syntax.text import Undecodable, decode_manifest, position_at, shortened
from infra_scale.core.syntax.weights import Weights
from infra_scale.model.position import Position
from infra_scale.model.source import Source
from infra_scale.model.tagged import tagged

_PARSER = getattr(yaml.cyaml, "CParser", None) if hasattr(yaml, "cyaml") else None
_TAGS = r"[A-Za-z0-9_.:/,!-]+"
_TAG = "tag:yaml.org,2002:"
_UNTYPED = frozenset(f"{_TAG}{name}" for name in ("int", "float", "bool", "null"))
_MERGE = f"{_TAG}merge"
_BINARY = f"{_TAG}binary"

_SCALAR = yaml.ScalarEvent

_Event = Any  # libyaml's, or PyYAML's own: neither has a type for all that it yields
_Events = Callable[[], _Event]
_Merge = tuple[_Event, _Event, object]
"""A merge key, and what begins its value, and that."""


@tagged
class Fault(NamedTuple):
    """Why a file was not read."""

    what: str
    help: str
    position: Position


class Stream(NamedTuple):
    """The documents of a file; none after an error."""

    documents: tuple[object, ...] = ()
    fault: Fault | None = None


class _Refused(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """The error, its fix, and its index."""

    def __init__(self, what: str, help: str, index: int) -> None:
        super().__init__(what)
        self.help = help
        self.index = index


def read_stream(source: Source, *, is_typed: bool = False) -> Stream:
    """All documents of a manifest, or the first error: then the file has no documents.

    With `is_typed`, texts other than plain strings have the classes of plain.py.
    """
    try:
        text = decode_manifest(source)
    except Undecodable as error:
        return Stream(fault=Fault(str(error), error.help, error.position))
    try:
        return Stream(tuple(_Reader(text, is_typed=is_typed).documents()))
    except _Refused as error:
        return Stream(fault=Fault(str(error), error.help, position_at(text, min(error.index, len(text)))))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        index = min(mark.index, len(text)) if mark else 0
        what = f"not valid YAML: {error.problem or error.context or 'it cannot be parsed'}"
        return Stream(fault=Fault(what, _help(text, index), position_at(text, index)))
    except yaml.YAMLError:
        return Stream(fault=Fault("not valid YAML", _help(text, 0), position_at(text, 0)))


def _help(text: str, index: int) -> str:
    if "{{" in text:
        return "templates are not supported: list the folder of the rendered files in `manifests`"
    if text[index : index + 1] == "\t":
        return "indent with spaces, not tabs"
    return "fix it, or move it out of the folders in `manifests`"


def _events_of(text: str) -> _Events:
    if _PARSER:
        events: _Events = _PARSER(text).get_event
        return events
    return yaml.parse(text, Loader=yaml.SafeLoader).__next__


class _Open:
    """An anchor whose value is being read: an alias to it would contain itself."""


class _Reader:
    """The documents of one text, one after the other."""

    def __init__(self, text: str, *, is_typed: bool) -> None:
        self._next = _events_of(text)
        self._is_typed = is_typed
        self._has_lone_returns = "\r" in text.replace("\r\n", "")
        self._budget = limits.MAX_MANIFEST_VALUES
        self._start_over()

    def _start_over(self) -> None:
        self._anchors: dict[str, object] = {}
        self._weights = Weights()
        self._merging = Merging()

    def documents(self) -> Iterator[object]:
        """Each document in turn."""
        self._next()  # the start of the stream
        count = 0
        while type(event := self._next()) is yaml.DocumentStartEvent:
            count += 1
            self._check_start(event, count)
            first = self._next()
            self._check_separator(event, first)
            self._start_over()
            yield self._value(first, 1)
            self._next()  # the end of the document

    def _check_start(self, event: _Event, count: int) -> None:
        if count > limits.MAX_MANIFEST_DOCUMENTS:
            self._refuse(f"more than {limits.MAX_MANIFEST_DOCUMENTS} documents in one file", "split the file", event)
        if count > 1 and self._has_lone_returns:
            self._refuse("a document that kustomize ignores", "end lines with a line feed", event)

    def _check_separator(self, start: _Event, first: _Event) -> None:
        is_empty = type(first) is _SCALAR and not (first.value or first.style)
        if start.explicit and first.start_mark.line == start.end_mark.line and not is_empty:
            self._refuse("text after `---`, which kustomize refuses", "move it to the next line", first)

    def _value(self, event: _Event, depth: int) -> object:
        kind = type(event)
        if kind is _SCALAR:
            return self._anchored(event, depth) if event.anchor else self._scalar(event)
        if kind is yaml.AliasEvent:
            return self._alias(event, depth)
        if depth > limits.MAX_MANIFEST_DEPTH:
            self._refuse_depth(event)
        if event.anchor:
            return self._anchored(event, depth)
        return self._mapping(depth) if kind is yaml.MappingStartEvent else self._sequence(depth)

    def _anchored(self, event: _Event, depth: int) -> object:
        """Of two anchors of one name, an alias means the one that began last."""
        name = event.anchor
        self._anchors[name] = begun = _Open()
        if type(event) is yaml.ScalarEvent:
            value: object = self._scalar(event)
        else:
            value = self._mapping(depth) if type(event) is yaml.MappingStartEvent else self._sequence(depth)
        if self._anchors[name] is begun:
            self._anchors[name] = value
        return value

    def _sequence(self, depth: int) -> list[object]:
        items: list[object] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._value(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, object]:
        mapping: dict[str, object] = {}
        merges: list[_Merge] = []
        begun = self._merging.begin()
        while type(key := self._next()) is _SCALAR:
            text: str = self._decoded(key) if key.tag == _BINARY else key.value
            if key.anchor:
                self._anchors[key.anchor] = text
            event = self._next()
            value = self._value(event, depth + 1)
            if text == "<<":
                if key.style or key.tag not in (None, _MERGE):
                    self._refuse("`<<` as text, which kustomize takes for a merge key or drops", "rename it", key)
                merges.append((key, event, value))
            elif text in mapping:
                self._refuse(f"duplicate key `{shortened(text)}`", "keep one of the two", key)
            else:
                mapping[text] = value
        if type(key) is not yaml.MappingEndEvent:
            self._refuse("a key that is not text", "write `key: value`", key)
        if merges:
            self._merge(mapping, merges, begun)
        return mapping

    def _merge(self, mapping: dict[str, object], merges: list[_Merge], begun: int) -> None:
        key, event, value = merges[-1]
        if len(merges) > 1:
            self._refuse("a second merge key in one mapping", "merge a list: `<<: [*a, *b]`", key)
        if type(event) is yaml.AliasEvent and type(value) is list:
            self._refuse("a merge key of an alias to a list", "write the list here: `<<: [*a, *b]`", key)
        try:
            self._spend(self._merging.merge(mapping, value, begun), key)
        except Unmergeable as error:
            self._refuse(str(error), "write the keys out", key)

    def _scalar(self, event: _Event) -> str | None:
        text: str = event.value
        tag = event.tag
        if tag is None:
            if event.style:
                return self._quoted(event) if self._is_typed else text
            return text if text[:1] not in _SUSPECT else self._plain(text)
        if not (text or event.style) or not re.fullmatch(_TAGS, tag):
            self._refuse(f"tag `{shortened(tag)}`, which readers end at different characters", "delete it", event)
        if tag in _UNTYPED:
            return self._plain(text)
        return self._decoded(event) if tag == _BINARY else text

    def _plain(self, text: str) -> str | None:
        found = plain_text(text)
        return found if self._is_typed or found is None else str(found)

    def _quoted(self, event: _Event) -> str:
        text: str = event.value
        return Folded(text) if event.style == ">" and "\n " in text else Quoted(text)

    def _decoded(self, event: _Event) -> str:
        try:
            return binascii.a2b_base64("".join(event.value.split()), strict_mode=True).decode("utf-8", "replace")
        except ValueError:
            self._refuse("`!!binary` without base64 text", "correct the value", event)

    def _alias(self, event: _Event, depth: int) -> object:
        name = event.anchor
        if name not in self._anchors:
            self._refuse(f"alias `*{shortened(name)}` without an anchor before it", "define the anchor", event)
        value = self._anchors[name]
        if isinstance(value, _Open):
            self._refuse(f"alias `*{shortened(name)}` inside what it names", "write the value out", event)
        size, height = self._weights.of(value)
        self._spend(size, event)
        if depth + height - 1 > limits.MAX_MANIFEST_DEPTH:
            self._refuse_depth(event)
        return value

    def _spend(self, values: int, event: _Event) -> None:
        self._budget -= values
        if self._budget < 0:
            self._refuse(
                f"aliases that expand to more than {limits.MAX_MANIFEST_VALUES} values", "write the values out", event
            )

    def _refuse_depth(self, event: _Event) -> NoReturn:
        self._refuse(f"nested more than {limits.MAX_MANIFEST_DEPTH} levels deep", "reduce the nesting", event)

    def _refuse(self, what: str, help: str, event: _Event) -> NoReturn:
        raise _Refused(what, help, event.start_mark.index)
