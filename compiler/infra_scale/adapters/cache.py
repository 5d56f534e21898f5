"""On-disk cache of earlier results in .artifacts/cache. Safe to delete: it only saves time.

Imported before anything else is (see cli/replay.py): `typing` and `pathlib` alone take as long as Python's start.
"""

from __future__ import annotations

import marshal
import os
import stat
import time

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter without it: hashlib has a fallback
    from hashlib import blake2b

Digest = blake2b
FOLDER = ".artifacts/cache"
UNFINISHED = ".infra-scale-tmp"
"""The suffix of temporary files."""

Since = tuple[int, int]
"""The time of a disk, and which disk."""

_MAGIC = b"infra-scale cache 1\n"
_DIGEST = 32
_MOST_BYTES = 256 << 20
_AN_HOUR = 3600
_IGNORE = b"# Cache of infra-scale: recreated if missing.\n*\n"


def digest(content: bytes, key: bytes = b"") -> bytes:
    """An identifier of some bytes."""
    return Digest(content, digest_size=16, key=key).digest()


def load(root: str, name: str) -> object | None:
    """The value stored by this machine under a name for the repository at `root`; None without a trusted one.

    A file that was copied, checked out, edited or truncated is ignored: inode, time and digest must match the values
    in the file. So a commit cannot supply findings. Only regular files are opened, because a FIFO would block.
    """
    path = f"{root}/{FOLDER}/{name}"
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb", buffering=0, opener=_without_links) as file:
            facts = os.fstat(file.fileno())
            content = file.read(facts.st_size) if facts.st_size <= _MOST_BYTES else b""
        head, payload = content[: len(_MAGIC) + _DIGEST], content[len(_MAGIC) + _DIGEST :]
        if head != _MAGIC + _seal(payload, facts.st_ino, facts.st_mtime_ns):
            return None
        value: object = marshal.loads(payload)  # noqa: S302 (sealed above: we wrote it)
    except (OSError, EOFError, ValueError, TypeError):
        return None
    return value


def store(root: str, name: str, value: object) -> None:
    """Store a value of plain types under a name; errors are ignored, because nothing depends on it."""
    payload = marshal.dumps(value)  # type: ignore[arg-type]  # another type would be a bug
    if len(payload) > _MOST_BYTES or not _is_made(root):
        return
    path, unfinished = f"{root}/{FOLDER}/{name}", f"{root}/{FOLDER}/.{name}.{os.getpid()}{UNFINISHED}"
    if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
        return
    try:
        _write(unfinished, payload)
        os.replace(unfinished, path)
        _tidy(f"{root}/{FOLDER}")
    except OSError:
        _remove(unfinished)


def probe(root: str) -> Since | None:
    """The time of the repository's disk, and its device id; None if it is not writable."""
    if not _is_made(root):
        return None
    place = f"{root}/{FOLDER}/.probe.{os.getpid()}{UNFINISHED}"
    try:
        _remove(place)
        with open(place, "xb") as file:
            facts = os.fstat(file.fileno())
    except OSError:
        return None
    _remove(place)
    return facts.st_ctime_ns, facts.st_dev


def _write(path: str, payload: bytes) -> None:
    now = time.time_ns()
    _remove(path)
    with open(path, "xb") as file:
        inode = os.fstat(file.fileno()).st_ino
        file.write(_MAGIC + _seal(payload, inode, now))
        file.write(payload)
    os.utime(path, ns=(now, now))


def _seal(payload: bytes, inode: int, now: int) -> bytes:
    return Digest(payload, digest_size=_DIGEST, key=f"{inode} {now}".encode()).digest()


def _is_made(root: str) -> bool:
    """Whether the cache folder exists, ignored by git; never behind a link."""
    above, folder = f"{root}/.artifacts", f"{root}/{FOLDER}"
    try:
        if os.path.islink(above) or os.path.islink(folder):
            return False
        os.makedirs(folder, exist_ok=True)
        if not os.path.lexists(f"{folder}/.gitignore"):
            with open(f"{folder}/.gitignore", "xb") as file:
                file.write(_IGNORE)
    except OSError:
        return False
    return True


def _tidy(folder: str) -> None:
    """Remove temporary files of killed runs."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith(UNFINISHED) or not entry.is_file(follow_symlinks=False):
                continue
            if time.time() - entry.stat().st_mtime > _AN_HOUR:
                _remove(entry.path)


def _remove(path: str) -> None:
    try:  # noqa: SIM105 (contextlib is not loaded here)
        os.unlink(path)
    except OSError:
        pass


def _without_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
