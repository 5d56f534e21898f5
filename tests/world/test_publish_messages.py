"""What publishing says when GitHub or git does not allow it: what is wrong, and what to do."""

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.github_server import TOKEN, Answer, Call, GitHubServer
from support.repository import Repository

BRANCH = "infra/scale-prod"


def _publish(clone: Repository, server: GitHubServer, *, code: int = 0, **variables: str) -> tuple[str, str]:
    """What it prints to standard output, and to standard error."""
    done = clone.completed("publish", code=code, variables={**server.environment, **variables})
    return done.stdout, done.stderr


def _refuse(
    method: str, path: str, status: int, message: str, **headers: str
) -> Callable[[int, Call, Callable[[], Answer]], Answer]:
    """Answer the calls with this method and end of their path with an error."""
    body = json.dumps({"message": message}).encode()

    def fault(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        if call.method == method and path in call.path:
            return Answer(status, body, {name.replace("_", "-"): value for name, value in headers.items()})
        return serve()

    return fault


@pytest.mark.parametrize(
    "refusal",
    [
        ("GET", "/repos/admin/r", 401, "Bad credentials", "does not accept the token", "GITHUB_TOKEN is wrong"),
        ("GET", "/repos/admin/r", 404, "Not Found", "does not show admin/r", "the token cannot read it"),
        (
            "POST",
            "/git/trees",
            403,
            "Repository was archived so is read-only.",
            "Repository was archived",
            "unarchive it",
        ),
        (
            "POST",
            "/git/refs",
            422,
            "Repository rule violations found: Cannot create ref due to creations being restricted.",
            "Repository rule violations",
            "a ruleset covers infra/scale-*",
        ),
        (
            "POST",
            "/git/refs",
            403,
            "Protected branch update failed for refs/heads/infra/scale-prod.",
            "Protected branch",
            "a branch protection rule covers infra/scale-*",
        ),
        (
            "POST",
            "/git/trees",
            403,
            "Resource not accessible by integration",
            "Resource not accessible",
            "permissions contents: write, pull-requests: write and issues: write",
        ),
    ],
    ids=["bad token", "no access", "archived", "ruleset", "protection", "permissions"],
)
def test_a_refusal_is_explained_with_what_to_do(
    clone: Repository, server: GitHubServer, refusal: tuple[str, str, int, str, str, str]
) -> None:
    method, path, status, message, said, hint = refusal
    server.fault = _refuse(method, path, status, message)

    output, advice = _publish(clone, server, code=1)

    assert said in output
    assert output.endswith("\nfailed\n")
    assert hint in advice
    assert TOKEN not in output + advice


def test_where_actions_may_not_open_pull_requests_the_branch_is_kept_and_the_setting_named(
    clone: Repository, server: GitHubServer
) -> None:
    message = "GitHub Actions is not permitted to create or approve pull requests."
    server.fault = _refuse("POST", "/pulls", 403, message)

    output, advice = _publish(clone, server, code=1)

    assert message in output
    assert "Settings, Actions, General: allow Actions to create pull requests" in advice
    assert [ref["ref"] for ref in server.get("git/matching-refs/heads/infra/")] == [f"refs/heads/{BRANCH}"]

    server.fault = None
    assert _publish(clone, server)[0].startswith("outputs_uri=")
    assert len(server.get("pulls?state=open")) == 1


def test_without_drafts_an_ordinary_pull_request_with_the_label_is_opened(
    clone: Repository, server: GitHubServer
) -> None:
    refused: list[Call] = []

    def no_drafts(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        if call.method == "POST" and call.path.endswith("/pulls") and not refused:
            refused.append(call)
            return Answer(422, b'{"message": "Draft pull requests are not supported in this repository."}', {})
        return serve()

    server.fault = no_drafts

    _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert pull["draft"] is False
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert refused


def test_a_rate_limit_is_not_waited_for_longer_than_two_minutes_and_its_end_is_named(
    clone: Repository, server: GitHubServer
) -> None:
    in_an_hour = int(time.time()) + 3600
    limit = {"X_RateLimit_Remaining": "0", "X_RateLimit_Reset": str(in_an_hour), "X_RateLimit_Limit": "1000"}
    server.fault = _refuse("GET", "/git/ref/heads/main", 403, "API rate limit exceeded for installation.", **limit)

    output, advice = _publish(clone, server, code=1)

    assert "GitHub's rate limit is reached" in output
    assert f"run it again after {time.strftime('%H:%M', time.gmtime(in_an_hour))} UTC" in advice


def test_a_refused_write_under_a_secondary_limit_names_the_seconds(clone: Repository, server: GitHubServer) -> None:
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    server.fault = _refuse("POST", "/git/trees", 403, message, Retry_After="61")

    _, advice = _publish(clone, server, code=1)

    assert "run it again in 61 seconds" in advice


def test_a_shallow_clone_publishes_and_does_not_guess_who_asked(
    clone: Repository, server: GitHubServer, tmp_path: Path
) -> None:
    clone.write("README.md", "second\n")
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "second")
    server.push(clone)
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{clone.root}", tmp_path / "shallow"], check=True)

    output, _ = _publish(Repository(tmp_path / "shallow"), server)

    assert output.startswith("outputs_uri=")
    (pull,) = server.get("pulls?state=open")
    assert "Last changed by" not in pull["body"]


def test_a_shallow_clone_cannot_verify_what_was_proposed_on_an_older_commit_and_says_how_to_deepen_it(
    clone: Repository, server: GitHubServer, tmp_path: Path
) -> None:
    _publish(clone, server)
    clone.write("README.md", "second\n")
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "second")
    server.push(clone)
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{clone.root}", tmp_path / "shallow"], check=True)

    output, advice = _publish(Repository(tmp_path / "shallow"), server, code=1)

    assert output.startswith("this clone does not have a part of the history")
    assert output.endswith("\nfailed\n")
    assert "fetch-depth: 0" in advice


def test_a_detached_head_is_no_obstacle_because_the_base_is_githubs(clone: Repository, server: GitHubServer) -> None:
    clone.git("checkout", "--quiet", "--detach")

    assert _publish(clone, server)[0].startswith("outputs_uri=")


def test_a_repository_of_somebody_else_is_explained_with_gits_own_remedy(
    clone: Repository, server: GitHubServer
) -> None:
    _, advice = _publish(clone, server, code=1, GIT_TEST_ASSUME_DIFFERENT_OWNER="1")

    assert f"git config --global --add safe.directory {clone.root}" in advice


def test_a_token_never_reaches_the_log(clone: Repository, server: GitHubServer) -> None:
    output, advice = _publish(clone, server, code=1, GITHUB_API_URL="http://127.0.0.1:9/secret")

    assert "GitHub did not answer" in output
    assert TOKEN not in output + advice
