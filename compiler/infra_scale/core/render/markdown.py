"""Escaping, and the few Markdown shapes that everyone uses.

Whatever a user wrote is shown as code: there it can neither mention people, close issues, open HTML nor break a list.
"""

import re

_BLANK = re.compile(r"\s+")
_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """`text` on one line as a code span, fenced with more backticks than it has in a row."""
    flat = _BLANK.sub(" ", text).strip()
    longest = max((len(run) for run in _TICKS.findall(flat)), default=0)
    fence = "`" * (longest + 1)
    padding = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{padding}{flat}{padding}{fence}"


def section(title: str, lines: list[str]) -> list[str]:
    """A second-level heading with its lines and the blank lines around them."""
    return ["", f"## {title}", "", *lines]


def bullets(items: list[str]) -> list[str]:
    """A list, one item a line."""
    return [f"- {item}" for item in items]


def numbered(items: list[str]) -> list[str]:
    """An ordered list, one item a line."""
    return [f"{number}. {item}" for number, item in enumerate(items, start=1)]
