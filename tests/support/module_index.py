"""The module index: one line for each package and module of the compiler, from their docstrings."""

import ast
from collections.abc import Iterator
from pathlib import Path

from support.repository import CHECKOUT

PACKAGE = CHECKOUT / "compiler/infra_scale"

_HEAD = """\
# Module index

Each package and module of `compiler/infra_scale`, with the first sentence of its docstring.
`make golden` writes this page; to change a line, change the docstring.
Imports go one way, `cli` → `usecases` → `adapters` → `core` → `model`.
[Architecture](architecture.md) follows one request through the packages.
"""


def index() -> str:
    """The page docs/modules.md."""
    folders = sorted(file.parent for file in PACKAGE.rglob("__init__.py"))
    return "\n".join((_HEAD, *(_section(folder) for folder in folders)))


def summary_of(file: Path) -> str:
    """The first sentence of a module's docstring, in one line."""
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    first = " ".join(text.split("\n\n")[0].split())
    sentence, end, _ = first.partition(". ")
    return f"{sentence}." if end else first


def _section(folder: Path) -> str:
    return "\n".join((f"## `{folder.relative_to(PACKAGE.parent).as_posix()}`", "", *_lines(folder), ""))


def _lines(folder: Path) -> Iterator[str]:
    yield summary_of(folder / "__init__.py")
    files = [file for file in sorted(folder.glob("*.py")) if file.name != "__init__.py"]
    if files:
        yield from ("", "| module | purpose |", "|---|---|")
    yield from (f"| `{file.name}` | {summary_of(file).replace('|', chr(92) + '|')} |" for file in files)
