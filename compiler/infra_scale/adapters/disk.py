"""Disk operations: one entry, one file, one lock at a time. Only for the disk adapters."""

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from infra_scale.adapters.cache import UNFINISHED
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import is_among_generated
from infra_scale.model.source import EMPTY_FOLDER, OWN_REPOSITORY, Found, NotAFile, Source

if sys.platform != "win32":  # without it, two parallel runs both do the work, with the same result
    import fcntl

# Paths are strings here: pathlib's objects took as long as the disk.
_AT_ONCE = getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
"""A FIFO whose other end is not open does not block."""
AS_IT_IS = _AT_ONCE | getattr(os, "O_NOFOLLOW", 0)
_OLD = os.O_RDONLY | AS_IT_IS
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | AS_IT_IS

_GIT = ".git"
_DEEPEST = 200
_SHOWN = 60


class FilesError(InfraScaleError):
    """A disk operation failed."""


def walk(
    folder: str, path: str, *, itself: "os.DirEntry[str] | None" = None
) -> Iterator[tuple["os.DirEntry[str]", str]]:
    """Everything below a folder that is not a folder, with its path below `path`; hidden folders are left out.

    Among generated files they are not, and there a folder that is empty or holds a Git repository is an entry, too.
    `itself` is the entry of the folder. Raises FilesError where folders are nested deeper than any repository needs.
    """
    if path.count("/") > _DEEPEST:
        message = f"{path[:_SHOWN]}… has more than {_DEEPEST} nested folders"
        raise FilesError(message, hint="move their files to a higher level")
    sees_all = is_among_generated(path)
    with os.scandir(folder) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    if sees_all and itself and (not entries or itself.name == _GIT):
        yield itself, path
        return
    for entry in entries:
        name = entry.name
        inner = f"{path}/{name if name.isascii() else os.fsencode(name).decode('utf-8', 'backslashreplace')}"
        if not entry.is_dir(follow_symlinks=False):
            yield entry, inner
        elif sees_all or not name.startswith("."):
            yield from walk(entry.path, inner, itself=entry)


def entries(root: Path, folder: str) -> Iterator[tuple["os.DirEntry[str]", str]]:
    """Everything below a folder of `root` that is not a folder, as `walk` has it. Raises FilesError."""
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


def read(entry: "os.DirEntry[str]", path: str, limit: int) -> Found:
    """What an entry of a folder is, with at most a byte more than `limit` of it."""
    if entry.is_dir(follow_symlinks=False):
        return NotAFile(path, EMPTY_FOLDER if entry.name != _GIT or not os.listdir(entry.path) else OWN_REPOSITORY)
    if entry.name == _GIT:
        return NotAFile(path, OWN_REPOSITORY)
    if not entry.is_file(follow_symlinks=False):
        return not_a_file(path, is_link=entry.is_symlink())
    handle = os.open(entry.path, _OLD)
    try:
        return _content(handle, path, os.fstat(handle).st_size, limit)
    finally:
        os.close(handle)


def read_at(root: str, path: str, limit: int, notice: Callable[[os.stat_result], None] | None = None) -> Found | None:
    """What is at a path below `root`, as `read` has it; None where nothing does, or a folder.

    The folders on the way are not looked at: a caller that may meet a link there does that. `notice` gets what a
    regular file is before it is read.
    """
    try:
        handle = os.open(f"{root}/{path}", _OLD)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            return not_a_file(path, is_link=error.errno == errno.ELOOP)
        raise
    try:
        facts = os.fstat(handle)
        if stat.S_ISDIR(facts.st_mode):
            return None
        if not stat.S_ISREG(facts.st_mode):
            return not_a_file(path, is_link=False)
        if notice:
            notice(facts)
        return _content(handle, path, facts.st_size, limit)
    finally:
        os.close(handle)


def opened(path: Path, flags: int) -> int:
    """A file, device or pipe that an option or variable names, through links too: a pipe only with its other end open.

    Raises OSError for a FIFO without a reader, when it is written to; one without a writer is empty.
    """
    handle = os.open(path, flags | _AT_ONCE, 0o666)
    if hasattr(os, "O_NONBLOCK"):
        os.set_blocking(handle, True)
    return handle


def not_a_file(path: str, *, is_link: bool) -> NotAFile:
    """The type of the entry, for messages."""
    return NotAFile(path, "a symbolic link" if is_link else "a device, pipe or socket")


def _content(handle: int, path: str, size: int, limit: int) -> Source:
    content = os.read(handle, min(size, limit) + 1)  # room for all of `limit` would take four times as long
    while len(content) not in (size, limit + 1):  # it is growing, or its reported size is wrong
        more = os.read(handle, limit + 1 - len(content))
        if not more:
            break
        content += more
    return Source(path, content, max(size, len(content)) if len(content) > limit else len(content))


def refuse_link(root: Path, folder: str, seen: set[str]) -> None:
    """Raise FilesError where a part of `folder` is a link; what is `seen` is not looked at again."""
    if not folder or folder in seen:
        return
    refuse_link(root, folder.rpartition("/")[0], seen)
    if os.path.islink(f"{root}/{folder}"):
        message = f"{folder} is a symbolic link"
        raise FilesError(message, hint="replace it with a folder: nothing is read or written through a link")
    seen.add(folder)


def replace(path: str, content: bytes) -> None:
    """Replace a file atomically; missing folders are created."""
    folder, name = os.path.split(path)
    unfinished = os.path.join(folder, f".{name}.{os.getpid()}{UNFINISHED}")
    try:
        try:
            _write(unfinished, content)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            _write(unfinished, content)
        os.replace(unfinished, path)
    except BaseException:  # also Ctrl-C
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def _write(path: str, content: bytes) -> None:
    handle = os.open(path, _NEW, 0o666)
    try:
        written = os.write(handle, content)
        while written < len(content):  # a disk that is nearly full
            written += os.write(handle, content[written:])
    finally:
        os.close(handle)


def delete(root: Path, folders: Sequence[str], path: str) -> None:
    """Remove a file, and the folders that are empty without it, up to `folders`."""
    (root / path).unlink(missing_ok=True)
    kept = [root / folder for folder in folders]
    with suppress(OSError):  # the first folder that is not empty ends the clean-up
        for parent in (root / path).parents:
            if parent in kept:
                break
            parent.rmdir()


def discard(entry: "os.DirEntry[str]", kept: Sequence[str]) -> None:
    """Remove an entry that `walk` gave, and the folders that are empty without it, up to `kept` ones."""
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
    elif entry.name == _GIT:
        import shutil  # noqa: PLC0415 (slow to import, and seldom needed)

        shutil.rmtree(entry.path)
    else:
        os.rmdir(entry.path)
    with suppress(OSError):  # the first folder that is not empty ends the clean-up
        folder = os.path.dirname(entry.path)
        while folder not in kept:
            os.rmdir(folder)
            folder = os.path.dirname(folder)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock `folder`; the system releases the lock when this process ends."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def failed(path: str, error: OSError, *, doing: Literal["read", "write"]) -> FilesError:
    """The FilesError for an OSError."""
    reason = error.strerror or type(error).__name__
    return FilesError(
        f"cannot {doing} {path}: {reason}", hint="fix this and run the command again: it continues where it stopped"
    )
