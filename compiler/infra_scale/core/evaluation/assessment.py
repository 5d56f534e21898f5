"""One request to its plan, or to the errors against it: rules, waivers, planning, and a target's own rules."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.documents.plan import plan_document
from infra_scale.core.evaluation.rules import RulesInForce, judge, judge_builds
from infra_scale.core.evaluation.waivers import expired, refused, unused, waivable_ids, waived
from infra_scale.core.planning.plan import plan_request, stated
from infra_scale.core.ruling.catalogue import NO_CONTEXT, RuleContext
from infra_scale.model.finding import Finding, has_error
from infra_scale.model.manifest import Faults
from infra_scale.model.plan import ScalePlan
from infra_scale.model.policy import OwnRule
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target, TargetedRequest

if TYPE_CHECKING:
    from datetime import date


class Assessed(NamedTuple):
    """The result of evaluating a request."""

    plan: ScalePlan | None
    """None where `findings` has an error."""
    findings: tuple[Finding, ...]


def assess(
    request: ScaleRequest, target: Target, *, rules: RulesInForce | None = None, context: RuleContext = NO_CONTEXT
) -> Assessed:
    """The plan of a request for its target, and the pure findings: those from request, target and manifests.

    `rules` are those in force for the target, if the caller has already computed them. Every waiver applies, whatever
    the date.
    """
    findings = _without_plan(request, target, rules, context)
    if has_error(findings):
        return Assessed(None, findings)
    plan = plan_request(request, target, findings, context.bases)
    if target.policy.own:
        from infra_scale.core.evaluation.custom_rules import own_findings  # noqa: PLC0415 (CEL only where a target has own rules)

        fired = own_findings(request, target.policy.own, _document(plan, context), is_pure=True)
        findings = (*findings, *waived(request, fired, waivable=waivable_ids(request, target.policy)))
        if has_error(findings):
            return Assessed(None, findings)
        plan = plan._replace(findings=stated(findings, request))
    return Assessed(plan, findings)


def assess_builds(
    request: ScaleRequest, target: Target, builds: Faults, *, rules: RulesInForce | None = None
) -> tuple[Finding, ...]:
    """The pure findings about the builds with the rendered Components of a plan, which `assess` cannot have."""
    fired = (*judge_builds(request, target, rules or RulesInForce(target.policy), builds),)
    return (*waived(request, fired, waivable=waivable_ids(request, target.policy)),)


def is_accepted(
    request: ScaleRequest, target: Target, *, rules: RulesInForce | None = None, context: RuleContext = NO_CONTEXT
) -> bool:
    """Whether `assess` returns a plan; one is made only for the custom rules of a target."""
    if target.policy.own:
        return assess(request, target, rules=rules, context=context).plan is not None
    return not has_error(_without_plan(request, target, rules, context))


def _without_plan(
    request: ScaleRequest, target: Target, rules: RulesInForce | None, context: RuleContext
) -> tuple[Finding, ...]:
    """The findings of all rules that need no plan."""
    fired = judge(request, target, rules or RulesInForce(target.policy), context)
    waivable = waivable_ids(request, target.policy)
    return (*waived(request, fired, waivable=waivable), *refused(request, target.policy, waivable=waivable))


def reassess(
    aimed: TargetedRequest, plan: ScalePlan | None, *, rules: RulesInForce, context: RuleContext, today: "date | None"
) -> tuple[Finding, ...]:
    """The findings to show, with the forecast in `known`, on a date.

    A waiver that expired before that date allows nothing. Custom rules are evaluated only over a `plan`.
    """
    request, target = aimed.request, aimed.target
    fired = judge(request, target, rules, context)
    own: tuple[OwnRule, ...] = target.policy.own if plan else ()
    if plan and own:
        from infra_scale.core.evaluation.custom_rules import own_findings  # noqa: PLC0415 (as above)

        fired = (*fired, *own_findings(request, own, _document(plan, context)))
    waivable = waivable_ids(request, target.policy)
    # Without a plan, it is unknown whether waivers of custom rules are needed.
    needed = waivable - (set() if plan else {rule.id for rule in target.policy.own})
    return (
        *waived(request, fired, waivable=waivable, today=today),
        *unused(request, fired, waivable=needed),
        *refused(request, target.policy, waivable=waivable),
        *expired(request, target.policy, today=today),
    )


def _document(plan: ScalePlan, context: RuleContext) -> Mapping[str, object]:
    """The plan with its capacity and cost, if known; without its time, on which no rule may depend."""
    timeless = plan._replace(metadata=plan.metadata._replace(created_at=None))
    document: dict[str, object] = {**plan_document(timeless)}
    if context.forecast.clusters or context.forecast.cost:
        from infra_scale.core.documents.forecast_nodes import capacity_node, cost_node  # noqa: PLC0415 (likewise)

        if context.forecast.clusters:
            document["capacity"] = capacity_node(context.forecast.clusters)
        if context.forecast.cost:
            document["cost"] = cost_node(context.forecast.cost)
    return document
