"""Changes to the generated files, one per file."""

from typing import Literal, NamedTuple

Verb = Literal["created", "updated", "deleted"]


class ChangedPath(NamedTuple):
    """The kind of change of the file at `path`, without the new content."""

    path: str
    verb: Verb
    request: str = ""
    """The path of the request that the file is generated from, if any."""


class FileChange(NamedTuple):
    """The change of the file at `path` from `before` to `after`; None: the file does not exist."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def verb(self) -> Verb:
        """The display name."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "updated"
