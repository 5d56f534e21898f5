"""Whether a snapshot is young enough to be judged by, at a moment that the caller names."""

from datetime import datetime
from typing import NamedTuple

from infra_scale.model.verdict import Unknown

DEFAULT_MAX_AGE = 24
_HOURS_A_DAY = 24
_SECONDS_AN_HOUR = 3600


class Freshness(NamedTuple):
    """How old a snapshot may be."""

    as_of: str
    """The moment to judge by, RFC 3339 with its zone."""
    max_age: int = DEFAULT_MAX_AGE
    """Hours."""


def staleness(captured_at: str, freshness: Freshness | None) -> Unknown | None:
    """Why a snapshot is not judged by; None where it is young enough, or nobody asks."""
    if freshness is None:
        return None
    age = datetime.fromisoformat(freshness.as_of) - datetime.fromisoformat(captured_at)
    seconds = age.days * _HOURS_A_DAY * _SECONDS_AN_HOUR + age.seconds
    if seconds <= freshness.max_age * _SECONDS_AN_HOUR:
        return None
    return Unknown(f"snapshot {_age(seconds // _SECONDS_AN_HOUR)} old (max {freshness.max_age}h)")


def _age(hours: int) -> str:
    return f"{hours}h" if hours < 2 * _HOURS_A_DAY else f"{hours // _HOURS_A_DAY}d"
