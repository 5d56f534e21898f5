"""What has to happen to the generated tree: one change a file that differs."""

from typing import Literal, NamedTuple


class FileChange(NamedTuple):
    """Bring the file at `path` from `before` to `after`; None means that the file is absent."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def verb(self) -> Literal["created", "updated", "deleted"]:
        """What a reader calls it."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "updated"
