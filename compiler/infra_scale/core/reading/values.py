"""Typed access to a document that has passed its schema.

The schema has already refused every other type; a mismatch here is a gap between schema and reader, so it raises.
"""

from infra_scale.core.syntax.scalars import DecimalText, Value


def mapping(value: Value) -> dict[str, Value]:
    """`value` as a mapping; nothing is an empty one. Raises TypeError."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise TypeError(type(value))
    return value


def sequence(value: Value) -> list[Value]:
    """`value` as a list; nothing is an empty one. Raises TypeError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(type(value))
    return value


def text(value: Value) -> str:
    """`value` as text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(type(value))
    return value


def optional_text(value: Value) -> str | None:
    """`value` as text, or None if not set. Raises TypeError."""
    return None if value is None else text(value)


def whole_number(value: Value) -> int:
    """`value` as an integer: JSON Schema counts 6.0 as one. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(type(value))
    return int(value)


def optional_number(value: Value) -> int | None:
    """`value` as an integer, or None if not set. Raises TypeError."""
    return None if value is None else whole_number(value)


def optional_truth(value: Value) -> bool | None:
    """`value` as true or false, or None if not set. Raises TypeError."""
    return None if value is None else truth(value)


def truth(value: Value) -> bool:
    """`value` as true or false. Raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError(type(value))
    return value


def as_written(value: Value) -> str:
    """The characters that were written for a number or a text. Raises TypeError."""
    if isinstance(value, DecimalText):
        return value.text
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value)
