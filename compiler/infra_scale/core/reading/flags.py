"""The original command line's flags to the document that a request file would be.

Every value keeps its place in its flag, so that schema, rules and messages are those of request files, with a caret
below the faulty part of the flag.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.core.syntax.text import forbidden_character, shortened
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position, Route

COMMAND_LINE = "command line"
"""Used as the path in findings."""

_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_HPA_KEYS = {"min": "min", "max": "max", "cpu": "targetCPU"}


class Flags(NamedTuple):
    """The flags of the original that describe a request, as they were given."""

    target: str
    namespace: str
    autoscaling: str
    workloads: tuple[str, ...]
    """Kind:name:replicas, or Kind:name."""
    requests: tuple[str, ...]
    """name:cpu=…,mem=…"""
    limits: tuple[str, ...]
    hpa: tuple[str, ...]
    """min:…,max:…,cpu:…"""
    owner: str | None = None
    reason: str | None = None
    ticket: str | None = None


class _Part(NamedTuple):
    """A part of a flag's value, and its offset in the whole flag."""

    flag: str
    text: str
    start: int

    def split(self, separator: str, *, most: int = -1) -> list["_Part"]:
        parts, start = [], self.start
        for text in self.text.split(separator, most):
            parts.append(_Part(self.flag, text, start))
            start += len(text) + len(separator)
        return parts

    @property
    def position(self) -> Position:
        return Position(1, self.start + 1, max(1, len(self.text)), self.flag)


def read_flags(flags: Flags) -> tuple[Document, tuple[Finding, ...]]:
    """The document that the flags stand for, and what is wrong with their form (FLG-…), not yet with their values."""
    reader = _Reader()
    for name in ("target", "namespace", "autoscaling", "owner", "reason", "ticket"):
        for part in _parts(name, (getattr(flags, name),)):
            reader.put((), name, part)
    for part in _parts("workload", flags.workloads):
        reader.add_workload(part)
    for key, flag, values in (("requests", "req", flags.requests), ("limits", "lim", flags.limits)):
        for part in _parts(flag, values):
            reader.add_resources(key, part)
    for part in _parts("hpa", flags.hpa):
        reader.add_hpa(part)
    return reader.document(), tuple(reader.findings)


def _parts(flag: str, values: Iterable[str | None]) -> Iterator[_Part]:
    return (_Part(f"--{flag}={value}", value, len(flag) + 3) for value in values if value is not None)


class _Places(NamedTuple):
    keys: dict[Route, Position]
    values: dict[Route, Position]

    def position(self, route: Route, *, on_key: bool) -> Position:
        """See Places."""
        if on_key and route in self.keys:
            return self.keys[route]
        while route and route not in self.values:
            route = route[:-1]
        return self.values[route]


