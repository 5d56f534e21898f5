"""Replay the output of an earlier run if nothing in the repository has changed since.

Loaded first at every start of `compile` and `validate`; a test limits its imports.
"""

from __future__ import annotations

import io
import os
import sys

from infra_scale.adapters import cache, git_command, stamp

Watch = tuple[str, tuple[object, ...], tuple[int, int]]
"""The repository, the inputs besides its files, and the time and disk at the start of the run."""
Entry = tuple[list[str], bytes, str | None, str | None, tuple[str, str]]
"""The folders, their file metadata, the day, the newest commit, and the output."""

_NAME = "unchanged"
_VERSION = 1
_MOST_TEXT = 1 << 16
_MOST_ENTRIES = 8
_TOO_MUCH = ("--no-cache", "--root", "--staged", "-h", "--help")
"""Options that make the root or the selection ambiguous here."""


def watch(root: str, arguments: list[str]) -> Watch | None:
    """The start time of a run, by the disk's clock, before anything is read; None: nothing can be kept."""
    if sys.platform == "win32" or any(one in _TOO_MUCH for one in arguments):
        return None
    since = cache.probe(root)
    return (root, _key(root, arguments), since) if since else None


def keep(begun: Watch, seen: tuple[list[str], str | None, str | None], said: tuple[str, str]) -> None:
    """Keep the output of a run (standard output and standard error), if nothing has changed since it began.

    `seen` has its inputs: the content of some folders, the day, and the time of the newest commit; None for
    unused ones.
    """
    root, key, since = begun
    folders, day, commit = seen
    if sum(map(len, said)) > _MOST_TEXT:
        return
    try:
        facts = stamp.facts(root, folders, since=since)
    except (OSError, stamp.Unsteady):
        return
    entries = _entries(root)
    entries.pop(key, None)
    kept = dict(list(entries.items())[1 - _MOST_ENTRIES :])
    kept[key] = (folders, facts, day, commit, said)
    cache.store(root, _NAME, (_VERSION, kept))


def said_again(arguments: list[str]) -> bool:
    """Whether nothing has changed since a success with these arguments, and its output was replayed."""
    if sys.platform == "win32" or any(one in _TOO_MUCH for one in arguments):
        return False
    try:
        root = _root(os.getcwd())
        kept = _entries(root).get(_key(root, arguments)) if root else None
        if root is None or kept is None:
            return False
        folders, facts, day, commit, said = kept
        if day not in (None, stamp.today()) or (commit and commit != stamp.newest_commit(root)):
            return False
        return facts == stamp.facts(root, folders) and _say(said)
    except (OSError, AttributeError, TypeError, ValueError):  # a full run reports the error
        return False


def _entries(root: str | None) -> dict[object, Entry]:
    kept = cache.load(root, _NAME) if root else None
    return kept[1] if isinstance(kept, tuple) and kept[0] == _VERSION else {}


def _key(root: str, arguments: list[str]) -> tuple[object, ...]:
    """Inputs of the output besides the files of the repository."""
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


def _say(said: tuple[str, str]) -> bool:
    """Whether both streams accepted all of it, in the encoding of cli/terminal.py."""
    for stream, text in zip((sys.stdout, sys.stderr), said, strict=True):
        if not isinstance(stream, io.TextIOWrapper):  # closed, or replaced by another object
            return False
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
        stream.write(text)
        stream.flush()
    return True
