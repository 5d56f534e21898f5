"""Show reviewers what a pull request that edits requests will change: one comment, one label."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import commits, files, git
from infra_scale.adapters.git import GitError
from infra_scale.adapters.states.commit import Commit
from infra_scale.adapters.states.memory import Memory
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.comparing.collisions import Collision, Scaled, collisions
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.documents.target import valid_targets
from infra_scale.core.evaluation.summary import counts_of
from infra_scale.core.generated.tree import contents
from infra_scale.core.generated.unexpected import RULE as UNEXPECTED
from infra_scale.core.proposing import comment as render
from infra_scale.core.proposing import pull_request
from infra_scale.core.proposing.owned_text import is_same
from infra_scale.core.proposing.plans import TargetPlans, comparison, target_plans
from infra_scale.core.proposing.pull_request import NEEDS_APPROVAL as LABEL
from infra_scale.core.reporting.review import Links
from infra_scale.core.rules.orphaned_autoscalers import RULE as ORPHANED
from infra_scale.core.schema import catalogue
from infra_scale.model.finding import Finding
from infra_scale.model.names import BRANCH_PREFIX, CLUSTERS
from infra_scale.model.plan import ScalePlan
from infra_scale.model.proposal import Files, digest_of
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found
from infra_scale.ports.forge import Forge
from infra_scale.usecases.against_base import Against, against, check, decided
from infra_scale.usecases.compile import How, compile_state, compile_work_tree, generated_files
from infra_scale.usecases.elsewhere import Elsewhere, scaled_elsewhere
from infra_scale.usecases.environment import context_of, facts_of
from infra_scale.usecases.outcome import Outcome
from infra_scale.usecases.streaming.job import Wants

_MOST_TOLD = 20
"""Other pull requests whose comments are updated; their own runs update them as well."""

Posted = Literal["created", "updated", "unchanged", "nothing to say"]


class Review(NamedTuple):
    """The content of the comment: the work tree compared with the base of its pull request."""

    outcome: Outcome
    """The committed plans, compared with the requests of the work tree."""
    report: render.Report
    scaled: frozenset[Scaled]
    """The comparison for the plans that change."""
    carries_plans: bool
    """Whether the pull request itself changes generated files."""
    changed: Mapping[str, Files]
    """The work tree's files at the paths that the requests change, by target."""
    edited: tuple[str, ...] = ()
    """Changed generated files that differ from the compiled ones."""

    @property
    def changes_nothing(self) -> bool:
        """Whether it is certain that no plan changes; with a refused request, it is not."""
        return self.outcome.is_valid and not (self.report.digest or self.carries_plans)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to report."""
        report = self.report
        return not (report.digest or report.findings or report.decisions or self.outcome.changed or self.carries_plans)


def review(root: Path, *, base: str | None, plans_later: bool, now: datetime) -> Review:
    """Compile the work tree, check it by the policies of the commit `base`, and compare with its plans.

    Raises FilesError and GitError. With `plans_later`, the pull request needs no plans: `publish` proposes them after
    the merge.
    """
    change = _against(root, base)
    before, uncompared = _plans_at(root, base)
    wants = Wants(
        writes=False, unchanged_plans=True, unchanged_findings=True, judges=True, world="all", judges_world=True
    )
    how = How(wants=wants, by_clock=True)
    if change:
        outcome = check(root, change, now=now, how=how)
    else:
        outcome = compile_work_tree(root, scope=Scope(), now=now, how=how)
    compared, changed = _compared(root, before, change, now=now)
    outcome = _with_orphaned(outcome, compared)
    plans = [_as_seen(plan, compared) for change in changed.values() for plan in change.plans]
    schema = files.schema_text(catalogue.PLAN)
    with closing(WorkTree(root)) as tree:
        tree_files = generated_files(tree)
    edited = () if uncompared else _edited(outcome, before, tree_files)
    plans_later = plans_later and not edited
    report = render.Report(
        headline=_headline(outcome, changed, plans_later=plans_later),
        advice=_advice(outcome, changed, plans_later=plans_later),
        comparison=comparison(changed.values(), compared, schema=schema),
        uncompared=uncompared,
        findings=_news(outcome, {plan.metadata.path for plan in plans}),
        digest="" if _is_refused(outcome) else _digest(changed),
        plans=plans,
        decisions=decided(root, change) if change else (),
    )
    carries = not uncompared and contents(tree_files) != contents(before)
    held = contents(tree_files)
    files_of = {target: {path: held.get(path) for path in change.files} for target, change in changed.items()}
    scaled = frozenset(Scaled(plan.metadata.target, action.ref) for plan in plans for action in plan.actions)
    return Review(outcome, report, scaled, carries, files_of, edited)


def proposed_digest(root: Path, found: Review, *, base: str | None, branch: str) -> str:
    """The digest of the plans if the pull request of `branch` changes exactly what `publish` would; else empty."""
    target = branch.removeprefix(BRANCH_PREFIX)
    is_in_step = found.outcome.is_valid and not found.outcome.changed
    if (
        base is None
        or found.report.uncompared
        or not is_in_step
        or branch == target
        or found.changed.keys() != {target}
    ):
        return ""
    prefix = commits.prefix(root)
    same = commits.changed_paths(root, base) == {f"{prefix}{path}" for path in found.changed[target]}
    return digest_of(found.changed[target]) if same else ""


def needs_no_comment(forge: Forge, number: int, digest: str) -> bool:
    """Whether our account or another bot proposes the plans, and the body has this digest. Raises ForgeError.

    `comment` and `publish` may have tokens of different accounts. An existing comment is kept up to date.
    """
    pull = forge.pull(number)
    is_bot = pull.author is not None and (pull.author.is_bot or pull.author == forge.account)
    is_said = is_bot and pull_request.digest_of(pull.body) == digest
    return is_said and forge.comment_of(number, marker=render.MARKER) is None


def post(forge: Forge, root: Path, number: int, found: Review, links: Links) -> Posted:
    """Update label and comment of a pull request, and the comments of pull requests that it collides with.

    Raises ForgeError; ReadOnlyError if the token may not write.
    """
    pull = forge.pull(number)
    written = forge.comment_of(number, marker=render.MARKER)
    others = scaled_elsewhere(forge, root, pull) if found.scaled or written else Elsewhere()
    mine = collisions(number, {**others.scaled, number: found.scaled})
    digest = render.digest_of(written.body) if written else None
    wanted = found.carries_plans and found.report.digest and LABEL.name not in pull.labels
    if wanted and (digest != found.report.digest or not forge.was_unlabelled(pull, LABEL.name)):
        forge.add_label(pull, LABEL)
    elif digest and found.changes_nothing and LABEL.name in pull.labels:
        forge.remove_label(pull, LABEL)
    before = render.mentions(written.body) if written else {}
    unchecked = render.unchecked(others.unchecked, older=others.older)
    kept = [line for line, other in before.items() if other in others.unchecked and _is_about(line, found)]
    text = render.comment(found.report, mine, links, kept=kept, unchecked=unchecked)
    concerned = {collision.number for collision in mine} | set(before.values())
    for other in sorted(concerned & others.scaled.keys(), reverse=True)[:_MOST_TOLD]:
        _tell(forge, other, number, collisions(other, {number: found.scaled, other: others.scaled[other]}))
    if written is None and found.is_silent:
        return "nothing to say"
    if written is None:
        forge.write_comment(number, text)
        return "created"
    if is_same(written.body, text):
        return "unchanged"
    forge.edit_comment(number, written, text)
    return "updated"


def _is_about(line: str, found: Review) -> bool:
    return any(render.is_about(line, scaled) for scaled in found.scaled)


def _tell(forge: Forge, other: int, number: int, found: tuple[Collision, ...]) -> None:
    """Add the collisions to the comment of another pull request, if its own run has written one."""
    written = forge.comment_of(other, marker=render.MARKER)
    if written and not is_same(written.body, text := render.with_collisions(written.body, number, found)):
        forge.edit_comment(other, written, text)


def _against(root: Path, base: str | None) -> Against | None:
    """The change since the base; None if the base is unknown."""
    try:
        commit = git.commit_of(root, base) if base else None
        return against(root, commit) if commit else None
    except GitError:
        return None


def _plans_at(root: Path, base: str | None) -> tuple[tuple[Found, ...], str]:
    """The generated files of the base, or why they are unknown."""
    if base is None:
        return (), "no base commit was given."
    try:
        with closing(Commit(root, base)) as state:
            return generated_files(state), ""
    except commits.CommitError as error:
        return (), f"{error.message}; {error.hint}."


def _compared(
    root: Path, before: tuple[Found, ...], change: Against | None, *, now: datetime
) -> tuple[Compilation, dict[str, TargetPlans]]:
    """The requests of the work tree, compiled, and the generated files that the base lacks, by target."""
    with closing(WorkTree(root)) as tree:
        context = context_of(tree, base=change.base._replace(refuses=False) if change else None)
        facts = facts_of(tree, context.targets, now=now, by_clock=True)
        compilation = compile_state(root, tree, context, facts, generated=Memory(before))
    known = valid_targets(context.targets, schema=context.schemas.target)
    return compilation, target_plans(compilation, contents(before), known)


def _edited(outcome: Outcome, before: tuple[Found, ...], tree_files: tuple[Found, ...]) -> tuple[str, ...]:
    there, here = contents(before), contents(tree_files)
    stale = sorted(change.path for change in outcome.changes)
    return tuple(path for path in stale if there.get(path) != here.get(path))


def _with_orphaned(outcome: Outcome, compared: Compilation) -> Outcome:
    """The outcome with the findings about autoscalers of the base that are orphaned."""
    orphaned = [finding for finding in compared.findings if finding.rule == ORPHANED]
    if not orphaned:
        return outcome
    findings = tuple(sorted({*outcome.findings, *orphaned}, key=lambda finding: finding.order))
    is_valid = outcome.is_valid and all(finding.severity != "error" for finding in orphaned)
    return outcome._replace(is_valid=is_valid, findings=findings, totals=counts_of(findings))


def _news(outcome: Outcome, changed: set[str]) -> tuple[Finding, ...]:
    """Errors, findings of requests whose plans change, and those about orphaned autoscalers."""
    return tuple(
        finding
        for finding in outcome.findings
        if finding.severity == "error" or finding.path in changed or finding.rule == ORPHANED
    )


def _digest(changed: Mapping[str, TargetPlans]) -> str:
    """The digest of all changed files; empty if none changes."""
    held = {path: content for plans in changed.values() for path, content in plans.files.items()}
    return digest_of(held) if held else ""


def _as_seen(plan: ScalePlan, compared: Compilation) -> ScalePlan:
    """A plan with its consequences for the state in the snapshots."""
    return plan._replace(consequences=compared.forecast(plan).consequences or plan.consequences)


def _is_refused(outcome: Outcome) -> bool:
    """Whether an error refuses a request; an error of the world does not."""
    planned = {plan.request for plan in outcome.plans}
    errors = (one for one in outcome.findings if one.severity == "error" and one.rule != UNEXPECTED)
    return any(one.path not in planned and not one.path.startswith(f"{CLUSTERS}/") for one in errors)


def _headline(outcome: Outcome, changed: Mapping[str, TargetPlans], *, plans_later: bool) -> str:
    if _is_refused(outcome):
        return "a request is refused"
    if not outcome.is_valid:
        return "a check fails"
    if outcome.unexpected:
        return "unexpected file in ops/plans or ops/rendered"
    if outcome.changed and not plans_later:
        return "the plans are out of date"
    if not changed:
        return "no plan changes"
    return f"plans change for {', '.join(changed)}"


def _advice(outcome: Outcome, changed: Mapping[str, TargetPlans], *, plans_later: bool) -> str:
    if not outcome.is_valid and not _is_refused(outcome):
        return "Fix or waive the errors below: the plans are valid, but a cluster, a budget or a policy forbids them."
    if not outcome.is_valid:
        return "Fix the errors below first; `infra-scale compile --check --base BRANCH` shows each with its location."
    if outcome.unexpected:
        return (
            "Argo CD and Flux apply files in these folders. Move it one level up, or run `infra-scale compile --prune`."
        )
    if outcome.changed and not plans_later:
        return "Run `infra-scale compile` and commit the result."
    if not changed:
        return ""
    if plans_later:
        return "After the merge, infra-scale opens a pull request to approve these plans."
    return "Approving and merging this pull request approves these plans."
