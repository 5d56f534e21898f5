"""Waivers: what a request allows itself, for whom it is too much, and what is left of it when it ends."""

from collections.abc import Iterator, Sequence, Set

from infra_scale.model.finding import Finding
from infra_scale.model.policy import Policy
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.waiver import Waiver


def waived(request: ScaleRequest, findings: Sequence[Finding], *, checked: Set[str]) -> Iterator[Finding]:
    """The findings; one that its workload allows becomes a note that names its waiver. WVR-002 for a waiver that no
    finding of the `checked` rules needs.

    A finding about the whole plan is allowed by any of its workloads.
    """
    granted = {(workload.route, waiver.rule): waiver for workload in request.workloads for waiver in workload.allow}
    used: set[tuple[Route, str]] = set()
    for finding in findings:
        keys = [(workload.route, finding.rule) for workload in request.workloads if _is_about(finding, workload)]
        allowed = [key for key in keys if key in granted]
        used.update(allowed)
        yield finding._replace(severity="note", waiver=granted[allowed[0]]) if allowed else finding
    for workload, index, waiver in _all(request):
        if waiver.rule in checked and (workload.route, waiver.rule) not in used:
            message = f"{waiver.rule} does not fire for {workload.ref}: it need not be allowed"
            yield _finding(workload, index, "rule", Finding("WVR-002", "warning", message, request.path))


def refused(request: ScaleRequest, policy: Policy, *, waivable: Set[str], known: Set[str]) -> Iterator[Finding]:
    """WVR-003 for each waiver of a rule that cannot be waived: unknown, an error, or closed by the target."""
    for workload, index, waiver in _all(request):
        if waiver.rule in policy.unwaivable:
            message, help = f"target {request.target} lets nobody waive {waiver.rule}", "meet the rule, or ask for it"
        elif waiver.rule in waivable:
            continue
        elif waiver.rule in known:
            message = f"{waiver.rule} cannot be waived: the plan would be refused, or wrong"
            help = "mend what it reports"
        else:
            message, help = f"there is no rule {waiver.rule}", "`infra-scale explain` lists them"
        yield _finding(workload, index, "rule", Finding("WVR-003", "error", message, request.path, help=help))


def expired(request: ScaleRequest, policy: Policy, *, today: str) -> Iterator[Finding]:
    """WVR-001 for each waiver that ended before `today` (YYYY-MM-DD).

    Not for a plan: its bytes do not depend on the day.
    """
    setting = policy.settings.get("WVR-001")
    severity = (setting and setting.severity) or "warning"
    if severity == "off":
        return
    for workload, index, waiver in _all(request):
        if waiver.until < today:
            message = f"the waiver of {waiver.rule} for {workload.ref} ended on {waiver.until}"
            help = "meet the rule, or have the waiver prolonged"
            yield _finding(workload, index, "until", Finding("WVR-001", severity, message, request.path, help=help))


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
