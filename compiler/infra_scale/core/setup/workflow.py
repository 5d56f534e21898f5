"""Workflows of GitHub Actions: their triggers, infra-scale commands and reported checks.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import NamedTuple

from infra_scale.core.reading.json_values import Json, as_list, as_map
from infra_scale.core.syntax.stream import read_stream
from infra_scale.model.source import Source

_COMMAND = re.compile(r"infra-scale\"? (comment|compile|validate|publish|nightly)\b")
_OUR_NAME = re.compile(r"[\w.-]+/[\w.-]*infra[.-]scale[\w.-]*", re.IGNORECASE)
_ACTION = re.compile(r"\b(comment|publish|check|validate|doctor)\b")
_CALLED = {
    "approval.yml": (("Plans are up to date", "comment"), ("Propose plans", "publish")),
    "matrix.yml": (("Part ${{ matrix.part }}", "compile"),),
}
"""The jobs of our workflows that others may call: the name of each check, and what it runs."""
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
JUDGING = frozenset({"comment", "compile", "validate", "check"})
"""Commands that check a pull request."""


class Job(NamedTuple):
    """One check that a workflow reports."""

    name: str
    """The name for a rule; it may have expressions."""
    commands: frozenset[str]
    """Its infra-scale commands."""
    may_be_skipped: bool
    """Whether it has a condition: GitHub counts a skipped check as passed."""

    def is_called(self, context: str) -> bool:
        """Whether a rule that requires `context` requires this check."""
        parts = _EXPRESSION.split(self.name)
        return re.fullmatch(".+".join(map(re.escape, parts)), context) is not None


class Workflow(NamedTuple):
    """One workflow file."""

    path: str
    events: Mapping[str, Json]
    """Its events, each with its filters."""
    jobs: tuple[Job, ...]

    @property
    def commands(self) -> frozenset[str]:
        """Its infra-scale commands."""
        return frozenset(command for job in self.jobs for command in job.commands)

    @property
    def checks(self) -> tuple[Job, ...]:
        """Its jobs that check pull requests."""
        is_about_them = "pull_request" in self.events
        return tuple(job for job in self.jobs if is_about_them and job.commands & JUDGING)


def read_workflow(source: Source, *, action: str | None = None) -> Workflow | None:
    """A workflow; None if the file is not one.

    `action` is the repository of infra-scale on GitHub, owner/name, if it has another name.
    """
    written = as_map(next(iter(read_stream(source).documents), None))
    if "jobs" not in written:
        return None
    jobs = as_map(written["jobs"]).items()
    found = (job for name, one in jobs for job in _jobs(name, as_map(one), action))
    return Workflow(source.path, _events(written.get("on")), tuple(found))


def _events(written: object) -> dict[str, Json]:
    if isinstance(written, str):
        return {written: {}}
    if isinstance(written, list):
        return {str(name): {} for name in written}
    return {name: as_map(filters) for name, filters in as_map(written).items()}


def _jobs(key: str, written: Json, action: str | None) -> Iterator[Job]:
    name = str(written.get("name") or key)
    has_condition = "if" in written
    used = str(written.get("uses", ""))
    if used:
        called = _CALLED.get(used.partition("@")[0].rpartition("/")[2], ()) if _is_ours(used, action) else ()
        # Both jobs of approval.yml have a condition of their own.
        skips = has_condition or len(called) > 1
        yield from (Job(f"{name} / {check}", frozenset({command}), skips) for check, command in called)
        return
    commands = frozenset(
        command for step in as_list(written.get("steps")) for command in _commands(as_map(step), action)
    )
    yield Job(name, commands, has_condition)


def _commands(step: Json, action: str | None) -> Iterator[str]:
    yield from _COMMAND.findall(str(step.get("run", "")))
    if _is_ours(str(step.get("uses", "")), action):
        given = _ACTION.findall(str(as_map(step.get("with")).get("command", "")))
        yield from given or ("the infra-scale action",)


def _is_ours(used: str, action: str | None) -> bool:
    repository = "/".join(used.partition("@")[0].split("/")[:2])
    return bool(_OUR_NAME.fullmatch(repository)) or repository == action


def starts_for(filters: Json, path: str) -> bool:
    """Whether `paths` and `paths-ignore` of an event let a change of `path` start the workflow."""
    wanted = [str(pattern) for pattern in as_list(filters.get("paths"))]
    ignored = [str(pattern) for pattern in as_list(filters.get("paths-ignore"))]
    return (not wanted or _matches(wanted, path)) and not (ignored and _matches(ignored, path))


def _matches(patterns: list[str], path: str) -> bool:
    """By the last pattern that matches; one that begins with ! excludes earlier matches."""
    matched = False
    for pattern in patterns:
        with suppress(re.error):  # GitHub refuses it too
            if re.fullmatch(_regex(pattern.removeprefix("!")), path):
                matched = not pattern.startswith("!")
    return matched


def _regex(pattern: str) -> str:
    """A pattern of GitHub as a regular expression: `?` and `+` are about the character before them."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\+|\[[^]]*\])", pattern)
    return "".join(_WILD.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts)


_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}
