"""The one exception family for a world that fails (disk, git, process).

What a user wrote wrongly is never an exception: it is a `Finding`.
"""


class InfraScaleError(Exception):
    """The environment failed (disk, git, process); `message` is the error, `hint` the fix."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(InfraScaleError):
    """Wrong usage of the command line; exit code 2."""
