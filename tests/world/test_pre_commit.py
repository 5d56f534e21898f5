"""The hook under the real pre-commit, case by case (T1 to T10: its traps, measured before)."""

import re
from pathlib import Path

import pytest
import yaml

from support.repository import CHECKOUT, REQUEST, Repository, released

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


@pytest.fixture
def hooked(git_repository: Repository) -> Repository:
    """A repository in which pre-commit runs the hook that we publish, from the command that is under test."""
    (hook,) = [hook for hook in _published_hooks() if hook["id"] == "infra-scale-compile"]
    local = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    git_repository.write(".pre-commit-config.yaml", yaml.safe_dump(local))
    git_repository.git("add", "--all")
    git_repository.tool("pre-commit", "install")
    return git_repository


def _published_hooks() -> list[dict[str, object]]:
    hooks: list[dict[str, object]] = yaml.safe_load((CHECKOUT / ".pre-commit-hooks.yaml").read_text())
    return hooks


def _commit(repository: Repository, *arguments: str, code: int = 0) -> str:
    done = repository.tool("git", "commit", "--message", "change", *arguments, code=code)
    return done.stdout + done.stderr


def _with_plan(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    repository.git("add", "--all")
    _commit(repository)


def test_t1_a_new_plan_stops_the_commit_and_the_second_commit_passes(hooked: Repository) -> None:
    hooked.write("requests/web.yaml")
    hooked.git("add", "requests")

    said = _commit(hooked, code=1)
    assert "git add -A -- ops/plans/infra-scale/prod/web" in said

    hooked.git("add", "-A", "--", "ops/plans/infra-scale/prod/web")
    _commit(hooked)
    assert PLAN in hooked.git("ls-tree", "-r", "--name-only", "HEAD")


def test_t2_t3_a_commit_that_only_deletes_a_request_removes_its_plan(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.git("rm", "--quiet", "requests/web.yaml")

    _commit(hooked, code=1)

    assert hooked.tree() == {}
    hooked.git("add", "-A", "--", "ops/plans/infra-scale")
    _commit(hooked)


def test_t4_a_commit_that_only_renames_a_request_moves_its_plan(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.git("mv", "requests/web.yaml", "requests/site.yaml")

    _commit(hooked, code=1)

    assert {path.split("/")[4] for path in hooked.tree()} == {"site"}
    hooked.git("add", "-A", "--", "ops/plans/infra-scale")
    _commit(hooked)


def test_t5_an_untracked_request_is_not_compiled(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.write("requests/draft.yaml", REQUEST.replace("web", "draft"))
    hooked.write("requests/web.yaml", REQUEST.replace("6", "7"))
    hooked.git("add", "requests/web.yaml")

    _commit(hooked, code=1)

    assert {path.split("/")[4] for path in hooked.tree()} == {"web"}


def test_t6_a_partly_staged_request_is_compiled_as_staged_and_the_rest_is_kept(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.write("requests/web.yaml", REQUEST.replace("6", "7"))
    hooked.git("add", "requests/web.yaml")
    hooked.write("requests/web.yaml", REQUEST.replace("6", "8"))

    _commit(hooked, code=1)

    assert "to: 7" in hooked.read(PLAN)
    assert "replicas: 8" in hooked.read("requests/web.yaml")


def test_t7_an_unstaged_edit_of_a_plan_is_kept_and_the_way_out_is_named(hooked: Repository) -> None:
    _with_plan(hooked)
    edited = hooked.read(PLAN).replace("to: 6", "to: 66")
    hooked.write(PLAN, edited)
    hooked.write("requests/web.yaml", REQUEST.replace("6", "7"))
    hooked.git("add", "requests/web.yaml")

    said = _commit(hooked, code=1)

    assert hooked.read(PLAN) == edited
    (restore,) = re.findall("git restore -- .*", said)
    hooked.paste(restore)
    (add,) = re.findall("git add -A -- .*", _commit(hooked, code=1))
    hooked.paste(add)
    _commit(hooked)


def test_without_unstaged_edits_of_plans_only_the_command_to_stage_is_printed(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.write("requests/web.yaml", REQUEST.replace("6", "7"))
    hooked.git("add", "requests/web.yaml")
    hooked.write("requests/web.yaml", REQUEST.replace("6", "8"))

    said = _commit(hooked, code=1)

    assert "git add -A -- ops/plans/infra-scale/prod/web" in said
    assert "git restore" not in said


def test_t8_the_hook_stages_nothing_by_itself(hooked: Repository) -> None:
    hooked.write("requests/web.yaml")
    hooked.git("add", "requests")

    _commit(hooked, code=1)

    assert "?? ops/" in hooked.git("status", "--porcelain")


@pytest.mark.parametrize("how", [["--all"], ["requests/web.yaml"]], ids=["commit --all", "commit PATH"])
def test_t9_the_temporary_index_of_a_commit_is_the_one_that_is_read(hooked: Repository, how: list[str]) -> None:
    _with_plan(hooked)
    hooked.write("requests/web.yaml", REQUEST.replace("6", "7"))

    _commit(hooked, *how, code=1)

    assert "to: 7" in hooked.read(PLAN)


def test_t10_the_very_first_commit_is_checked(hooked: Repository) -> None:
    hooked.write("requests/web.yaml", REQUEST.replace("web", "Web"))
    hooked.git("add", "requests")

    said = _commit(hooked, code=1)

    assert "requests/web.yaml:5:11: SCH-005" in said


def test_a_commit_without_anything_of_ours_passes_in_silence(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.write("README.md", "hello")
    hooked.git("add", "README.md")

    assert "Passed" in _commit(hooked)


def test_run_over_all_files_in_ci_finds_a_stale_plan(hooked: Repository) -> None:
    _with_plan(hooked)
    hooked.write(PLAN, hooked.read(PLAN).replace("to: 6", "to: 60"))
    hooked.git("add", "--all")
    _commit(hooked, "--no-verify")

    said = hooked.tool("pre-commit", "run", "--all-files", code=1).stdout

    assert "updated   prod/web" in said


@pytest.mark.long
def test_another_repository_can_install_the_hook_from_ours(git_repository: Repository, tmp_path: Path) -> None:
    """As their pre-commit does it: clone our repository, build the package in a fresh environment, run the command."""
    ours = released(tmp_path / "ours", version="1")
    config = {
        "repos": [{"repo": str(ours.root), "rev": "v1", "hooks": [{"id": hook["id"]} for hook in _published_hooks()]}]
    }
    git_repository.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    home = {"PRE_COMMIT_HOME": str(tmp_path / "cache"), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    command = str(Path(CHECKOUT / ".venv/bin/pre-commit"))

    first = git_repository.tool(command, "run", code=1, variables=home)
    assert "git add -A -- ops/plans/infra-scale/prod/web" in first.stdout

    git_repository.git("add", "-A", "--", "ops/plans/infra-scale/prod/web")
    git_repository.tool(command, "run", variables=home)


def test_the_hook_of_this_repository_is_the_published_one() -> None:
    config = yaml.safe_load((CHECKOUT / ".pre-commit-config.yaml").read_text())
    (own,) = [hook for repo in config["repos"] for hook in repo["hooks"] if hook["id"] == "infra-scale-compile"]
    (published,) = [hook for hook in _published_hooks() if hook["id"] == "infra-scale-compile"]

    assert own["entry"].removeprefix(".venv/bin/") == published["entry"]
    assert {key: own[key] for key in ("always_run", "pass_filenames")} == {"always_run": True, "pass_filenames": False}
