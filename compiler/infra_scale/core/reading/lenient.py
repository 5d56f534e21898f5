"""Access to what somebody else's manifest may say: where it says something of another type, it says nothing."""

from collections.abc import Mapping

Json = Mapping[str, object]

_DIGITS = 11
"""Of a 32-bit number there are at most ten."""


def as_map(value: object) -> Json:
    """`value` where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[object]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str | None:
    """`value` where it is a text that is not empty."""
    return value if isinstance(value, str) and value else None


def as_number(value: object) -> int | None:
    """The whole number that a text writes."""
    is_number = isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _DIGITS
    return int(value) if is_number and isinstance(value, str) else None
