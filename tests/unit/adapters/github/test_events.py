import json
from typing import Any

import pytest

from infra_scale.adapters.github.events import PullRequestEvent, pull_request_event

SHA = "0123456789abcdef0123456789abcdef01234567"
OTHER = "f" * 40


def _event(**changed: object) -> dict[str, Any]:
    home = {"full_name": "acme/web"}
    pull = {"number": 7, "base": {"sha": SHA, "repo": home}, "head": {"ref": "change", "repo": home}}
    return {"pull_request": pull | changed}


def _read(event: object) -> PullRequestEvent | None:
    return pull_request_event(json.dumps(event).encode())


def test_the_event_of_a_pull_request_names_its_number_base_and_branch() -> None:
    assert _read(_event()) == PullRequestEvent(7, SHA, from_fork=False, branch="change")


@pytest.mark.parametrize("repo", [None, {"full_name": "mallory/web"}])
def test_a_pull_request_from_a_fork_has_no_branch_of_this_repository(repo: object) -> None:
    event = _read(_event(head={"ref": "infra/scale-prod", "repo": repo}))

    assert event == PullRequestEvent(7, SHA, from_fork=True)


def test_the_event_of_a_merge_group_names_its_base() -> None:
    assert _read({"merge_group": {"base_sha": OTHER}}) == PullRequestEvent(None, OTHER, from_fork=False)


@pytest.mark.parametrize("event", [{}, {"ref": "refs/heads/main"}, {"pull_request": None}, {"merge_group": {}}])
def test_the_event_of_something_else_names_no_pull_request(event: object) -> None:
    assert _read(event) == PullRequestEvent(None, None, from_fork=False)


@pytest.mark.parametrize("sha", ["main", "-x", SHA[:39], f"{SHA}\n", None, 7])
def test_what_is_no_commit_id_is_no_base(sha: object) -> None:
    event = _event()
    event["pull_request"]["base"]["sha"] = sha

    assert _read(event) == PullRequestEvent(7, None, from_fork=False, branch="change")


@pytest.mark.parametrize("number", [None, "7", True, 0, -1, 7.0, 2**63, [7]])
def test_what_is_no_number_of_a_pull_request_is_refused(number: object) -> None:
    assert _read(_event(number=number)) is None


@pytest.mark.parametrize(
    "event",
    [
        [],
        "text",
        {"pull_request": "text"},
        {"pull_request": {}},
        {"merge_group": []},
        _event(head=None),
        _event(head={"ref": 7, "repo": {"full_name": "acme/web"}}),
        _event(head={"ref": "change", "repo": {"full_name": None}}),
        _event(base={"sha": SHA, "repo": None}),
    ],
)
def test_an_event_of_another_shape_is_refused(event: object) -> None:
    assert _read(event) is None


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"pull_request": {"number": ' + b"9" * 5000])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    assert pull_request_event(content) is None


def test_an_event_beyond_the_size_of_a_webhook_is_refused() -> None:
    assert pull_request_event(json.dumps(_event()).encode() + b" " * (25 << 20)) is None
