"""The steps after `init`: commands to copy, each with its reason."""

import os
import shlex
from collections.abc import Iterator, Sequence

from infra_scale.cli import terminal
from infra_scale.core.setup.templates import MERGE_COMMAND, NO_COMMIT
from infra_scale.core.syntax.printable import printable
from infra_scale.usecases.init import Setup, Wish

_OURS = ("requests", "ops", "schemas")


def show_next_steps(setup: Setup, folder: str, wired: tuple[str, ...], wish: Wish) -> None:
    """Print them; `wired` are kustomizations that were edited."""
    for command, remark in _next_steps(setup, folder, wired, wish):
        _step(command, remark)


def _next_steps(setup: Setup, folder: str, wired: tuple[str, ...], wish: Wish) -> Iterator[tuple[str, str]]:
    """Commands and their remarks."""
    if os.path.relpath(folder) != ".":
        yield f"cd {printable(shlex.quote(folder))}", ""
    if not setup.in_git:
        yield "git init", "not a git repository yet"
    if wish.has_merge_driver:
        yield MERGE_COMMAND, "in each clone; `infra-scale compile` after a merge"
    yield "pre-commit install", "pip install pre-commit"
    yield f"git add {shlex.join(_to_add([*(change.path for change in setup.changes), *wired]))}", ""
    yield (
        "git commit -m 'Set up infra-scale'",
        "the hook passes" if wish.origin.commit != NO_COMMIT else "once the commit is set",
    )
    if not wired:
        yield "infra-scale wire", "add rendered Components to your overlays, once the target lists `manifests`"
    yield "infra-scale doctor", "check the setup here and on GitHub"


def _step(command: str, remark: str) -> None:
    """A command with its remark on the same line, or above it on a narrow terminal."""
    beside = f"{command:<36} # {remark}"
    if not remark:
        terminal.command(command)
    elif len(f"    {beside}") <= terminal.width_aside():
        terminal.command(beside)
    else:
        terminal.err(f"    # {remark}")
        terminal.command(command)


def _to_add(paths: Sequence[str]) -> list[str]:
    """The written paths, with generated folders as a whole."""
    tops = (path.split("/")[0] for path in paths)
    return sorted({top if top in _OURS else path for top, path in zip(tops, paths, strict=True)})
