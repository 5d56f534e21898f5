"""Several publishers at once, as real processes: they end in one right pull request."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support.github_server import GitHubServer
from support.repository import REQUEST, Repository

_PUBLISHERS = [2, pytest.param(8, marks=pytest.mark.long)]
BRANCH = "infra/scale-prod"
PLANS = {f"ops/plans/infra-scale/prod/web/{name}" for name in ("plan.yaml", "SUMMARY.md")}


def _push(clone: Repository, server: GitHubServer) -> None:
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "requests")
    server.push(clone)


def _publish(clone: Repository, server: GitHubServer, moment: int) -> tuple[int, str]:
    known = {**server.environment, "SOURCE_DATE_EPOCH": str(moment)}
    done = clone.process("publish", code=None, variables=known)  # threads of this one share its folder and output
    return done.returncode, done.stdout + done.stderr


def _all_at_once(clone: Repository, server: GitHubServer, publishers: int) -> None:
    """Each takes its own moment for now, as they would."""
    with ThreadPoolExecutor(publishers) as pool:
        ended = list(pool.map(lambda number: _publish(clone, server, 1767225600 + number), range(publishers)))
    for code, said in ended:
        assert "this is a bug" not in said
        assert code == 0 or "run it again" in said, said


def _settle(clone: Repository, server: GitHubServer) -> None:
    """One more run mends whatever is left to mend, and the run after it finds nothing to do."""
    assert _publish(clone, server, 1800000000)[0] == 0
    server.calls.clear()
    assert _publish(clone, server, 1800000001)[0] == 0
    assert [call for call in server.calls if call.writes] == []


def _files(server: GitHubServer, branch: str) -> dict[str, str]:
    sha = server.get(f"git/ref/heads/{branch}")["object"]["sha"]
    tree = server.get(f"git/commits/{sha}")["tree"]["sha"]
    listed = server.get(f"git/trees/{tree}?recursive=1")["tree"]
    return {entry["path"]: entry["sha"] for entry in listed if entry["type"] == "blob"}


def _assert_one_right_pull(server: GitHubServer, replicas: int) -> None:
    (pull,) = server.get("pulls?state=open&per_page=100")
    assert pull["draft"] is True
    assert f"replicas: {replicas} " in pull["body"]
    assert [label["name"] for label in pull["labels"]] == ["needs-approval"]
    assert [ref["ref"] for ref in server.get("git/matching-refs/heads/infra/")] == [f"refs/heads/{BRANCH}"]
    assert _files(server, BRANCH).keys() - _files(server, "main").keys() == PLANS
    assert len([label for label in server.get("labels") if label["name"] == "needs-approval"]) == 1


@pytest.mark.parametrize("publishers", _PUBLISHERS)
def test_opening_at_once_ends_in_one_pull_request(clone: Repository, server: GitHubServer, publishers: int) -> None:
    _all_at_once(clone, server, publishers)
    _settle(clone, server)

    _assert_one_right_pull(server, 6)
    assert len(server.get("pulls?state=all&per_page=100")) == 1


@pytest.mark.parametrize("publishers", _PUBLISHERS)
def test_updating_at_once_loses_no_commit_and_opens_no_second_one(
    clone: Repository, server: GitHubServer, publishers: int
) -> None:
    _publish(clone, server, 1767225600)
    before = server.get(f"git/ref/heads/{BRANCH}")["object"]["sha"]
    clone.write("requests/web.yaml", REQUEST.replace("6", "9"))
    _push(clone, server)

    _all_at_once(clone, server, publishers)
    _settle(clone, server)

    _assert_one_right_pull(server, 9)
    commits = server.get(f"compare/main...{BRANCH}")["commits"]
    assert before in [commit["sha"] for commit in commits]
    assert len(commits) == 2, "whoever came second found the work done"


@pytest.mark.parametrize("publishers", _PUBLISHERS)
def test_closing_at_once_closes_once(clone: Repository, server: GitHubServer, publishers: int) -> None:
    _publish(clone, server, 1767225600)
    (clone.root / "requests/web.yaml").unlink()
    clone.write("requests/README.md", "none left\n")
    _push(clone, server)

    _all_at_once(clone, server, publishers)
    _settle(clone, server)

    assert server.get("pulls?state=open") == []
    assert server.get("git/matching-refs/heads/infra/") == []
