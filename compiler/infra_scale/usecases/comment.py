"""What a pull request that edits requests will do, said where its reviewers look: one comment, one label."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import clock, commits, files, git
from infra_scale.adapters.git import GitError
from infra_scale.adapters.github import GitHub, Pull
from infra_scale.core import proposal
from infra_scale.core.compile import Compilation, compile
from infra_scale.core.context import Enforcement
from infra_scale.core.planning.collisions import Collision, Scaled, collisions, scaled_by
from infra_scale.core.proposal import Change
from infra_scale.core.reading.source import read_source
from infra_scale.core.reading.target import valid_targets
from infra_scale.core.render import comment as render
from infra_scale.core.render.pull_request import NEEDS_APPROVAL as LABEL
from infra_scale.core.render.review import Links
from infra_scale.core.render.tree import contents
from infra_scale.core.rules.departures import RULE as DEPARTED
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax import limits
from infra_scale.model.finding import Finding
from infra_scale.model.names import REQUESTS, SUFFIXES, request_id
from infra_scale.model.request import ScaleRequest
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source
from infra_scale.usecases.against_base import Against, against, check, decided
from infra_scale.usecases.committed import generated_at
from infra_scale.usecases.compile import How, compile_work_tree, context_of, lying_generated, lying_sources
from infra_scale.usecases.gradual.job import Wants
from infra_scale.usecases.outcome import Outcome

_MOST_PULLS = 30
_MOST_FILES = 200
"""Other pull requests, and their request files, that are looked at: a call each, of 1,000 an hour."""

Posted = Literal["created", "updated", "unchanged", "nothing to say"]


class Elsewhere(NamedTuple):
    """What other open pull requests scale, by number."""

    scaled: dict[int, frozenset[Scaled]]
    whole: bool
    """Whether all of them were looked at."""


class Review(NamedTuple):
    """What is to be said about the work tree, compared with the base of its pull request."""

    outcome: Outcome
    """The work tree's own plans, compared with its requests."""
    report: render.Report
    scaled: frozenset[Scaled]
    """By the plans that change."""
    carries_plans: bool
    """Whether the pull request itself changes generated files."""
    edited: tuple[str, ...] = ()
    """Generated files that it changes to something else than their requests compile to."""

    @property
    def changes_nothing(self) -> bool:
        """Whether it is certain that no plan changes: of a refused request, nothing is."""
        return self.outcome.is_valid and not (self.report.digest or self.carries_plans)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing to tell a reviewer."""
        report = self.report
        return not (report.digest or report.findings or report.decisions or self.outcome.changed or self.carries_plans)


def review(root: Path, *, base: str | None, plans_later: bool, now: str) -> Review:
    """Compile the work tree, judge it by the policies of the commit `base`, and compare with its plans.

    Raises FilesError and GitError. With `plans_later`, plans are not expected in the pull request: publishing proposes
    them after the merge.
    """
    change = _against(root, base)
    before, uncompared = _plans_at(root, base)
    wants = Wants(writes=False, everything=True, judges=True)
    how = How(wants=wants, enforcement=Enforcement(by_clock=True))
    if change:
        outcome = check(root, change, now=now, how=how)
    else:
        outcome = compile_work_tree(root, scope=Scope(), now=now, how=how)
    compared, changed = _compared(root, before, now=now)
    plans = [plan for change in changed.values() for plan in change.plans]
    schema = files.schema_text(catalogue.PLAN)
    lying = lying_generated(root)
    edited = () if uncompared else _edited(outcome, before, lying)
    plans_later = plans_later and not edited
    report = render.Report(
        headline=_headline(outcome, changed, plans_later=plans_later),
        advice=_advice(outcome, changed, plans_later=plans_later),
        comparison=proposal.comparison(changed.values(), compared, schema=schema),
        uncompared=uncompared,
        findings=_news(outcome, compared, {plan.request.path for plan in plans}),
        digest=_digest(changed) if outcome.is_valid else "",
        plans=plans,
        decisions=decided(root, change) if change else (),
    )
    carries = not uncompared and contents(lying) != contents(before)
    return Review(outcome, report, scaled_by(plan.request for plan in plans), carries, edited)


def post(github: GitHub, number: int, found: Review, links: Links) -> Posted:
    """Bring label and comment of a pull request in step, and the comments of those that it collides with.

    Raises GitHubError; ReadOnlyError where the token may not write.
    """
    pull = github.pull(number)
    written = github.comment_of(number, marker=render.MARKER)
    others = _scaled_elsewhere(github, pull) if found.scaled or written else Elsewhere({}, whole=True)
    scaled = {**others.scaled, number: found.scaled}
    mine = collisions(number, scaled)
    digest = render.digest_of(written.body) if written else None
    wanted = found.carries_plans and found.report.digest and LABEL.name not in pull.labels
    if wanted and (digest != found.report.digest or not github.was_unlabelled(pull, LABEL.name)):
        github.add_label(pull, LABEL)
    elif digest and found.changes_nothing and LABEL.name in pull.labels:
        github.remove_label(pull, LABEL)
    text = render.comment(found.report, mine, links, all_looked_at=others.whole)
    concerned = {collision.number for collision in mine} | (render.mentioned(written.body) if written else frozenset())
    for other in sorted(concerned & others.scaled.keys()):
        _tell(github, other, collisions(other, scaled))
    if written is None and found.is_silent:
        return "nothing to say"
    if written is None:
        github.write_comment(number, text)
        return "created"
    if written.body.replace("\r\n", "\n").rstrip() == text.rstrip():
        return "unchanged"
    github.edit_comment(number, written, text)
    return "updated"


def _tell(github: GitHub, number: int, found: tuple[Collision, ...]) -> None:
    """Another pull request hears of a collision in the comment that its own run has written."""
    written = github.comment_of(number, marker=render.MARKER)
    if written and (text := render.with_collisions(written.body, found)) != written.body.replace("\r\n", "\n"):
        github.edit_comment(number, written, text)


def _scaled_elsewhere(github: GitHub, pull: Pull) -> Elsewhere:
    """What other open pull requests scale, the newest first; of requests that cannot be read, nothing is known."""
    numbers = github.open_pulls(base=pull.base, most=_MOST_PULLS + 1)
    schema = files.schema_text(catalogue.REQUEST)
    scaled: dict[int, frozenset[Scaled]] = {}
    room = _MOST_FILES
    for number in numbers[:_MOST_PULLS]:
        if number == pull.number:
            continue
        changed = github.changed_files(number, below=REQUESTS, most=room + 1)
        if len(changed) > room:
            return Elsewhere(scaled, whole=False)
        room -= len(changed)
        requests = (_request(github, path, blob, schema) for path, blob in changed.items())
        scaled[number] = scaled_by(request for request in requests if request)
    return Elsewhere(scaled, whole=len(numbers) <= _MOST_PULLS)


def _request(github: GitHub, path: str, blob: str, schema: str) -> ScaleRequest | None:
    is_named_so = request_id(path) is not None and path.endswith(SUFFIXES)
    content = github.blob(blob, limit=limits.MAX_BYTES) if is_named_so else None
    return read_source(Source(path, content, len(content)), schema=schema).request if content is not None else None


def _against(root: Path, base: str | None) -> Against | None:
    """The change since the base; None where the base is not known."""
    try:
        commit = git.commit_of(root, base) if base else None
        return against(root, commit) if commit else None
    except GitError:
        return None


def _plans_at(root: Path, base: str | None) -> tuple[tuple[Found, ...], str]:
    """The generated files of the base, or why they are not known."""
    if base is None:
        return (), "no base commit was named."
    try:
        return generated_at(root, base), ""
    except commits.CommitError as error:
        return (), f"{error.message}; {error.hint}."


def _compared(root: Path, before: tuple[Found, ...], *, now: str) -> tuple[Compilation, dict[str, Change]]:
    """The work tree's requests, compiled against the base; and what that does not hold, by target."""
    sources = lying_sources(root, before)
    context = context_of(sources, scope=Scope(), now=now)
    known = valid_targets(context.targets, schema=context.schemas.target)
    compilation = compile(sources.requests, context)
    return compilation, proposal.changes(compilation, contents(before), known, now=now)


