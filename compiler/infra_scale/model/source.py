"""Files as found at a path, before any validation."""

from collections.abc import Callable
from functools import cached_property
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


class Unread(Source):
    """A regular file whose content is read when it is first used."""

    digest: bytes
    """Identifies its content."""
    _read: Callable[[str, bytes], bytes]

    @classmethod
    def of(cls, path: str, size: int, digest: bytes, read: Callable[[str, bytes], bytes]) -> "Unread":
        """A file of a size. `read` returns the content of a path, and raises InfraScaleError for another digest."""
        one = cls(path, b"", size)
        one.digest, one._read = digest, read
        return one

    @cached_property
    def content(self) -> bytes:
        """The bytes of the file. Raises InfraScaleError."""
        return self._read(self.path, self.digest)


Found = Source | NotAFile

EMPTY_FOLDER = "an empty folder"
"""Git has none; a submodule that is not checked out looks like one."""
SUBMODULE = "a submodule"
OWN_REPOSITORY = "a nested Git repository"
UNFINISHED_FILE = "a temporary file of an interrupted run"
