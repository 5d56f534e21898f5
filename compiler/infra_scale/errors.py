"""The one exception family for a world that fails (disk, git, process).

What a user wrote wrongly is never an exception: it is a `Finding`.
"""


class InfraScaleError(Exception):
    """The world did not allow what was asked; `message` says what failed, `hint` what to do about it."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(InfraScaleError):
    """The command was asked for something that cannot be meant; exit code 2."""
