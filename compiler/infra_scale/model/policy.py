"""Policy of a target: severities and thresholds of rules, custom rules, and rules that cannot be waived."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from infra_scale.model.finding import Severity

Strictness = Severity | Literal["off"]


class Setting(NamedTuple):
    """The settings of one rule."""

    severity: Strictness | None
    """None: the rule's own."""
    thresholds: Mapping[str, int]
    """Those that differ from the rule's own, by name."""
    on_unknown: Severity | None = None
    """Severity if the rule cannot be checked; None: error if `severity` makes the rule an error."""


class OwnRule(NamedTuple):
    """A custom rule: a CEL expression over the plan."""

    id: str
    severity: Severity
    when: str
    """CEL; the rule fires if it is true."""
    message: str
    why: str
    fix: str


class Policy(NamedTuple):
    """The policy of a target."""

    settings: Mapping[str, Setting] = {}
    """By the id of the rule."""
    own: tuple[OwnRule, ...] = ()
    unwaivable: frozenset[str] = frozenset()
