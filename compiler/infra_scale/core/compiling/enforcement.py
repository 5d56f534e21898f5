"""Findings where a change is decided on: strict rules that cannot be checked, ended waivers, the base's policies.

They depend on the day and on what snapshots lack, so they are never a part of a plan.
"""

from collections.abc import Iterable, Iterator

from infra_scale.core.compiling.base_policy import judged_by, judges
from infra_scale.core.compiling.environment import Enforced, Environment
from infra_scale.core.evaluation.assessment import assess
from infra_scale.core.evaluation.rules import RulesInForce
from infra_scale.core.evaluation.waivers import expired, has_ended
from infra_scale.core.forecast.demands import TargetedRequest
from infra_scale.core.forecast.request import forecast
from infra_scale.core.ruling.context import RuleContext
from infra_scale.model.finding import Finding
from infra_scale.model.names import target_path
from infra_scale.model.position import Position
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target

_GRAVITY = ("error", "warning", "note")
_Key = tuple[str, str, Position | None, str]


def enforced(request: ScaleRequest, environment: Environment) -> Iterator[Finding]:
    """What counts against a request beside the findings of its plan."""
    target, enforced = environment.targets.of(request), environment.enforced
    if enforced is None or target is None:
        return
    if _is_other(request, target, environment):
        rules = enforced.rules.get(target.name)
        yield from _assessed(environment.aimed(request), environment, enforced, rules)
    if enforced.base is not None and enforced.touch and enforced.touch.beyond_policy(request.path, target.name):
        for judge in judges(target, enforced.base):
            yield from _of_base(request, target, judge, environment)


def strictest(findings: Iterable[Finding]) -> frozenset[Finding]:
    """Each finding once, as strict as it was found."""
    kept: dict[_Key, Finding] = {}
    for finding in sorted(findings, key=_leniency):
        kept.setdefault((finding.rule, finding.path, finding.position, finding.message), finding)
    return frozenset(kept.values())


def _leniency(finding: Finding) -> tuple[int, bool]:
    return _GRAVITY.index(finding.severity), finding.waiver is not None


def _is_other(request: ScaleRequest, target: Target, environment: Environment) -> bool:
    """Whether anything may be found that the plan does not have."""
    enforced = environment.enforced
    return enforced is not None and (
        (target.name in enforced.rules and enforced.rules[target.name].has_strict)
        or any(has_ended(waiver, environment.today) for workload in request.workloads for waiver in workload.allow)
        or enforced.outlooks.differs(environment.outlooks, target)
    )


def _of_base(request: ScaleRequest, target: Target, judge: Target, environment: Environment) -> Iterator[Finding]:
    """What a policy of the base finds; that a waiver is not needed there is no news."""
    judged, enforced = judged_by(target, judge), environment.enforced
    if judged == target or enforced is None:
        return
    aimed = environment.aimed(request)._replace(target=judged)
    rules = RulesInForce(judged.policy, fails_closed=True)
    ended = expired(request, judged.policy, today=environment.today)
    for finding in (*_assessed(aimed, environment, enforced, rules), *ended):
        if finding.rule != "WVR-002":
            yield finding._replace(help=_with_judge(finding.help, judge))


def _with_judge(help: str, judge: Target) -> str:
    where = f"the policy of the base decides ({target_path(judge.name)} there)"
    return f"{help}; {where}" if help else where


def _assessed(
    aimed: TargetedRequest, environment: Environment, enforced: Enforced, rules: RulesInForce | None
) -> tuple[Finding, ...]:
    known = RuleContext(aimed.bases, environment.manifests, forecast(aimed, enforced.outlooks))
    return assess(aimed.request, aimed.target, rules=rules, known=known, today=environment.today).findings
