"""What a branch holds decides whose it is: neither what its commits say, nor who made them."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from infra_scale.cli import publish
from infra_scale.core.proposing import pull_request
from support.github_people import Person
from support.github_server import Answer, Call, GitHubServer
from support.repository import REQUEST, Repository

BRANCH = "infra/scale-prod"
PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"
COMPONENT = "ops/rendered/infra-scale/prod-eu-1/assistant/deployment-api/kustomization.yaml"

_NUMBERS = itertools.count()


class Ran(NamedTuple):
    """What one run of publish said."""

    code: int
    out: str
    err: str


class World:
    """A look-alike of GitHub, a clone, somebody else who may push, and the bot in this process."""

    def __init__(self, server: GitHubServer, root: Path, run: Callable[[list[str], int], Ran]) -> None:
        self.server = server
        self.clone = Repository(root)
        self.mallory = Person(server)
        self._run = run
        self.clone.git("init", "--quiet", "--initial-branch=main")
        self.clone.write("ops/targets/prod.yaml", "clusters: [{name: prod-eu-1}]\n")
        self.push("requests/web.yaml", REQUEST)

    def push(self, path: str, content: str) -> None:
        """Bring a file to the default branch."""
        self.clone.write(path, content)
        self.clone.git("add", "--all")
        self.clone.git("commit", "--quiet", "--message", "change")
        self.server.push(self.clone)

    def publish(self, *arguments: str, day: int = 0) -> Ran:
        """Run the bot on a later day."""
        return self._run(["--root", str(self.clone.root), *arguments], day)

    def is_quiet(self, *arguments: str) -> bool:
        """Whether one more run, much later, writes nothing."""
        self.server.calls.clear()
        self.publish(*arguments, day=99)
        return not any(call.writes for call in self.server.calls)

    def text(self, path: str) -> str:
        """A file on the bot's branch."""
        return self.server.decoded(BRANCH, path)

    @property
    def body(self) -> str:
        """What the one open pull request says."""
        (pull,) = self.server.get("pulls?state=open")
        return str(pull["body"])

    @property
    def is_draft(self) -> bool:
        """Whether the one open pull request is a draft."""
        (pull,) = self.server.get("pulls?state=open")
        return bool(pull["draft"])


