"""The nightly run: its tasks and their results."""

from typing import Literal, NamedTuple


class Condition(NamedTuple):
    """An environment variable and the value that it must have."""

    variable: str
    value: str


class Task(NamedTuple):
    """One thing to run."""

    name: str
    arguments: tuple[str, ...]
    """Of infra-scale: `plan` with flags, `compile` with a path, or `publish`."""
    condition: Condition | None
    """None: it always runs."""
    seconds: int
    """Time-out."""
    may_fail: bool
    """Whether the run succeeds although this task does not."""


Result = Literal["succeeded", "awaiting_approval", "up_to_date", "failed", "timed out", "skipped"]


class Ran(NamedTuple):
    """The result of a task."""

    task: Task
    result: Result
    lines: tuple[str, ...]
    """Its contract lines; empty if it did not run."""
    seconds: float

    @property
    def is_failure(self) -> bool:
        """Whether it makes the whole run fail."""
        return self.result in ("failed", "timed out") and not self.task.may_fail
