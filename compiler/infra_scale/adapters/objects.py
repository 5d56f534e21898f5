"""Content of the index and of commits: paths with object ids, and the objects one by one."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import git
from infra_scale.adapters.git import GitError
from infra_scale.adapters.process import Dialogue
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import CLUSTERS, GENERATED, REQUESTS, TARGETS, is_passed_over
from infra_scale.model.source import SUBMODULE, Found, NotAFile, Source

OURS = (REQUESTS, TARGETS, CLUSTERS, *GENERATED)
"""The folders of an infra-scale repository."""
_WHAT = {"120000": "a symbolic link", "160000": SUBMODULE}
_SKIPPED = ("S", "s")
"""How `git ls-files -v` tags what is marked skip-worktree; in lower case it is also assumed to be unchanged."""
_EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "473a0f4c3be8a93681a267e3b1e9a7dcda1185436fe141f7749120a303721813",
)
"""The empty blob, by SHA-1 and by SHA-256."""
_AT_ONCE = 1 << 20


class Entry(NamedTuple):
    """An entry of the index or of a commit."""

    path: str
    blob: str
    """The object id of its content."""
    what: str
    """Its type, as in NotAFile; empty for a regular file."""
    is_skipped: bool = False
    """Whether the index marks it as not checked out (skip-worktree)."""


def staged_paths(root: Path) -> tuple[str, ...]:
    """Paths from `root` that the next commit changes below it. Raises GitError."""
    return _staged(root, "--relative")


def has_staged(root: Path) -> bool:
    """Whether the next commit changes any file. Raises GitError."""
    return bool(_staged(root))


def _staged(root: Path, *options: str) -> tuple[str, ...]:
    return git.split(git.ask(root, "diff", "--cached", "--name-only", "--no-renames", "-z", *options, "--"))


def staged_entries(root: Path, folders: Sequence[str]) -> Iterator[Entry]:
    """All files below some folders of `root` in the index, sorted by path, without intent-to-add entries.

    Hidden files are left out, except among generated files. Raises GitError, also while the index has unmerged files.
    """
    entries = []
    for entry, stage in _entries(root, folders):
        if stage != "0":
            message = f"{entry.path} is not merged"
            raise GitError(message, hint="resolve the conflict and `git add` the file")
        entries.append(entry)
    intended = _intended(root, folders) if any(entry.blob in _EMPTY for entry in entries) else frozenset()
    return (entry for entry in entries if entry.path not in intended)


def skipped_entries(root: Path, folders: Sequence[str]) -> Iterator[Entry]:
    """Files below some folders of `root` that the index has and marks as not checked out. Raises GitError."""
    return (entry for entry, _ in _entries(root, folders) if entry.is_skipped and entry.what != SUBMODULE)


def committed_entries(root: Path, commit: str, folder: str) -> Iterator[Entry]:
    """Everything below `folder` of `root` in a commit, named by its SHA, as for `staged_entries`. Raises GitError."""
    for line in git.split(git.ask(root, "ls-tree", "-r", "-z", commit, "--", folder)):
        facts, path = line.split("\t", 1)
        mode, _, blob = facts.split(" ")
        what = _WHAT.get(mode, "")
        is_inside = path.startswith(f"{folder}/") or (path == folder and what == SUBMODULE)
        if is_inside and not is_passed_over(path):
            yield Entry(path, blob, what)


class Blobs:
    """Content of entries of the index or of a commit, read one by one. Close it after use.

    Once git has started, one object costs as much as reading a small file; each of our processes starts its own git.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._started: dict[int, Dialogue] = {}

    def found(self, entry: Entry, *, limit: int) -> Found:
        """An entry with its content; without it where that is larger than `limit` bytes. Raises GitError."""
        if entry.what:
            return NotAFile(entry.path, entry.what)
        size, content = self.read("blob", entry.blob, limit=limit)
        if content is None:
            raise self._unreadable(entry)
        return Source(entry.path, content, size)

    def read(self, kind: str, name: str, *, limit: int) -> tuple[int, bytes | None]:
        """Size and content of an object of a kind, by its id: None where it is not here; nothing beyond `limit`."""
        started = self._git()
        found, _, digits = started.ask(f"{name}\n".encode("ascii")).removesuffix(b"\n").partition(b" ")
        if not digits.isdigit():
            return 0, None
        size, is_wanted = int(digits), found == kind.encode("ascii")
        if size > limit or not is_wanted:
            _pass_over(started, size + 1)
            return size, b"" if is_wanted else None
        content = started.more(size + 1)
        return size, content[:size] if len(content) > size else None

    def _git(self) -> Dialogue:
        here = os.getpid()
        if here not in self._started:
            self._started[here] = git.dialogue(self._root, "cat-file", "--batch=%(objecttype) %(objectsize)")
        return self._started[here]

    def _unreadable(self, entry: Entry) -> GitError:
        """Query one object separately to get git's error; the batch process may have ended."""
        self.close()
        complaint = git.run(self._root, "cat-file", "blob", entry.blob).complaint
        if git.is_unfetched(complaint):
            return _unfetched(entry)
        message = f"git cannot read {entry.path}: {' '.join(complaint.splitlines()) or 'the process ended'}"
        return GitError(message, hint="`git fsck` shows missing objects")

    def close(self) -> None:
        """Stop the git process that this process has started."""
        if started := self._started.pop(os.getpid(), None):
            started.close()


