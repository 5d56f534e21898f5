"""The state of a repository at one time, wherever it is kept."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from infra_scale.model.source import Found

if TYPE_CHECKING:
    from datetime import datetime


class RepositoryState(Protocol):
    """Everything that a compile reads: the work tree, git's index, a commit, or files in memory."""

    def names(self, folder: str) -> Iterator[Found]:
        """Everything below a folder, without content, sorted by path. Raises InfraScaleError."""

    def content(self, path: str, *, limit: int) -> Found | None:
        """The content at a path that `names` returned, with little more than `limit` bytes; None if there is none.

        Raises InfraScaleError.
        """

    def committed_at(self) -> "datetime | None":
        """The time of its newest commit; None without a commit. Raises InfraScaleError."""


class Rest(NamedTuple):
    """What is among the generated files, besides what a compile wants there."""

    found: tuple[Found, ...]
    unfinished: tuple[str, ...] = ()
    """Temporary files of an interrupted run."""
    beside: tuple[Found, ...] = ()
    """What only the work tree has, where another state is compiled, and is not ours."""
    unstaged: frozenset[str] = frozenset()
    """Paths in `found` that only the work tree has."""


def read_folder(state: RepositoryState, folder: str, *, limit: int) -> tuple[Found, ...]:
    """Everything below a folder, with content. Raises InfraScaleError."""
    found = (state.content(item.path, limit=limit) or item for item in state.names(folder))
    return tuple(found)
