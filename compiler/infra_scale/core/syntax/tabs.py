"""Tabs between tokens or in front of a line: libyaml accepts them, other readers of YAML do not."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_COMMENT = re.compile(r"#[^\r\n]*")
_INDENTING = re.compile(r"[\r\n][ ]*\t")
_HEADER = re.compile(r"[^\r\n]*")


class Span(NamedTuple):
    """Where a scalar begins and ends, and its style: `|` and `>` for blocks, None for a plain one."""

    start: int
    end: int
    style: str | None


def misplaced_tab(text: str, scalars: Iterable[Span]) -> int | None:
    """The index of the first tab outside of scalars and comments, or that indents a line of a scalar without a block.

    `scalars` come in the order of the text, and do not overlap.
    """
    end = 0
    for scalar in scalars:
        if (found := _between(text, end, scalar.start)) is not None:
            return found
        if (found := _inside(text, scalar)) is not None:
            return found
        end = scalar.end
    return _between(text, end, len(text))


def _between(text: str, start: int, end: int) -> int | None:
    while start < end and (tab := text.find("\t", start, end)) >= 0:
        comment = _COMMENT.search(text, start, end)
        if comment is None or tab < comment.start():
            return tab
        start = comment.end()
    return None


def _inside(text: str, scalar: Span) -> int | None:
    if scalar.style in ("|", ">"):
        header = _HEADER.match(text, scalar.start, scalar.end)
        return _between(text, scalar.start, header.end() if header else scalar.start)
    indenting = _INDENTING.search(text, scalar.start, scalar.end)
    return indenting.end() - 1 if indenting else None
