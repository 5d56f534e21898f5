"""Checks of the repository on GitHub. Each asks as little as it can, and what the token may not see stays unknown."""

from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.render.pull_request import NEEDS_APPROVAL
from infra_scale.errors import InfraScaleError
from infra_scale.usecases.checks.answer import Answer, Ok, Problem, Unknown

if TYPE_CHECKING:  # without the extra `github`, all of this is unknown, and doctor still runs
    from infra_scale.adapters.github import GitHub

_PROPOSE = "Settings, Actions, General, Workflow permissions: allow GitHub Actions to create pull requests"
_RULES = "Settings, Rules"
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


class Remote(NamedTuple):
    """Whom to ask, and what is known already."""

    github: "GitHub"
    branch: str
    """One of the branches that `publish` would write."""
    as_actions: bool
    """Whether a workflow publishes with the token of GitHub Actions."""


def archived(remote: Remote) -> Answer:
    """Can anything be written?"""
    if remote.github.archived:
        return Problem("error", "the repository is archived, and so read-only", "unarchive it: Settings, Danger Zone")
    return Ok("the repository is not archived")


def push(remote: Remote) -> Answer:
    """May the token push branches?"""
    may = remote.github.may_push
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
        allowed = remote.github.actions_may_propose()
    except InfraScaleError as error:
        return Unknown(f"only a token of an administrator sees it ({error.message})", f"look yourself: {_PROPOSE}")
    if allowed:
        return Ok("GitHub Actions may open pull requests")
    if not remote.as_actions:
        return Problem("note", "GitHub Actions may not open pull requests", f"if it is to publish: {_PROPOSE}")
    return Problem("error", "GitHub Actions may not open pull requests, and a workflow publishes as it", _PROPOSE)


def label(remote: Remote) -> Answer:
    """Is the label there that says a plan waits for people?"""
    colour = remote.github.label_colour(NEEDS_APPROVAL.name)
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
    found = sorted({rule.type for rule in remote.github.rules(remote.branch)} & _HINDERING)
    if found:
        message = f"a ruleset covers {remote.branch}: {', '.join(found)}"
        return Problem("warning", message, f"{_RULES}: leave out infra/scale-*, or let the bot bypass it")
    return Ok(f"no ruleset keeps anybody from {remote.branch}")


def review(remote: Remote) -> Answer:
    """Can a plan be merged that nobody has approved?"""
    base = remote.github.default_branch
    approvals = max((rule.approvals for rule in remote.github.rules(base)), default=0)
    if not approvals:
        try:
            approvals = remote.github.protected_approvals(base)
        except InfraScaleError as error:
            return Unknown(f"only a token of an administrator sees the protection of {base} ({error.message})")
    if approvals:
        return Ok(f"{base} takes what {approvals} {'person has' if approvals == 1 else 'people have'} approved")
    return Problem(
        "warning", f"{base} takes plans that nobody has approved", f"{_RULES}: require a pull request review"
    )
