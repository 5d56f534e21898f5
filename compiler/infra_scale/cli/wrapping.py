"""Lines as wide as a terminal, broken at spaces only, so that what people copy stays whole."""

import re
from collections.abc import Iterator

_WORD = re.compile(r" *(?:[|>] )?(?:`[^`]*`|[^ ])+")
"""What stands in backquotes is a command: one word, with its spaces. What a pipe leads to stands behind it."""

_PIECE = re.compile(r" *(?:[|>] )?[^ ]+")


def wrapped(text: str, width: int, *, first: str = "", then: str = "") -> list[str]:
    """`text` in lines that begin with `first`, and after the first with `then`.

    A word that is wider than a line has one of its own.
    """
    lines, begun = [], first
    is_empty = True
    for word in _words(text, width - len(then)):
        if not is_empty and len(begun) + len(word) > width:
            lines.append(begun)
            begun, is_empty = then, True
        begun += word.lstrip(" ") if is_empty else word
        is_empty = False
    return [*lines, begun]


def _words(text: str, room: int) -> Iterator[str]:
    """The words with the spaces before them; a command that has no room on a line is no longer one word."""
    for word in _WORD.findall(text):
        yield from [word] if len(word.strip()) <= room else _PIECE.findall(word)
