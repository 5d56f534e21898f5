"""ScalePlan to SUMMARY.md, the page for reviewers."""

from collections.abc import Iterator

from infra_scale.core.documents.header import markdown_header
from infra_scale.core.reporting.actions import action_words, happenings
from infra_scale.core.syntax.markdown import bullets, code, numbered, section, unlinked
from infra_scale.model.finding import Finding, Waiver
from infra_scale.model.ownership import HandoverStep, Phase, Setter
from infra_scale.model.plan import PlanMetadata, ScalePlan

_NONE_FOUND = "None found."
_ROLLBACK = (
    "Run them in this order. If Argo CD or Flux applies the plan, revert the merge instead, or pause it first: "
    "it would undo them."
)
_SAVE = (
    "Save the state before the plan, with Argo CD or Flux before the merge. "
    "Keep the files: run the rollback hints in the same folder, because they read them."
)


_SETTERS: dict[Setter, str] = {
    "replicas": "a fixed number in Git",
    "hpa": "HPA",
    "keda": "KEDA",
    "unchanged": "unchanged",
    "unknown": "unknown",
}
_PHASES: dict[Phase, str] = {"before": "Before the plan is applied", "plan": "The plan", "after": "Afterwards"}


def summary(plan: ScalePlan) -> str:
    """The text of SUMMARY.md: the format of the original CLI, then the origin of the request."""
    metadata = plan.metadata
    context = code(plan.kube_context) if plan.kube_context else "unknown"
    lines = [
        f"# Infra Scale Plan ({metadata.target})",
        "",
        f"- Context: {context}",
        *_clusters(plan),
        f"- Namespace: {code(plan.namespace)}",
        f"- Autoscaling: {code(plan.autoscaling)}",
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
        lines += section("Replica Ownership", _ownership_lines(plan))
    if plan.preparations:
        commands = bullets([code(command) for command in plan.preparations])
        lines += section(
            "Before Applying",
            [_SAVE, "", *commands],
        )
    if plan.transfers:
        lines += section("Hand-Over", list(_transfer_lines(plan)))
    if said := _request(metadata):
        lines += section("Request", bullets(said))
    return markdown_header(metadata) + "\n".join(lines) + "\n"


def _clusters(plan: ScalePlan) -> list[str]:
    """All clusters of a plan for several; its context is that of the first one."""
    contexts = dict.fromkeys(action.cluster.context for action in plan.actions if action.cluster)
    return [f"- Clusters: {', '.join(map(code, contexts))}, in this order"] if len(contexts) > 1 else []


def _said(finding: Finding) -> str:
    """A finding's message; one without a workload comes from a custom rule, so its text is untrusted."""
    return unlinked(finding.message) if finding.workload else code(finding.message)


def _waived(finding: Finding, waiver: Waiver) -> str:
    said = _said(finding).removesuffix(".")
    return f"**{finding.rule}** {said}; allowed until {waiver.until}: {code(waiver.reason)}"


def _request(metadata: PlanMetadata) -> list[str]:
    said = (
        ("File", metadata.path),
        ("Owner", metadata.owner),
        ("Reason", metadata.reason),
        ("Ticket", metadata.ticket),
    )
    return [f"{name}: {code(value)}" for name, value in said if value]


def _ownership_lines(plan: ScalePlan) -> list[str]:
    """Each workload with the owner of its replicas before and after."""
    return bullets(
        [
            unlinked(
                f"{owner.ref}{f' in {owner.cluster}' if owner.cluster else ''}: "
                f"{_SETTERS[owner.before]} → {_SETTERS[owner.after]}"
            )
            for owner in plan.ownership
        ]
    )


def _transfer_lines(plan: ScalePlan) -> Iterator[str]:
    """Each hand-over with its steps; with Argo CD or Flux, merging applies the plan."""
    yield "Argo CD and Flux apply the plan soon after the merge."
    for transfer in plan.transfers:
        where = f" in {transfer.cluster.context}" if transfer.cluster else ""
        yield ""
        yield unlinked(f"**{transfer.ref}**{where}, from {transfer.before} to {transfer.after}:")
        yield ""
        yield from numbered([_step_line(step) for step in transfer.steps])


def _step_line(step: HandoverStep) -> str:
    only = f" (only {step.only})" if step.only else ""
    command = f": {code(step.command)}" if step.command else ""
    return f"**{_PHASES[step.phase]}**{only}: {unlinked(step.what)}{command}"
