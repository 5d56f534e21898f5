"""Bytes to Document: one safe, bounded subset of YAML that every YAML version and every Kubernetes tool reads alike.

Values are built from libyaml's events, so aliases, tags and deep nesting are refused before anything is built from
them. Scalars follow the core schema of YAML 1.2; what YAML 1.1 would read otherwise (`on`, `010`, `1:30`) is refused
with advice. A decimal keeps its characters: `1e3`, text to YAML 1.1, is good for a quantity and for nothing else.
"""

from collections.abc import Iterator
from typing import NoReturn, Protocol

import yaml

from infra_scale.core.syntax import limits
from infra_scale.core.syntax.dialects import Scalar, disagreement
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.places import places_of
from infra_scale.core.syntax.quick import quick_value
from infra_scale.core.syntax.scalars import AMBIGUOUS, SPECIAL, Value, clear_form, plain_value
from infra_scale.core.syntax.spaces import has_odd_space, misplaced_space, space_finding
from infra_scale.core.syntax.text import decode, directive_in, forbidden_character, position_at, shortened
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position
from infra_scale.model.source import Source

# The pure Python loader reads the same language, only slower; it serves platforms without libyaml.
_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Mark(Protocol):
    """libyaml's place: line and column from 0, index in characters."""

    line: int
    column: int
    index: int


class _Refused(Exception):  # noqa: N818 (never leaves this module: it unwinds the recursion)
    """Nothing behind this point can be read."""


def parse(
    source: Source, *, limit: int = limits.MAX_BYTES, off_is_false: bool = False
) -> tuple[Document | None, tuple[Finding, ...]]:
    """Read one YAML document of at most `limit` bytes and 20 levels; `off` is an error unless `off_is_false`.

    Returns the document, or None where nothing can be made of the text, and the findings (YML-…), all of them errors.
    A document beside findings is there to be searched for further faults, not to be used.
    """
    text, refusal = decode(source, limit=limit)
    if text is None:
        return None, (refusal,) if refusal else ()
    if not has_odd_space(text) and (quick := quick_value(text)):
        return Document(path=source.path, value=quick, places=lambda: places_of(text)), ()
    builder = _Builder(source.path, text, off_is_false=off_is_false)
    value = builder.document()
    findings = tuple(builder.findings)
    if builder.unusable:
        return None, findings
    return Document(path=source.path, value=value, places=lambda: places_of(text)), findings


