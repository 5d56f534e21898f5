"""What happens to the files: only what must, whole or not at all."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.amounts import HANGS
from support.repository import COMMAND, MOMENT, REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"
SUMMARY = "ops/plans/infra-scale/prod/web/SUMMARY.md"
GENERATED = ("plan.yaml", "SUMMARY.md")


def test_replay_files_are_not_rewritten(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    before = {path: (repository.root / path).stat() for path in (PLAN, SUMMARY)}

    repository.run("compile", variables={"SOURCE_DATE_EPOCH": "1800000000"})

    after = {path: (repository.root / path).stat() for path in (PLAN, SUMMARY)}
    assert {path: (stat.st_mtime_ns, stat.st_ino) for path, stat in before.items()} == {
        path: (stat.st_mtime_ns, stat.st_ino) for path, stat in after.items()
    }


def test_the_time_of_a_run_is_in_no_plan(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    written = repository.tree("ops")

    for file in ("plan.yaml", "SUMMARY.md"):
        (repository.root / PLAN).with_name(file).unlink()
    repository.run("compile", variables={"SOURCE_DATE_EPOCH": "1800000000", "TZ": "Asia/Tokyo"})

    assert repository.tree("ops") == written


def test_a_plan_repeats_when_its_request_was_written(repository: Repository) -> None:
    repository.write("requests/web.yaml", f'createdAt: "2025-12-24T08:00:00.000Z"\n{REQUEST}')

    repository.run("compile")

    assert 'createdAt: "2025-12-24T08:00:00.000Z"' in repository.read(PLAN)


def test_a_time_that_is_added_to_a_plan_by_hand_is_not_believed(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    written = repository.read(PLAN)
    repository.write(PLAN, written.replace("  target:", '  createdAt: "2025-12-24T08:00:00.000Z"\n  target:'))

    assert "1 plan stale" in repository.run("compile", "--check", code=1)
    repository.run("compile")

    assert repository.read(PLAN) == written


def test_removing_a_request_removes_its_plan_and_the_empty_folders(repository: Repository) -> None:
    repository.write("requests/a/b/web.yaml")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    repository.run("compile")

    (repository.root / "requests/a/b/web.yaml").unlink()
    said = repository.run("compile")

    assert "deleted   prod/a/b/web" in said
    assert set(repository.tree()) == {f"ops/plans/infra-scale/prod/api/{name}" for name in ("plan.yaml", "SUMMARY.md")}
    assert not (repository.root / "ops/plans/infra-scale/prod/a").exists()


def test_renaming_a_request_moves_its_plan(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")

    (repository.root / "requests/web.yaml").rename(repository.root / "requests/site.yaml")
    repository.run("compile")

    assert set(repository.tree()) == {f"ops/plans/infra-scale/prod/site/{name}" for name in ("plan.yaml", "SUMMARY.md")}


def test_another_target_moves_the_plan(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")

    repository.write("requests/web.yaml", REQUEST.replace("prod", "staging"))
    repository.run("compile")

    assert set(repository.tree()) == {
        f"ops/plans/infra-scale/staging/web/{name}" for name in ("plan.yaml", "SUMMARY.md")
    }


def test_the_last_request_may_go_with_its_folder(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")

    (repository.root / "requests/web.yaml").unlink()
    (repository.root / "requests").rmdir()
    repository.run("compile")

    assert repository.tree() == {}


def test_a_strangers_file_stays_and_is_reported(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    stranger = repository.write("ops/plans/infra-scale/prod/web/notes.txt", "mine")
    other = repository.write("ops/plans/infra-scale/prod/SUMMARY.md", "# written by hand\n")

    (repository.root / "requests/web.yaml").unlink()
    said = repository.run("compile")

    assert stranger.read_text() == "mine"
    assert other.read_text() == "# written by hand\n"
    assert not (repository.root / PLAN).exists()
    assert "ops/plans/infra-scale/prod/web/notes.txt:1:1: PLN-002 warning: unexpected" in said
    assert "ops/plans/infra-scale/prod/SUMMARY.md:1:1: PLN-002 warning: unexpected" in said


@pytest.mark.parametrize(
    "path",
    [
        "ops/plans/infra-scale/prod/web/SUMMARY.md",
        "ops/plans/infra-scale/prod/web/plan.yaml",
        "ops/plans/infra-scale/prod/web",
        "ops/plans/infra-scale/prod/web/plan.yaml/notes.txt",
    ],
)
def test_a_strangers_file_where_a_plan_belongs_is_never_overwritten(repository: Repository, path: str) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    stranger = repository.write(path, "# mine\n")

    said = repository.run("compile", code=1)
    repository.run("compile", "--keep-going", code=1)

    assert f"{path}:1:1: PLN-004 error: in the way of a plan: a file that infra-scale did not generate" in said
    assert stranger.read_text() == "# mine\n"
    assert set(repository.tree()) == {path, *(f"ops/plans/infra-scale/prod/api/{name}" for name in GENERATED)}


def test_a_link_where_a_plan_belongs_is_left_as_it_is(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    target = repository.write("elsewhere.yaml", "mine\n")
    link = repository.root / PLAN
    link.parent.mkdir(parents=True)
    link.symlink_to(target)

    said = repository.run("compile", code=1)

    assert f"{PLAN}:1:1: PLN-004 error: in the way of a plan: a symbolic link" in said
    assert link.is_symlink()
    assert target.read_text() == "mine\n"


def test_plans_that_git_checked_out_with_other_line_ends_are_in_step_and_keep_their_moment(
    repository: Repository,
) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    checked_out = {path: content.replace(b"\n", b"\r\n") for path, content in repository.tree().items()}
    for path, content in checked_out.items():
        repository.write(path, content)

    repository.run("compile", "--check")
    repository.run("compile", variables={"SOURCE_DATE_EPOCH": "1800000000"})
    assert repository.tree() == checked_out

    repository.write("requests/web.yaml", REQUEST + "reason: launch\n")
    repository.run("compile", variables={"SOURCE_DATE_EPOCH": "1800000000"})
    assert b"\r" not in repository.tree()[PLAN]


def test_a_plan_below_a_folder_that_we_never_wrote_is_a_strangers(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    odd = repository.root / os.fsdecode(b"ops/plans/infra-scale/prod/caf\xe9")
    odd.mkdir()
    (odd / "plan.yaml").write_bytes((repository.root / PLAN).read_bytes().replace(b"requests/web", b"requests/gone"))

    said = repository.run("compile")

    assert "PLN-002 warning: unexpected" in said
    assert (odd / "plan.yaml").exists()
    assert "PLN-002 error: unexpected" in repository.run("compile", "--check", code=1)


def test_a_folder_of_targets_that_holds_nothing_names_no_targets(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.write("ops/targets/.gitkeep", "")

    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.run("compile", "--staged")


def test_a_plan_edited_by_hand_is_generated_again(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    before = repository.tree()

    repository.write(PLAN, repository.read(PLAN).replace("to: 6", "to: 60"))
    repository.run("compile")

    assert repository.tree() == before


def test_a_plan_without_its_first_line_is_still_known_by_its_metadata(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    repository.write(PLAN, repository.read(PLAN).split("\n", 1)[1])

    (repository.root / "requests/web.yaml").unlink()
    repository.run("compile")

    assert repository.tree() == {}


def test_a_plan_of_a_newer_format_is_neither_rewritten_nor_deleted(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    newer = repository.read(PLAN).replace("generator: infra-scale/2", "generator: infra-scale/3")
    repository.write(PLAN, newer)

    repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    said = repository.run("compile", "--keep-going", code=1)
    (repository.root / "requests/web.yaml").unlink()
    repository.run("compile", "--keep-going", code=1)

    assert repository.read(PLAN) == newer
    assert f"{PLAN}:1:1: PLN-001 error: this plan has format 3; this infra-scale writes format 2" in said


def test_an_invalid_request_keeps_everything_from_being_written(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/bad.yaml", "target: [\n")

    repository.run("compile", code=1)

    assert repository.tree() == {}


def test_keep_going_writes_the_valid_ones_and_keeps_the_plan_of_the_invalid_one(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.run("compile")
    repository.write("requests/web.yaml", REQUEST.replace("6", "six"))
    repository.write("requests/api.yaml", REQUEST.replace("web", "api"))

    repository.run("compile", "--keep-going", code=1)

    assert "to: 6" in repository.read(PLAN)
    assert "name: api" in repository.read("ops/plans/infra-scale/prod/api/plan.yaml")


@pytest.mark.parametrize("link", ["ops", "ops/plans", "ops/plans/infra-scale", "ops/plans/infra-scale/prod"])
def test_nothing_is_written_through_a_symbolic_link(repository: Repository, tmp_path: Path, link: str) -> None:
    repository.write("requests/web.yaml")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (repository.root / link).parent.mkdir(parents=True, exist_ok=True)
    (repository.root / link).symlink_to(elsewhere)

    done = repository.completed("compile", code=1)

    assert list(elsewhere.iterdir()) == []
    assert f"{link} is a symbolic link" in done.stderr or f"{link}:1:1: PLN-004" in done.stdout


def test_a_request_that_is_a_link_is_refused(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(REQUEST)
    repository.write("requests/web.yaml")
    (repository.root / "requests/link.yaml").symlink_to(tmp_path / "secret.yaml")
    (repository.root / "requests/folder").symlink_to(tmp_path)
    os.mkfifo(repository.root / "requests/pipe.yaml")

    said = repository.run("compile", code=1)

    assert "requests/link.yaml:1:1: FIL-001 error: this is a symbolic link" in said
    assert "requests/folder:1:1: FIL-001 error: this is a symbolic link" in said
    assert "requests/pipe.yaml:1:1: FIL-001 error: this is a device, pipe or socket" in said


def test_a_file_of_more_than_256_kib_is_refused_without_being_parsed(repository: Repository) -> None:
    limit = 256 * 1024
    padding = "#" * (limit - len(REQUEST.encode()) - 1) + "\n"
    repository.write("requests/fits.yaml", REQUEST + padding)
    repository.write("requests/large.yaml", REQUEST + padding + "#")

    said = repository.run("compile", code=1)

    assert f"requests/large.yaml:1:1: YML-001 error: the file has {limit + 1} bytes; at most {limit} are read" in said
    assert "requests/fits.yaml" not in said


def test_two_runs_at_once_end_in_the_right_tree(repository: Repository) -> None:
    for number in range(30):
        repository.write(f"requests/r{number}.yaml", REQUEST.replace("web", f"web{number}"))
    command = [str(COMMAND), "compile"]
    runs = [
        subprocess.Popen(command, cwd=repository.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        for _ in range(4)
    ]

    said = [run.communicate(timeout=HANGS)[0] for run in runs]

    assert [run.returncode for run in runs] == [0] * 4, said
    repository.run("compile", "--check")
    assert len(repository.tree()) == 60


# Leaves a mark when it is about to ask for the lock.
_ASKING = """
import sys
from infra_scale.cli.main import main
sys.addaudithook(lambda event, _: event == "fcntl.flock" and open(sys.argv[1], "w").close())
sys.exit(main(["compile"]))
"""


def test_a_run_writes_nothing_while_another_one_holds_the_plans(repository: Repository, tmp_path: Path) -> None:
    repository.write("requests/web.yaml")
    plans = repository.root / "ops/plans/infra-scale"
    plans.mkdir(parents=True)
    asking = tmp_path / "asking"
    with _closing(os.open(plans, os.O_RDONLY)) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        run = subprocess.Popen([sys.executable, "-c", _ASKING, asking], cwd=repository.root)
        while not asking.exists():
            assert run.poll() is None, "it has not asked for the lock"
            time.sleep(0.01)
        assert repository.tree() == {}
        assert run.poll() is None

    assert run.wait(timeout=HANGS) == 0
    assert len(repository.tree()) == 2


@contextmanager
def _closing(descriptor: int) -> Iterator[int]:
    """Closing it gives up its locks."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


