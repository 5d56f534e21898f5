"""One approval pull request per target: open, update, close.

The branch only ever moves forward, so a commit of somebody else is never lost; every step can be taken again, so a run
that breaks off anywhere is healed by the next one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import clock, commits, files
from infra_scale.adapters.github import Commit, GitHub, Pull, RaceError
from infra_scale.core import proposal
from infra_scale.core.compile import Compilation, compile
from infra_scale.core.proposal import Change
from infra_scale.core.reading.target import valid_targets
from infra_scale.core.render import pull_request
from infra_scale.core.render.review import Links, Origin
from infra_scale.core.render.tree import contents
from infra_scale.core.schema import catalogue
from infra_scale.core.schema.wording import nearest
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError, UsageError
from infra_scale.model.finding import Finding
from infra_scale.model.names import BRANCH_PREFIX, PLANS, REQUESTS, target_names
from infra_scale.model.plan import ScalePlan
from infra_scale.model.target import Target
from infra_scale.usecases.committed import context_at

_ATTEMPTS = 5
_ORIGINS = 100
"""A body has no room to tell of more requests."""

_BLOCKED = "<!-- infra-scale:blocked -->"
_CLOSED = "<!-- infra-scale:closed -->"

State = Literal["opened", "updated", "unchanged", "closed", "blocked", "rejected", "waiting"]


Watch = Callable[[str, int, int], None]
"""Hears which target comes next, how many are done, and how many there are."""


class Published(NamedTuple):
    """What became of a target's pull request."""

    target: str
    state: State
    """blocked: somebody else's commits are on the branch; rejected: people have closed this very proposal; waiting: as
    many pull requests as allowed are open."""
    url: str
    """Empty where there is no pull request."""


class Base(NamedTuple):
    """What is published against: a branch, its commit, and the generated files that it holds."""

    root: Path
    branch: str
    commit: Commit
    compilation: Compilation
    generated: Mapping[str, bytes]
    """Generated files of the commit by path."""
    known: tuple[Target, ...]
    """The valid targets of the commit."""
    located: Mapping[str, Sequence[Finding]]
    """Findings with their places, by the path of the request."""
    targets: frozenset[str]
    """Every name that a request, a file of targets or a plan gives."""

    def changes(self, now: str) -> dict[str, Change]:
        """What the requests compile to and the commit does not hold, by target."""
        return proposal.changes(self.compilation, self.generated, self.known, now=now)

    def findings_of(self, plan: ScalePlan) -> Sequence[Finding]:
        """The plan's warnings and notes, with their places in the request where there is one."""
        return self.located.get(plan.request.path, plan.findings)


class Settings(NamedTuple):
    """What a team may decide."""

    only: str | None = None
    """The one target to publish."""
    most_open: int = 100
    """GitHub allows 500 new pieces of content in an hour; a new pull request takes up to five."""
    helpers: frozenset[str] = frozenset()
    """Bots whose commits on our branches are not somebody else's."""
    rules_page: str = ""


def read_base(github: GitHub, root: Path, *, branch: str, now: str) -> Base:
    """Compile what the head of `branch` on GitHub holds, from the local clone. Raises GitHubError and CommitError."""
    head = github.head(branch)
    if head is None:
        message = f"there is no branch {branch} on GitHub"
        raise InfraScaleError(message, hint="push it, or name another one with --base")
    found = commits.files_at(root, head, REQUESTS, limit=limits.MAX_BYTES)
    context = context_at(root, head, now=now)
    compilation = compile(found, context)
    located: dict[str, list[Finding]] = {}
    for finding in compilation.findings:
        located.setdefault(finding.path, []).append(finding)
    held = contents(context.generated)
    named = {path.split("/")[PLANS.count("/") + 1] for path in held if path.startswith(f"{PLANS}/")}
    named |= {plan.request.target for plan in compilation.plans}
    named.update(target_names(item.path for item in context.targets))
    known = valid_targets(context.targets, schema=context.schemas.target)
    return Base(root, branch, github.commit(head), compilation, held, known, located, frozenset(named))


