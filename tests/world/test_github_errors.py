"""The adapter for GitHub against a simulation that we did not write, and that answers errors as GitHub does.

What the simulation lacks (trees, commits, comparisons, events, labels that have to be created) is tried against
`emulate`, in test_publish.py and its neighbours.
"""

from collections.abc import Iterator

import pytest

from infra_scale.adapters.github.repository import GitHub
from infra_scale.core.proposing.pull_request import NEEDS_APPROVAL
from infra_scale.ports.forge import ForgeError, Pull, RaceError
from support.myworld_server import BRANCH, SLUG, MyWorld

MAIN = "main"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MyWorld]:
    """One server for all tests of this module."""
    world = MyWorld(tmp_path_factory.mktemp("myworld"))
    yield world
    world.close()


@pytest.fixture
def world(running: MyWorld) -> MyWorld:
    """The server as at the beginning."""
    running.reset()
    return running


@pytest.fixture
def github(world: MyWorld) -> GitHub:
    """A connection to it."""
    return GitHub(repository=SLUG, token=world.token, api=world.api)


def _open(github: GitHub, branch: str = BRANCH) -> Pull:
    return github.open_pull(branch=branch, base=MAIN, title="infra.scale: prod", body="plans")


def test_a_wrong_token_is_named_and_no_other_cause(world: MyWorld) -> None:
    with pytest.raises(ForgeError, match="does not accept the token") as caught:
        GitHub(repository=SLUG, token="wrong", api=world.api)  # noqa: S106 (that is the point)

    assert "GITHUB_TOKEN" in str(caught.value.hint)


@pytest.mark.parametrize("token", ["one\ntwo", "one ", "x…", "\u200bx", "\t"])
def test_a_token_that_no_request_can_carry_is_named_before_any_is_made(world: MyWorld, token: str) -> None:
    with pytest.raises(ForgeError, match="GITHUB_TOKEN contains an invalid character") as caught:
        GitHub(repository=SLUG, token=token, api=world.api)

    assert "copy it again" in caught.value.hint


@pytest.mark.parametrize(
    "api", ["api.github.com", "localhost:80", "ftp://github.com", "https://", "http://[", "http://a:b"]
)
def test_an_address_that_is_no_url_is_named_with_one_that_is(api: str) -> None:
    with pytest.raises(ForgeError, match=r"GITHUB_API_URL is not a URL: '.*'") as caught:
        GitHub(repository=SLUG, token="token", api=api)  # noqa: S106 (nobody hears it)

    assert "https://github.example.com/api/v3" in caught.value.hint


def test_a_repository_that_is_not_there_may_also_be_one_that_is_not_shown(world: MyWorld) -> None:
    with pytest.raises(ForgeError, match="does not show acme/none") as caught:
        GitHub(repository="acme/none", token=world.token, api=world.api)

    assert "the token cannot read it" in str(caught.value.hint)


def test_a_pull_request_is_opened_as_a_draft_found_again_edited_labelled_and_closed(
    world: MyWorld, github: GitHub
) -> None:
    opened = _open(github)
    assert opened.is_draft
    assert github.pulls(MAIN)[BRANCH].number == opened.number

    github.edit_pull(opened, title="infra.scale: prod (2026-01-02)", body="other plans")
    github.labels.add(NEEDS_APPROVAL.name)  # it is there, but the simulation shows no single label
    github.add_label(opened, NEEDS_APPROVAL)
    for _ in range(2):
        github.comment_once(opened, marker="<!-- mark -->", text="said once")
    found = github.pulls(MAIN)[BRANCH]
    assert (found.title, found.body) == ("infra.scale: prod (2026-01-02)", "other plans")
    assert found.labels == {"needs-approval"}
    assert [comment["body"] for comment in world.get(f"issues/{opened.number}/comments")] == [
        "<!-- mark -->\nsaid once"
    ]

    github.close_pull(opened)
    assert github.pulls(MAIN) == {}
    assert github.rejected(BRANCH, github.head(BRANCH) or "", base=MAIN) == opened.url


def test_a_second_pull_request_for_a_branch_is_a_lost_race(github: GitHub) -> None:
    _open(github)

    with pytest.raises(RaceError, match="A pull request already exists"):
        _open(github)


def test_a_branch_that_differs_in_nothing_is_a_lost_race(github: GitHub) -> None:
    github.move_branch("merged", seen=None, to=github.head(MAIN) or "")

    with pytest.raises(RaceError, match="No commits between"):
        _open(github, "merged")


def test_a_branch_that_somebody_else_made_first_is_a_lost_race(github: GitHub) -> None:
    with pytest.raises(RaceError, match="Reference already exists"):
        github.move_branch(BRANCH, seen=None, to=github.head("other") or "")


def test_a_branch_that_somebody_else_moved_is_never_moved_back(github: GitHub) -> None:
    before = github.head(BRANCH)

    with pytest.raises(RaceError, match="not a fast"):
        github.move_branch(BRANCH, seen=before, to=github.head("other") or "")

    assert github.head(BRANCH) == before


def test_a_branch_moves_forward_and_its_pull_request_follows(world: MyWorld, github: GitHub) -> None:
    github.move_branch("infra/scale-staging", seen=None, to=github.head(MAIN) or "")
    github.move_branch("infra/scale-staging", seen=github.head(MAIN), to=github.head(BRANCH) or "")
    opened = _open(github, "infra/scale-staging")

    assert world.get(f"pulls/{opened.number}")["head"]["sha"] == github.head(BRANCH)
    assert github.branches("infra/scale-") == {
        BRANCH: github.head(BRANCH),
        "infra/scale-staging": github.head(BRANCH),
    }


def test_a_limit_on_a_write_is_reported_and_the_write_not_repeated(world: MyWorld, github: GitHub) -> None:
    world.break_with("rate_limit", times=5)

    with pytest.raises(ForgeError, match="rate limit"):
        _open(github)

    world.break_with()
    assert github.pulls(MAIN) == {}


@pytest.mark.parametrize("kind", ["bad_gateway", "server_error", "unavailable"])
def test_a_write_that_fails_is_not_repeated_and_says_to_run_again(world: MyWorld, github: GitHub, kind: str) -> None:
    world.break_with(kind)

    with pytest.raises(ForgeError, match="GitHub answered 50") as caught:
        _open(github)

    assert "run it again" in str(caught.value.hint)
    assert github.pulls(MAIN) == {}


def test_a_write_that_times_out_after_it_was_done_is_found_by_looking(world: MyWorld, github: GitHub) -> None:
    world.break_with("timeout_after_commit")

    with pytest.raises(ForgeError, match="GitHub answered 504"):
        _open(github)

    assert BRANCH in github.pulls(MAIN)


def test_a_read_that_fails_once_is_read_again(world: MyWorld, github: GitHub) -> None:
    world.break_with("bad_gateway")

    assert github.head(MAIN)


def test_an_answer_that_is_cut_off_is_no_bug_of_ours(world: MyWorld, github: GitHub) -> None:
    world.break_with("truncated", times=20)

    with pytest.raises(ForgeError):
        github.pulls(MAIN)