# Kills the process right before its n-th change to, or opening of, something below ops/.
_KILLED_AT = """
import os, signal, sys
from infra_scale.cli.main import main
left = int(sys.argv[1])
def hook(event, arguments):
    global left
    if event in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir") and "/ops/" in str(arguments[0]):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
sys.exit(main(["compile"]))
"""


def _changed_repository(root: Path) -> tuple[Repository, dict[str, bytes]]:
    """A compiled repository in which then one request was changed, one removed and one added."""
    repository = Repository(root)
    repository.write("requests/changed.yaml")
    repository.write("requests/gone/away.yaml", REQUEST.replace("web", "api"))
    repository.run("compile")
    committed = repository.tree()
    repository.write("requests/changed.yaml", REQUEST.replace("6", "60"))
    (repository.root / "requests/gone/away.yaml").unlink()
    repository.write("requests/new/comer.yaml", REQUEST.replace("web", "new"))
    return repository, committed


@pytest.mark.long
def test_a_run_killed_at_any_moment_leaves_whole_files_and_the_next_run_ends_right(tmp_path: Path) -> None:
    repository, _ = _changed_repository(tmp_path / "expected")
    repository.run("compile")
    expected = repository.tree()

    killed = 0
    for moment in range(1, 1000):
        repository, committed = _changed_repository(tmp_path / str(moment))
        run = subprocess.run(
            [sys.executable, "-c", _KILLED_AT, str(moment)],
            cwd=repository.root,
            env={**os.environ, "SOURCE_DATE_EPOCH": MOMENT},
            capture_output=True,
            check=False,
        )
        seen = {path: content for path, content in repository.tree().items() if "/." not in path}
        assert all(content in (committed.get(path), expected.get(path)) for path, content in seen.items())
        repository.run("compile")
        assert repository.tree() == expected
        if run.returncode == 0:
            break
        assert run.returncode == -signal.SIGKILL, run.stderr
        killed += 1

    assert killed > 10
