"""Whether a snapshot is young enough to be judged by, at a moment that the caller names."""

from datetime import datetime, timedelta
from typing import NamedTuple

from infra_scale.model.target import DEFAULT_MAX_AGE
from infra_scale.model.verdict import Unknown


class Freshness(NamedTuple):
    """How old a snapshot may be."""

    as_of: datetime
    """The time to judge by."""
    max_age: int = DEFAULT_MAX_AGE
    """Hours."""


def staleness(captured_at: datetime, freshness: Freshness | None) -> Unknown | None:
    """Why a snapshot is not used; None if it is recent enough, or age is not checked.

    It does not say how old exactly: every plan would change with every day.
    """
    if freshness is None:
        return None
    if freshness.as_of - captured_at <= timedelta(hours=freshness.max_age):
        return None
    days, hours = divmod(freshness.max_age, _HOURS_A_DAY)
    return Unknown(f"the snapshot is over {f'{days}d' if days > 1 and not hours else f'{freshness.max_age}h'} old")


def is_ahead(captured_at: datetime, now: datetime) -> bool:
    """Whether a snapshot is dated in the future, beyond clock skew: then its age is unknown.

    To be asked with the time of now. The newest commit may well be older: a snapshot is committed after its capture.
    """
    return captured_at - now > _CLOCKS_DIFFER


_CLOCKS_DIFFER = timedelta(hours=1)
_HOURS_A_DAY = 24
