"""A command that was run before, in a repository in which nothing has changed since: what it said, said again.

Loaded before anything else is, and by every start of `compile` and `validate`; a test holds what it may import.
"""

from __future__ import annotations

import io
import os
import sys

from infra_scale.adapters import cache, git_command, stamp

Watch = tuple[str, tuple[object, ...], tuple[int, int]]
"""The repository, what decides about what is said besides its files, and the time and the disk that it began at."""
Entry = tuple[list[str], bytes, str | None, str | None, tuple[str, str]]
"""The folders, the facts of their files, the day, the newest commit, and what was said."""

_NAME = "unchanged"
_VERSION = 1
_MOST_TEXT = 1 << 16
_MOST_ENTRIES = 8
_TOO_MUCH = ("--no-cache", "--root", "--staged", "-h", "--help")
"""What keeps us from knowing at once which repository is meant, or what of it."""


def watch(root: str, arguments: list[str]) -> Watch | None:
    """The moment that a run begins at, by the disk's own clock, before anything is read; None: nothing can be kept."""
    if sys.platform == "win32" or any(one in _TOO_MUCH for one in arguments):
        return None
    since = cache.probe(root)
    return (root, _key(root, arguments), since) if since else None


def keep(begun: Watch, seen: tuple[list[str], str | None, str | None], said: tuple[str, str]) -> None:
    """Keep what a run said on standard output and on standard error, if nothing has changed since it has begun.

    `seen` is what it went by: all that lies below some folders, the day, and when the newest commit was made; None
    for what it did not ask for.
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
    """Whether nothing has changed since these arguments led to a success, and what it said then has been said again."""
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
    except (OSError, AttributeError, TypeError, ValueError):  # whatever it is, a full run says what
        return False


def _entries(root: str | None) -> dict[object, Entry]:
    kept = cache.load(root, _NAME) if root else None
    return kept[1] if isinstance(kept, tuple) and kept[0] == _VERSION else {}


def _key(root: str, arguments: list[str]) -> tuple[object, ...]:
    """Whatever decides about what is said, besides the files of the repository."""
    columns = os.get_terminal_size(1).columns if os.isatty(1) else 0
    place = (os.path.relpath(os.getcwd(), root), git_command.index_mark(root))
    return (tuple(arguments), *place, columns, stamp.environment(), stamp.program())


def _root(folder: str) -> str | None:
    """The folder that a full run would find, where there is no doubt about it (see cli/options.py)."""
    while True:
        has_requests, has_git = os.path.isdir(f"{folder}/requests"), os.path.exists(f"{folder}/.git")
        if has_requests and (has_git or os.path.exists(f"{folder}/ops")):
            return folder
        above = os.path.dirname(folder)
        if has_requests or has_git or os.path.exists(f"{folder}/ops") or above == folder:
            return None
        folder = above


def _say(said: tuple[str, str]) -> bool:
    """Whether both streams have taken all of it, in the encoding of cli/terminal.py."""
    for stream, text in zip((sys.stdout, sys.stderr), said, strict=True):
        if not isinstance(stream, io.TextIOWrapper):  # it was closed, or is somebody's own
            return False
        stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
        stream.write(text)
        stream.flush()
    return True
