"""One approval pull request per target: open, update, close.

The branch only ever moves forward, so no commit of another author is lost; every step can be repeated, so the next run
repairs what an interrupted one left behind.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import clock, commits, files
from infra_scale.adapters.github import GitHub, Pull, RaceError
from infra_scale.core.proposing import proposal
from infra_scale.core.proposing.proposal import Change
from infra_scale.core.reporting import pull_request
from infra_scale.core.reporting.review import Links, Origin
from infra_scale.core.schema import catalogue
from infra_scale.core.schema.wording import nearest
from infra_scale.errors import UsageError
from infra_scale.model.names import BRANCH_PREFIX
from infra_scale.usecases.base import NOTHING_COMPILED, Base, History, head_of
from infra_scale.usecases.verification import Content, Verifier, fingerprint

_ATTEMPTS = 5
_ORIGINS = 100
"""A body has no room to tell of more requests."""

_BLOCKED = "<!-- infra-scale:blocked -->"
_CLOSED = "<!-- infra-scale:closed -->"

_OF_A_PLAN = re.compile(r"[0-9]{4}(-[0-9]{2}){5}-[0-9]{3}Z")
"""What `infra-scale plan --apply` puts in the place of a target: `clock.stamp`."""

State = Literal["opened", "updated", "unchanged", "closed", "blocked", "ignored", "rejected", "waiting"]

Watch = Callable[[str, int, int], None]
"""Hears which target comes next, how many are done, and how many there are."""


class Published(NamedTuple):
    """What became of a target's pull request."""

    target: str
    state: State
    """blocked: its branch has content that infra-scale did not make; ignored: the same, and nothing is to be proposed;
    rejected: reviewers have closed this very proposal; waiting: as many pull requests as allowed are open."""
    url: str
    """Empty where there is no pull request."""


class Settings(NamedTuple):
    """What a team may decide."""

    only: str | None = None
    """The one target to publish."""
    most_open: int = 100
    """GitHub allows 500 new pieces of content in an hour; a new pull request takes up to five."""
    allowed_accounts: frozenset[str] = frozenset()
    """Accounts that may change other files on our branches."""
    rules_page: str = ""


def publish(github: GitHub, base: Base, settings: Settings, watch: Watch, *, now: str) -> Iterator[Published]:
    """Bring the pull requests in step, one target after the other; `watch` hears of each.

    Raises GitHubError, CommitError, and UsageError for a target that is not known.
    """
    wanted = base.compiled.changes(now)
    branches = github.branches(BRANCH_PREFIX)
    asked = _asked(base, wanted, branches, only=settings.only)
    pulls = github.pulls(base.branch)
    room = settings.most_open - sum(
        proposal.branch_of(target) in pulls for target in base.compiled.targets | set(wanted)
    )
    with _publisher(github, base, settings, History(base.root)) as publisher:
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
    wanted = base.compiled.changes(now)
    asked = _asked(base, wanted, github.branches(BRANCH_PREFIX), only=only)
    return [wanted[target] for target in asked if target in wanted]


def _asked(base: Base, wanted: Iterable[str], branches: Iterable[str], *, only: str | None) -> list[str]:
    """The targets to settle: those that differ, and those that have a branch. Raises UsageError for an unknown one."""
    named = (branch.removeprefix(BRANCH_PREFIX) for branch in branches)
    targets = sorted({*wanted, *(name for name in named if not _OF_A_PLAN.fullmatch(name))})
    known = {*targets, *base.compiled.targets}
    if only is not None and only not in known:
        close = nearest(only, sorted(known))
        message = f"there is no target {only}"
        raise UsageError(message, hint=f"did you mean {close}?" if close else "--target names a target of the base")
    return [target for target in targets if only in (None, target)]


def publish_plan(github: GitHub, root: Path, change: Change) -> Published:
    """Open or update the pull request of one plan that has no request file. Raises GitHubError and CommitError."""
    branch = github.default_branch
    head = head_of(github, branch, hint="push a first commit")
    base = Base(root, branch, github.commit(head), NOTHING_COMPILED)
    with _publisher(github, base, Settings(), None) as publisher:
        done = publisher.settle(change, github.head(change.branch), github.pulls(branch).get(change.branch))
    return done or Published(change.target, "closed", "")


@contextmanager
def _publisher(github: GitHub, base: Base, settings: Settings, history: History | None) -> Iterator["_Publisher"]:
    prefix = commits.prefix(base.root)
    with commits.objects(base.root) as objects:
        verifier = Verifier(github, base.commit, base.root, prefix, objects, history, settings.allowed_accounts)
        yield _Publisher(github, base, settings, verifier)


