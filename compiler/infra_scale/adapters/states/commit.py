"""A commit of the local clone as the state of a repository, through git's plumbing. Nothing is fetched."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from infra_scale.adapters import commits
from infra_scale.adapters.objects import Blobs, Entry, committed_entries
from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.model.state import read_folder

if TYPE_CHECKING:
    from datetime import datetime


class Commit:
    """The files of a commit below `root`; see RepositoryState. Must be closed. Raises CommitError if it is not here."""

    def __init__(self, root: Path, commit: str) -> None:
        with commits.translated(root):
            self._root, self._sha = root, commits.full_sha(root, commit)
        self._blobs = Blobs(root)
        self._entries: dict[str, Entry] = {}

    def names(self, folder: str) -> Iterator[Found]:
        """See RepositoryState."""
        with commits.translated(self._root):
            entries = tuple(committed_entries(self._root, self._sha, folder))
        self._entries.update((entry.path, entry) for entry in entries)
        return (NotAFile(one.path, one.what) if one.what else Source(one.path, b"", 0) for one in entries)

    def content(self, path: str, *, limit: int) -> Found | None:
        """See RepositoryState."""
        with commits.translated(self._root):
            entry = self._entries.get(path)
            return self._blobs.found(entry, limit=limit) if entry else None

    def committed_at(self) -> "datetime":
        """See RepositoryState."""
        return commits.committed_at(self._root, self._sha)

    def close(self) -> None:
        """Stop git."""
        self._blobs.close()


def files_at(root: Path, commit: str, folder: str, *, limit: int) -> tuple[Found, ...]:
    """All files below a folder in a commit, with content. Raises CommitError."""
    with closing(Commit(root, commit)) as state:
        return read_folder(state, folder, limit=limit)
