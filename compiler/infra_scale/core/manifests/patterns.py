"""Patterns of patch targets: Go regular expressions, anchored, matched without backtracking; and label selectors.

Only what is seen in repositories is read: literals, `.`, classes, escapes, groups, `|`, `*`, `+`, `?`, `^`, `$`. The
library of Python backtracks, and a pattern of a repository is untrusted.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from infra_scale.core.manifests.outcome import Unavailable

_LONGEST = 256
_Ends = frozenset[int]
_Matcher = Callable[[str, _Ends], _Ends]
"""From a text and the places where a match may begin to those where it may end."""
_PLAIN = re.compile(r"[A-Za-z0-9_/-]*")
_CLASSES = {"d": "0123456789", "w": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", "s": " \t\n\f\r"}
_SPECIAL = "\\.+*?()|[]{}^$"


def is_match(pattern: str, text: str) -> bool:
    """Whether a pattern matches a whole text; an empty one matches any. Raises Unavailable where it is not read."""
    if not pattern:
        return True
    if _PLAIN.fullmatch(pattern):
        return pattern == text
    return len(text) in _matcher(pattern)(text, frozenset({0}))


@lru_cache(maxsize=1024)
def _matcher(pattern: str) -> _Matcher:
    if len(pattern) > _LONGEST:
        message = f"a pattern of more than {_LONGEST} characters"
        raise Unavailable(message)
    parser = _Parser(pattern)
    matcher = parser.alternatives(0)
    if parser.rest():
        raise parser.unread()
    return matcher


class _Parser:
    """Reads one pattern from the left."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def rest(self) -> str:
        return self._pattern[self._at :]

    def unread(self) -> Unavailable:
        return Unavailable(f"a pattern that is not read here: {self._pattern}")

    def _take(self, expected: str = "") -> str:
        """The next character, or the expected one; empty where it is not next."""
        rest = self.rest()
        if not rest or (expected and not rest.startswith(expected)):
            return ""
        self._at += len(expected) or 1
        return expected or rest[0]

    def alternatives(self, depth: int) -> _Matcher:
        if depth > 10:  # noqa: PLR2004 (no name of an object needs as many groups)
            raise self.unread()
        choices = [self._sequence(depth)]
        while self._take("|"):
            choices.append(self._sequence(depth))
        return choices[0] if len(choices) == 1 else lambda text, at: _Ends().union(*(one(text, at) for one in choices))

    def _sequence(self, depth: int) -> _Matcher:
        parts: list[_Matcher] = []
        while self.rest() and self.rest()[0] not in "|)":
            parts.append(self._repeated(self._atom(depth)))

        def match(text: str, at: _Ends) -> _Ends:
            for part in parts:
                at = part(text, at)
            return at

        return match

    def _repeated(self, atom: _Matcher) -> _Matcher:
        sign = self._take() if self.rest()[:1] in ("*", "+", "?") else ""
        if self.rest()[:1] in ("*", "+", "?", "{"):
            raise self.unread()
        if sign == "?":
            return lambda text, at: at | atom(text, at)
        if not sign:
            return atom

        def match(text: str, at: _Ends) -> _Ends:
            found = at if sign == "*" else _Ends()
            new = at
            while new := atom(text, new) - found:
                found |= new
            return found

        return match

    def _atom(self, depth: int) -> _Matcher:
        sign = self._take()
        match sign:
            case "(":
                return self._group(depth + 1)
            case "[":
                return _one_of(*self._class())
            case ".":
                return _one_of("\n", is_negated=True)
            case "^":
                return lambda _, at: at & {0}
            case "$":
                return lambda text, at: at & {len(text)}
        if sign in _SPECIAL and sign != "\\":
            raise self.unread()
        return _one_of(self._escaped() if sign == "\\" else sign)

    def _group(self, depth: int) -> _Matcher:
        if self.rest().startswith("?") and not self._take("?:"):
            raise self.unread()
        inner = self.alternatives(depth)
        if not self._take(")"):
            raise self.unread()
        return inner

    def _escaped(self) -> str:
        sign = self._take()
        if sign in _CLASSES and sign:
            return _CLASSES[sign]
        if not sign or sign.isalnum():
            raise self.unread()
        return sign

    def _class(self) -> tuple[str, bool]:
        is_negated = bool(self._take("^"))
        signs = ""
        while (sign := self._take()) != "]" or not signs:
            if not sign or (sign == "[" and self.rest().startswith(":")):
                raise self.unread()
            begun = self._escaped() if sign == "\\" else sign
            if self.rest().startswith("-") and self.rest()[1:2] not in ("]", "") and len(begun) == 1:
                self._take("-")
                end = self._take()
                end = self._escaped() if end == "\\" else end
                if len(end) != 1 or end < begun or ord(end) - ord(begun) > _LONGEST:
                    raise self.unread()
                begun = "".join(map(chr, range(ord(begun), ord(end) + 1)))
            signs += begun
        return signs, is_negated


def _one_of(signs: str, is_negated: bool = False) -> _Matcher:  # noqa: FBT001, FBT002 (the two parts of a class)
    return lambda text, at: frozenset(
        index + 1 for index in at if index < len(text) and (text[index] in signs) != is_negated
    )


_REQUIREMENT = re.compile(
    r"\s*(?:(?P<missing>!)\s*)?(?P<key>[A-Za-z0-9./_-]+)\s*"
    r"(?:(?P<op>==|=|!=)\s*(?P<value>[A-Za-z0-9._-]*)|(?P<set>notin|in)\s*\((?P<values>[^()]*)\))?\s*"
)


def is_selected(selector: str, labels: Mapping[str, object]) -> bool:
    """Whether a label selector of a target takes an object. Raises Unavailable where it is not read."""
    return all(_holds(found, labels) for found in _requirements(selector))


def _requirements(selector: str) -> Iterator[re.Match[str]]:
    index = 0
    while index < len(selector):
        found = _REQUIREMENT.match(selector, index)
        end = found.end() if found else index
        if not found or (end < len(selector) and selector[end] != ","):
            message = f"a selector that is not read here: {selector}"
            raise Unavailable(message)
        yield found
        index = end + 1


def _holds(found: re.Match[str], labels: Mapping[str, object]) -> bool:
    value = labels.get(found["key"])
    if found["missing"]:
        return found["key"] not in labels
    if found["op"]:
        return (value == found["value"]) != (found["op"] == "!=")
    if found["set"]:
        wanted = [one.strip() for one in found["values"].split(",")]
        return (value in wanted) == (found["set"] == "in")
    return found["key"] in labels


def quoted(text: str) -> str:
    """A pattern that matches a text and no other."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in text)
