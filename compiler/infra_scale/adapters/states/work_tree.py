"""The work tree as the state of a repository: the files on disk, and those that a sparse checkout left in the index."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra_scale.adapters import git
from infra_scale.adapters.cache import UNFINISHED, Since
from infra_scale.adapters.checkout import LeftOut
from infra_scale.adapters.disk import entries, failed, not_a_file, read, read_at
from infra_scale.model.names import is_among_generated
from infra_scale.model.source import EMPTY_FOLDER, SUBMODULE, Found, NotAFile, Source
from infra_scale.model.state import Rest

if TYPE_CHECKING:
    from datetime import datetime


class WorkTree:
    """The files below `root`; see RepositoryState. Must be closed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.left_out = LeftOut(root)

    def names(self, folder: str) -> Iterator[Found]:
        """See RepositoryState. Raises FilesError and GitError."""
        more = tuple(self.left_out.names(folder))
        here = _names(self.root, folder)
        return iter(sorted((*here, *more), key=lambda item: item.path)) if more else here

    def marked(self, folder: str, since: Since | None) -> Iterator[tuple[Found, bytes]]:
        """The names below a folder, each with what identifies its content without reading it; empty: nothing does.

        A file that may have changed `since` then, or is on another disk, has no such mark. Raises FilesError, GitError.
        """
        marks: dict[str, bytes] = {}
        found = _names(self.root, folder, (marks, since) if since else None)
        more = tuple(self.left_out.names(folder))
        found = iter(sorted((*found, *more), key=lambda item: item.path)) if more else found
        return ((item, marks.get(item.path, b"")) for item in found)

    def read_marked(self, path: str, since: Since | None, *, limit: int) -> tuple[Found | None, bytes]:
        """The content at a path, and what identifies it, as in `marked`. Raises FilesError and GitError."""
        marks: list[bytes] = []
        notice = (lambda seen: marks.append(_mark(seen, since))) if since else None
        found = content(self.root, path, limit=limit, notice=notice)
        return found or self.left_out.content(path, limit=limit), marks[0] if marks else b""

    def content(self, path: str, *, limit: int) -> Found | None:
        """See RepositoryState. Links in the folders of `path` are followed. Raises FilesError and GitError."""
        return content(self.root, path, limit=limit) or self.left_out.content(path, limit=limit)

    def committed_at(self) -> "datetime | None":
        """See RepositoryState."""
        return git.newest_commit(self.root)

    def close(self) -> None:
        """Stop git."""
        self.left_out.close()


def content(
    root: Path, path: str, *, limit: int, notice: Callable[[os.stat_result], None] | None = None
) -> Found | None:
    """The file on disk at `path` of `root`, with at most a byte more than `limit`. Raises FilesError.

    Only for paths that `names` returned, or whose folders are checked later: links on the way are followed.
    """
    try:
        return read_at(os.fspath(root), path, limit, notice)
    except OSError as error:
        raise failed(path, error, doing="read") from error


def _names(root: Path, folder: str, marking: tuple[dict[str, bytes], Since] | None = None) -> Iterator[Found]:
    above = (folder.rsplit("/", level)[0] for level in range(1, folder.count("/") + 1))
    yield from (NotAFile(parent, SUBMODULE) for parent in above if os.path.lexists(root / parent / ".git"))
    for entry, path in entries(root, folder):
        if entry.name == ".git":  # of a submodule; Git's index has the folder alone
            yield NotAFile(path.rpartition("/")[0], SUBMODULE)
        is_hidden = entry.name.startswith(".") and not is_among_generated(path)
        if not is_hidden and not entry.name.endswith(UNFINISHED):
            is_file = entry.is_file(follow_symlinks=False)
            if marking and is_file:
                marking[0][path] = _mark(entry.stat(follow_symlinks=False), marking[1])
            yield Source(path, b"", 0) if is_file else not_a_file(path, is_link=entry.is_symlink())


def _mark(seen: os.stat_result, since: Since) -> bytes:
    if seen.st_ctime_ns >= since[0] or seen.st_dev != since[1]:
        return b""
    return b"%d %d %d %d" % (seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns, seen.st_ino)


def rest(
    root: Path, folders: Sequence[str], wanted: Collection[int], *, passed_over: Collection[int] = (), limit: int
) -> Rest:
    """The files below `folders` on disk, except those whose path has a hash in `wanted`. Raises FilesError.

    Files whose folder has a hash in `passed_over` are omitted as well: another shard of the run reads them.
    """
    found: list[Found] = []
    unfinished: list[str] = []
    for folder in folders:
        is_empty = True
        for entry, path in entries(root, folder):
            is_empty = False
            if entry.name.endswith(UNFINISHED) and not entry.is_dir(follow_symlinks=False):
                unfinished.append(path)
            elif hash(path) in wanted and entry.is_file(follow_symlinks=False):
                continue
            elif not passed_over or hash(path.rpartition("/")[0]) not in passed_over:
                found.append(_read(entry, path, limit))
        found += _vacant(root, folder) if is_empty else ()
    return Rest(tuple(found), tuple(unfinished))


def _vacant(root: Path, folder: str) -> Iterator[Found]:
    """The folder, or its nearest existing parent, if that is empty: it may be a submodule."""
    while folder and not os.path.isdir(root / folder):
        folder = folder.rpartition("/")[0]
    if folder and not os.listdir(root / folder):
        yield NotAFile(folder, EMPTY_FOLDER)


def _read(entry: "os.DirEntry[str]", path: str, limit: int) -> Found:
    try:
        return read(entry, path, limit)
    except OSError as error:
        raise failed(path, error, doing="read") from error
