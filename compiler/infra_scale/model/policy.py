"""Policy: what a target's owners want to hold for its plans, beyond the rules that everybody has."""

from typing import NamedTuple

from infra_scale.model.finding import Severity


class OwnRule(NamedTuple):
    """A rule that a platform team wrote for its target."""

    id: str
    severity: Severity
    when: str
    """A CEL expression over the compiled plan; the rule fires when it is true."""
    message: str
    """What is said when it fires."""
    fix: str
    """What to do about it."""
    why: str
