"""Whether a snapshot is recent enough at a given time."""

from datetime import datetime, timedelta
from typing import NamedTuple

from infra_scale.model.target import DEFAULT_MAX_AGE
from infra_scale.model.verdict import Unknown


class Freshness(NamedTuple):
    """The allowed age of a snapshot."""

    as_of: datetime
    """The reference time."""
    max_age: int = DEFAULT_MAX_AGE
    """Hours."""


def staleness(captured_at: datetime, freshness: Freshness | None) -> Unknown | None:
    """Why a snapshot is not used; None if it is recent enough, or age is not checked.

    It does not state the exact age, which changes every day.
    """
    if freshness is None:
        return None
    if freshness.as_of - captured_at <= timedelta(hours=freshness.max_age):
        return None
    days, hours = divmod(freshness.max_age, _HOURS_A_DAY)
    return Unknown(f"the snapshot is over {f'{days}d' if days > 1 and not hours else f'{freshness.max_age}h'} old")


def is_ahead(captured_at: datetime, now: datetime) -> bool:
    """Whether a snapshot is dated in the future, beyond clock skew: then its age is unknown.

    Compare with the current time. The newest commit may be older, because a snapshot is committed after its capture.
    """
    return captured_at - now > _CLOCKS_DIFFER


_CLOCKS_DIFFER = timedelta(hours=1)
_HOURS_A_DAY = 24
