"""Waiver: a team's word that a rule may fire, with the reason and an end."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # few requests have a waiver
    from datetime import date


class Waiver(NamedTuple):
    """A rule that may fire for a workload, for a while."""

    rule: str
    reason: str
    until: "date"
    """The last day."""
