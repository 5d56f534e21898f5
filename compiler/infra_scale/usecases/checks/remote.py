"""Checks of the repository on GitHub, with few API calls; settings that the token cannot read are unknown."""

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
_ADMINISTRATOR = "use a token with read access to the repository's administration, or check it yourself: Settings"
_HINDERING = frozenset(
    {
        "creation",
        "update",
        "deletion",
        "pull_request",
        "required_deployments",
        "required_linear_history",  # a proposal is merged with its base if that has moved
        "required_status_checks",
        "workflows",
    }
)


@tagged
class Remote(NamedTuple):
    """The settings of the repository, and its use in the workflows of the clone."""

    settings: ForgeSettings
    branch: str
    """One of the branches that `publish` would write."""
    protection: Callable[[], Protection]
    """The protection of the default branch. Raises ForgeError."""
    as_actions: bool
    """Whether a workflow publishes with the token of GitHub Actions."""
    checks: tuple[Job, ...] = ()
    """The names of checks by workflows that check pull requests."""


def archived(remote: Remote) -> Answer:
    """Is the repository writable?"""
    if remote.settings.archived:
        return Problem("error", "the repository is archived and read-only", "unarchive it: Settings, Danger Zone")
    return Ok("the repository is not archived")


def push(remote: Remote) -> Answer:
    """May the token push branches?"""
    may = remote.settings.may_push
    if may is None:
        return Unknown("GitHub does not show the permissions of this token")
    if not may:
        return Problem("error", "the token's account may not push", "give it the role Write, or use another token")
    return Ok("the token's account may push")


def actions(remote: Remote) -> Answer:
    """May a workflow open pull requests? It is off in new repositories."""
    try:
        allowed = remote.settings.actions_may_propose()
    except InfraScaleError as error:
        return Unknown(f"only an administrator's token can read it ({error.message})", f"check it yourself: {_PROPOSE}")
    if allowed:
        return Ok("GitHub Actions may open pull requests")
    if not remote.as_actions:
        return Problem("note", "GitHub Actions may not open pull requests", f"to publish with it: {_PROPOSE}")
    return Problem(
        "error", "GitHub Actions may not open pull requests, but a workflow publishes with its token", _PROPOSE
    )


def label(remote: Remote) -> Answer:
    """Does the label for plans that need approval exist?"""
    colour = remote.settings.label_colour(NEEDS_APPROVAL.name)
    if colour is None:
        return Problem(
            "note", f"the label {NEEDS_APPROVAL.name} does not exist yet", "nothing to do: `publish` creates it"
        )
    if colour.lower() != NEEDS_APPROVAL.colour:
        return Problem(
            "note",
            f"the label {NEEDS_APPROVAL.name} has the colour {colour}",
            f"`publish` would give it {NEEDS_APPROVAL.colour}",
        )
    return Ok(f"the label {NEEDS_APPROVAL.name} exists")


def rules(remote: Remote) -> Answer:
    """Does a ruleset keep the bot from its own branches?"""
    found = sorted(remote.settings.rule_types(remote.branch) & _HINDERING)
    if found:
        message = f"a ruleset covers {remote.branch}: {', '.join(found)}"
        return Problem("warning", message, "Settings, Rules: exclude infra/scale-*, or let the bot bypass it")
    return Ok(f"no ruleset covers {remote.branch}")


def review(remote: Remote) -> Answer:
    """Can a plan be merged without an approval?"""
    base = remote.settings.default_branch
    approvals = remote.protection().approvals
    said = f"{approvals} approval{'' if approvals == 1 else 's'}"
    wrong = f"{base} accepts plans without an approval", f"{_RULES}: require a pull request with 1 approval"
    return _answer(remote, approvals > 0, f"{base} requires {said}", wrong)


def code_owner_review(remote: Remote) -> Answer:
    """Can a target or workflow be changed without its code owners?"""
    base = remote.settings.default_branch
    wrong = (
        f"{base} accepts changes of targets and workflows without a code owner's approval",
        f"{_RULES}: require review from code owners",
    )
    right = f"{base} requires approval by code owners"
    return _answer(remote, remote.protection().code_owners, right, wrong)


def stale_approvals(remote: Remote) -> Answer:
    """Does an approval stay after a push of other plans?"""
    wrong = (
        "an approval stays after another push, so plans can be merged without a review",
        f"{_RULES}: dismiss stale pull request approvals when new commits are pushed",
    )
    return _answer(remote, remote.protection().dismisses_stale, "a push dismisses approvals", wrong)


def last_push(remote: Remote) -> Answer:
    """Can the last pusher to a pull request of `publish` also approve it? Its author is a bot."""
    wrong = (
        "the last pusher may approve: pull requests of `publish` have a bot as author, even after a user's push",
        f"{_RULES}: require approval of the most recent reviewable push",
    )
    right = "the last push needs another person's approval"
    return _answer(remote, remote.protection().last_push, right, wrong)


def required_check(remote: Remote) -> Answer:
    """Can a pull request be merged if its check failed or did not run?"""
    base = remote.settings.default_branch
    if not remote.checks:
        return Unknown("no workflow that checks pull requests was found", "infra-scale init")
    protection = remote.protection()
    found = [job.name for job in remote.checks if any(map(job.is_called, protection.checks))]
    if found:
        return Ok(f"{base} requires the check {found[0]}")
    if protection.unseen_checks:
        return Unknown(f"the required checks of {base} could not be read ({protection.unseen_checks})", _ADMINISTRATOR)
    if protection.runs_workflows:
        return Unknown("a ruleset requires workflows; whether they run infra-scale was not checked")
    name = remote.checks[0].name
    message = f"{base} accepts pull requests whose check {name!r} has failed or has not run"
    return Problem("warning", message, f"{_RULES}: require status checks to pass, and add {name!r}")


def _answer(remote: Remote, is_right: bool, right: str, wrong: tuple[str, str]) -> Answer:  # noqa: FBT001 (its subject)
    unseen = remote.protection().unseen_reviews
    if is_right:
        return Ok(right)
    if unseen:
        base = remote.settings.default_branch
        return Unknown(f"only an administrator's token can read the protection of {base} ({unseen})", _ADMINISTRATOR)
    return Problem("warning", *wrong)
