"""Checks of the workflows for requests/: their commands, and whether they start for all changes that matter."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from infra_scale.adapters import checkout, files, git
from infra_scale.core.documents.target import manifest_folders
from infra_scale.core.schema import catalogue
from infra_scale.core.setup.templates import HOOKS, NO_COMMIT, PLACEHOLDER, known_origin
from infra_scale.core.setup.workflow import Job, Workflow, read_workflow, starts_for
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError
from infra_scale.model.names import CLUSTERS, GENERATED, REQUESTS, TARGETS
from infra_scale.model.source import Source
from infra_scale.usecases.checks.answer import Answer, Clone, Ok, Problem, Unknown

WORKFLOWS = ".github/workflows"

_LIMIT = 1024 * 1024
_NO_COMMIT = re.compile(rf"""(?:@|COMMIT: ["']?|rev: ["']?){NO_COMMIT}""".encode())
_NEEDED = ("opened", "synchronize", "reopened")
"""The default types of `pull_request`; each may have a commit that no run has checked."""
_OPEN = "delete `paths` and `paths-ignore`: a run without changes is short"


def runs(clone: Clone) -> Answer:
    """Does CI run infra-scale? The hook can be skipped, CI cannot."""
    sources = {source.path: source for source in _sources(clone.top)}
    found = [workflow for workflow in _read(clone.top) if workflow.commands]
    if not found:
        return Problem("warning", f"no workflow in {WORKFLOWS}/ runs infra-scale", "infra-scale init")
    for workflow in found:
        if missing := placeholder(workflow.path, sources[workflow.path].content):
            return missing
    said = (f"{_name(workflow)} runs {' and '.join(sorted(workflow.commands))}" for workflow in found)
    return Ok("; ".join(said))


def placeholder(path: str, content: bytes) -> Problem | None:
    """Does a workflow still have placeholders of `init`? Until then it runs nothing."""
    found = PLACEHOLDER if PLACEHOLDER.encode() in content else NO_COMMIT if _NO_COMMIT.search(content) else ""
    if not found:
        return None
    message = f"{path} installs infra-scale from {found}, which is a placeholder"
    what = "address of your fork" if found == PLACEHOLDER else "full SHA of one of its commits"
    return Problem("error", message, f"replace it with the {what}")


def triggers(clone: Clone) -> Answer:
    """Does the check of pull requests start for every change that affects plans, and is it never skipped?"""
    checking = [workflow for workflow in _read(clone.top) if workflow.checks]
    if not checking:
        return Unknown("no workflow that checks pull requests was found")
    folders = [*_deciding(clone)]
    problems = [problem for workflow in checking for problem in _wrong(workflow, folders)]
    order = ("error", "warning")
    if problems:
        return min(problems, key=lambda problem: order.index(problem.severity))
    return Ok("the check of pull requests starts for each one, and is not skipped")


def required_checks(clone: Clone) -> tuple[Job, ...]:
    """The names of checks that a rule of the default branch should require."""
    return tuple(job for workflow in _read(clone.top) for job in workflow.checks)


def expects_plans(root: Path) -> bool:
    """Whether pull requests must include their plans: not if a workflow has `no-plans: true`."""
    with suppress(InfraScaleError):  # another check reports errors of git or the folder
        texts = [source.content for source in _sources(git.top(root) or root)]
        return not any(word in text for text in texts for word in (b"--no-plans", b"no-plans: true", b"--plans-later"))
    return True


def publishes_as_actions(clone: Clone) -> bool:
    """Whether a workflow publishes with the default token of GitHub Actions."""
    texts = {source.path: source.content.decode("utf-8", "replace") for source in _sources(clone.top)}
    publishing = [texts[workflow.path] for workflow in _read(clone.top) if "publish" in workflow.commands]
    named = any("github.token" in text or "secrets.GITHUB_TOKEN" in text for text in publishing)
    return named or any("token:" not in text and "GITHUB_TOKEN" not in text for text in publishing)  # the default


def _wrong(workflow: Workflow, folders: list[str]) -> Iterator[Problem]:
    name = _name(workflow)
    filters = workflow.events.get("pull_request", {})
    missed = [
        folder
        for folder in (*folders, workflow.path)
        if not all(starts_for(filters, path) for path in _samples(folder))
    ]
    if missed:
        message = f"{name} does not start for every change of {', '.join(missed)}, which affects plans"
        yield Problem("error", message, _OPEN)
    elif "paths" in filters or "paths-ignore" in filters:
        message = f"{name} has a path filter: a required check stays pending if no path matches"
        yield Problem("warning", message, _OPEN)
    yield from _types(name, filters.get("types"))
    skipped = [job.name for job in workflow.checks if job.may_be_skipped]
    if skipped and _starts_beside(workflow):
        message = f"{name} skips {skipped[0]} for other events, which GitHub counts as passed"
        yield Problem("warning", message, "move the check to a workflow of its own, started only by pull requests")


def _types(name: str, written: object) -> Iterator[Problem]:
    types = [written] if isinstance(written, str) else written if isinstance(written, list) else [*_NEEDED]
    if lacking := [one for one in _NEEDED if one not in types]:
        message = f"{name} does not start when a pull request is {lacking[0]}"
        yield Problem("error", message, f"add `{lacking[0]}` to the `types` of `pull_request`")
    if "edited" not in types:
        message = f"{name} does not start when a pull request gets another base branch"
        fix = f"types: [{', '.join(map(str, (*types, 'edited')))}] below `pull_request:`"
        yield Problem("warning", message, fix)


def _starts_beside(workflow: Workflow) -> bool:
    """Whether another event starts it for a commit that a pull request may have."""
    if "workflow_dispatch" in workflow.events:
        return True
    push = workflow.events.get("push")
    if push is None or ("tags" in push and "branches" not in push):
        return False
    branches = push.get("branches")
    return not isinstance(branches, list) or any("*" in str(branch) for branch in branches)


def _deciding(clone: Clone) -> Iterator[str]:
    """Folders and files that affect plans or applied files, relative to the top of the repository."""
    targets = checkout.read_tree(clone.root, TARGETS, limit=limits.MAX_BYTES) or ()
    named = manifest_folders(targets, schema=files.schema_text(catalogue.TARGET))
    below = clone.root.relative_to(clone.top).as_posix()
    for folder in (REQUESTS, TARGETS, CLUSTERS, *GENERATED, *named):
        yield f"{folder.strip('/')}/" if below == "." else f"{below}/{folder.strip('/')}/"
    yield ".gitattributes"


def _samples(folder: str) -> tuple[str, ...]:
    """Path patterns that match a whole folder."""
    return (f"{folder}a.yaml", f"{folder}b/c/d.yaml") if folder.endswith("/") else (folder,)


def _read(top: Path) -> Iterator[Workflow]:
    hooks = checkout.read_file(top, HOOKS, limit=_LIMIT)
    origin = known_origin(hooks.content.decode("utf-8", "replace")) if isinstance(hooks, Source) else None
    for source in _sources(top):
        workflow = read_workflow(source, action=origin.slug if origin else None)
        if workflow:
            yield workflow


def _sources(top: Path) -> Iterator[Source]:
    """Raises FilesError."""
    for item in checkout.read_tree(top, WORKFLOWS, limit=_LIMIT) or ():
        if isinstance(item, Source) and item.path.endswith((".yml", ".yaml")):
            yield item


def _name(workflow: Workflow) -> str:
    return workflow.path.rpartition("/")[2]