@pytest.fixture
def world(
    server: GitHubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> World:
    """A repository with a published proposal for one request."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(arguments: list[str], day: int) -> Ran:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1767225600 + day * 86400))
        code = publish.run(arguments)
        return Ran(code, *capsys.readouterr())

    made = World(server, tmp_path, run)
    assert made.publish().out.endswith("awaiting_approval\n")
    return made


@pytest.mark.parametrize("login", ["mallory", "admin"], ids=["by somebody", "by the account of the bot"])
@pytest.mark.parametrize(
    "changes",
    [{PLAN: "6 -> 600"}, {COMPONENT: "kind: Component\n"}, {PLAN: None}, {"requests/web.yaml": "6 -> 600"}],
    ids=["another number", "one more Component", "a plan less", "another request"],
)
def test_a_commit_that_copies_our_trailers_is_foreign_and_nothing_vouches_for_it(
    world: World, changes: dict[str, str | None], login: str
) -> None:
    forger = Person(world.server, login)
    files = {path: world.text(path).replace("6", "600") if new == "6 -> 600" else new for path, new in changes.items()}
    forged = forger.commit(BRANCH, files, message=forger.copied_message(BRANCH))

    ran = world.publish(day=1)

    assert (ran.code, ran.out) == (1, "failed\n")
    assert forger.head(BRANCH) == forged
    assert pull_request.digest_of(world.body) is None
    assert "**Not verified.**" in world.body
    assert "replicas: 6" not in world.body
    assert world.is_quiet()


@pytest.mark.parametrize("trailer", ["Target", "Digest", "Generator"])
def test_a_commit_without_one_of_our_trailers_is_foreign_too(world: World, trailer: str) -> None:
    lines = world.mallory.copied_message(BRANCH).splitlines(keepends=True)
    message = "".join(line for line in lines if f"-{trailer}:" not in line)
    world.mallory.commit(BRANCH, {PLAN: "mine\n"}, message=message)

    assert world.publish(day=1).out == "failed\n"


def test_an_amended_commit_of_the_bot_is_foreign_and_its_ready_pull_request_a_draft(world: World) -> None:
    (pull,) = world.server.get("pulls?state=open")
    world.server.edit_pull(pull["number"], draft=False)
    amended = {PLAN: world.text(PLAN).replace("6", "600")}
    message, main = world.mallory.copied_message(BRANCH), world.mallory.head("main")
    world.mallory.commit(BRANCH, amended, message=message, parents=[main])

    assert world.publish(day=1).out == "failed\n"
    assert world.is_draft


def test_a_branch_whose_foreign_content_was_taken_back_is_verified_again(world: World) -> None:
    right, body = world.text(PLAN), world.body
    world.mallory.commit(BRANCH, {PLAN: "mine\n"})
    assert world.publish().code == 1
    world.mallory.commit(BRANCH, {PLAN: right})

    assert world.publish().out.endswith("awaiting_approval\n")
    assert world.body == body
    assert world.is_quiet()


@pytest.mark.parametrize("updates", [1, 2])
def test_a_branch_that_a_person_has_updated_from_the_base_is_still_ours(world: World, updates: int) -> None:
    for number in range(updates):
        world.push("README.md", f"{number}\n")
        world.mallory.update_branch(BRANCH)

    assert world.is_quiet()
    assert world.publish().out.endswith("awaiting_approval\n")


def test_after_an_update_of_the_branch_to_another_request_that_is_proposed(world: World) -> None:
    world.push("requests/web.yaml", REQUEST.replace("6", "9"))
    merge = world.mallory.update_branch(BRANCH)

    assert world.publish(day=1).out.endswith("awaiting_approval\n")

    assert "replicas: 9 " in world.body
    head = world.server.get(f"git/commits/{world.mallory.head(BRANCH)}")
    assert merge in [parent["sha"] for parent in head["parents"]]
    assert world.is_quiet()


@pytest.mark.parametrize("path", [PLAN, "README.md", ".github/workflows/evil.yml"])
def test_a_merge_with_anything_else_in_it_is_foreign(world: World, path: str) -> None:
    world.push("README.md", "new\n")
    world.mallory.update_branch(BRANCH, {path: "mine\n"})

    assert world.publish(day=1).out == "failed\n"


def test_a_merge_that_takes_back_what_the_base_has_changed_since_is_foreign(world: World) -> None:
    world.push("OWNERS", "alice\n")
    world.mallory.update_branch(BRANCH)
    world.push("OWNERS", "bob\n")
    world.mallory.update_branch(BRANCH, {"OWNERS": "alice\n"})

    assert world.publish(day=1).out == "failed\n"


def test_a_base_that_has_moved_on_moves_no_branch(world: World) -> None:
    world.push("README.md", "new\n")

    assert world.is_quiet()


def test_an_old_proposal_is_known_by_what_its_base_compiles_to(world: World) -> None:
    for day, replicas in enumerate(("9", "12"), start=1):
        world.push("requests/web.yaml", REQUEST.replace("6", replicas))
        world.push("README.md", "moved on once more\n" * day)
        assert world.publish(day=day).code == 0

    assert "replicas: 12 " in world.body
    assert world.is_quiet()


def test_an_old_proposal_with_a_change_in_it_is_foreign(world: World) -> None:
    forged = {PLAN: world.text(PLAN).replace("6", "600")}
    world.mallory.commit(BRANCH, forged, message=world.mallory.copied_message(BRANCH))
    world.push("requests/web.yaml", REQUEST.replace("6", "9"))

    assert world.publish(day=1).out == "failed\n"


def test_what_another_version_proposed_is_replaced_and_asked_for_again(world: World) -> None:
    (pull,) = world.server.get("pulls?state=open")
    world.server.edit_pull(pull["number"], draft=False)
    message, right = world.mallory.copied_message(BRANCH), world.text(PLAN)
    generator = message.partition("Infra-Scale-Generator: ")[2].strip()
    message, main = message.replace(generator, "0" * 16), world.mallory.head("main")
    world.mallory.commit(BRANCH, {PLAN: right.replace("6", "600")}, message=message, parents=[main])

    assert world.publish().out.endswith("awaiting_approval\n")

    assert world.text(PLAN) == right
    assert world.is_draft
    assert world.is_quiet()


def test_a_branch_of_no_known_target_is_ignored_and_reported_once(world: World) -> None:
    before = world.publish().out
    world.mallory.branch("infra/scale-zzz")
    world.mallory.commit("infra/scale-zzz", {"a.txt": "x"}, message=world.mallory.copied_message(BRANCH))
    number = world.mallory.pull("infra/scale-zzz", body="mine")

    ran = world.publish(day=1)

    assert (ran.code, ran.out) == (0, before)
    assert ran.err.count("zzz: ") == 1
    assert "ignored: it has content that infra-scale did not make" in ran.err
    assert world.server.get(f"pulls/{number}")["body"] == "mine"
    assert world.is_quiet()


def test_a_new_branch_of_somebody_that_holds_nothing_yet_is_not_deleted(world: World) -> None:
    world.mallory.branch("infra/scale-zzz")

    assert world.publish().code == 0
    assert world.mallory.head("infra/scale-zzz") == world.mallory.head("main")


def test_a_branch_without_a_history_in_common_ends_nothing(world: World) -> None:
    world.mallory.branch("infra/scale-zzz")
    orphan = world.mallory.commit("infra/scale-zzz", {"a.txt": "x"})

    def no_common_ancestor(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        is_it = "/compare/" in call.path and orphan in call.path
        return Answer(404, b'{"message": "No common ancestor"}', {}) if is_it else serve()

    world.server.fault = no_common_ancestor

    assert world.publish(day=1).out.endswith("awaiting_approval\n")


def test_a_pull_request_from_a_fork_with_the_name_of_our_branch_is_not_ours(world: World) -> None:
    number = world.mallory.pull_from_fork(BRANCH, {"a.txt": "x"})

    said = world.publish().out

    (own,) = [pull for pull in world.server.get("pulls?state=open") if pull["number"] != number]
    assert said == f"outputs_uri={own['html_url']}\nawaiting_approval\n"
    assert world.server.get(f"pulls/{number}")["body"] == ""
    assert world.is_quiet()


def test_pull_requests_of_others_from_branches_named_like_ours_leave_room_for_ours(world: World) -> None:
    world.mallory.branch("infra/scale-zzz")
    world.mallory.commit("infra/scale-zzz", {"a.txt": "x"})
    world.mallory.pull("infra/scale-zzz")
    world.push("ops/targets/staging.yaml", "clusters: [{name: staging-eu-1}]\n")
    world.push("requests/api.yaml", REQUEST.replace("web", "api").replace("prod", "staging"))

    assert world.publish("--max-open", "2").out.count("outputs_uri=") == 2


def test_somebody_who_closes_a_pull_request_of_their_own_from_our_branch_rejects_nothing(world: World) -> None:
    (pull,) = world.server.get("pulls?state=open")
    world.push("requests/web.yaml", REQUEST.replace("6", "9"))
    world.server.edit_pull(pull["number"], state="closed")

    def cannot_open(_: int, call: Call, serve: Callable[[], Answer]) -> Answer:
        refused = b'{"message": "GitHub Actions is not permitted to create or approve pull requests."}'
        return Answer(403, refused, {}) if (call.method, call.path[-6:]) == ("POST", "/pulls") else serve()

    world.server.fault = cannot_open
    assert world.publish(day=1).code == 1
    world.server.fault = None
    world.server.edit_pull(world.mallory.pull(BRANCH), state="closed")

    assert "outputs_uri=" in world.publish(day=1).out


def test_a_commit_of_an_allowed_account_to_another_file_is_tolerated_and_stays_in_the_history(world: World) -> None:
    helped = Person(world.server, "changelog[bot]").commit(BRANCH, {"CHANGELOG.md": "new\n"}, in_browser=True)
    allowed = ("--allow-account", "changelog[bot]")

    assert world.publish().out == "failed\n"
    assert world.publish(*allowed).out.endswith("awaiting_approval\n")
    assert pull_request.digest_of(world.body)
    assert world.mallory.head(BRANCH) == helped
    assert world.is_quiet(*allowed)

    world.push("requests/web.yaml", REQUEST.replace("6", "9"))
    assert world.publish(*allowed, day=1).out.endswith("awaiting_approval\n")
    head = world.server.get(f"git/commits/{world.mallory.head(BRANCH)}")
    assert helped in [parent["sha"] for parent in head["parents"]]


@pytest.mark.parametrize("path", [PLAN, COMPONENT, "requests/web.yaml", "ops/targets/prod.yaml"])
def test_of_plans_and_what_they_are_compiled_from_an_allowed_account_may_change_nothing(
    world: World, path: str
) -> None:
    Person(world.server, "changelog[bot]").commit(BRANCH, {path: "mine\n"}, in_browser=True)

    assert world.publish("--allow-account", "changelog[bot]").out == "failed\n"


def test_an_account_is_allowed_by_github_and_not_by_the_name_in_a_commit(world: World) -> None:
    world.mallory.commit(BRANCH, {"CHANGELOG.md": "new\n"}, author="changelog[bot]")

    assert world.publish("--allow-account", "changelog[bot]").out == "failed\n", "its address is resolved, not signed"
    assert world.publish("--allow-account", "mallory").out == "failed\n"


def test_a_commit_of_somebody_below_one_of_an_allowed_account_is_foreign(world: World) -> None:
    world.mallory.commit(BRANCH, {"a.txt": "x"}, in_browser=True)
    Person(world.server, "changelog[bot]").commit(BRANCH, {"CHANGELOG.md": "new\n"}, in_browser=True)

    assert world.publish("--allow-account", "changelog[bot]").out == "failed\n"


def test_the_old_name_of_the_option_still_works_and_says_the_new_one(world: World) -> None:
    Person(world.server, "changelog[bot]").commit(BRANCH, {"CHANGELOG.md": "new\n"}, in_browser=True)

    ran = world.publish("--helper", "changelog[bot]")

    assert ran.out.endswith("awaiting_approval\n")
    assert "--helper is now --allow-account" in ran.err
