"""Waiver of a rule, with a reason and an expiry date."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # few requests have a waiver
    from datetime import date


class Waiver(NamedTuple):
    """A waiver of a rule for a workload, until a date."""

    rule: str
    reason: str
    until: "date"
    """The last day."""
