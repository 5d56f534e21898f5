"""Findings where a change is decided on: a rule that cannot be checked, a waiver that has ended.

They depend on the day and on what snapshots lack, so they are never a part of a plan.
"""

from collections.abc import Iterable, Iterator

from infra_scale.core.assessment import assess
from infra_scale.core.forecast.request import forecast
from infra_scale.core.rules.known import Known
from infra_scale.core.rules.waivers import has_ended
from infra_scale.core.surroundings import Surroundings
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target

_GRAVITY = ("error", "warning", "note")
_Key = tuple[str, str, Position | None, str]


def enforced(request: ScaleRequest, around: Surroundings) -> Iterator[Finding]:
    """What counts against a request beside the findings of its plan."""
    target = around.targets.of(request)
    if around.enforced and target and _is_other(request, target, around):
        yield from _judged(request, target, around)


def strictest(findings: Iterable[Finding]) -> frozenset[Finding]:
    """Each finding once, as strict as it was found."""
    kept: dict[_Key, Finding] = {}
    for finding in sorted(findings, key=_leniency):
        kept.setdefault((finding.rule, finding.path, finding.position, finding.message), finding)
    return frozenset(kept.values())


def _leniency(finding: Finding) -> tuple[int, bool]:
    return _GRAVITY.index(finding.severity), finding.waiver is not None


def _is_other(request: ScaleRequest, target: Target, around: Surroundings) -> bool:
    """Whether anything may be found that the plan does not have."""
    enforced = around.enforced
    return enforced is not None and (
        any(rule.unknown for rule in enforced.rules.get(target.name, ()))
        or any(has_ended(waiver, around.today) for workload in request.workloads for waiver in workload.allow)
        or enforced.outlooks.differs(around.outlooks, target)
    )


def _judged(request: ScaleRequest, target: Target, around: Surroundings) -> tuple[Finding, ...]:
    enforced, one = around.enforced, around.aimed(request)
    if enforced is None:
        return ()
    known = Known(one.bases, around.manifests, forecast(one, enforced.outlooks))
    return assess(request, target, rules=enforced.rules.get(target.name), known=known, today=around.today).findings
