"""Syntax that libyaml accepts, but PyYAML's own scanner or ruamel.yaml refuse or read differently."""

import re
from collections.abc import Iterable
from typing import NamedTuple

# Patterns stay text and are compiled on first use: most runs need none.
_COMMENT = r"#[^\r\n]*"
_INDENTING = r"[\r\n][ ]*\t"
_HEADER = r"[|>][-+0-9]*(?P<rest>[^\r\n]*)"
_BLANK = r"(?:\r\n|\r|\n)+(?P<spaces> +)(?=[\r\n])"
_TIGHT = r":(?=\S)"
_TAB = ("a tab where YAML requires spaces", "write spaces instead")


class Scalar(NamedTuple):
    """Where a scalar begins and ends in its text."""

    start: int
    end: int
    style: str | None
    """`|` and `>` for blocks of text, quotes, or nothing for a plain scalar."""
    is_in_flow: bool
    """Whether it is inside of brackets or braces."""
    opens_pair: bool = False
    """Whether a mapping of one key begins with it that has no braces: `[a: b]`."""


class Disagreement(NamedTuple):
    """Syntax that not all readers accept."""

    place: int
    what: str
    help: str


def disagreement(text: str, scalars: Iterable[Scalar]) -> Disagreement | None:
    """The first one. `scalars` come in the order of the text, and do not overlap."""
    end = 0
    for scalar in scalars:
        if found := _between(text, end, scalar.start) or _inside(text, scalar):
            return found
        end = scalar.end
    return _between(text, end, len(text))


def _between(text: str, start: int, end: int) -> Disagreement | None:
    """A tab outside of scalars and comments."""
    while start < end and (tab := text.find("\t", start, end)) >= 0:
        comment = re.compile(_COMMENT).search(text, start, end)
        if comment is None or tab < comment.start():
            return Disagreement(tab, *_TAB)
        start = comment.end()
    return None


def _inside(text: str, scalar: Scalar) -> Disagreement | None:
    if scalar.style in ("|", ">"):
        return _in_block(text, scalar)
    if scalar.style:
        return _in_quotes(text, scalar)
    if (tab := text.find("\t", scalar.start, scalar.end)) >= 0:
        return Disagreement(tab, *_TAB)
    if scalar.is_in_flow and (mark := text.find("?", scalar.start, scalar.end)) >= 0:
        return Disagreement(mark, "a question mark inside of brackets or braces", "quote the text that it is in")
    return None


def _in_quotes(text: str, scalar: Scalar) -> Disagreement | None:
    if indenting := re.compile(_INDENTING).search(text, scalar.start, scalar.end):
        return Disagreement(indenting.end() - 1, *_TAB)
    if scalar.opens_pair and re.compile(_TIGHT).match(text, scalar.end):
        return Disagreement(scalar.end, "a colon without a space behind it", "write a space after the colon")
    return None


def _in_block(text: str, scalar: Scalar) -> Disagreement | None:
    header = re.compile(_HEADER).match(text, scalar.start, scalar.end)
    if header is None:
        return None
    if tab := _between(text, header.start("rest"), header.end()):
        return tab
    if header["rest"].startswith("#"):
        return Disagreement(header.start("rest"), "a comment right behind `|` or `>`", "write a space before the #")
    if blank := re.compile(_BLANK).match(text, header.end(), scalar.end):
        return Disagreement(blank.start("spaces"), "a first line of nothing but spaces", "delete the spaces")
    return None
