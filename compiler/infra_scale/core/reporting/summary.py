"""ScalePlan to SUMMARY.md: the one page that a reviewer decides from."""

from infra_scale.core.documents.consequences import happenings
from infra_scale.core.documents.handover import ownership_lines, transfer_lines
from infra_scale.core.documents.header import markdown_header
from infra_scale.core.reporting.actions import action_words
from infra_scale.core.syntax.markdown import bullets, code, numbered, section, unlinked
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.waiver import Waiver

_NONE_FOUND = "None found."
_ROLLBACK = (
    "Run them in this order. Where Argo CD or Flux applies the plan, revert the merge instead, or pause it first: "
    "it would undo them."
)
_SAVE = (
    "Save the state before the plan, with Argo CD or Flux before the merge. "
    "Keep the files: the rollback hints read them in the folder where they are run."
)


def summary(plan: ScalePlan) -> str:
    """The text of SUMMARY.md: the original system's format, then where the request came from."""
    request = plan.request
    context = code(plan.kube_context) if plan.kube_context else "unknown"
    lines = [
        f"# Infra Scale Plan ({request.target})",
        "",
        f"- Context: {context}",
        *_clusters(plan),
        f"- Namespace: {code(request.namespace)}",
        f"- Autoscaling: {code(request.autoscaling)}",
        f"- Actions: **{len(plan.actions)}**",
    ]
    lines += section(
        "Actions",
        numbered([f"**{verb}** {unlinked(words)}" for verb, words in action_words(plan)]) or ["None."],
    )
    hints = bullets([code(hint) for hint in plan.rollback_hints])
    lines += section("Rollback Hints", [_ROLLBACK, "", *hints] if hints else ["None."])
    for title, severity in (("Risks", "warning"), ("Notes", "note")):
        said = [_said(finding) for finding in plan.findings if finding.severity == severity]
        lines += section(title, bullets(said) or [_NONE_FOUND])
    if waived := [_waived(finding, finding.waiver) for finding in plan.findings if finding.waiver]:
        lines += section("Waived", bullets(waived))
    lines += section("Consequences", bullets([unlinked(happening.line) for happening in happenings(plan)]))
    if plan.ownership:
        lines += section("Who Sets the Replicas", ownership_lines(plan))
    if plan.preparations:
        commands = bullets([code(command) for command in plan.preparations])
        lines += section(
            "Before Applying",
            [_SAVE, "", *commands],
        )
    if plan.transfers:
        lines += section("Hand-Over", list(transfer_lines(plan)))
    if said := _request(request):
        lines += section("Request", bullets(said))
    return markdown_header(request) + "\n".join(lines) + "\n"


def _clusters(plan: ScalePlan) -> list[str]:
    """Where a plan is for several clusters, all of them: its context is only the first one's."""
    contexts = dict.fromkeys(action.cluster.context for action in plan.actions if action.cluster)
    return [f"- Clusters: {', '.join(map(code, contexts))}, in this order"] if len(contexts) > 1 else []


def _said(finding: Finding) -> str:
    """A finding's message; one about no workload is a target's own, in words that we have not chosen."""
    return unlinked(finding.message) if finding.workload else code(finding.message)


def _waived(finding: Finding, waiver: Waiver) -> str:
    said = _said(finding).removesuffix(".")
    return f"**{finding.rule}** {said}; allowed until {waiver.until}: {code(waiver.reason)}"


def _request(request: ScaleRequest) -> list[str]:
    said = (
        ("File", request.path if request.id else ""),
        ("Owner", request.owner),
        ("Reason", request.reason),
        ("Ticket", request.ticket),
    )
    return [f"{name}: {code(value)}" for name, value in said if value]
