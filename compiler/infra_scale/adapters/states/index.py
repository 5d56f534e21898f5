"""Git's index as the state of a repository: the content of the next commit."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from infra_scale.adapters import git
from infra_scale.adapters.cache import Since
from infra_scale.adapters.objects import Blobs, staged_entries
from infra_scale.model.source import Found, NotAFile, Source

if TYPE_CHECKING:
    from datetime import datetime


class Index:
    """The index at the time when each folder was first read; see RepositoryState. Must be closed."""

    def __init__(self, root: Path, folders: Sequence[str]) -> None:
        """Read the names of files below some folders of `root`. Raises GitError."""
        self.root = root
        self._blobs = Blobs(root)
        self._folders = tuple(folders)
        self._entries = {entry.path: entry for entry in staged_entries(root, folders)}

    def __contains__(self, path: str) -> bool:
        return path in self._entries

    def names(self, folder: str) -> Iterator[Found]:
        """See RepositoryState."""
        if not any(folder == known or folder.startswith(f"{known}/") for known in self._folders):
            self._folders += (folder,)
            self._entries.update((entry.path, entry) for entry in staged_entries(self.root, (folder,)))
        for path, entry in self._entries.items():
            if path == folder or path.startswith(f"{folder}/"):
                yield NotAFile(path, entry.what) if entry.what else Source(path, b"", 0)

    def marked(self, folder: str, since: Since | None) -> Iterator[tuple[Found, bytes]]:  # noqa: ARG002 (see WorkTree)
        """The names below a folder, each with the object id of its content."""
        return ((item, self.blob(item.path)) for item in self.names(folder))

    def read_marked(self, path: str, since: Since | None, *, limit: int) -> tuple[Found | None, bytes]:  # noqa: ARG002
        """The content at a path, and its object id."""
        return self.content(path, limit=limit), self.blob(path)

    @property
    def leaves_out(self) -> bool:
        """Whether it has files that are not checked out."""
        return any(entry.is_skipped for entry in self._entries.values())

    def is_left_out(self, path: str) -> bool:
        """Whether it has a file that is not checked out."""
        entry = self._entries.get(path)
        return entry is not None and entry.is_skipped and not os.path.lexists(self.root / path)

    def blob(self, path: str) -> bytes:
        """The object id of a path's content; None if the index has no file there."""
        entry = self._entries.get(path)
        return entry.blob.encode("ascii") if entry and not entry.what else b""

    def content(self, path: str, *, limit: int) -> Found | None:
        """See RepositoryState."""
        entry = self._entries.get(path)
        return self._blobs.found(entry, limit=limit) if entry else None

    def committed_at(self) -> "datetime | None":
        """See RepositoryState."""
        return git.newest_commit(self.root)

    def close(self) -> None:
        """Stop git."""
        self._blobs.close()