def assumed_unchanged(root: Path, paths: Sequence[str]) -> tuple[str, ...]:
    """Those of `paths` that the index marks as assume-unchanged; none if git fails."""
    try:
        lines = git.split(git.ask(root, "ls-files", "-v", "-z", "--", *paths))
    except InfraScaleError:  # folders without git are compiled too
        return ()
    return tuple(path for tag, _, path in (line.partition(" ") for line in lines) if tag.islower())


def folder_to_check_out(path: str) -> str:
    """The folder to check out for a file: requests need all of theirs, because they are compared."""
    ours = (folder for folder in OURS if path.startswith(f"{folder}/"))
    return next(ours, path.rpartition("/")[0] or ".")


def _entries(root: Path, folders: Sequence[str]) -> Iterator[tuple[Entry, str]]:
    """Entries of the index with their stage: other than 0 while they are not merged."""
    for line in git.split(git.ask(root, "ls-files", "--stage", "-v", "-z", "--", *folders)):
        facts, path = line.split("\t", 1)
        tag, mode, blob, stage = facts.split(" ")
        if not is_passed_over(path):
            yield Entry(path, blob, _WHAT.get(mode, ""), tag in _SKIPPED), stage


def _unfetched(entry: Entry) -> GitError:
    from shlex import quote  # noqa: PLC0415 (only for an error)

    message = f"the content of {entry.path} is not in this partial clone, and infra-scale fetches nothing"
    fetch = f"git cat-file -e {entry.blob}"
    if entry.is_skipped:
        fetch = f"git sparse-checkout add {quote(folder_to_check_out(entry.path))}"
    return GitError(message, hint=f"fetch it: {fetch}")


def _intended(root: Path, folders: Sequence[str]) -> frozenset[str]:
    """Paths of `git add --intent-to-add`: in the index they are empty, and no commit takes them.

    A diff of the index adds them only with --ita-visible. A diff between index and work tree would show them too, but
    run the clean filters of changed files.
    """
    visible, invisible = (
        git.ask(root, *_NEW, f"--ita-{counted}-in-index", "--", *folders) for counted in ("visible", "invisible")
    )
    return frozenset(git.split(visible)) - frozenset(git.split(invisible))


_NEW = ("diff", "--cached", "--name-only", "--no-renames", "--diff-filter=A", "--relative", "-z")


def _pass_over(started: Dialogue, size: int) -> None:
    while size > 0:
        size -= len(started.more(min(size, _AT_ONCE))) or size
