"""Streaming access to a large tree: names first, then file by file; changes are spooled until the run is valid."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters.cache import UNFINISHED
from infra_scale.adapters.disk import (
    FilesError,
    delete,
    discard,
    failed,
    locked,
    not_a_file,
    read,
    read_at,
    refuse_link,
    walk,
)
from infra_scale.adapters.disk import replace as replace_file
from infra_scale.model.source import EMPTY_FOLDER, Found, NotAFile, Source

_NAMELESS = "a temporary file"


class Aside(NamedTuple):
    """Position of spooled bytes."""

    start: int
    length: int


class Rest(NamedTuple):
    """Other files in the folders, besides the expected ones."""

    found: tuple[Found, ...]
    unfinished: tuple[str, ...]
    """Temporary files of a killed run."""
    beside: tuple[Found, ...] = ()
    """Files on disk at paths where `found` has another source."""
    unstaged: frozenset[str] = frozenset()
    """Paths in `found` that are only on disk."""


def names(root: Path, folder: str) -> Iterator[Found]:
    """All files below `folder` of `root`, without content. Raises FilesError."""
    for entry, path in _entries(root, folder):
        if not entry.name.startswith(".") and not entry.name.endswith(UNFINISHED):
            is_file = entry.is_file(follow_symlinks=False)
            yield Source(path, b"", 0) if is_file else not_a_file(path, is_link=entry.is_symlink())


def content(root: Path, path: str, *, limit: int) -> Found | None:
    """The file at `path` of `root`, with at most a byte more than `limit`; None where there is none. Raises FilesError.

    Only for paths from `names`, or in folders that are checked later: links in parent folders are followed.
    """
    try:
        return read_at(os.fspath(root), path, limit)
    except OSError as error:
        raise failed(path, error, doing="read") from error


def rest(
    root: Path, folders: Sequence[str], wanted: Collection[int], *, passed_over: Collection[int] = (), limit: int
) -> Rest:
    """The files below `folders`, except those whose path has a hash in `wanted`. Raises FilesError.

    The same for the folders of `passed_over` files, which are checked elsewhere.
    """
    found: list[Found] = []
    unfinished: list[str] = []
    for folder in folders:
        is_empty = True
        for entry, path in _entries(root, folder):
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
    """The folder, or the nearest one above it that exists, where that is empty: it may be a submodule."""
    while folder and not os.path.isdir(root / folder):
        folder = folder.rpartition("/")[0]
    if folder and not os.listdir(root / folder):
        yield NotAFile(folder, EMPTY_FOLDER)


def _read(entry: "os.DirEntry[str]", path: str, limit: int) -> Found:
    try:
        return read(entry, path, limit)
    except OSError as error:
        raise failed(path, error, doing="read") from error


def _entries(root: Path, folder: str) -> Iterator[tuple["os.DirEntry[str]", str]]:
    refuse_link(root, folder, set())
    try:
        yield from walk(os.path.join(root, folder), folder)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.lexists(f"{root}/{folder}"):
            message = f"{folder} changed while it was read, or is not a folder"
            raise FilesError(message, hint="run the command again") from None
    except OSError as error:
        named = os.path.relpath(error.filename, root) if error.filename else folder
        raise failed(Path(named).as_posix(), error, doing="read") from error


class Shelf:
    """An anonymous temporary file for changes to write once the run is valid.

    Several forked processes write to it and read from it.
    """

    def __init__(self, root: Path, *, is_shared: bool) -> None:
        """A shared one is created immediately, any other on first use."""
        self._root = root
        self._handle = _nameless(root) if is_shared else None

    def put(self, content: bytes) -> Aside:
        """Spool bytes. Raises FilesError."""
        if self._handle is None:
            self._handle = _nameless(self._root)
        try:
            start = os.lseek(self._handle, 0, os.SEEK_END)
            written = os.write(self._handle, content)
            while written < len(content):  # a disk that is nearly full
                written += os.write(self._handle, content[written:])
        except OSError as error:
            raise failed(_NAMELESS, error, doing="write") from error
        return Aside(start, len(content))

    def take(self, aside: Aside) -> bytes:
        """Spooled bytes."""
        return os.pread(self._handle, aside.length, aside.start) if self._handle is not None else b""

    def close(self) -> None:
        """Discard everything."""
        if self._handle is not None:
            os.close(self._handle)


def _nameless(root: Path) -> int:
    flags = os.O_RDWR | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(root, flags | os.O_TMPFILE, 0o600)
    except (AttributeError, OSError):  # not every system and disk has such files
        from tempfile import TemporaryFile  # noqa: PLC0415 (slow to import)

        try:
            with TemporaryFile() as file:
                return os.dup(file.fileno())
        except OSError as error:
            raise failed(_NAMELESS, error, doing="write") from error


@contextmanager
def held(root: Path, folders: Sequence[str]) -> Iterator[None]:
    """Lock `folders` of `root`; the first is created if missing. Raises FilesError."""
    try:
        (root / folders[0]).mkdir(parents=True, exist_ok=True)
        lock = locked(root / folders[0])
        lock.__enter__()
    except OSError as error:
        raise failed(folders[0], error, doing="write") from error
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


def put(root: Path, path: str, content: bytes, seen: set[str]) -> None:
    """Write one file atomically. Raises FilesError."""
    refuse_link(root, path.rpartition("/")[0], seen)
    try:
        replace_file(f"{root}/{path}", content)
    except OSError as error:
        raise failed(path, error, doing="write") from error


def prune(root: Path, folders: Sequence[str], paths: Collection[str]) -> None:
    """Remove the entries at `paths` below `folders`; links themselves, not their targets. Raises FilesError."""
    looked_at = folders if paths else ()
    doomed = [(entry, path) for folder in looked_at for entry, path in _entries(root, folder) if path in paths]
    for entry, path in doomed:
        try:
            discard(entry, [f"{root}/{folder}" for folder in folders])
        except OSError as error:
            raise failed(path, error, doing="write") from error


def remove(root: Path, folders: Sequence[str], paths: Iterable[str]) -> None:
    """Remove files, and the folders that are empty without them. Raises FilesError."""
    seen: set[str] = set()
    for path in paths:
        refuse_link(root, path.rpartition("/")[0], seen)
        try:
            delete(root, folders, path)
        except OSError as error:
            raise failed(path, error, doing="write") from error
