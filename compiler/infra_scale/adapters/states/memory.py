"""Files in memory as the state of a repository, and a state with some of its folders replaced."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.model.state import RepositoryState

if TYPE_CHECKING:
    from datetime import datetime


class Memory:
    """Files in memory; see RepositoryState."""

    def __init__(self, files: Iterable[Found] = (), *, committed_at: "datetime | None" = None) -> None:
        self._files = {item.path: item for item in sorted(files, key=lambda item: item.path)}
        self._committed_at = committed_at

    def names(self, folder: str) -> Iterator[Found]:
        """See RepositoryState."""
        return (item for path, item in self._files.items() if path == folder or path.startswith(f"{folder}/"))

    def content(self, path: str, *, limit: int) -> Found | None:
        """See RepositoryState."""
        found = self._files.get(path)
        if found is None or isinstance(found, NotAFile):
            return found
        return Source(path, found.content[: limit + 1], found.size)

    def committed_at(self) -> "datetime | None":
        """See RepositoryState."""
        return self._committed_at


class Edited:
    """A state with some folders of another one; see RepositoryState."""

    def __init__(self, state: RepositoryState, folders: Sequence[str], edits: RepositoryState) -> None:
        self._state, self._folders, self._edits = state, folders, edits

    def names(self, folder: str) -> Iterator[Found]:
        """See RepositoryState."""
        return self._at(folder).names(folder)

    def content(self, path: str, *, limit: int) -> Found | None:
        """See RepositoryState."""
        return self._at(path).content(path, limit=limit)

    def committed_at(self) -> "datetime | None":
        """See RepositoryState."""
        return self._state.committed_at()

    def _at(self, path: str) -> RepositoryState:
        is_edited = any(path == folder or path.startswith(f"{folder}/") for folder in self._folders)
        return self._edits if is_edited else self._state
