"""Waivers: applies them to findings, and reports invalid, unused and expired ones."""

from collections.abc import Iterator, Sequence, Set
from typing import TYPE_CHECKING

from infra_scale.core.evaluation.families import rule_of
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.model.finding import Finding, Waiver
from infra_scale.model.names import target_path
from infra_scale.model.policy import Policy
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload

if TYPE_CHECKING:
    from datetime import date


def waivable_ids(request: ScaleRequest, policy: Policy) -> frozenset[str]:
    """The rules, including custom rules of the target, that the request waives and may waive.

    Errors cannot be waived: Kubernetes would refuse the request, or the plan would be wrong.
    """
    named = {waiver.rule for _, _, waiver in _all(request)} - policy.unwaivable
    own = {rule.id for rule in policy.own}
    return frozenset(id for id in named if id in own or ((rule := rule_of(id)) and rule.severity != "error"))


def waived(
    request: ScaleRequest, findings: Sequence[Finding], *, waivable: Set[str], today: "date | None" = None
) -> Iterator[Finding]:
    """The findings; a waived one becomes a note that names its waiver.

    A waiver that expired before `today` allows nothing; None: expiry dates are ignored. A waiver of any workload
    allows a finding about the whole plan.
    """
    granted = _granted(request, waivable)
    for finding in findings:
        waivers = (granted[key] for key in _keys(request, finding) if key in granted)
        allowed = [waiver for waiver in waivers if not has_ended(waiver, today)]
        yield finding._replace(severity="note", waiver=allowed[0]) if allowed else finding


def unused(request: ScaleRequest, findings: Sequence[Finding], *, waivable: Set[str]) -> Iterator[Finding]:
    """WVR-002 for each waiver of one of the `waivable` rules that no finding needs."""
    used = {key for finding in findings for key in _keys(request, finding)}
    for workload, index, waiver in _all(request):
        if waiver.rule in waivable and (workload.route, waiver.rule) not in used:
            message = f"{waiver.rule} does not fire for {workload.ref}: the waiver is not needed"
            help = "delete the waiver: it would hide the finding if the rule fires later"
            yield _finding(workload, index, "rule", Finding("WVR-002", "warning", message, request.path, help=help))


def _granted(request: ScaleRequest, waivable: Set[str]) -> dict[tuple[Route, str], Waiver]:
    return {(workload.route, waiver.rule): waiver for workload, _, waiver in _all(request) if waiver.rule in waivable}


def _keys(request: ScaleRequest, finding: Finding) -> list[tuple[Route, str]]:
    """The waivers that would allow a finding, by workload and rule."""
    return [(workload.route, finding.rule) for workload in request.workloads if _is_about(finding, workload)]


def refused(request: ScaleRequest, policy: Policy, *, waivable: Set[str]) -> Iterator[Finding]:
    """WVR-003 for each waiver of a rule that cannot be waived; WVR-004 for the second one of a rule."""
    seen: set[tuple[Route, str]] = set()
    for workload, index, waiver in _all(request):
        if waiver.rule not in waivable:
            message, help = _why_not(request, policy, waiver.rule)
            yield _finding(workload, index, "rule", Finding("WVR-003", "error", message, request.path, help=help))
        if (workload.route, waiver.rule) in seen:
            message = f"{workload.ref} allows {waiver.rule} twice"
            help = "keep one of the two: the reason and the expiry date are ambiguous"
            yield _finding(workload, index, "rule", Finding("WVR-004", "error", message, request.path, help=help))
        seen.add((workload.route, waiver.rule))


def expired(request: ScaleRequest, policy: Policy, *, today: "date | None") -> Iterator[Finding]:
    """WVR-001 for each waiver that expired before `today`."""
    setting = policy.settings.get("WVR-001")
    severity = (setting and setting.severity) or "warning"
    if severity == "off":
        return
    for workload, index, waiver in _all(request):
        if has_ended(waiver, today):
            message = f"the waiver of {waiver.rule} for {workload.ref} expired on {waiver.until}"
            help = "fix the finding and delete the waiver, or extend it"
            yield _finding(workload, index, "until", Finding("WVR-001", severity, message, request.path, help=help))


def has_ended(waiver: Waiver, today: "date | None") -> bool:
    """Whether its last day is before `today`."""
    return today is not None and waiver.until < today


def _why_not(request: ScaleRequest, policy: Policy, rule: str) -> tuple[str, str]:
    """The error in a waiver of a rule, and its fix."""
    if rule in policy.unwaivable:
        where = f"see `policy.unwaivable` in {target_path(request.target)}"
        return (
            f"target {request.target} does not allow waivers of {rule}",
            f"fix the finding and delete the waiver; {where}",
        )
    from infra_scale.core.evaluation.catalogue import CATALOGUE  # noqa: PLC0415 (all families, for an error only)

    known = [*(entry.id for entry in CATALOGUE), *sorted(rule.id for rule in policy.own)]
    if rule in known:
        certain = "Kubernetes would refuse such a request, or the plan would be wrong"
        why = certain if rule_of(rule) else "it is not a rule about workloads"
        return f"{rule} cannot be waived: {why}", "fix the finding, and delete the waiver"
    return f"unknown rule {rule}", did_you_mean(rule, known, "`infra-scale explain` lists them")


def _is_about(finding: Finding, workload: Workload) -> bool:
    if finding.route is None or finding.workload is None:
        return True
    return finding.route[: len(workload.route)] == workload.route


def _all(request: ScaleRequest) -> Iterator[tuple[Workload, int, Waiver]]:
    for workload in request.workloads:
        for index, waiver in enumerate(workload.allow):
            yield workload, index, waiver


def _finding(workload: Workload, index: int, key: str, finding: Finding) -> Finding:
    return finding._replace(route=(*workload.route, "allow", index, key), workload=workload.ref)
