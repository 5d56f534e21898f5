"""The three answers of a check, which are never mixed up."""

from typing import NamedTuple

from infra_scale.model.finding import Severity


class Ok(NamedTuple):
    """It was looked at, and is as it should be."""

    message: str


class Problem(NamedTuple):
    """It was looked at, and is not. An error keeps the set-up from working; a warning or a note is a hint."""

    severity: Severity
    message: str
    help: str


class Unknown(NamedTuple):
    """It was not looked at."""

    reason: str
    help: str = ""


Answer = Ok | Problem | Unknown
