"""How much publishing asks of GitHub, whose limits are counted in calls."""

from collections.abc import Iterator

import pytest

from support.github_server import GitHubServer
from support.repository import REQUEST, Repository

TARGETS, PLANS = 12, 60


@pytest.fixture(scope="module")
def world(github: GitHubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repository, GitHubServer]]:
    """A clone with many requests for many targets, and GitHub with the same commit."""
    clone = Repository(tmp_path_factory.mktemp("scale"))
    github.start_over()
    clone.git("init", "--quiet", "--initial-branch=main")
    for target in range(TARGETS):
        for number in range(PLANS):
            request = REQUEST.replace("prod", f"t{target}").replace("web", f"w{number}")
            clone.write(f"requests/t{target}/w{number}.yaml", request)
    clone.git("add", "--all")
    clone.git("commit", "--quiet", "--message", "requests")
    github.push(clone)
    yield clone, github
    github.finish()


def _publish(clone: Repository, server: GitHubServer) -> list[str]:
    return clone.run("publish", variables=server.environment).splitlines()


@pytest.mark.long
def test_a_new_pull_request_takes_five_writes_and_one_more_for_each_hundred_files(
    world: tuple[Repository, GitHubServer],
) -> None:
    clone, server = world

    said = _publish(clone, server)

    assert len(said) == TARGETS + 1
    writes = [call for call in server.calls if call.writes]
    trees = -(-PLANS * 2 // 100)
    assert len(writes) == TARGETS * (4 + trees) + 1, "and one for the label, once"
    assert len(server.calls) - len(writes) <= 8
    assert all(len(pull["body"].encode()) <= 60_000 for pull in server.get("pulls?state=open&per_page=100"))


@pytest.mark.long
def test_a_run_without_changes_takes_one_read_for_each_and_no_write(world: tuple[Repository, GitHubServer]) -> None:
    clone, server = world
    _publish(clone, server)
    server.calls.clear()

    _publish(clone, server)

    assert [call for call in server.calls if call.writes] == []
    assert len(server.calls) <= 5 + TARGETS
