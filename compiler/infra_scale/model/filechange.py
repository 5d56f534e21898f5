"""What has to happen to the generated tree: one change a file that differs."""

from typing import Literal, NamedTuple

Verb = Literal["created", "updated", "deleted"]


class Change(NamedTuple):
    """That the file at `path` has to change, and in which way; not what it becomes."""

    path: str
    verb: Verb
    request: str = ""
    """The path of the request that the file is generated from, where it still is from one."""


class FileChange(NamedTuple):
    """Bring the file at `path` from `before` to `after`; None means that the file is absent."""

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def verb(self) -> Verb:
        """What a reader calls it."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "updated"
