"""All environment variables that we read, and the environment of child processes."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Environment(NamedTuple):
    """Values of environment variables; None: not set."""

    source_date_epoch: str | None
    """Seconds since 1970, to reproduce a build (https://reproducible-builds.org/specs/source-date-epoch/)."""
    no_color: bool
    """NO_COLOR (https://no-color.org), or a terminal without control codes (TERM=dumb)."""
    columns: int | None
    """COLUMNS: the output width (POSIX); None also if it is not a number."""
    in_pre_commit: bool
    """Whether pre-commit runs us."""
    github_owner: str | None
    github_repository: str | None
    github_token: str | None
    """Credentials of the original CLI: GH_OWNER, GH_REPO, GITHUB_TOKEN."""
    github_slug: str | None
    """owner/name, as GitHub Actions gives it in GITHUB_REPOSITORY."""
    github_api: str | None
    """GITHUB_API_URL: another API than that of github.com."""
    github_event: str | None
    """GITHUB_EVENT_PATH: the file with the event that GitHub Actions runs for."""
    github_actor: str
    """GITHUB_ACTOR: the account whose action started the run of GitHub Actions; empty elsewhere."""
    github_summary: str | None
    """GITHUB_STEP_SUMMARY: the file whose text GitHub Actions shows on the page of the run."""
    github_output: str | None
    """GITHUB_OUTPUT: the file whose lines GitHub Actions reads as the outputs of a step."""
    in_actions: bool
    """Whether GitHub Actions runs us."""
    in_ci: bool
    """Whether a CI system runs us: CI, which nearly all of them set, or GITHUB_ACTIONS."""

    user: str = ""
    """USER or USERNAME: the login on this machine."""
    run_url: str = ""
    """The page of the run of GitHub Actions."""

    @property
    def slug(self) -> str | None:
        """owner/name of the repository on GitHub: from the variables of the original CLI, else of GitHub Actions."""
        if self.github_owner and self.github_repository:
            return f"{self.github_owner}/{self.github_repository}"
        return self.github_slug


def environment() -> Environment:
    """The environment of this process."""
    return Environment(
        source_date_epoch=os.environ.get("SOURCE_DATE_EPOCH") or None,
        no_color=bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb",
        columns=_number(os.environ.get("COLUMNS", "")),
        in_pre_commit=os.environ.get("PRE_COMMIT") == "1",
        github_owner=os.environ.get("GH_OWNER") or None,
        github_repository=os.environ.get("GH_REPO") or None,
        github_token=os.environ.get("GITHUB_TOKEN") or None,
        github_slug=os.environ.get("GITHUB_REPOSITORY") or None,
        github_api=os.environ.get("GITHUB_API_URL") or None,
        github_event=os.environ.get("GITHUB_EVENT_PATH") or None,
        github_actor=os.environ.get("GITHUB_ACTOR", ""),
        github_summary=os.environ.get("GITHUB_STEP_SUMMARY") or None,
        github_output=os.environ.get("GITHUB_OUTPUT") or None,
        in_actions=os.environ.get("GITHUB_ACTIONS") == "true",
        user=os.environ.get("USER") or os.environ.get("USERNAME") or "",
        run_url=_run_url(),
        in_ci=any(os.environ.get(name, "").lower() not in ("", "0", "false") for name in ("CI", "GITHUB_ACTIONS")),
    )


def _run_url() -> str:
    """GITHUB_SERVER_URL, GITHUB_REPOSITORY and GITHUB_RUN_ID as the address of a run."""
    parts = [os.environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    return f"{parts[0]}/{parts[1]}/actions/runs/{parts[2]}" if all(parts) else ""


def _number(text: str) -> int | None:
    return int(text) or None if text.isascii() and text.isdigit() and len(text) < _DIGITS else None


_DIGITS = 6


def inherited(**extra: str) -> dict[str, str]:
    """Our own environment with `extra` variables, for a child process."""
    return {**os.environ, **_git_place(), **extra}


def _git_place() -> dict[str, str]:
    """GIT_DIR (set for hooks in a linked work tree) and the work tree, as absolute paths for the child.

    With GIT_DIR alone, git uses the current folder as the top of the work tree.
    """
    git_dir = os.environ.get("GIT_DIR")
    if git_dir is None or "GIT_WORK_TREE" in os.environ:
        return {}
    here = Path.cwd()
    return {"GIT_DIR": str(here / git_dir), "GIT_WORK_TREE": str(here)}


@contextmanager
def replaced(variables: Mapping[str, str]) -> Iterator[None]:
    """Temporarily set our own environment to `variables`: for a library that passes it to child processes."""
    before = dict(os.environ)
    try:
        _set(variables)
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(variables)


def variable(name: str) -> str | None:
    """A variable that is needed only rarely, such as one that is named in a user's file; None: not set."""
    return os.environ.get(name)
