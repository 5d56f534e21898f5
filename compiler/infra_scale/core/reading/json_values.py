"""Values of untrusted files: a value of another type counts as missing."""

from collections.abc import Mapping

Json = Mapping[str, object]

_DIGITS = 11
"""Of a 32-bit number there are at most ten."""


def as_map(value: object) -> Json:
    """A mapping; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """A list; an empty one for anything else."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """A text that is not empty."""
    return value if isinstance(value, str) and value else None


def as_number(value: object) -> int | None:
    """A whole number, from the text that was written."""
    is_number = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _DIGITS
    return int(value) if is_number and isinstance(value, str) else None
