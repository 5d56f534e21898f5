"""Files as found at a path, before any validation."""

from typing import NamedTuple

from infra_scale.model.tagged import tagged


@tagged
class Source(NamedTuple):
    """A regular file: its path from the repository's root with '/', and its bytes.

    `size` is the size of the whole file in bytes; `content` may be a bounded beginning of it.
    """

    path: str
    content: bytes
    size: int


@tagged
class NotAFile(NamedTuple):
    """A non-regular file at `path`; `what` is its type ("a symbolic link", "a submodule")."""

    path: str
    what: str


Found = Source | NotAFile

EMPTY_FOLDER = "an empty folder"
"""Git has none; a submodule that is not checked out looks like one."""
SUBMODULE = "a submodule"
OWN_REPOSITORY = "a nested Git repository"
UNFINISHED_FILE = "a temporary file of an interrupted run"
