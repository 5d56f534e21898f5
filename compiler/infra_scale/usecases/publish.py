"""One approval pull request per target, settled one after the other."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple

from infra_scale.adapters import commits, files
from infra_scale.core.proposing import plans as proposing
from infra_scale.core.proposing import pull_request
from infra_scale.core.proposing.plans import TargetPlans, branch_of
from infra_scale.core.proposing.trailers import read_trailers
from infra_scale.core.reporting.review import Links, Origin
from infra_scale.core.schema import catalogue
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError
from infra_scale.model.event import Event
from infra_scale.model.names import BRANCH_PREFIX
from infra_scale.model.plan import ScalePlan
from infra_scale.model.proposal import Proposal, digest_of
from infra_scale.model.time import in_milliseconds
from infra_scale.ports.forge import Forge
from infra_scale.usecases import propose
from infra_scale.usecases.base import NOTHING_COMPILED, Base, EarlierPlans, head_of
from infra_scale.usecases.propose import Proposer
from infra_scale.usecases.verification import Earlier, Verifier

_ORIGINS = 100
"""The number of requests that fit into a body."""

_OF_A_PLAN = re.compile(r"[0-9]{4}(-[0-9]{2}){5}-[0-9]{3}Z")
"""The branch suffix of `infra-scale plan --apply` instead of a target: `time.in_path`."""

State = Literal[propose.State, "waiting"]

Watch = Callable[[str, int, int], None]
"""Receives the next target, how many are done, and how many there are."""


class Published(NamedTuple):
    """The state of a target's pull request after a run."""

    target: str
    state: State
    """As in `propose.Settled`; waiting: --max-open pull requests are already open."""
    url: str = ""
    """Empty without a pull request."""
    event: Event | None = None
    """What the run changed; None: no proposal."""


class Settings(NamedTuple):
    """The options of a run."""

    now: datetime
    only: str | None = None
    """The one target to publish."""
    most_open: int = 100
    """GitHub allows 500 new pieces of content in an hour; a new pull request takes up to five."""
    allowed_accounts: frozenset[str] = frozenset()
    """Accounts that may change other files on our branches."""
    rules_page: str = ""
    actor: str = ""
    """Who runs it; empty where that is unknown."""


def publish(forge: Forge, base: Base, settings: Settings, watch: Watch) -> Iterator[Published]:
    """Settle the proposals of all targets, one after the other; `watch` is called before each.

    Raises ForgeError, CommitError, and UsageError for an unknown target.
    """
    wanted = base.compiled.target_plans()
    branches = forge.branches(BRANCH_PREFIX)
    selected = _selected(base, wanted, branches, only=settings.only)
    pulls = forge.pulls(base.branch)
    room = settings.most_open - sum(branch_of(target) in pulls for target in base.compiled.targets | set(wanted))
    with _proposer(forge, base, settings, EarlierPlans(base.root).files) as proposer:
        for done, target in enumerate(selected):
            watch(target, done, len(selected))
            plans, branch = wanted.get(target) or TargetPlans(target, (), {}, {}), branch_of(target)
            if plans.files and branch not in pulls and room <= 0:
                yield Published(target, "waiting")
                continue
            proposal = _proposal(base, plans, settings, Links(forge.url, settings.rules_page), branch=branch)
            settled = proposer.settle(proposal, branches.get(branch), pulls.get(branch))
            if settled:
                room -= settled.state == "opened"
                yield Published(target, *settled)


def preview(forge: Forge, base: Base, *, only: str | None) -> list[TargetPlans]:
    """The proposals of `publish` for all targets, or for one. Raises ForgeError and UsageError."""
    wanted = base.compiled.target_plans()
    selected = _selected(base, wanted, forge.branches(BRANCH_PREFIX), only=only)
    return [wanted[target] for target in selected if target in wanted]


