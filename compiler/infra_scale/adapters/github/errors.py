"""Errors of PyGithub to errors of the forge, each with a hint."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus

import requests
from github import GithubException

from infra_scale.ports.forge import ForgeError, RaceError, ReadOnlyError, RefusedError


def text_of(error: GithubException) -> str:
    """GitHub's message and the codes of its details, in lower case."""
    return str(error.data).lower()


@contextmanager
def explained(repository: str) -> Iterator[None]:
    """Convert exceptions of PyGithub to one exception with a hint."""
    try:
        yield
    except GithubException as error:
        raise _meaning(error, repository) from error
    except requests.RequestException as error:
        message = f"GitHub did not answer: {type(error).__name__}"
        raise ForgeError(message, hint="run it again: it continues where it stopped") from error


_RACES = (
    "is not a fast",  # "a fast forward", with or without a hyphen
    "reference already exists",
    "a pull request already exists",
    "reference does not exist",
    "no commits between",
)
_PERMISSIONS = "it needs the permissions contents: write, pull-requests: write and issues: write"
_READ_ONLY = "resource not accessible"
_HINTS = {
    "not permitted to create or approve pull requests": (
        "Settings, Actions, General: allow Actions to create pull requests"
    ),
    _READ_ONLY: f"{_PERMISSIONS}; a pull request from a fork never has them",
    "repository was archived": "an archived repository is read-only: unarchive it, or remove it from the schedule",
    "protected branch": "a branch protection rule covers infra/scale-*: let the bot push there",
    "repository rule violations": "a ruleset covers infra/scale-*: let the bot push there",
}
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def _meaning(error: GithubException, repository: str) -> ForgeError:
    said = text_of(error)
    brief = _brief(error)
    if any(race in said for race in _RACES) or error.status == HTTPStatus.CONFLICT:
        return RaceError(f"GitHub: {brief}", hint="run it again")
    if error.status == HTTPStatus.UNAUTHORIZED:
        return RefusedError("GitHub does not accept the token", hint="GITHUB_TOKEN is wrong or has expired")
    if error.status == HTTPStatus.TOO_MANY_REQUESTS or "rate limit" in said:
        return ForgeError(f"GitHub's rate limit is reached: {brief}", hint=_when(error.headers or {}))
    kind = RefusedError if error.status in _REFUSALS else ForgeError
    for fragment, hint in _HINTS.items():
        if fragment in said:
            return (ReadOnlyError if fragment == _READ_ONLY else kind)(f"GitHub: {brief}", hint=hint)
    if error.status == HTTPStatus.NOT_FOUND:
        return RefusedError(f"GitHub does not show {repository}", hint="the name is wrong, or the token cannot read it")
    return kind(f"GitHub answered {error.status}: {brief}", hint="run it again: it continues where it stopped")


def _brief(error: GithubException) -> str:
    """GitHub's message, with the details of a "Validation Failed"."""
    details = (error.data.get("errors") if isinstance(error.data, dict) else None) or ()
    said = [detail.get("message") for detail in details if isinstance(detail, dict)]
    return ": ".join(filter(None, (error.message or str(error.data)[:200], "; ".join(filter(None, said)))))


def _when(headers: Mapping[str, str]) -> str:
    """The time when a limit ends, from GitHub's headers."""
    known = {name.lower(): value for name, value in headers.items()}
    after, reset = known.get("retry-after", ""), known.get("x-ratelimit-reset", "")
    if after.isdecimal():
        return f"run it again in {after} seconds"
    if reset.isdecimal() and known.get("x-ratelimit-remaining") == "0":
        return f"run it again after {datetime.fromtimestamp(int(reset), UTC):%H:%M} UTC"
    return "run it again in a few minutes"
