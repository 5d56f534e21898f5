"""Finds the unmatched bracket, which can be far before the place where the parser stops."""

from typing import NamedTuple

import yaml

_LOADER: type[yaml.SafeLoader] | type[yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_CLOSES = {"{": "}", "[": "]"}
_OPENING: dict[type[yaml.Token], str] = {yaml.FlowMappingStartToken: "{", yaml.FlowSequenceStartToken: "["}
_CLOSING: dict[type[yaml.Token], str] = {yaml.FlowMappingEndToken: "}", yaml.FlowSequenceEndToken: "]"}


class Bracket(NamedTuple):
    """An unmatched bracket."""

    place: int
    """Its index in the text."""
    problem: str
    help: str


def wrong_bracket(text: str) -> Bracket | None:
    """The first bracket that closes another kind or nothing, or the last one that is never closed."""
    opened: list[tuple[str, yaml.Mark]] = []
    try:
        for token in yaml.scan(text, Loader=_LOADER):
            if opening := _OPENING.get(type(token)):
                opened.append((opening, token.start_mark))
            elif closing := _CLOSING.get(type(token)):
                if not opened or _CLOSES[opened[-1][0]] != closing:
                    return _wrong_end(closing, token.start_mark, opened)
                opened.pop()
    except yaml.MarkedYAMLError:
        return None
    if not opened:
        return None
    bracket, mark = opened[-1]
    closing = _CLOSES[bracket]
    return Bracket(mark.index, f"`{bracket}` is never closed", f"add the `{closing}` that closes it")


def _wrong_end(closing: str, mark: yaml.Mark, opened: list[tuple[str, yaml.Mark]]) -> Bracket:
    if not opened:
        return Bracket(mark.index, f"`{closing}` closes no bracket", "delete it, or write the bracket that it closes")
    bracket, start = opened[-1]
    place = f"line {start.line + 1}, column {start.column + 1}"
    return Bracket(mark.index, f"`{closing}` cannot close the `{bracket}` of {place}", f"write `{_CLOSES[bracket]}`")
