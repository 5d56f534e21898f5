"""The tour of the house: one line for each folder and file of the compiler, from what they say of themselves."""

import ast
from collections.abc import Iterator
from pathlib import Path

from support.repository import CHECKOUT

HOUSE = CHECKOUT / "compiler/infra_scale"

_HEAD = """\
# The house, room by room

Each folder and file of `compiler/infra_scale`, in its own words: the first sentence of its docstring.
`make golden` writes this page; to change a line, change the file.
Imports go one way, `cli` → `usecases` → `adapters` → `core` → `model`.
[How it is built](architecture.md) walks through a run.
"""


def tour() -> str:
    """The page docs/house.md."""
    folders = sorted(file.parent for file in HOUSE.rglob("__init__.py"))
    return "\n".join((_HEAD, *(_room(folder) for folder in folders)))


def said(file: Path) -> str:
    """The first sentence of a module's docstring, in one line."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    first = " ".join(text.split("\n\n")[0].split())
    sentence, end, _ = first.partition(". ")
    return f"{sentence}." if end else first


def _room(folder: Path) -> str:
    return "\n".join((f"## `{folder.relative_to(HOUSE.parent).as_posix()}`", "", *_lines(folder), ""))


def _lines(folder: Path) -> Iterator[str]:
    yield said(folder / "__init__.py")
    files = [file for file in sorted(folder.glob("*.py")) if file.name != "__init__.py"]
    if files:
        yield from ("", "| file | what it is for |", "|---|---|")
    yield from (f"| `{file.name}` | {said(file).replace('|', chr(92) + '|')} |" for file in files)
