"""The only module that reads the clock."""

import time

from infra_scale.errors import InfraScaleError

EPOCH = "1970-01-01T00:00:00.000Z"
"""Placeholder for a time that is ignored."""

_LATEST = 253402300799
"""9999-12-31T23:59:59Z, the last second with a four-digit year."""


def now(source_date_epoch: str | None) -> str:
    """The time as RFC 3339 in UTC with milliseconds: now, or `source_date_epoch` (seconds since 1970).

    Raises InfraScaleError if that is not a valid number.
    """
    if source_date_epoch is None:
        seconds, milliseconds = divmod(time.time_ns() // 1_000_000, 1000)
    elif source_date_epoch.isascii() and source_date_epoch.isdigit() and _is_seconds(source_date_epoch):
        seconds, milliseconds = int(source_date_epoch), 0
    else:
        message = f"SOURCE_DATE_EPOCH is {source_date_epoch!r}"
        raise InfraScaleError(
            message,
            hint="set it to whole seconds since 1970-01-01T00:00:00Z, or unset it",
        )
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds))}.{milliseconds:03d}Z"


def monotonic() -> float:
    """Monotonic seconds, to measure durations."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def stamp(moment: str) -> str:
    """A time of `now` for a path: 2025-01-15-09-30-00-000Z."""
    return moment.translate(str.maketrans("T:.", "---"))


def _is_seconds(digits: str) -> bool:
    return len(digits) <= len(str(_LATEST)) and int(digits) <= _LATEST