class _Publisher(NamedTuple):
    """One run over a repository."""

    github: GitHub
    base: Base
    settings: Settings
    verifier: Verifier

    def settle(self, change: Change, head: str | None, pull: Pull | None) -> Published | None:
        """Publish, and again from fresh data after a conflict; None where there was nothing to do."""
        for attempt in range(_ATTEMPTS - 1):
            try:
                return self._publish(change, head, pull)
            except RaceError:
                clock.sleep(2.0**attempt)
                head = self.github.head(change.branch)
                pull = self.github.pulls(self.base.branch).get(change.branch)
        return self._publish(change, head, pull)

    def _publish(self, change: Change, head: str | None, pull: Pull | None) -> Published | None:
        content = self.verifier.content(change, head)
        if not change.files:
            return self._finish(change, content, head, pull)
        if content.kind == "foreign":
            return self._block(change, pull, "blocked")
        if not (content.change and content.is_current):
            self._commit(change, head)
            return self._propose(change, pull, content, moved=True)
        if not pull and head and (url := self.github.rejected(change.branch, head, base=self.base.branch)):
            return Published(change.target, "rejected", url)
        return self._propose(content.change, pull, content, moved=False)

    def _commit(self, change: Change, head: str | None) -> None:
        placed = {f"{self.verifier.prefix}{path}": content for path, content in change.files.items()}
        tree = self.github.create_tree(self.base.commit, placed)
        parents = (head, self.base.commit.sha) if head else (self.base.commit.sha,)
        sha = self.github.create_commit(change.message(fingerprint()), tree=tree, parents=parents)
        self.github.move_branch(change.branch, seen=head, to=sha)

    def _propose(self, change: Change, pull: Pull | None, content: Content, *, moved: bool) -> Published:
        body = pull_request.body(self._contents(change))
        state: State = "updated" if moved else "unchanged"
        anew = pull is None or pull_request.digest_of(pull.body) != change.digest or content.differs_from(change)
        title = pull_request.title(change.target, created_at=change.created_at)
        if pull and not anew and pull_request.is_title(pull.title, change.target):
            title = pull.title  # its day is that of these plans
        if pull is None:
            pull = self.github.open_pull(branch=change.branch, base=self.base.branch, title=title, body=body)
            state = "opened"
        else:
            if anew and not pull.is_draft:
                self._ask_again(pull, change)
            if pull.title != title or not pull_request.says(pull.body, body):
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
        digest = pull_request.digest_of(pull.body)
        before = digest if digest and digest != change.digest else "unknown"
        text = f"The plans have changed since this was ready: digest `{before}` → `{change.digest}`. Review them again."
        self.github.comment_once(pull, marker=f"<!-- infra-scale:changed {change.digest} -->", text=text)

    def _finish(self, change: Change, content: Content, head: str | None, pull: Pull | None) -> Published | None:
        """Nothing is to be proposed: close what was, and leave alone what is not ours."""
        if content.kind in ("absent", "empty"):
            return None
        if content.kind == "ours":
            return self._close(change, head, pull)
        return self._block(change, pull, "ignored")

    def _close(self, change: Change, head: str | None, pull: Pull | None) -> Published | None:
        if head is None:
            return None
        if pull:
            reason = "No longer needed: the base branch holds what the requests compile to."
            self.github.comment_once(pull, marker=_CLOSED, text=reason)
            self.github.close_pull(pull)
        self.github.delete_branch(change.branch, seen=head)
        return Published(change.target, "closed", pull.url) if pull else None

    def _block(self, change: Change, pull: Pull | None, state: State) -> Published:
        """Leave the branch alone, and take back what its pull request says about the plans."""
        if pull and pull_request.digest_of(pull.body):
            if not pull.is_draft:
                self.github.convert_to_draft(pull)
            self.github.edit_pull(pull, title=pull.title, body=pull_request.withdrawn(pull.body))
        if pull and state == "blocked":
            text = (
                "This branch has content that infra-scale did not make, so infra-scale will not update it.\n\n"
                f"Merge it as it is, or delete the branch `{change.branch}` to get a new proposal."
            )
            self.github.comment_once(pull, marker=_BLOCKED, text=text)
        return Published(change.target, state, pull.url if pull else "")

    def _contents(self, change: Change) -> pull_request.Contents:
        requests = [plan.metadata.path for plan in change.plans if plan.metadata.path]
        located = self.base.located()
        found = commits.last_changes(self.base.root, self.base.commit.sha, list(islice(requests, _ORIGINS)))
        return pull_request.Contents(
            change.target,
            change.plans,
            change.removed,
            change.digest,
            findings=[one for plan in change.plans for one in located.get(plan.metadata.path, plan.findings)],
            comparison=proposal.comparison([change], self.base.compilation, schema=files.schema_text(catalogue.PLAN)),
            origins={path: Origin(*found[path]) for path in requests if path in found},
            links=Links(self.github.url, self.settings.rules_page),
        )
