"""Label of a pull request."""

from typing import NamedTuple


class Label(NamedTuple):
    """A label of a repository on GitHub."""

    name: str
    colour: str
    """Six hexadecimal digits."""
    description: str
    """At most 100 characters."""
