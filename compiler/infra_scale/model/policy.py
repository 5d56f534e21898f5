"""How strict a target is: severities and thresholds of rules, rules of its own, and what nobody may waive."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from infra_scale.model.finding import Severity

Strictness = Severity | Literal["off"]


class Setting(NamedTuple):
    """What a target says about one rule."""

    severity: Strictness | None
    """None: the rule's own."""
    thresholds: Mapping[str, int]
    """Those that differ from the rule's own, by name."""
    on_unknown: Severity | None = None
    """How severe it is that the rule cannot be checked; None: as severe as an error that `severity` makes it."""


class OwnRule(NamedTuple):
    """A rule of a platform team: a CEL expression over the plan."""

    id: str
    severity: Severity
    when: str
    """CEL; the rule fires where it is true."""
    message: str
    why: str
    fix: str


class Policy(NamedTuple):
    """Everything that a target says about rules."""

    settings: Mapping[str, Setting] = {}
    """By the id of the rule."""
    own: tuple[OwnRule, ...] = ()
    unwaivable: frozenset[str] = frozenset()
