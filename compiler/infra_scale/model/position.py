"""Location of a value: its route of keys and indices, and its position in the text."""

from typing import NamedTuple

Route = tuple[str | int, ...]
"""Keys and indices from the document's root to a value: ("workloads", 0, "replicas")."""


class Position(NamedTuple):
    """A position in a text file."""

    line: int
    """From 1, as editors count."""
    column: int
    """From 1, in characters."""
    length: int
    """Characters to underline on that line, at least 1."""
    excerpt: str
    """The line itself, without its end."""
