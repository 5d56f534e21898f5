"""The three answers of a check, which are never mixed up."""

from pathlib import Path
from typing import NamedTuple

from infra_scale.model.finding import Severity
from infra_scale.model.tagged import tagged


@tagged
class Ok(NamedTuple):
    """It was looked at, and is as it should be."""

    message: str


@tagged
class Problem(NamedTuple):
    """It was looked at, and is not. An error keeps the set-up from working; a warning or a note is a hint."""

    severity: Severity
    message: str
    help: str


@tagged
class Unknown(NamedTuple):
    """It was not looked at."""

    reason: str
    help: str = ""


Answer = Ok | Problem | Unknown


@tagged
class Clone(NamedTuple):
    """A work tree."""

    root: Path
    """The folder that has requests/."""
    top: Path
    """The top of the work tree."""
