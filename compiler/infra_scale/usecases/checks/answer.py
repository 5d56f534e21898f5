"""The three answers of a check: ok, problem, unknown."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from infra_scale.model.finding import Severity
from infra_scale.model.tagged import tagged


@tagged
class Ok(NamedTuple):
    """The check ran and found no problem."""

    message: str


@tagged
class Problem(NamedTuple):
    """The check found a problem. An error keeps the setup from working; a warning or note is a hint."""

    severity: Severity
    message: str
    help: str


@tagged
class Unknown(NamedTuple):
    """The check could not run."""

    reason: str
    help: str = ""


Answer = Ok | Problem | Unknown


@tagged
class Folder(NamedTuple):
    """A folder, in git or not."""

    root: Path
    """The folder with requests/."""
    now: datetime


@tagged
class Clone(NamedTuple):
    """A work tree."""

    root: Path
    """The folder with requests/."""
    top: Path
    """The top of the work tree."""
