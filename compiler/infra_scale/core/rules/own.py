"""A target's own rules, as CEL expressions over the plan."""

from collections.abc import Mapping, Sequence

from infra_scale.model.finding import Finding
from infra_scale.model.policy import OwnRule
from infra_scale.model.request import ScaleRequest


def fault_of(rule: OwnRule) -> str:
    """What is wrong with the expression of a rule; empty where nothing is."""
    raise NotImplementedError(rule)


def own_findings(request: ScaleRequest, rules: Sequence[OwnRule], plan: Mapping[str, object]) -> tuple[Finding, ...]:
    """What own rules say about the plan of a request."""
    raise NotImplementedError(request, rules, plan)
