"""Write the generated tree: changes are put aside until all are known, and then written file by file."""

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters.disk import delete, discard, entries, failed, locked, refuse_link
from infra_scale.adapters.disk import replace as replace_file

_NAMELESS = "a temporary file"


class Aside(NamedTuple):
    """Position of spooled bytes."""

    start: int
    length: int


class Spool:
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
    doomed = [(entry, path) for folder in looked_at for entry, path in entries(root, folder) if path in paths]
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
