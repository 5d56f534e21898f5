"""The only module that touches the disk: bounded reading, whole-file writing, and nothing through a symbolic link."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.errors import InfraScaleError
from infra_scale.model.filechange import FileChange
from infra_scale.model.source import Found, NotAFile, Source

if sys.platform != "win32":  # there, two runs at once may both do the work, and end in the same bytes
    import fcntl

_UNFINISHED = ".infra-scale-tmp"
# Paths are texts here, and not pathlib's: of several for each file, those took as long as the disk.
_AS_IT_IS = getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
_OLD = os.O_RDONLY | _AS_IT_IS
_NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _AS_IT_IS


class FilesError(InfraScaleError):
    """The disk does not allow it."""


class Tree(NamedTuple):
    """What lies below a folder."""

    found: tuple[Found, ...]
    unfinished: tuple[str, ...]
    """Temporary files that a killed run has left behind."""


def current_folder() -> Path:
    """Where the command was called. Raises FilesError when somebody has removed that folder since."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        message = "the current folder does not exist any more"
        raise FilesError(message, hint="go to one that does, and call it again") from None


def find_root(start: Path, *, any_of: Sequence[str], all_of: Sequence[str] = ()) -> Path | None:
    """The nearest folder at or above `start` that has `any_of` some entries and `all_of` some folders, or None.

    A git repository is a world of its own: from inside, nothing above its top is looked at.
    """
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if all((candidate / name).is_dir() for name in all_of) and any((candidate / name).exists() for name in any_of):
            return candidate
        if (candidate / ".git").exists():
            return None
    return None


def read_tree(root: Path, folder: str, *, limit: int) -> Tree | None:
    """Everything below `folder` of `root`, with at most `limit` bytes of each file; None where it does not exist.

    Hidden files belong to editors and tools and are passed over. Raises FilesError.
    """
    _refuse_link(root, folder, set())
    found: list[Found] = []
    unfinished: list[str] = []
    try:
        for entry, path in _walk(os.path.join(root, folder), folder):
            if entry.name.endswith(_UNFINISHED):
                unfinished.append(path)
            elif not entry.name.startswith("."):
                found.append(_read(entry, path, limit))
    except (FileNotFoundError, NotADirectoryError):
        if not (root / folder).exists():
            return None
        message = f"{folder} changed while it was read, or is no folder"
        raise FilesError(message, hint="run the command again") from None
    except OSError as error:
        named = os.path.relpath(error.filename, root) if error.filename else folder
        raise _failed(Path(named).as_posix(), error, doing="read") from error
    return Tree(tuple(found), tuple(unfinished))


