"""Waiver: a team's word that a rule may fire, with the reason and an end."""

from typing import NamedTuple


class Waiver(NamedTuple):
    """A rule that may fire for a workload, for a while."""

    rule: str
    reason: str
    until: str
    """The last day, YYYY-MM-DD."""
