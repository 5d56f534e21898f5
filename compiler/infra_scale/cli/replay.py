"""The output of an earlier run with the same arguments, printed again if no file has changed since.

Loaded at every start of `compile` and `validate`, before anything else; a test checks its imports.
"""

from __future__ import annotations

import io
import os
import sys

from infra_scale.adapters import cache, git_command, stamp

Recording = tuple[str, tuple[object, ...], tuple[int, int]]
"""The repository, what decides about the output besides its files, and the time and the disk of the run's start."""
Entry = tuple[list[str], bytes, str, tuple[str, str]]
"""The folders, the facts of their files, the day, and the output."""

_NAME = "output"
_VERSION = 2
_MOST_TEXT = 1 << 16
_MOST_ENTRIES = 8
_TOO_MUCH = ("--no-cache", "--root", "--staged", "-h", "--help")
"""Options that make the root or the selection ambiguous here."""


def begin(root: str, arguments: list[str]) -> Recording | None:
    """The start of a run, by the clock of the disk, before anything is read; None: nothing can be recorded."""
    if sys.platform == "win32" or any(one in _TOO_MUCH for one in arguments):
        return None
    since = cache.probe(root)
    return (root, _key(root, arguments), since) if since else None


def keep(begun: Recording, folders: list[str], day: str, output: tuple[str, str]) -> None:
    """Record standard output and standard error of a run, if no file below `folders` has changed since its start."""
    root, key, since = begun
    if sum(map(len, output)) > _MOST_TEXT:
        return
    try:
        facts = stamp.facts(root, folders, since=since)
    except (OSError, stamp.Unsteady):
        return
    entries = _entries(root)
    entries.pop(key, None)
    kept = dict(list(entries.items())[1 - _MOST_ENTRIES :])
    kept[key] = (folders, facts, day, output)
    cache.store(root, _NAME, (_VERSION, kept))


def printed_again(arguments: list[str]) -> bool:
    """Print the output of an earlier run that succeeded, and return whether there is one and no file has changed."""
    if sys.platform == "win32" or any(one in _TOO_MUCH for one in arguments):
        return False
    try:
        root = _root(os.getcwd())
        kept = _entries(root).get(_key(root, arguments)) if root else None
        if root is None or kept is None:
            return False
        folders, facts, day, output = kept
        return day == stamp.today() and facts == stamp.facts(root, folders) and _print(output)
    except (OSError, AttributeError, TypeError, ValueError):  # a full run reports what it is
        return False


def _entries(root: str | None) -> dict[object, Entry]:
    kept = cache.load(root, _NAME) if root else None
    return kept[1] if isinstance(kept, tuple) and kept[0] == _VERSION else {}


def _key(root: str, arguments: list[str]) -> tuple[object, ...]:
    """Everything that decides about the output, besides the files of the repository."""
    columns = os.get_terminal_size(1).columns if os.isatty(1) else 0
    place = (os.path.relpath(os.getcwd(), root), git_command.index_mark(root))
    return (tuple(arguments), *place, columns, stamp.environment(), stamp.program())


def _root(folder: str) -> str | None:
    """The root that a full run would find, if it is certain (see cli/options.py)."""
    while True:
        has_requests, has_git = os.path.isdir(f"{folder}/requests"), os.path.exists(f"{folder}/.git")
        if has_requests and (has_git or os.path.exists(f"{folder}/ops")):
            return folder
        above = os.path.dirname(folder)
        if has_requests or has_git or os.path.exists(f"{folder}/ops") or above == folder:
            return None
        folder = above


def _print(output: tuple[str, str]) -> bool:
    """Whether both streams accepted all of it, in the encoding of cli/terminal.py."""
    for stream, text in zip((sys.stdout, sys.stderr), output, strict=True):
        if not isinstance(stream, io.TextIOWrapper):  # closed, or replaced
            return False
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
        stream.write(text)
        stream.flush()
    return True