class _Builder:
    """Builds values from events and collects what it refuses."""

    def __init__(self, path: str, text: str, *, off_is_false: bool) -> None:
        self.path = path
        self.text = text
        self.off_is_false = off_is_false
        self.findings: list[Finding] = []
        self.unusable = False
        self._scalars: list[Scalar] = []
        self._flow = 0
        self._pair = -1
        """Where the last mapping began that has no braces, and no line of its own."""
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Value:
        """The value of the only document in the text."""
        try:
            return self._document()
        except _Refused:
            self.unusable = True
        except yaml.MarkedYAMLError as error:
            from infra_scale.core.syntax.mistakes import syntax_finding  # noqa: PLC0415 (only for a mistake)

            self.unusable = True
            self.findings.append(syntax_finding(self.path, self.text, error))
        return None

    def _document(self) -> Value:
        if (directive := directive_in(self.text)) is not None:
            self._fatal("YML-007", "a directive", directive, "delete the line that begins with %")
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            self.findings.append(_empty_finding(self.path))
            raise _Refused
        value = self._node(next(self._events), depth=1)
        next(self._events)  # the end of the document
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            self._fatal(
                "YML-006", "a second document begins here", _start(following).index, "write one request per file"
            )
        if found := disagreement(self.text, self._scalars):
            self._fatal("YML-004", f"not valid YAML everywhere: {found.what}", found.place, found.help)
        return value

    def _node(self, event: yaml.Event, *, depth: int) -> Value:
        if depth > limits.MAX_DEPTH:
            message = f"nested more than {limits.MAX_DEPTH} levels deep"
            self._fatal("YML-009", message, _start(event).index, "a request needs 5 levels")
        self._refuse_sharing(event)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if not isinstance(event, yaml.CollectionStartEvent):
            return None  # an alias, already refused
        if event.flow_style and self.text[_start(event).index] not in "{[":
            self._pair = _start(event).index
        self._flow += bool(event.flow_style)
        value: Value = self._mapping(depth) if isinstance(event, yaml.MappingStartEvent) else self._sequence(depth)
        self._flow -= bool(event.flow_style)
        return value

    def _refuse_sharing(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(
                "YML-007",
                f"alias `*{shortened(event.anchor or '')}`",
                event,
                "write the value out: plans must be readable",
            )
        elif isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self._refuse(
                "YML-007", f"anchor `&{shortened(event.anchor)}`", event, "write the value out where it is needed"
            )
        elif tag := getattr(event, "tag", None):
            self._refuse("YML-007", f"tag `{shortened(tag)}`", event, "delete the tag; quote the value to make it text")
        else:
            return
        # Positions come from a second reading that follows aliases: never for a document that has any.
        self.unusable = True

    def _mapping(self, depth: int) -> Value:
        mapping: dict[str, Value] = {}
        first: dict[str, _Mark] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            self._refuse_sharing(event)
            if not isinstance(event, yaml.ScalarEvent):
                self._refuse_key(event)
            key = self._key(event)
            value = self._node(next(self._events), depth=depth + 1)
            if key in mapping:
                message = f"duplicate key `{shortened(key)}`, first written in line {first[key].line + 1}"
                self._refuse("YML-005", message, event, "keep one of the two")
                continue
            mapping[key] = value
            first[key] = _start(event)
        return mapping

    def _refuse_key(self, event: yaml.Event) -> NoReturn:
        mark = _start(event)
        if self.text[mark.index - 1 : mark.index + 1] == "{{":
            help = "write the value itself: requests are not templates"
            self._fatal("YML-008", "a template (`{{`) instead of a value", mark.index, help)
        self._fatal("YML-008", "a key must be text", mark.index, "write `key: value`")

    def _key(self, event: yaml.ScalarEvent) -> str:
        """A key, which is text to every reader: other forms are written in quotes."""
        text = self._text(event)
        match = SPECIAL.fullmatch(text) if not event.style and event.implicit[0] else None
        if text == "<<" and match is not None:
            self._refuse("YML-007", "merge key `<<`", event, "write the keys out: plans must be readable")
        elif match is not None:
            form = str(match.lastgroup)
            why = AMBIGUOUS.get(form, "YAML does not read it as text, and a key must be text")
            self._refuse("YML-010", f"key `{shortened(text)}` is ambiguous: {why}", event, f'write "{text}" in quotes')
        return text

    def _sequence(self, depth: int) -> Value:
        sequence: list[Value] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            sequence.append(self._node(event, depth=depth + 1))
        return sequence

    def _scalar(self, event: yaml.ScalarEvent) -> Value:
        text = self._text(event)
        if event.style or not event.implicit[0]:
            return text
        match = SPECIAL.fullmatch(text)
        return text if match is None else self._special(text, str(match.lastgroup), event)

    def _special(self, text: str, form: str, event: yaml.ScalarEvent) -> Value:
        """A plain scalar that some YAML version does not read as text."""
        if form == "word" and self.off_is_false and text.lower() == "off":
            return False
        if form in AMBIGUOUS:
            self._refuse(
                "YML-010", f"`{shortened(text)}` is ambiguous: {AMBIGUOUS[form]}", event, clear_form(text, form)
            )
            return text
        return plain_value(text, form)

    def _text(self, event: yaml.ScalarEvent) -> str:
        text: str = event.value
        start = _start(event).index
        self._scalars.append(Scalar(start, _end(event).index, event.style, self._flow > 0, start == self._pair))
        # Only an escape in double quotes can bring back what the check of the whole text has excluded.
        if event.style == '"' and (forbidden := forbidden_character(text)):
            message = f"escape sequence for the invisible or control character {forbidden}"
            self._refuse("YML-003", message, event, "delete it: it can hide content of the file")
        return text if event.style else self._without_odd_spaces(text, event)

    def _without_odd_spaces(self, text: str, event: yaml.ScalarEvent) -> str:
        """A plain text; one that is not what it seems spoils the document, unless that is only behind its end."""
        start, written = _start(event).index, self.text[_start(event).index : _end(event).index]
        index = misplaced_space(written)
        if index is None:
            return text
        self._add(space_finding(self.path, self.text, start + index))
        self.unusable |= bool(written[index:].strip())
        return text.rstrip()

    def _refuse(self, rule: str, message: str, event: yaml.Event, help: str) -> None:
        start, end = _start(event), _end(event)
        position = position_at(self.text, start.index, max(1, end.index - start.index))
        self._add(Finding(rule, "error", message, self.path, help=help, position=position))

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)
        if len(self.findings) >= limits.MAX_FINDINGS_PER_FILE:
            message = f"not read any further after {limits.MAX_FINDINGS_PER_FILE} faults"
            self.findings.append(finding._replace(rule=limits.STOPPED, message=message, help=""))
            raise _Refused

    def _fatal(self, rule: str, message: str, index: int, help: str) -> NoReturn:
        position = position_at(self.text, index)
        self.findings.append(Finding(rule, "error", message, self.path, help=help, position=position))
        raise _Refused


def _start(event: yaml.Event) -> _Mark:
    if event.start_mark is None:
        raise TypeError(event)
    return event.start_mark


def _end(event: yaml.Event) -> _Mark:
    if event.end_mark is None:
        raise TypeError(event)
    return event.end_mark


def _empty_finding(path: str) -> Finding:
    return Finding(
        "YML-008",
        "error",
        "the file is empty",
        path,
        help="write the file, or delete it",
        position=Position(1, 1, 1, ""),
    )
