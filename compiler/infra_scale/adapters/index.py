"""Streaming access to Git's index, the content of the next commit: names first, then file by file."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra_scale.adapters.objects import Blobs, Entry, staged_entries
from infra_scale.model.source import Found, NotAFile, Source


class Index:
    """The index at the time of the first read. Close it after use."""

    def __init__(self, root: Path, folders: Sequence[str]) -> None:
        """Read the names of files below some folders of `root`. Raises GitError."""
        self._root = root
        self._blobs = Blobs(root)
        self._entries: dict[str, Entry] = {}
        self.look_into(folders)

    def look_into(self, folders: Sequence[str]) -> None:
        """Read it for more folders. Raises GitError."""
        if folders:
            self._entries.update((entry.path, entry) for entry in staged_entries(self._root, folders))

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def names(self, folder: str) -> Iterator[Found]:
        """All files below `folder`, or the entry in its place, without content."""
        for path, entry in self._entries.items():
            if path == folder or path.startswith(f"{folder}/"):
                yield NotAFile(path, entry.what) if entry.what else Source(path, b"", 0)

    @property
    def leaves_out(self) -> bool:
        """Whether it has files that are not checked out."""
        return any(entry.is_skipped for entry in self._entries.values())

    def is_left_out(self, path: str) -> bool:
        """Whether it has a file that is not checked out."""
        entry = self._entries.get(path)
        return entry is not None and entry.is_skipped and not os.path.lexists(self._root / path)

    def blob(self, path: str) -> bytes:
        """The object id of a path's content; None if the index has no file there."""
        entry = self._entries.get(path)
        return entry.blob.encode("ascii") if entry and not entry.what else b""

    def content(self, path: str, *, limit: int) -> Found | None:
        """What is at a path, with content up to `limit` bytes; None where nothing is. Raises GitError."""
        entry = self._entries.get(path)
        return self._blobs.found(entry, limit=limit) if entry else None

    def files(self, folder: str, *, limit: int) -> tuple[Found, ...]:
        """Everything below `folder` with content, as `content` has it. Raises GitError."""
        return tuple(self._blobs.found(self._entries[item.path], limit=limit) for item in self.names(folder))

    def close(self) -> None:
        """Stop git."""
        self._blobs.close()
