"""Diagnose a setup before its first run fails."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from infra_scale.adapters import checkout
from infra_scale.core.setup.workflow import Job
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import BRANCH_PREFIX
from infra_scale.ports.forge import ForgeSettings, RefusedError
from infra_scale.usecases.checks import clone, clusters, folder, remote, workflows
from infra_scale.usecases.checks.answer import Answer, Clone, Folder, Ok, Problem, Unknown
from infra_scale.usecases.checks.remote import Remote

FOLDER: Mapping[str, Callable[[Folder], Answer]] = {
    "layout": folder.layout,
    "python-files": folder.python_files,
    "plans": folder.plans,
    "snapshots": clusters.snapshots,
}
KUBECTL: Mapping[str, Callable[[folder.CurrentContext], Answer]] = {"kubectl": folder.kubectl_context}
GIT: Mapping[str, Callable[[Clone], Answer]] = {
    "history": clone.history,
    "branch": clone.branch,
    "line-ends": clone.line_ends,
    "attributes": clone.attributes,
    "ignored": clone.ignored,
    "hook": clone.hook_configured,
    "hook-installed": clone.hook_installed,
    "workflow": workflows.runs,
    "triggers": workflows.triggers,
    "code-owners": clone.owners,
}
GITHUB: Mapping[str, Callable[[Remote], Answer]] = {
    "archived": remote.archived,
    "push": remote.push,
    "actions": remote.actions,
    "label": remote.label,
    "rulesets": remote.rules,
    "review": remote.review,
    "code-owner-review": remote.code_owner_review,
    "stale-approvals": remote.stale_approvals,
    "last-push": remote.last_push,
    "required-check": remote.required_check,
}

_At = TypeVar("_At")


class Diagnosis(NamedTuple):
    """The result of a check."""

    check: str
    answer: Answer


class Outside(NamedTuple):
    """Access of the checks to systems outside the clone."""

    current_context: folder.CurrentContext
    settings: Callable[[str], ForgeSettings] | None
    """Connects to owner/name; None: `--offline`."""
    slug: str | None
    """owner/name, if the environment has it; else that of the clone's remote is used."""
    has_token: bool
    """Whether there is a token for GitHub."""


def diagnose(root: Path, outside: Outside, *, now: datetime) -> Iterator[Diagnosis]:
    """Run all checks in the order of the registry; a check that cannot run is unknown, and does not stop the others."""
    yield from _run(FOLDER, Folder(root, now))
    yield from _run(KUBECTL, outside.current_context)
    place = clone.repository(root)
    if isinstance(place, Problem):
        yield Diagnosis("repository", place)
        yield from (Diagnosis(name, Unknown(place.message, place.help)) for name in GIT)
    else:
        yield Diagnosis("repository", Ok("the folder is in a git repository"))
        yield from _run(GIT, place)
    reached = _reach(root, outside)
    if isinstance(reached, Remote):
        yield Diagnosis("github", Ok("GitHub shows the repository to the token"))
        yield from _run(GITHUB, reached)
    else:
        yield Diagnosis("github", reached)
        reason = reached.message if isinstance(reached, Problem) else reached.reason
        yield from (Diagnosis(name, Unknown(reason, reached.help)) for name in GITHUB)


def _run(checks: Mapping[str, Callable[[_At], Answer]], place: _At) -> Iterator[Diagnosis]:
    for name, check in checks.items():
        try:
            yield Diagnosis(name, check(place))
        except InfraScaleError as error:
            yield Diagnosis(name, Unknown(error.message, error.hint))


def _reach(root: Path, outside: Outside) -> Remote | Problem | Unknown:
    """The repository on GitHub, or why its settings are not read."""
    if outside.settings is None:
        return Unknown("--offline")
    slug = outside.slug or clone.slug(root)
    if not outside.has_token:
        return Unknown("GITHUB_TOKEN is not set", "set it to a token for the repository to run this check")
    if not slug:
        return Unknown("the repository on GitHub is unknown", "set GITHUB_REPOSITORY to owner/name")
    try:
        settings = outside.settings(slug)
    except RefusedError as error:
        return Problem("error", error.message, error.hint)
    except InfraScaleError as error:
        return Unknown(error.message, error.hint)
    protection = cache(lambda: settings.protection(settings.default_branch))
    return Remote(settings, _a_branch(root), protection, _publishes_as_actions(root), _checks(root))


def _a_branch(root: Path) -> str:
    """One of the branches that `publish` would write."""
    targets: tuple[str, ...] = ()
    with suppress(InfraScaleError):  # another check reports errors
        targets = checkout.known_targets(root)
    return f"{BRANCH_PREFIX}{targets[0] if targets else 'prod'}"


def _publishes_as_actions(root: Path) -> bool:
    place = clone.repository(root)
    with suppress(InfraScaleError):  # likewise
        return isinstance(place, Clone) and workflows.publishes_as_actions(place)
    return False


def _checks(root: Path) -> tuple[Job, ...]:
    place = clone.repository(root)
    with suppress(InfraScaleError):  # likewise
        return workflows.required_checks(place) if isinstance(place, Clone) else ()
    return ()