class _Reader:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._places = _Places({}, {})
        self._workloads: list[dict[str, Value]] = []
        self._top: dict[str, Value] = {"workloads": [*self._workloads]}
        self._hpa: dict[str, _Part] = {}

    def document(self) -> Document:
        """Everything that was put together."""
        for index, workload in enumerate(self._workloads):
            if self._hpa and "replicas" in workload:
                workload["hpa"] = {}
                self._places.values["workloads", index, "hpa"] = next(iter(self._hpa.values())).position
                for key, part in self._hpa.items():
                    self.put(("workloads", index, "hpa"), key, part)
        self._top["workloads"] = list(self._workloads)
        self._places.values.setdefault((), Position(1, 1, 1, ""))
        return Document(path=COMMAND_LINE, value=self._top, places=lambda: self._places)

    def put(self, route: Route, key: str, part: _Part) -> None:
        """Write a scalar, as a number if it is one."""
        if forbidden := forbidden_character(part.text):
            self._refuse("FLG-005", f"invisible or control character {forbidden}", part, "leave it out")
        mapping = self._mapping(route)
        mapping[key] = int(part.text) if _INTEGER.fullmatch(part.text) and key in _NUMBERS else part.text
        self._places.keys[*route, key] = self._places.values[*route, key] = part.position

    def add_workload(self, part: _Part) -> None:
        """Kind:name:replicas."""
        pieces = part.split(":")
        if len(pieces) not in (2, 3) or not all(compile_request.text for compile_request in pieces):
            self._refuse("FLG-001", f"expected Kind:name:replicas, found {_quoted(part)}", part, _WORKLOAD_HELP)
            return
        kind, name = pieces[0].text, pieces[1].text
        if any((workload["kind"], workload["name"]) == (kind, name) for workload in self._workloads):
            self._refuse("FLG-003", f"{kind}/{name} is given twice", part, "give each workload once")
            return
        route = ("workloads", len(self._workloads))
        self._workloads.append({})
        self._places.values[route] = part.position
        for key, compile_request in zip(("kind", "name", "replicas"), pieces, strict=False):
            self.put(route, key, compile_request)

    def add_resources(self, key: str, part: _Part) -> None:
        """name:cpu=…,mem=…"""
        name, *rest = part.split(":", most=1)
        if not rest or not rest[0].text or not name.text:
            self._refuse("FLG-001", f"expected name:cpu=…,mem=…, found {_quoted(part)}", part, _RESOURCES_HELP)
            return
        index = self._workload_named(name)
        if index is None:
            return
        route = ("workloads", index, key)
        self._workloads[index].setdefault(key, {})
        self._places.values.setdefault(route, rest[0].position)
        for pair in rest[0].split(","):
            self._add_pair(route, pair, separator="=", help=_RESOURCES_HELP)

    def add_hpa(self, part: _Part) -> None:
        """min:…,max:…,cpu:…"""
        if not any("replicas" in workload for workload in self._workloads) and self._workloads:
            self._refuse("FLG-004", "no workload has replicas that an HPA could scale", part, _WORKLOAD_HELP)
            return
        for pair in part.split(","):
            key, *value = pair.split(":", most=1)
            if not value or not value[0].text:
                self._refuse("FLG-001", f"expected min:…,max:…,cpu:…, found {_quoted(pair)}", pair, _HPA_HELP)
            elif key.text not in _HPA_KEYS:
                self._unknown_key(key, list(_HPA_KEYS))
            elif _HPA_KEYS[key.text] in self._hpa:
                self._refuse("FLG-003", f"{key.text} is given twice", pair, "give each value once")
            else:
                self._hpa[_HPA_KEYS[key.text]] = value[0]

    def _add_pair(self, route: Route, pair: _Part, *, separator: str, help: str) -> None:
        key, *value = pair.split(separator, most=1)
        if not value or not value[0].text or not key.text:
            self._refuse("FLG-001", f"expected key{separator}value, found {_quoted(pair)}", pair, help)
        elif key.text not in _RESOURCES:
            self._unknown_key(key, list(_RESOURCES))
        elif key.text in self._mapping(route):
            self._refuse("FLG-003", f"{key.text} is given twice", pair, "give each value once")
        else:
            self.put(route, key.text, value[0])
            self._places.keys[*route, key.text] = key.position

    def _workload_named(self, name: _Part) -> int | None:
        found = [index for index, workload in enumerate(self._workloads) if workload["name"] == name.text]
        if len(found) == 1:
            return found[0]
        if found:
            kinds = ", ".join(f"{self._workloads[index]['kind']}/{name.text}" for index in found)
            self._refuse("FLG-002", f"{_quoted(name)} can be {kinds}", name, "plan these in two runs")
            return None
        names = [str(workload["name"]) for workload in self._workloads]
        help = did_you_mean(name.text, names, f"add --workload=Kind:{shortened(name.text)}:replicas")
        self._refuse("FLG-002", f"no --workload is named {_quoted(name)}", name, help)
        return None

    def _mapping(self, route: Route) -> dict[str, Value]:
        at: Value = self._top
        if route:
            at = self._workloads[int(route[1])]
            for key in route[2:]:
                at = at[str(key)] if isinstance(at, dict) else None
        if not isinstance(at, dict):
            raise TypeError(route)
        return at

    def _unknown_key(self, key: _Part, known: list[str]) -> None:
        help = did_you_mean(key.text, known, f"known names: {', '.join(known)}")
        self._refuse("FLG-001", f"unknown key {_quoted(key)}", key, help)

    def _refuse(self, rule: str, message: str, part: _Part, help: str) -> None:
        self.findings.append(Finding(rule, "error", message, COMMAND_LINE, help=help, position=part.position))


_NUMBERS = frozenset({"replicas", "min", "max", "targetCPU"})
_RESOURCES = ("cpu", "mem", "memory")
_WORKLOAD_HELP = "for example --workload=Deployment:web:6"
_RESOURCES_HELP = "for example --req=web:cpu=500m,mem=1Gi"
_HPA_HELP = "for example --hpa=min:4,max:12,cpu:65"


def _quoted(part: _Part) -> str:
    return f'"{shortened(part.text)}"'
