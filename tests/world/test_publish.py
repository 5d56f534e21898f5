"""`infra-scale publish` against a look-alike of GitHub that we did not write."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.github_server import TOKEN, GitHubServer
from support.repository import REQUEST, Repository

BRANCH = "infra/scale-prod"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitHubServer]:
    """An empty repository on GitHub."""
    running = GitHubServer(tmp_path)
    yield running
    running.close()


@pytest.fixture
def clone(git_repository: Repository, server: GitHubServer) -> Repository:
    """A clone whose main branch, with one request, is on GitHub."""
    git_repository.write("requests/web.yaml")
    return _pushed(git_repository, server)


def _pushed(repository: Repository, server: GitHubServer) -> Repository:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "requests")
    server.push(repository)
    return repository


def _publish(
    clone: Repository, server: GitHubServer, *arguments: str, code: int | None = 0, now: str = "1767225600"
) -> str:
    known = {
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": server.slug,
        "GITHUB_API_URL": server.api,
        "SOURCE_DATE_EPOCH": now,
    }
    return clone.run("publish", *arguments, code=code, variables={**known, "GH_OWNER": "", "GH_REPO": ""})


def _branch_files(server: GitHubServer, branch: str = BRANCH) -> set[str]:
    sha = server.get(f"git/ref/heads/{branch}")["object"]["sha"]
    tree = server.get(f"git/commits/{sha}")["tree"]["sha"]
    return {entry["path"] for entry in server.get(f"git/trees/{tree}?recursive=1")["tree"] if entry["type"] == "blob"}


def _open_pulls(server: GitHubServer) -> list[dict[str, object]]:
    pulls: list[dict[str, object]] = server.get("pulls?state=open")
    return pulls


def test_a_merged_request_becomes_one_labelled_draft_with_one_commit_of_its_plans(
    clone: Repository, server: GitHubServer
) -> None:
    said = _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert said == f"outputs_uri={pull['html_url']}\nawaiting_approval\n"
    assert pull["draft"] is True
    assert pull["title"] == "infra.scale: prod (2026-01-01)"
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert "# Infra Scale Plan (prod)" in pull["body"]
    assert "- [ ] Ensure rollback plan is clear" in pull["body"]
    plans = {f"ops/plans/infra-scale/prod/web/{name}" for name in ("plan.yaml", "SUMMARY.md")}
    assert _branch_files(server) - _branch_files(server, "main") == plans
    (commit,) = server.get(f"compare/main...{BRANCH}")["commits"]
    assert "Infra-Scale-Digest: " in commit["commit"]["message"]


def test_a_run_without_changes_writes_nothing_and_asks_little(clone: Repository, server: GitHubServer) -> None:
    first = _publish(clone, server)
    server.calls.clear()

    again = _publish(clone, server, now="1800000000")

    assert again == first
    assert [call for call in server.calls if call.writes] == []
    assert len(server.calls) <= 7


def test_a_changed_request_moves_the_branch_forward_and_updates_the_pull_request(
    clone: Repository, server: GitHubServer
) -> None:
    first = _publish(clone, server)
    before = server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"]
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)

    assert _publish(clone, server, now="1767312000") == first

    (pull,) = server.get("pulls?state=open")
    assert "replicas: 9" in pull["body"]
    assert pull["title"] == "infra.scale: prod (2026-01-02)"
    head = server.get(f"git/commits/{server.get(f'git/ref/heads/{BRANCH}')['object']['sha']}")
    assert before in [parent["sha"] for parent in head["parents"]]


def test_each_target_has_a_pull_request_of_its_own(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "staging"))
    _pushed(clone, server)

    said = _publish(clone, server)

    assert said.count("outputs_uri=") == 2
    assert {pull["head"]["ref"] for pull in server.get("pulls?state=open")} == {BRANCH, "infra/scale-staging"}


def test_target_restricts_the_run(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "staging"))
    _pushed(clone, server)

    _publish(clone, server, "--target", "staging")

    assert {pull["head"]["ref"] for pull in server.get("pulls?state=open")} == {"infra/scale-staging"}


def test_after_the_merge_nothing_is_left_to_publish(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    server.merge(BRANCH, clone)

    said = _publish(clone, server)

    assert said == "up_to_date\n"
    assert server.get("pulls?state=open") == []
    assert [ref["ref"] for ref in server.get("git/matching-refs/heads/infra/")] == []
    clone.run("compile", "--check")


def test_a_withdrawn_request_closes_its_pull_request_and_deletes_its_branch(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    (clone.root / "requests/web.yaml").unlink()
    clone.write("requests/README.md", "none left\n")
    _pushed(clone, server)

    said = _publish(clone, server)

    assert said == "up_to_date\n"
    assert server.get("pulls?state=open") == []
    assert [ref["ref"] for ref in server.get("git/matching-refs/heads/infra/")] == []


def test_a_commit_of_somebody_else_is_never_lost_and_stops_the_bot(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    foreign = server.commit_by_somebody_else(BRANCH, "ops/plans/infra-scale/prod/web/plan.yaml", "mine\n")
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)

    said = [_publish(clone, server, code=1) for _ in range(2)]

    assert said == ["failed\n"] * 2
    assert server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"] == foreign
    (pull,) = server.get("pulls?state=open")
    comments = server.get(f"issues/{pull['number']}/comments")
    assert len(comments) == 1
    assert "commits of somebody else" in comments[0]["body"]


def test_a_commit_that_arrives_between_reading_and_writing_is_never_lost(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)
    foreign: list[str] = []

    def just_before_the_move(number: int, call: object, answer: object) -> object:
        if call.method == "PATCH" and "/git/ref" in call.path and not foreign:  # type: ignore[attr-defined]
            foreign.append(server.commit_by_somebody_else(BRANCH, "mine.txt", "mine\n"))
        return answer()  # type: ignore[operator]

    server.fault = just_before_the_move  # type: ignore[assignment]

    _publish(clone, server, code=1)

    assert server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"] == foreign[0]


def test_what_reviewers_ticked_stays_while_the_plans_stay(clone: Repository, server: GitHubServer) -> None:
    _publish(clone, server)
    (pull,) = server.get("pulls?state=open")
    ticked = pull["body"].replace("- [ ] Ensure rollback", "- [x] Ensure rollback") + "\nLooks good to me.\n"
    server._call("PATCH", f"/repos/{server.slug}/pulls/{pull['number']}", {"body": ticked, "title": "renamed"})  # noqa: SLF001

    _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert pull["title"] == "infra.scale: prod (2026-01-01)"
    assert "- [x] Ensure rollback" in pull["body"]
    assert pull["body"].endswith("Looks good to me.\n")


def test_a_proposal_that_people_closed_is_not_opened_again_until_it_changes(
    clone: Repository, server: GitHubServer
) -> None:
    _publish(clone, server)
    (pull,) = server.get("pulls?state=open")
    server._call("PATCH", f"/repos/{server.slug}/pulls/{pull['number']}", {"state": "closed"})  # noqa: SLF001

    assert _publish(clone, server) == "up_to_date\n"
    assert server.get("pulls?state=open") == []

    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _pushed(clone, server)
    assert "outputs_uri=" in _publish(clone, server)


def test_a_dry_run_writes_nothing(clone: Repository, server: GitHubServer) -> None:
    assert _publish(clone, server, "--dry-run") == "awaiting_approval\n"

    assert [call for call in server.calls if call.writes] == []


def test_an_invalid_request_on_the_base_publishes_nothing(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/bad.yaml", "target: [\n")
    _pushed(clone, server)

    said = _publish(clone, server, code=1)

    assert said.endswith("\nfailed\n")
    assert [call for call in server.calls if call.writes] == []


def test_the_commit_on_github_is_compiled_not_what_lies_around(clone: Repository, server: GitHubServer) -> None:
    clone.write("requests/web.yaml", REQUEST.replace("6", "66"))

    _publish(clone, server)

    (pull,) = server.get("pulls?state=open")
    assert "replicas: 6 " in pull["body"]


def test_a_clone_without_the_commit_says_how_to_fetch_it(clone: Repository, server: GitHubServer) -> None:
    server.commit_by_somebody_else("main", "file", "content\n")

    said = _publish(clone, server, code=1)

    assert "this clone does not have the commit" in said
    assert said.endswith("\nfailed\n")


def test_without_credentials_it_says_what_to_set(clone: Repository) -> None:
    known = dict.fromkeys(("GITHUB_TOKEN", "GITHUB_REPOSITORY", "GH_OWNER", "GH_REPO"), "")

    assert clone.run("publish", code=1, variables=known) == "no credentials for GitHub\nfailed\n"
