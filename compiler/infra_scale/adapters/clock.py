"""The only module that reads the clock."""

import time
from typing import TYPE_CHECKING

from infra_scale.errors import InfraScaleError

if TYPE_CHECKING:
    from datetime import datetime

_LATEST = 253402300799
"""9999-12-31T23:59:59Z, the last second with a four-digit year."""


def now(source_date_epoch: str | None) -> "datetime":
    """The time in UTC: now, or `source_date_epoch` (seconds since 1970). Raises InfraScaleError for another text."""
    from datetime import UTC, datetime  # noqa: PLC0415 (not every command asks for the time)

    if source_date_epoch is None:
        return datetime.now(UTC)
    if source_date_epoch.isascii() and source_date_epoch.isdigit() and _is_seconds(source_date_epoch):
        return datetime.fromtimestamp(int(source_date_epoch), UTC)
    message = f"SOURCE_DATE_EPOCH is {source_date_epoch!r}"
    raise InfraScaleError(message, hint="set it to whole seconds since 1970-01-01T00:00:00Z, or unset it")


def monotonic() -> float:
    """Monotonic seconds, to measure durations."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def _is_seconds(digits: str) -> bool:
    return len(digits) <= len(str(_LATEST)) and int(digits) <= _LATEST
