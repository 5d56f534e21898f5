"""Whether a snapshot is young enough to be judged by, at a moment that the caller names."""

from datetime import datetime, timedelta
from typing import NamedTuple

from infra_scale.model.target import DEFAULT_MAX_AGE
from infra_scale.model.verdict import Unknown


class Freshness(NamedTuple):
    """How old a snapshot may be."""

    as_of: str
    """The moment to judge by, RFC 3339 with its zone."""
    max_age: int = DEFAULT_MAX_AGE
    """Hours."""


def staleness(captured_at: str, freshness: Freshness | None) -> Unknown | None:
    """Why a snapshot is not used; None if it is recent enough, or age is not checked.

    It does not say how old exactly: every plan would change with every day.
    """
    if freshness is None:
        return None
    age = datetime.fromisoformat(freshness.as_of) - datetime.fromisoformat(captured_at)
    if age <= timedelta(hours=freshness.max_age):
        return None
    days, hours = divmod(freshness.max_age, _HOURS_A_DAY)
    return Unknown(f"the snapshot is over {f'{days}d' if days > 1 and not hours else f'{freshness.max_age}h'} old")


def later(one: str | None, other: str) -> str:
    """The later of two times, RFC 3339."""
    return other if one is None or datetime.fromisoformat(one) < datetime.fromisoformat(other) else one


def is_ahead(captured_at: str, now: str) -> bool:
    """Whether a snapshot is dated in the future, beyond clock skew: then its age is unknown.

    To be asked with the time of now. The newest commit may well be older: a snapshot is committed after its capture.
    """
    return datetime.fromisoformat(captured_at) - datetime.fromisoformat(now) > _CLOCKS_DIFFER


_CLOCKS_DIFFER = timedelta(hours=1)
_HOURS_A_DAY = 24
