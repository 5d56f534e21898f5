"""Times: aware datetimes in the code; text only in files, messages and options."""

from datetime import UTC, date, datetime


def read_time(text: str) -> datetime | None:
    """A time in ISO 8601 with its time zone; None for any other text."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None


def read_day(text: str) -> date | None:
    """A day as ISO 8601 writes it, such as 2025-01-15; None for any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def in_seconds(time: datetime) -> str:
    """2025-01-15T09:30:00Z."""
    return f"{_utc(time).isoformat(timespec='seconds')}Z"


def in_milliseconds(time: datetime) -> str:
    """2025-01-15T09:30:00.000Z."""
    return f"{_utc(time).isoformat(timespec='milliseconds')}Z"


def in_path(time: datetime) -> str:
    """2025-01-15-09-30-00-000Z: `in_milliseconds` with no character that a path or branch cannot have."""
    return in_milliseconds(time).translate(str.maketrans("T:.", "---"))


def _utc(time: datetime) -> datetime:
    """The time in UTC, without its zone: `strftime` writes the year 999 with three digits, `isoformat` with four."""
    return time.astimezone(UTC).replace(tzinfo=None)
