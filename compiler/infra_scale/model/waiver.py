"""Waiver of a rule, with a reason and an expiry date."""

from typing import NamedTuple


class Waiver(NamedTuple):
    """A waiver of a rule for a workload, until a date."""

    rule: str
    reason: str
    until: str
    """The last day, YYYY-MM-DD."""
