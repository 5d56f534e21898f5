"""Escaping, and the few Markdown shapes that everyone uses.

Whatever a user wrote is shown as code: there it can neither mention people, close issues, open HTML nor break a list.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from infra_scale.core.syntax.printable import printable

_LINKED = re.compile(r"(?<![^\s*_~(])www\.")
_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """`text` on one line as a code span, fenced with more backticks than it has in a row."""
    flat = printable(" ".join(text.split()))
    if "`" not in flat:
        return f"`{flat}`"
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


def unlinked(text: str) -> str:
    """`text` that GitHub does not turn into a link: a workload may be named www.example.com (GFM 6.9)."""
    return _LINKED.sub(r"www\.", text) if "www." in text else text


def cell(text: str) -> str:
    """`text` as a code span that cannot end its table cell."""
    return code(text).replace("|", "\\|")


def table(
    heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], *, room: int, rest: str, amounts: Collection[int] = ()
) -> str:
    """A table of at most `room` bytes; `rest` names the rows that had to be left out.

    The columns with the numbers `amounts` stand at the right.
    """
    rules = "".join(" ---: |" if number in amounts else " --- |" for number in range(len(heads)))
    head = f"| {' | '.join(heads)} |\n|{rules}\n"
    lines = [f"| {' | '.join(row)} |\n" for row in rows]
    left = room - len(head.encode()) - _ROOM_FOR_REST
    shown = 0
    while shown < len(lines) and left >= len(lines[shown].encode()):
        left -= len(lines[shown].encode())
        shown += 1
    more = f"\n… and {len(lines) - shown} more {rest}\n" if shown < len(lines) else ""
    return head + "".join(lines[:shown]) + more


def lines_within(lines: Iterable[str], *, room: int, rest: str) -> list[str]:
    """The first lines, as many as `room` bytes take; `rest` names those that had to be left out."""
    every = list(lines)
    kept, left = 0, room - _ROOM_FOR_REST
    while kept < len(every) and left >= len(every[kept].encode()) + 1:
        left -= len(every[kept].encode()) + 1
        kept += 1
    return [*every[:kept], *(["", f"… and {len(every) - kept} more {rest}"] if kept < len(every) else [])]


_ROOM_FOR_REST = 100


def folded(title: str, text: str) -> str:
    """A block that GitHub shows as its title until a reader opens it; empty without text."""
    return f"<details><summary>{title}</summary>\n\n{text.rstrip()}\n\n</details>" if text else ""