def _edited(outcome: Outcome, before: tuple[Found, ...], lying: tuple[Found, ...]) -> tuple[str, ...]:
    there, here = contents(before), contents(lying)
    stale = sorted(change.path for change in outcome.changes)
    return tuple(path for path in stale if there.get(path) != here.get(path))


def _news(outcome: Outcome, compared: Compilation, changed: set[str]) -> tuple[Finding, ...]:
    """Errors, what was found in the requests whose plans change, and what only the base's plans can tell."""
    news = [finding for finding in outcome.findings if finding.severity == "error" or finding.path in changed]
    news += [finding for finding in compared.findings if finding.rule == DEPARTED]
    return tuple(sorted(dict.fromkeys(news), key=lambda finding: finding.order))


def _digest(changed: Mapping[str, Change]) -> str:
    """Of all changed files; the moment does not count, because it is not in the base yet."""
    held = {path: content for change in changed.values() for path, content in change.at(clock.EPOCH).files.items()}
    return proposal.digest_of(held) if held else ""


def _headline(outcome: Outcome, changed: Mapping[str, Change], *, plans_later: bool) -> str:
    if not outcome.is_valid:
        return "a request is refused"
    if outcome.unexpected:
        return "a file among the plans or manifests is unexpected"
    if outcome.changed and not plans_later:
        return "the plans are out of step with their requests"
    if not changed:
        return "no plan changes"
    return f"plans change for {', '.join(changed)}"


def _advice(outcome: Outcome, changed: Mapping[str, Change], *, plans_later: bool) -> str:
    if not outcome.is_valid:
        return "Fix the errors below first; `infra-scale compile --check --base BRANCH` shows each one at its place."
    if outcome.unexpected:
        return "Argo CD and Flux apply what is there. Move it one level up, or run `infra-scale compile --prune`."
    if outcome.changed and not plans_later:
        return "Run `infra-scale compile` and commit the result."
    if not changed:
        return ""
    if plans_later:
        return "After the merge, infra-scale opens the pull request that asks for approval of these plans."
    return "Whoever approves and merges this pull request approves these plans."
