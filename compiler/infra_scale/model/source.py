"""Files as facts: what was found at a path, before anybody judges it."""

from typing import NamedTuple


class Source(NamedTuple):
    """A regular file: its path from the repository's root with '/', and its bytes.

    `size` is the size of the whole file in bytes; `content` may be a bounded beginning of it.
    """

    path: str
    content: bytes
    size: int


class NotAFile(NamedTuple):
    """Something at `path` that is no regular file; `what` names it ("a symbolic link", "a submodule")."""

    path: str
    what: str


Found = Source | NotAFile

EMPTY_FOLDER = "an empty folder"
"""Git has none; but a submodule that is not checked out looks like one."""
OWN_REPOSITORY = "a Git repository of its own"
UNFINISHED_FILE = "a temporary file of an interrupted run"