def read_file(root: Path, path: str, *, limit: int) -> Found | None:
    """The file at `path` of `root`, with at most `limit` bytes; None where nothing is there. Raises FilesError."""
    _refuse_link(root, path.rpartition("/")[0], set())
    place = root / path
    try:
        mode = place.lstat().st_mode
        if not stat.S_ISREG(mode):
            return NotAFile(path, "a symbolic link" if stat.S_ISLNK(mode) else "no regular file")
        with place.open("rb") as file:
            return Source(path, file.read(limit), os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failed(path, error, doing="read") from error


def is_executable(path: Path) -> bool:
    """Whether we may run the file at `path`."""
    return os.access(path, os.X_OK)


def read_bytes(path: Path) -> bytes:
    """A whole file. Raises FilesError."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _failed(path.name, error, doing="read") from error


def write_changes(
    root: Path, folders: Sequence[str], changes: Iterable[FileChange], *, unfinished: Iterable[str] = ()
) -> None:
    """Bring files below `folders` of `root` to their new content, each replaced whole; remove `unfinished` leftovers.

    The first folder is made where it is missing, and locked for all of them. Folders that become empty are removed.
    Whoever looks sees the old or the new file, never half of one; a run that is killed leaves at most a temporary file,
    which the next one removes. Raises FilesError.
    """
    changes = tuple(changes)
    path = folders[0]
    seen: set[str] = set()
    for change in changes:
        _refuse_link(root, change.path.rpartition("/")[0], seen)
    try:
        (root / folders[0]).mkdir(parents=True, exist_ok=True)
        with _locked(root / folders[0]):
            for path in unfinished:
                (root / path).unlink(missing_ok=True)
            for change in changes:
                path = change.path
                if change.after is None:
                    _delete(root, folders, path)
                else:
                    _replace(f"{root}/{path}", change.after)
    except OSError as error:
        raise _failed(path, error, doing="write") from error


def create_folder(parent: Path, name: str) -> Path | None:
    """A new folder in `parent`, which is made where it is missing; None when the name is taken. Raises FilesError."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = parent / name
        folder.mkdir()
    except FileExistsError:
        if parent.is_dir():
            return None
        message = f"{parent} is not a folder"
        raise FilesError(message, hint="move it out of the way") from None
    except OSError as error:
        raise _failed(str(parent), error, doing="write") from error
    return folder


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole, or not at all. Raises FilesError."""
    try:
        _replace(os.fspath(path), content)
    except OSError as error:
        raise _failed(str(path), error, doing="write") from error


def write_within(root: Path, path: str, content: bytes) -> None:
    """Write the file at `path` of `root` whole, or not at all, and never through a link. Raises FilesError."""
    _refuse_link(root, path, set())
    write_file(root / path, content)


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file. Raises FilesError."""
    try:
        with path.open("ab") as file:
            file.write(content)
    except OSError as error:
        raise _failed(str(path), error, doing="write") from error


def schema_text(name: str) -> str:
    """A published JSON Schema: from the wheel, or from the checkout of an editable install, which has it outside."""
    package = Path(__file__).parent.parent
    for folder in (package / "schemas", package.parent.parent / "schemas"):
        candidate = folder / name
        if candidate.is_file():
            return read_bytes(candidate).decode("utf-8")
    message = f"the schema {name} is missing from this installation"
    raise FilesError(message, hint="install infra-scale again")


def _walk(folder: str, path: str) -> Iterator[tuple["os.DirEntry[str]", str]]:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            inner = f"{path}/{os.fsencode(entry.name).decode('utf-8', 'backslashreplace')}"
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    yield from _walk(entry.path, inner)
            else:
                yield entry, inner


def _read(entry: "os.DirEntry[str]", path: str, limit: int) -> Found:
    if entry.is_symlink():
        return NotAFile(path, "a symbolic link")
    if not entry.is_file(follow_symlinks=False):
        return NotAFile(path, "a device, pipe or socket")
    handle = os.open(entry.path, _OLD)
    try:
        size = os.fstat(handle).st_size
        content = os.read(handle, min(size, limit) + 1)  # room for all of `limit` would take four times as long
        while len(content) not in (size, limit + 1):  # it is growing, or not as large as it says
            more = os.read(handle, limit + 1 - len(content))
            if not more:
                break
            content += more
    finally:
        os.close(handle)
    return Source(path, content, max(size, len(content)) if len(content) > limit else len(content))


def _refuse_link(root: Path, folder: str, seen: set[str]) -> None:
    """Raise FilesError where a part of `folder` is a link; what is `seen` is not looked at again."""
    if not folder or folder in seen:
        return
    _refuse_link(root, folder.rpartition("/")[0], seen)
    if os.path.islink(f"{root}/{folder}"):
        message = f"{folder} is a symbolic link"
        raise FilesError(message, hint="put a folder in its place: nothing is read or written through a link")
    seen.add(folder)


def _replace(path: str, content: bytes) -> None:
    folder, name = os.path.split(path)
    unfinished = os.path.join(folder, f".{name}.{os.getpid()}{_UNFINISHED}")
    try:
        try:
            _write(unfinished, content)
        except FileNotFoundError:
            os.makedirs(folder, exist_ok=True)
            _write(unfinished, content)
        os.replace(unfinished, path)
    except OSError:
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


def _delete(root: Path, folders: Sequence[str], path: str) -> None:
    (root / path).unlink(missing_ok=True)
    kept = [root / folder for folder in folders]
    with suppress(OSError):  # the first folder that is not empty ends the clean-up
        for parent in (root / path).parents:
            if parent in kept:
                break
            parent.rmdir()


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold `folder` against other runs; the system lets go of it when this process ends, however it ends."""
    if sys.platform == "win32":
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _failed(path: str, error: OSError, *, doing: Literal["read", "write"]) -> FilesError:
    reason = error.strerror or type(error).__name__
    return FilesError(
        f"cannot {doing} {path}: {reason}", hint="correct that and run the command again: it picks up where it stopped"
    )
