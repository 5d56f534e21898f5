"""Wrap lines to the width of a terminal, at spaces only, so that text to copy stays whole."""

import re
from collections.abc import Iterator

from infra_scale.core.reporting.cells import cells

_WORD = re.compile(r" *(?:[|>] )?(?:`[^`]*`|[^ ])+")
"""Text in backquotes is a command: one word, with its spaces. A pipe stays with the next word."""
_PIECE = re.compile(r" *(?:[|>] )?[^ ]+")
_COLOUR = re.compile("\x1b\\[[0-9;]*m")
_COLUMNS = re.compile(f" *(?:[^ ]+ {{2,}}(?:{_COLOUR.pattern} )?)*")
"""All columns of a table but the last."""
_STEP = "    "
_ROOM = 24
"""With less space next to the columns, lines begin further left."""


def wrapped(text: str, width: int, *, first: str = "", then: str = "") -> list[str]:
    """`text` in lines that begin with `first`, and after the first with `then`.

    A word that is wider than a line has one of its own.
    """
    lines, begun = [], first
    is_empty = True
    for word in _words(text, width - len(then)):
        if not is_empty and _seen(begun) + _seen(word) > width:
            lines.append(begun)
            begun, is_empty = then, True
        begun += word.lstrip(" ") if is_empty else word
        is_empty = False
    return [*lines, begun]


def hanging(line: str, width: int) -> list[str]:
    """One line wrapped into several, aligned with its last column, else indented."""
    if _seen(line) <= width:
        return [line]
    margin = line[: len(line) - len(line.lstrip(" "))]
    columns = _COLUMNS.match(line)
    first = columns[0] if columns else margin
    if len(margin) < _seen(first) <= width - _ROOM:
        return wrapped(line[len(first) :], width, first=first, then=" " * _seen(first))
    return wrapped(line[len(margin) :], width, first=margin, then=margin + _STEP)


def command_lines(command: str, width: int, *, first: str = _STEP) -> Iterator[str]:
    """A command as continued shell lines, broken before pipes, and only if necessary."""
    if len(first) + len(command) <= width:
        yield f"{first}{command}"
        return
    lines, indent, then = list[str](), first, f"{first}  "
    for part in re.split(" (?=[|>] )", command):
        lines += wrapped(part, width - len(" \\"), first=indent, then=then)
        indent = then
    yield from (f"{line} \\" for line in lines[:-1])
    yield lines[-1]


def _seen(text: str) -> int:
    return cells(_COLOUR.sub("", text)) if "\x1b" in text else cells(text)


def _words(text: str, room: int) -> Iterator[str]:
    """The words with the spaces before them; a command longer than a line is split."""
    for word in _WORD.findall(text):
        yield from [word] if _seen(word.strip()) <= room else _PIECE.findall(word)
