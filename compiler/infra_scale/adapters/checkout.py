"""The files of a checkout: those on disk, and those not checked out, read from Git's index.

In a sparse checkout, a request that is not on disk is not deleted: the next commit still has it. The index marks such
files skip-worktree. The first bytes of most indexes show that they have no such marks: then git is not called.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path

from infra_scale.adapters import files, git_command
from infra_scale.adapters.objects import OURS, Blobs, Entry, folder_to_check_out, skipped_entries
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import TARGETS, target_names
from infra_scale.model.source import Found, NotAFile, Source

_SHOWN = 3


class LeftOut:
    """Files below `root` in the index that are not checked out. Close it after reading content."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._mark = git_command.index_mark(os.fspath(root))
        self._blobs = Blobs(root)
        self._by_path: dict[str, Entry] | None = None
        self._named: dict[str, Entry] = {}

    @property
    def is_possible(self) -> bool:
        """Whether the index can have such marks."""
        return bool(self._mark)

    def entries(self, folder: str) -> Iterator[Entry]:
        """All of them below a folder, or the one of this path, sorted by path. Raises GitError."""
        if self._mark:
            named = OURS if any(_is_at(folder, ours) for ours in OURS) else (folder,)
            for entry in _skipped(self._root, named, self._mark):
                if _is_at(entry.path, folder) and not os.path.lexists(f"{self._root}/{entry.path}"):
                    yield entry

    def names(self, folder: str) -> Iterator[Found]:
        """The same without content."""
        for one in self.entries(folder):
            self._named[one.path] = one
            yield NotAFile(one.path, one.what) if one.what else Source(one.path, b"", 0)

    def files(self, folder: str, *, limit: int) -> tuple[Found, ...]:
        """The same with content up to `limit` bytes. Raises GitError."""
        if not limit:
            return tuple(self.names(folder))
        return tuple(self._blobs.found(entry, limit=limit) for entry in self.entries(folder))

    def __contains__(self, path: str) -> bool:
        if not self._mark:
            return False
        if self._by_path is None:
            self._by_path = {entry.path: entry for folder in OURS for entry in self.entries(folder)}
        return path in self._by_path

    def content(self, path: str, *, limit: int) -> Found | None:
        """What is at a path of our own folders, or one that `names` returned, up to `limit` bytes. Raises GitError."""
        entry = self._named.get(path) or (self._by_path[path] if path in self and self._by_path else None)
        return self._blobs.found(entry, limit=limit) if entry else None

    def close(self) -> None:
        """Stop git."""
        self._blobs.close()


def read_tree(root: Path, folder: str, *, limit: int) -> tuple[Found, ...] | None:
    """As files.read_tree, with files that are not checked out. Raises FilesError and GitError."""
    found = files.read_tree(root, folder, limit=limit)
    with closing(LeftOut(root)) as left_out:
        more = left_out.files(folder, limit=limit)
    return tuple(sorted((*(found or ()), *more), key=lambda item: item.path)) if more else found


def read_file(root: Path, path: str, *, limit: int) -> Found | None:
    """As files.read_file, also for a file that is not checked out. Raises FilesError and GitError."""
    found = files.read_file(root, path, limit=limit)
    if found is not None:
        return found
    with closing(LeftOut(root)) as left_out:
        return next((item for item in left_out.files(path, limit=limit) if item.path == path), None)


def is_there(root: Path, path: str) -> bool:
    """Whether anything is at a path, on disk or in the index. Raises GitError."""
    return files.is_there(root / path) or any(LeftOut(root).entries(path))


def write_within(root: Path, path: str, content: bytes) -> None:
    """As files.write_within, for files that are checked out. Raises FilesError and GitError."""
    if any(LeftOut(root).entries(path)):
        refuse_left_out([path])
    files.write_within(root, path, content)


def refuse_left_out(paths: list[str]) -> None:
    """Raise InfraScaleError for files that must change and are not checked out: git would not see the change."""
    folders = sorted({folder_to_check_out(path) for path in paths})
    if folders:
        named = ", ".join(paths[:_SHOWN]) + (f" and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else "")
        message = f"not checked out (sparse checkout), but must change: {named}"
        from shlex import join  # noqa: PLC0415 (only for an error)

        command = f"git sparse-checkout add {join(folders)}"
        raise InfraScaleError(message, hint=f"nothing was written; check the files out first: {command}")


@lru_cache(maxsize=64)
def _skipped(root: Path, folders: tuple[str, ...], mark: tuple[object, ...]) -> tuple[Entry, ...]:  # noqa: ARG001 (another index has another mark)
    return tuple(skipped_entries(root, folders))


def _is_at(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def known_targets(root: Path) -> tuple[str, ...]:
    """The names of the files in ops/targets/, sorted. Raises FilesError."""
    return tuple(target_names(item.path for item in read_tree(root, TARGETS, limit=0) or ()))
