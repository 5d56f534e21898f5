"""The JSON of GitHub's events, read as untrusted input: anyone can choose titles, branches and forks."""

import json
import re
from typing import NamedTuple

_MAX_BYTES = 25 << 20
"""GitHub's payload limit: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap"""
_SHA = re.compile(r"[0-9a-f]{40,64}")
_MOST = 2**31
"""An upper bound for the numbers of pull requests."""


class PullRequestEvent(NamedTuple):
    """The pull request, or merge queue group, of a GitHub Actions run."""

    number: int | None
    """None: not a pull request."""
    base: str | None
    """The commit that it merges into, if the event names one."""
    from_fork: bool
    branch: str = ""
    """The head branch, if it is in this repository."""


def pull_request_event(content: bytes) -> PullRequestEvent | None:
    """The event in a file at GITHUB_EVENT_PATH; None if it does not have the format of GitHub's events."""
    if len(content) > _MAX_BYTES:
        return None
    try:
        event = json.loads(content)
        pull = event.get("pull_request")
        return _queued(event) if pull is None else _of_pull(pull)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _queued(event: dict[str, dict[str, object]]) -> PullRequestEvent:
    return PullRequestEvent(None, _sha(event.get("merge_group", {}).get("base_sha")), from_fork=False)


def _of_pull(pull: dict[str, dict[str, object]]) -> PullRequestEvent:
    head, base = pull["head"], pull["base"]
    from_fork = head["repo"] is None or _full_name(head["repo"]) != _full_name(
        base["repo"]
    )  # null: the fork was deleted
    branch = "" if from_fork else _text(head["ref"])
    return PullRequestEvent(_number(pull["number"]), _sha(base["sha"]), from_fork, branch)


def _full_name(repository: object) -> str:
    if not isinstance(repository, dict):
        raise TypeError
    return _text(repository["full_name"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < _MOST:
        raise TypeError
    return value


def _sha(value: object) -> str | None:
    return value if isinstance(value, str) and _SHA.fullmatch(value) else None