def drafts(base: Base, settings: Settings) -> Iterator[Proposal]:
    """The proposals of `publish` for a commit of this clone, without the links to GitHub. Raises UsageError."""
    wanted = base.compiled.target_plans()
    for target in _selected(base, wanted, (), only=settings.only):
        if target in wanted:
            yield _proposal(base, wanted[target], settings, Links("", settings.rules_page), branch=branch_of(target))


def _selected(base: Base, wanted: Iterable[str], branches: Iterable[str], *, only: str | None) -> list[str]:
    """The targets to settle: those with differences, and those with a branch. Raises UsageError for an unknown one."""
    named = (branch.removeprefix(BRANCH_PREFIX) for branch in branches)
    targets = sorted({*wanted, *(name for name in named if not _OF_A_PLAN.fullmatch(name))})
    known = {*targets, *base.compiled.targets}
    if only is not None and only not in known:
        message = f"there is no target {only}"
        raise UsageError(message, hint=did_you_mean(only, sorted(known), "--target names a target of the base"))
    return [target for target in targets if only in (None, target)]


def publish_record(forge: Forge, root: Path, plan: ScalePlan, settings: Settings, *, branch: str) -> Published:
    """Open or update the pull request of one plan that has no request file. Raises ForgeError and CommitError."""
    base_branch = forge.default_branch
    commit = forge.commit(head_of(forge, base_branch, hint="push a first commit"))
    base = Base(root, base_branch, commit, NOTHING_COMPILED)
    head = forge.head(branch)
    plans = proposing.recorded(_as_recorded(forge, base, plan, head))
    proposal = _proposal(base, plans, settings, Links(forge.url, settings.rules_page), branch=branch)
    with _proposer(forge, base, settings, None) as proposer:
        settled = proposer.settle(proposal, head, forge.pulls(base_branch).get(branch))
    return Published(proposal.key, *settled) if settled else Published(proposal.key, "closed")


def _as_recorded(forge: Forge, base: Base, plan: ScalePlan, head: str | None) -> ScalePlan:
    """The plan with the time of its existing branch, if there is one: the same plan gives the same record."""
    ahead = forge.ahead(base.commit.sha, head) if head else None
    times = (read_trailers(one.message).created_at for one in reversed(ahead.commits)) if ahead else iter(())
    created_at = next(filter(None, times), None)
    if created_at is None:
        return plan
    return plan._replace(metadata=plan.metadata._replace(created_at=in_milliseconds(created_at)))


@contextmanager
def _proposer(forge: Forge, base: Base, settings: Settings, earlier: Earlier | None) -> Iterator[Proposer]:
    prefix = commits.prefix(base.root)
    with commits.objects(base.root) as objects:
        verifier = Verifier(forge, base.commit, base.root, prefix, objects, earlier, settings.allowed_accounts)
        yield Proposer(forge, verifier, settings.actor)


def _proposal(base: Base, plans: TargetPlans, settings: Settings, links: Links, *, branch: str) -> Proposal:
    """The proposed pull request of a target; without text if nothing is proposed."""
    return Proposal(
        key=plans.target,
        branch=branch,
        base=base.branch,
        title=pull_request.title(plans.target, day=settings.now.date()),
        body=pull_request.body(_contents(base, plans, links)) if plans.files else "",
        files=plans.files,
        replaces=plans.replaces,
        labels=(pull_request.NEEDS_APPROVAL,),
        created_at=settings.now,
    )


def _contents(base: Base, plans: TargetPlans, links: Links) -> pull_request.Contents:
    requests = [plan.metadata.path for plan in plans.plans if plan.metadata.path]
    located = base.located()
    found = commits.last_changes(base.root, base.commit.sha, list(islice(requests, _ORIGINS)))
    return pull_request.Contents(
        plans.target,
        plans.plans,
        [path for path, content in plans.files.items() if content is None],
        digest_of(plans.files),
        findings=[one for plan in plans.plans for one in located.get(plan.metadata.path, plan.findings)],
        comparison=proposing.comparison([plans], base.compilation, schema=files.schema_text(catalogue.PLAN)),
        origins={path: Origin(*found[path]) for path in requests if path in found},
        links=links,
    )
