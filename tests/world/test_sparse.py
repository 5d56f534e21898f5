"""A sparse checkout gives the answers of a full one: what Git left out is read from its index, and never pruned."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from infra_scale.cli.main import main
from support.hostile_git import Recorder
from support.repository import REQUEST, Repository

_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 2, template: {spec: {containers: [{name: app, image: app}]}}}
"""
_TARGET = "clusters: [{name: eu-1}]\nmanifests: [app]\n"
_WEB, _API = "requests/team-b/web.yaml", "requests/team-a/api.yaml"
_PLAN = "ops/plans/infra-scale/prod/team-b/web/plan.yaml"
_IN_STEP = "2 requests: all plans are up to date"

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a repository: exit code, standard output, standard error."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def running(repository: Repository, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.chdir(repository.root)
        code = main([*arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return running


@pytest.fixture
def committed(git_repository: Repository, run: Run) -> Repository:
    """Two teams, a target with manifests, and everything in step."""
    git_repository.write(_WEB, REQUEST)
    git_repository.write(_API, REQUEST.replace("web", "api"))
    git_repository.write("ops/targets/prod.yaml", _TARGET)
    git_repository.write("app/web.yaml", _MANIFEST)
    git_repository.write("app/api.yaml", _MANIFEST.replace("web", "api"))
    git_repository.write("src/main.py", "pass\n")
    git_repository.write(".gitignore", ".artifacts\n")
    assert run(git_repository, "compile")[0] == 0
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "start")
    return git_repository


def _sparse(repository: Repository, *folders: str, cone: bool = True, index: bool = False) -> None:
    options = ("--cone" if cone else "--no-cone", *(("--sparse-index",) if index else ()))
    repository.git("sparse-checkout", "set", *options, *folders)


@pytest.mark.parametrize(
    "folders",
    [
        ("ops", "app", "requests/team-a"),
        ("ops", "requests"),
        ("requests", "app"),
        ("app", "ops/plans", "ops/rendered"),
        ("requests", "app", "ops/plans", "ops/rendered"),
        ("requests",),
    ],
)
@pytest.mark.parametrize("how", [{}, {"cone": False}, {"index": True}], ids=["cone", "patterns", "sparse index"])
def test_compiling_says_the_same_as_in_a_full_checkout_and_changes_nothing(
    committed: Repository, run: Run, folders: tuple[str, ...], how: dict[str, bool]
) -> None:
    commands = (("compile", "--check"), ("validate",), ("diff", "HEAD"), ("compile",), ("compile", "--staged"))
    expected = [run(committed, *command, "--root", ".") for command in commands]
    _sparse(committed, *folders, **how)
    assert committed.git("ls-files", "-t").count("S ") > 0

    assert [run(committed, *command, "--root", ".") for command in commands] == expected
    assert expected[3][1].startswith(_IN_STEP)
    assert committed.git("status", "--porcelain") == ""


def test_a_root_below_the_top_works(committed: Repository, run: Run) -> None:
    for name in ("requests", "ops", "app"):
        committed.git("mv", name, f"infra-{name}")
    (committed.root / "infra").mkdir()
    for name in ("requests", "ops", "app"):
        committed.git("mv", f"infra-{name}", f"infra/{name}")
    committed.git("commit", "--quiet", "--message", "below")
    _sparse(committed, "infra/ops", "infra/requests/team-a")

    assert not (committed.root / "infra/app").exists()
    assert run(Repository(committed.root / "infra"), "compile")[1].startswith(_IN_STEP)
    assert committed.git("status", "--porcelain") == ""


@pytest.mark.parametrize("path", [_WEB, "app/web.yaml", "ops/targets/prod.yaml", _PLAN])
def test_single_files_that_are_marked_skip_worktree_count_too(committed: Repository, run: Run, path: str) -> None:
    committed.git("update-index", "--skip-worktree", path)
    (committed.root / path).unlink()

    assert run(committed, "compile")[1].startswith(_IN_STEP)
    assert committed.git("status", "--porcelain") == ""


def test_what_lies_on_disk_counts_more_than_the_index(committed: Repository, run: Run) -> None:
    committed.git("update-index", "--skip-worktree", _WEB)
    committed.write(_WEB, REQUEST.replace("6", "7"))

    assert "stale     prod/team-b/web" in run(committed, "compile", "--check")[1]


def test_a_request_that_is_missing_on_disk_and_assumed_unchanged_keeps_its_plan(
    committed: Repository, run: Run
) -> None:
    committed.git("update-index", "--assume-unchanged", _WEB)
    (committed.root / _WEB).unlink()

    code, _, said = run(committed, "compile")

    assert code == 1
    assert f"{_WEB} is not on disk, and git's index assumes it to be unchanged" in said
    assert (committed.root / _PLAN).exists()
    committed.paste(said.rpartition("`")[0].rpartition("`")[2])
    assert "deleted   prod/team-b/web" in run(committed, "compile")[1]


def test_a_deleted_request_is_pruned_as_before(committed: Repository, run: Run) -> None:
    _sparse(committed, "ops", "app", "requests/team-b")
    (committed.root / _WEB).unlink()

    assert "deleted   prod/team-b/web" in run(committed, "compile")[1]
    assert not (committed.root / _PLAN).exists()


def test_a_plan_that_would_change_and_is_not_checked_out_is_one_error(committed: Repository, run: Run) -> None:
    _sparse(committed, "requests", "app", "ops/targets")
    committed.write(_API, REQUEST.replace("web", "api").replace("6", "7"))
    before = committed.git("status", "--porcelain")

    code, _, said = run(committed, "compile")

    assert code == 1
    assert "not checked out (sparse checkout), but must change: ops/plans/infra-scale/prod/team-a/api/" in said
    command = said.rpartition("check the files out first: ")[2]
    assert committed.git("status", "--porcelain") == before
    assert "stale     prod/team-a/api" in run(committed, "compile", "--check")[1]
    committed.paste(command)
    assert "updated   prod/team-a/api" in run(committed, "compile")[1]


def test_neither_is_a_plan_deleted_that_is_not_checked_out(committed: Repository, run: Run) -> None:
    _sparse(committed, "requests", "app", "ops/targets")
    (committed.root / _WEB).unlink()

    code, _, said = run(committed, "compile")

    assert code == 1
    assert "not checked out (sparse checkout), but must change: ops/plans/infra-scale/prod/team-b/web/" in said


def test_the_hook_does_not_write_what_is_not_checked_out(committed: Repository, run: Run) -> None:
    _sparse(committed, "requests", "app", "ops/targets")
    committed.write(_API, REQUEST.replace("web", "api").replace("6", "7"))
    committed.git("add", "requests")

    code, _, said = run(committed, "compile", "--staged")

    assert code == 1
    assert "git sparse-checkout add ops/plans/infra-scale ops/rendered/infra-scale" in said
    assert not (committed.root / "ops/plans").exists()


def test_a_request_that_a_pull_changes_outside_the_checkout_is_noticed(committed: Repository, run: Run) -> None:
    """The quick answer goes by files on disk, and none of them has changed."""
    _sparse(committed, "ops", "app", "requests/team-a")
    for _ in range(3):
        assert run(committed, "compile")[1].startswith(_IN_STEP)
    other = committed.root / ".artifacts/other"
    other.write_text(REQUEST.replace("6", "7"))
    blob = committed.git("hash-object", "-w", str(other)).strip()
    committed.git("update-index", "--cacheinfo", f"100644,{blob},{_WEB}")
    committed.git("update-index", "--skip-worktree", _WEB)

    assert "updated   prod/team-b/web" in run(committed, "compile")[1]


def test_a_sparse_partial_clone_says_which_folder_to_check_out(committed: Repository, run: Run) -> None:
    committed.git("config", "uploadpack.allowFilter", "true")
    url = f"file://{committed.root}"
    committed.git("clone", "--quiet", "--filter=blob:none", "--sparse", url, "../partial")
    partial = Repository(committed.root.parent / "partial")
    partial.git("sparse-checkout", "set", "ops", "requests")

    code, _, said = run(partial, "compile")

    assert code == 1
    assert "the content of app/api.yaml is not in this partial clone, and infra-scale fetches nothing" in said
    command = said.rpartition("fetch it: ")[2]
    assert command == "git sparse-checkout add app\n"
    partial.paste(command)
    assert run(partial, "compile")[1].startswith(_IN_STEP)


def test_what_is_not_checked_out_is_not_made_a_second_time(committed: Repository, run: Run) -> None:
    committed.git("rm", "--quiet", "-r", "requests", "ops")
    assert run(committed, "init")[0] == 0
    committed.git("add", "--all")
    committed.git("commit", "--quiet", "--message", "init")
    (first,) = committed.git("ls-files", "requests/*.yaml").splitlines()
    _sparse(committed, "app")

    code, said, _ = run(committed, "init")
    name = first.removeprefix("requests/").removesuffix(".yaml")
    new = run(committed, "new", name, "--force", "--workload=Deployment:web:3")

    assert code == 0
    assert committed.git("status", "--porcelain") == ""
    assert "created" not in said
    assert new[0] == 1
    assert "git sparse-checkout add requests" in new[2]


def test_an_ordinary_repository_does_not_start_git_for_it(
    committed: Repository, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = Recorder(tmp_path / "recorder")
    monkeypatch.setenv("PATH", recorder.path)

    assert run(committed, "compile")[0] == 0
    assert recorder.calls() == []
