"""One request to its plan, or to the reasons against it: rules, waivers, planning, and a target's own rules."""

from typing import NamedTuple

from infra_scale.core.documents.plan_writer import plan_document
from infra_scale.core.evaluation.rules import RulesInForce, judge
from infra_scale.core.evaluation.waivers import refused, waivable_ids, waived
from infra_scale.core.planning.actions import NO_BASES, Bases
from infra_scale.core.planning.plan import plan_request
from infra_scale.core.ruling.context import NO_CONTEXT, RuleContext
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target


class Assessed(NamedTuple):
    """What became of a request."""

    plan: ScalePlan | None
    """None where `findings` has an error."""
    findings: tuple[Finding, ...]
    bases: Bases = NO_BASES
    """What the repository's manifests say of each workload, by its route."""


def assess(
    request: ScaleRequest,
    target: Target,
    *,
    rules: RulesInForce | None = None,
    known: RuleContext = NO_CONTEXT,
    today: str | None = None,
) -> Assessed:
    """The plan of a request for its target, and everything that was found.

    `rules` are those in force for the target, where the caller has worked them out before. A waiver that ended before
    `today` allows nothing; without a day, as for a plan's own bytes, each waiver counts.
    """
    judged = judge(request, target, rules or RulesInForce(target.policy), known)
    policy = target.policy
    findings = (
        *waived(request, judged, waivable=waivable_ids(request, policy), today=today),
        *refused(request, policy),
    )
    if any(finding.severity == "error" for finding in findings):
        return Assessed(None, findings)
    forecast = known.forecast
    plan = plan_request(request, target, findings, known.bases, forecast.running)
    plan = plan._replace(capacity=forecast.clusters, cost=forecast.cost)
    assessed = _with_own_rules(plan, target, today) if target.policy.own else Assessed(plan, findings)
    return assessed._replace(bases=known.bases)


def _with_own_rules(plan: ScalePlan, target: Target, today: str | None) -> Assessed:
    from infra_scale.core.evaluation.custom_rules import own_findings  # noqa: PLC0415 (CEL only where a target has own rules)

    document = plan_document(plan, created_at="")
    metadata = document["metadata"]
    if isinstance(metadata, dict):
        del metadata["createdAt"]  # a rule that looks at the time would find something else tomorrow
    fired = own_findings(plan.request, target.policy.own, document)
    waivable = {own.id for own in target.policy.own} - target.policy.unwaivable
    findings = (*plan.findings, *waived(plan.request, fired, waivable=waivable, today=today))
    if any(finding.severity == "error" for finding in findings):
        return Assessed(None, findings)
    return Assessed(plan._replace(findings=findings), findings)
