"""The facts of files without opening them: whether any of them can have changed.

Imported at every start, before anything else.
"""

from __future__ import annotations

import os
import stat
import sys
import time

from infra_scale.adapters.cache import UNFINISHED, Digest, Since

_LIBRARIES = ("yaml", "jsonschema", "cel_expr_python")
"""The libraries that decide about the result."""
GENERATED = ("ops/plans/infra-scale", "ops/rendered/infra-scale")
"""Folders with hidden files included. A copy: model/names.py takes too long to import."""


class Unsteady(Exception):  # noqa: N818 (no error: there is only nothing to hold on to)
    """Something may have changed while it was read."""


def facts(root: str, folders: list[str], *, since: Since | None = None) -> bytes:
    """A digest of path, kind, size, times and inode of all files below folders of `root`.

    Files that are ignored when reading are ignored here, but not the leftovers of a killed run.
    Raises Unsteady if a file may have changed `since` then (equal times may be the same tick of the clock), or for
    another disk, because its clock is unknown.
    """
    digest = Digest(digest_size=32)
    for folder in folders:
        if _way(root, folder, digest, since):
            _below(f"{root}/{folder}", folder, digest, since)
    return digest.digest()


_PROGRAM: list[bytes] = []
"""Computed once: loaded code does not change while it runs."""


def program() -> bytes:
    """A digest of the code: our own files, the libraries that read a request, and the interpreter."""
    if not _PROGRAM:
        _PROGRAM.append(_program())
    return _PROGRAM[0]


def _program() -> bytes:
    digest = Digest(digest_size=32)
    user = os.geteuid() if hasattr(os, "geteuid") else ""
    digest.update(f"{sys.version}\0{sys.executable}\0{user}\0".encode())
    for place in sys.path:
        for library in _LIBRARIES:
            first = f"{place}/{library}/__init__.py"
            if os.path.exists(first):
                digest.update(_line(first, os.stat(first)))
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    _own(package, digest)
    _own(f"{os.path.dirname(os.path.dirname(package))}/schemas", digest)  # where the package is read from a checkout
    return digest.digest()


def environment() -> tuple[str, ...]:
    """The environment variables that affect the output."""
    return tuple(os.environ.get(name, "") for name in ("NO_COLOR", "TERM", "COLUMNS", "SOURCE_DATE_EPOCH"))


def today() -> str:
    """The date for the expiry of waivers."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return time.strftime("%Y-%m-%d", time.gmtime(int(epoch) if epoch else None))


def _own(folder: str, digest: Digest) -> None:
    if not os.path.isdir(folder):
        return
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.name.endswith((".py", ".json")):
                digest.update(_line(entry.path, entry.stat()))
            elif entry.is_dir() and entry.name != "__pycache__":
                _own(entry.path, digest)


def _way(root: str, folder: str, digest: Digest, since: Since | None) -> bool:
    """Whether a folder can be walked; its parent folders must not be links."""
    parts = folder.split("/")
    for depth in range(1, len(parts) + 1):
        try:
            seen = os.lstat(f"{root}/{'/'.join(parts[:depth])}")
        except (FileNotFoundError, NotADirectoryError):
            digest.update(b"absent\0")
            return False
        digest.update(f"{seen.st_mode:o}\0".encode())
        if not stat.S_ISDIR(seen.st_mode):
            return False
    _refuse_unsteady(seen, since)
    return True


def _below(folder: str, path: str, digest: Digest, since: Since | None) -> None:
    folders, lines = [], []
    sees_all = path.startswith(GENERATED)
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            is_hidden = name[0] == "." and not sees_all
            if entry.is_dir(follow_symlinks=False):
                if not is_hidden:
                    folders.append(name)
                    if since:
                        _refuse_unsteady(entry.stat(follow_symlinks=False), since)
            elif not is_hidden or name.endswith(UNFINISHED):
                seen = entry.stat(follow_symlinks=False)
                lines.append(_line(name, seen))
                if since:
                    _refuse_unsteady(seen, since)
    lines.sort()
    digest.update(path.encode("utf-8", "surrogateescape") + b"\0".join([b"", *lines, b""]))
    for name in sorted(folders):
        _below(f"{folder}/{name}", f"{path}/{name}", digest, since)


def _line(name: str, seen: os.stat_result) -> bytes:
    facts = f"{seen.st_mode} {seen.st_size} {seen.st_mtime_ns} {seen.st_ctime_ns} {seen.st_ino}"
    return f"{name}\0{facts}".encode("utf-8", "surrogateescape")


def _refuse_unsteady(seen: os.stat_result, since: Since | None) -> None:
    if since and (seen.st_ctime_ns >= since[0] or seen.st_dev != since[1]):
        raise Unsteady