def publish(github: GitHub, base: Base, settings: Settings, watch: Watch, *, now: str) -> Iterator[Published]:
    """Bring the pull requests in step, one target after the other; `watch` hears of each.

    Raises GitHubError, and UsageError for a target that is not known.
    """
    wanted = base.changes(now)
    branches = github.branches(BRANCH_PREFIX)
    asked = _asked(base, wanted, branches, only=settings.only)
    pulls = github.pulls(base.branch)
    publisher = _Publisher(github, base, settings)
    room = settings.most_open - sum(branch.startswith(BRANCH_PREFIX) for branch in pulls)
    for done, target in enumerate(asked):
        watch(target, done, len(asked))
        change = wanted.get(target) or proposal.nothing(target, now=now)
        if change.files and change.branch not in pulls and room <= 0:
            yield Published(target, "waiting", "")
            continue
        published = publisher.settle(change, branches.get(change.branch), pulls.get(change.branch))
        if published:
            room -= published.state == "opened"
            yield published


def preview(github: GitHub, base: Base, *, only: str | None, now: str) -> list[Change]:
    """What `publish` would propose for all targets, or for one. Raises GitHubError and UsageError."""
    wanted = base.changes(now)
    asked = _asked(base, wanted, github.branches(BRANCH_PREFIX), only=only)
    return [wanted[target] for target in asked if target in wanted]


def _asked(base: Base, wanted: Iterable[str], branches: Iterable[str], *, only: str | None) -> list[str]:
    """The targets to settle: those that differ, and those that have a branch. Raises UsageError for an unknown one."""
    targets = sorted({*wanted, *(branch.removeprefix(BRANCH_PREFIX) for branch in branches)})
    known = {*targets, *base.targets}
    if only is not None and only not in known:
        close = nearest(only, sorted(known))
        message = f"there is no target {only}"
        raise UsageError(message, hint=f"did you mean {close}?" if close else "--target names a target of the base")
    return [target for target in targets if only in (None, target)]


def publish_plan(github: GitHub, root: Path, change: Change) -> Published:
    """Open or update the pull request of one plan that has no request file. Raises GitHubError."""
    branch = github.default_branch
    head = github.head(branch)
    if head is None:
        message = f"there is no branch {branch} on GitHub"
        raise InfraScaleError(message, hint="push a first commit")
    nothing = Compilation(requests=0, plans=(), findings=(), files={}, obsolete=())
    publisher = _Publisher(
        github, Base(root, branch, github.commit(head), nothing, {}, (), {}, frozenset()), Settings()
    )
    done = publisher.settle(change, github.head(change.branch), github.pulls(branch).get(change.branch))
    return done or Published(change.target, "closed", "")


