"""Disk access: bounded reading, atomic writing, and nothing through a symbolic link."""

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

from infra_scale.adapters.cache import UNFINISHED
from infra_scale.adapters.disk import FilesError, delete, failed, locked, opened, read, refuse_link, replace, walk
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import is_among_generated
from infra_scale.model.source import Found, NotAFile, Source


def current_folder() -> Path:
    """The current folder. Raises FilesError if it was removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        message = "the current folder does not exist any more"
        raise FilesError(message, hint="change to an existing folder and run the command again") from None


# pathlib's methods raise if a name is too long, or a parent folder is not readable.
def is_there(path: Path) -> bool:
    """Whether anything is at `path`, even a broken link."""
    return os.path.lexists(path)


def is_folder(path: Path) -> bool:
    """Whether `path` is a folder, links followed."""
    return os.path.isdir(path)


def is_file(path: Path) -> bool:
    """Whether `path` is a regular file, links followed."""
    return os.path.isfile(path)


def find_root(start: Path, *, any_of: Sequence[str], all_of: Sequence[str] = ()) -> Path | None:
    """The nearest folder at or above `start` that has `any_of` some entries and `all_of` some folders, or None.

    The search ends at the top of a git repository.
    """
    folder = start.resolve()
    for candidate in (folder, *folder.parents):
        if all(is_folder(candidate / name) for name in all_of) and any(is_there(candidate / name) for name in any_of):
            return candidate
        if is_there(candidate / ".git"):
            return None
    return None


def read_tree(root: Path, folder: str, *, limit: int) -> tuple[Found, ...] | None:
    """Everything below `folder` of `root`, with at most `limit` bytes of each file; None where it does not exist.

    Hidden files are left out, except among generated files. Raises FilesError.
    """
    refuse_link(root, folder, set())
    found: list[Found] = []
    try:
        for entry, path in walk(os.path.join(root, folder), folder):
            is_hidden = entry.name.startswith(".") and not is_among_generated(path)
            if not is_hidden and not entry.name.endswith(UNFINISHED):
                found.append(read(entry, path, limit))
    except (FileNotFoundError, NotADirectoryError):
        if not is_there(root / folder):
            return None
        message = f"{folder} changed while it was read, or is not a folder"
        raise FilesError(message, hint="run the command again") from None
    except OSError as error:
        named = os.path.relpath(error.filename, root) if error.filename else folder
        raise failed(Path(named).as_posix(), error, doing="read") from error
    return tuple(found)


def read_file(root: Path, path: str, *, limit: int) -> Found | None:
    """The file at `path` of `root`, with at most `limit` bytes; None where nothing is there. Raises FilesError."""
    refuse_link(root, path.rpartition("/")[0], set())
    place = root / path
    try:
        mode = place.lstat().st_mode
        if not stat.S_ISREG(mode):
            return NotAFile(path, "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file")
        with open(opened(place, os.O_RDONLY), "rb") as file:
            return Source(path, file.read(limit), os.fstat(file.fileno()).st_size)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failed(path, error, doing="read") from error


def is_executable(path: Path) -> bool:
    """Whether the file at `path` is executable."""
    return os.access(path, os.X_OK)


def read_bytes(path: Path) -> bytes:
    """The content of a file or pipe. Raises FilesError."""
    try:
        with open(opened(path, os.O_RDONLY), "rb") as file:
            return file.read()
    except OSError as error:
        raise failed(path.name, error, doing="read") from error


def write_changes(root: Path, folders: Sequence[str], changes: Iterable[FileChange]) -> None:
    """Write the changes of files below `folders` of `root`, each replaced atomically.

    The first folder is created if missing, and locked for all of them. Folders that become empty are removed.
    Readers see the old or the new file, never a partial one; a killed run leaves at most a temporary file, which the
    next one removes. Raises FilesError.
    """
    changes = tuple(changes)
    path = folders[0]
    seen: set[str] = set()
    for change in changes:
        refuse_link(root, change.path.rpartition("/")[0], seen)
    try:
        (root / folders[0]).mkdir(parents=True, exist_ok=True)
        with locked(root / folders[0]):
            for change in changes:
                path = change.path
                if change.after is None:
                    delete(root, folders, path)
                else:
                    replace(f"{root}/{path}", change.after)
    except OSError as error:
        raise failed(path, error, doing="write") from error


def create_folder(root: Path, above: str, name: str) -> Path | None:
    """A new folder in the folder `above` of `root`, created if missing; None if the name is taken.

    Raises FilesError, also where one of them is a link.
    """
    refuse_link(root, above, set())
    parent = root / above
    try:
        parent.mkdir(parents=True, exist_ok=True)
        folder = parent / name
        folder.mkdir()
    except FileExistsError:
        if is_folder(parent):
            return None
        message = f"{parent} is not a folder"
        raise FilesError(message, hint="move it out of the way") from None
    except OSError as error:
        raise failed(str(parent), error, doing="write") from error
    return folder


def write_file(path: Path, content: bytes) -> None:
    """Write a file atomically. Raises FilesError."""
    try:
        replace(os.fspath(path), content)
    except OSError as error:
        raise failed(str(path), error, doing="write") from error


def write_output(path: Path, content: bytes) -> None:
    """Write to a path of an option: a file atomically, links followed, or a device or pipe.

    Raises FilesError.
    """
    if is_file(path) or not os.path.exists(path):
        write_file(Path(os.path.realpath(path)), content)
        return
    try:
        with open(opened(path, os.O_WRONLY), "wb") as device:  # never replace a device such as /dev/null by a file
            device.write(content)
    except OSError as error:
        raise failed(str(path), error, doing="write") from error


def write_within(root: Path, path: str, content: bytes) -> None:
    """Write the file at `path` of `root` atomically, and never through a link. Raises FilesError."""
    refuse_link(root, path, set())
    write_file(root / path, content)


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file. Raises FilesError."""
    try:
        with open(opened(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT), "ab") as file:
            file.write(content)
    except OSError as error:
        raise failed(str(path), error, doing="write") from error


def schema_text(name: str) -> str:
    """A published JSON Schema: from the wheel, or from the checkout of an editable install, which has it outside."""
    package = Path(__file__).parent.parent
    for folder in (package / "schemas", package.parent.parent / "schemas"):
        candidate = folder / name
        if candidate.is_file():
            return read_bytes(candidate).decode("utf-8")
    message = f"the schema {name} is missing from this installation"
    raise FilesError(message, hint="reinstall infra-scale")
