"""Checks of the repository on GitHub. Each asks as little as it can, and what the token may not see stays unknown."""

from collections.abc import Callable
from typing import NamedTuple

from infra_scale.core.proposing.pull_request import NEEDS_APPROVAL
from infra_scale.core.setup.workflow import Job
from infra_scale.errors import InfraScaleError
from infra_scale.model.tagged import tagged
from infra_scale.ports.forge import ForgeSettings, Protection
from infra_scale.usecases.checks.answer import Answer, Ok, Problem, Unknown

_PROPOSE = "Settings, Actions, General, Workflow permissions: allow GitHub Actions to create pull requests"
_RULES = "Settings, Rules, the ruleset of the default branch"
_ADMINISTRATOR = "run it with a token that may read the administration of the repository, or look yourself: Settings"
_HINDERING = frozenset(
    {
        "creation",
        "update",
        "deletion",
        "pull_request",
        "required_deployments",
        "required_linear_history",  # a proposal whose base has moved is a merge of both
        "required_status_checks",
        "workflows",
    }
)


@tagged
class Remote(NamedTuple):
    """The settings of the repository, and what the clone says about its use."""

    settings: ForgeSettings
    branch: str
    """One of the branches that `publish` would write."""
    protection: Callable[[], Protection]
    """That of the default branch. Raises ForgeError."""
    as_actions: bool
    """Whether a workflow publishes with the token of GitHub Actions."""
    checks: tuple[Job, ...] = ()
    """Those of workflows that check pull requests."""


def archived(remote: Remote) -> Answer:
    """Can anything be written?"""
    if remote.settings.archived:
        return Problem("error", "the repository is archived, and so read-only", "unarchive it: Settings, Danger Zone")
    return Ok("the repository is not archived")


def push(remote: Remote) -> Answer:
    """May the token push branches?"""
    may = remote.settings.may_push
    if may is None:
        return Unknown("GitHub does not say what this token may do")
    if not may:
        return Problem(
            "error", "who the token belongs to may not push", "give them the role Write, or take another token"
        )
    return Ok("who the token belongs to may push")


def actions(remote: Remote) -> Answer:
    """May a workflow open pull requests? It is off in new repositories."""
    try:
        allowed = remote.settings.actions_may_propose()
    except InfraScaleError as error:
        return Unknown(f"only a token of an administrator sees it ({error.message})", f"look yourself: {_PROPOSE}")
    if allowed:
        return Ok("GitHub Actions may open pull requests")
    if not remote.as_actions:
        return Problem("note", "GitHub Actions may not open pull requests", f"if it is to publish: {_PROPOSE}")
    return Problem("error", "GitHub Actions may not open pull requests, and a workflow publishes as it", _PROPOSE)


def label(remote: Remote) -> Answer:
    """Is the label there that says a plan waits for people?"""
    colour = remote.settings.label_colour(NEEDS_APPROVAL.name)
    if colour is None:
        return Problem("note", f"there is no label {NEEDS_APPROVAL.name} yet", "nothing to do: `publish` creates it")
    if colour.lower() != NEEDS_APPROVAL.colour:
        return Problem(
            "note",
            f"the label {NEEDS_APPROVAL.name} has the colour {colour}",
            f"`publish` would give it {NEEDS_APPROVAL.colour}",
        )
    return Ok(f"the label {NEEDS_APPROVAL.name} is there")


def rules(remote: Remote) -> Answer:
    """Does a ruleset keep the bot from its own branches?"""
    found = sorted(remote.settings.rule_types(remote.branch) & _HINDERING)
    if found:
        message = f"a ruleset covers {remote.branch}: {', '.join(found)}"
        return Problem("warning", message, "Settings, Rules: leave out infra/scale-*, or let the bot bypass it")
    return Ok(f"no ruleset keeps anybody from {remote.branch}")


def review(remote: Remote) -> Answer:
    """Can a plan be merged without an approval?"""
    base = remote.settings.default_branch
    approvals = remote.protection().approvals
    said = f"{approvals} {'person has' if approvals == 1 else 'people have'} approved"
    wrong = f"{base} takes plans without an approval", f"{_RULES}: require a pull request with 1 approval"
    return _answer(remote, approvals > 0, f"{base} takes what {said}", wrong)


def code_owner_review(remote: Remote) -> Answer:
    """Can a target or a workflow be changed without those who own it?"""
    base = remote.settings.default_branch
    wrong = (
        f"{base} takes changes of targets and workflows that no code owner has approved",
        f"{_RULES}: require review from code owners",
    )
    right = f"{base} takes what code owners have approved"
    return _answer(remote, remote.protection().code_owners, right, wrong)


def stale_approvals(remote: Remote) -> Answer:
    """Does an approval stay when other plans are pushed?"""
    wrong = (
        "an approval stays when something else is pushed, so plans can be merged without a review",
        f"{_RULES}: dismiss stale pull request approvals when new commits are pushed",
    )
    return _answer(remote, remote.protection().dismisses_stale, "a push takes approvals back", wrong)


def last_push(remote: Remote) -> Answer:
    """Can the last person to push to a pull request of `publish` also approve it? Its author is a bot."""
    wrong = (
        "who pushed last may approve: the pull requests of `publish` have a bot as their author, and so anybody's push",
        f"{_RULES}: require approval of the most recent reviewable push",
    )
    right = "the last push needs the approval of another person"
    return _answer(remote, remote.protection().last_push, right, wrong)


def required_check(remote: Remote) -> Answer:
    """Can a pull request be merged whose check has failed, or has not run?"""
    base = remote.settings.default_branch
    if not remote.checks:
        return Unknown("no workflow that checks pull requests was found", "infra-scale init")
    protection = remote.protection()
    found = [job.name for job in remote.checks if any(map(job.is_called, protection.checks))]
    if found:
        return Ok(f"{base} requires the check {found[0]}")
    if protection.unseen_checks:
        return Unknown(f"the checks that {base} requires were not shown ({protection.unseen_checks})", _ADMINISTRATOR)
    if protection.runs_workflows:
        return Unknown("a ruleset requires workflows, and whether they run infra-scale was not looked at")
    name = remote.checks[0].name
    message = f"{base} takes pull requests whose check {name!r} has failed or has not run"
    return Problem("warning", message, f"{_RULES}: require status checks to pass, and add {name!r}")


def _answer(remote: Remote, is_right: bool, right: str, wrong: tuple[str, str]) -> Answer:  # noqa: FBT001 (its subject)
    unseen = remote.protection().unseen_reviews
    if is_right:
        return Ok(right)
    if unseen:
        base = remote.settings.default_branch
        return Unknown(f"only a token of an administrator sees the protection of {base} ({unseen})", _ADMINISTRATOR)
    return Problem("warning", *wrong)