class _Publisher(NamedTuple):
    """One run over a repository."""

    github: GitHub
    base: Base
    settings: Settings

    def settle(self, change: Change, head: str | None, pull: Pull | None) -> Published | None:
        """Publish, and again from a fresh look where somebody was faster; None where there was nothing to do."""
        for attempt in range(_ATTEMPTS - 1):
            try:
                return self._publish(change, head, pull)
            except RaceError:
                clock.sleep(2.0**attempt)
                head = self.github.head(change.branch)
                pull = self.github.pulls(self.base.branch).get(change.branch)
        return self._publish(change, head, pull)

    def _publish(self, change: Change, head: str | None, pull: Pull | None) -> Published | None:
        ours = self._last_of_ours(self.github.commit(head)) if head else None
        if not change.files and not _is_for(change, ours, pull):
            return None
        if head and ours is None:
            return self._block(change, pull)
        if not change.files:
            return self._close(change, head, pull)
        kept = change.kept_by(ours.message) if ours else None
        if kept and not pull and head and (url := self.github.rejected(change.branch, head)):
            return Published(change.target, "rejected", url)
        if not kept:
            self._commit(change, head)
        return self._propose(kept or change, pull, moved=not kept)

    def _commit(self, change: Change, head: str | None) -> None:
        prefix = commits.prefix(self.base.root)
        placed = {f"{prefix}{path}": content for path, content in change.files.items()}
        tree = self.github.create_tree(self.base.commit, placed)
        parents = (head, self.base.commit.sha) if head else (self.base.commit.sha,)
        sha = self.github.create_commit(change.message(tree), tree=tree, parents=parents)
        self.github.move_branch(change.branch, seen=head, to=sha)

    def _propose(self, change: Change, pull: Pull | None, *, moved: bool) -> Published:
        title = pull_request.title(change.target, created_at=change.created_at)
        body = pull_request.body(self._contents(change))
        state: State = "updated" if moved else "unchanged"
        anew = pull is None or pull_request.digest_of(pull.body) != change.digest
        if pull is None:
            pull = self.github.open_pull(branch=change.branch, base=self.base.branch, title=title, body=body)
            state = "opened"
        elif pull.title != title or not pull_request.says(pull.body, body):
            if anew and not pull.is_draft:
                self._ask_again(pull, change)
            kept = pull_request.with_foreign_parts(pull.body, body, reset_ticks=anew)
            self.github.edit_pull(pull, title=title, body=kept)
            state = "updated"
        label = pull_request.NEEDS_APPROVAL.name
        if label not in pull.labels and (anew or not self.github.was_unlabelled(pull, label)):
            self.github.add_label(pull, pull_request.NEEDS_APPROVAL)
        return Published(change.target, state, pull.url)

    def _ask_again(self, pull: Pull, change: Change) -> None:
        """What was ready says something else now: a draft again, with a word about it."""
        self.github.convert_to_draft(pull)
        before = pull_request.digest_of(pull.body) or "unknown"
        text = f"The plans have changed since this was ready: digest `{before}` → `{change.digest}`. Review them again."
        self.github.comment_once(pull, marker=f"<!-- infra-scale:changed {change.digest} -->", text=text)

    def _close(self, change: Change, head: str | None, pull: Pull | None) -> Published | None:
        if head is None:
            return None
        if pull:
            reason = "No longer needed: the base branch holds what the requests compile to."
            self.github.comment_once(pull, marker=_CLOSED, text=reason)
            self.github.close_pull(pull)
        self.github.delete_branch(change.branch, seen=head)
        return Published(change.target, "closed", pull.url) if pull else None

    def _block(self, change: Change, pull: Pull | None) -> Published:
        if pull:
            text = (
                "infra-scale does not touch this branch: it has commits of somebody else.\n\n"
                f"Merge it as it is, or delete the branch `{change.branch}` to let infra-scale propose anew."
            )
            self.github.comment_once(pull, marker=_BLOCKED, text=text)
        return Published(change.target, "blocked", pull.url if pull else "")

    def _last_of_ours(self, head: Commit) -> Commit | None:
        """Our last commit on the branch; None where somebody else has committed there.

        Every commit that the base does not have must carry our trailers or come from a helper, and our last one must
        have the tree that its own trailer names, which an amended commit has not.
        """
        above = self.github.commits_between(self.base.commit.sha, head.sha) or (head,)
        ours = [commit for commit in above if proposal.read_trailers(commit.message)]
        foreign = [commit for commit in above if commit not in ours and commit.author not in self.settings.helpers]
        if foreign or not ours or not proposal.is_intact(ours[-1].message, ours[-1].tree):
            return None
        return ours[-1]

    def _contents(self, change: Change) -> pull_request.Contents:
        requests = [plan.request.path for plan in change.plans if plan.request.id]
        found = commits.last_changes(self.base.root, self.base.commit.sha, list(islice(requests, _ORIGINS)))
        return pull_request.Contents(
            change.target,
            change.plans,
            change.removed,
            change.digest,
            findings=[finding for plan in change.plans for finding in self.base.findings_of(plan)],
            comparison=proposal.comparison([change], self.base.compilation, schema=files.schema_text(catalogue.PLAN)),
            origins={path: Origin(*found[path]) for path in requests if path in found},
            links=Links(self.github.url, self.settings.rules_page),
        )


def _is_for(change: Change, ours: Commit | None, pull: Pull | None) -> bool:
    """Whether a branch belongs to the target, and not to a plan from flags or to somebody who likes our names."""
    if ours is None:
        return pull is not None
    return proposal.read_trailers(ours.message)["Target"] == change.target
