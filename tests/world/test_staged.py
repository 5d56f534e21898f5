"""`compile --staged` reads the index: what the next commit holds, not what lies around."""

import os
import re
from pathlib import Path

from support.hostile_git import Recorder
from support.repository import REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


def _committed(repository: Repository) -> Repository:
    """A repository with one request and its plan, committed."""
    repository.write("requests/web.yaml")
    repository.run("compile")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "start")
    return repository


def test_the_staged_text_is_compiled_not_the_one_in_the_work_tree(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    git_repository.git("add", "requests")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "8"))

    git_repository.run("compile", "--staged", code=1)

    assert "to: 7" in git_repository.read(PLAN)


def test_it_fails_until_the_plans_are_staged_and_says_which_command_stages_them(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "requests")

    first = git_repository.completed("compile", "--staged", code=1)
    again = git_repository.completed("compile", "--staged", code=1, variables={"SOURCE_DATE_EPOCH": "1800000000"})
    command = "git add -A -- ops/plans/infra-scale/prod/web"
    assert command in first.stderr
    assert command in again.stderr

    git_repository.git(*command.split()[1:])
    git_repository.run("compile", "--staged")


def test_the_index_is_never_touched(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "requests")
    before = git_repository.git("ls-files", "--stage")

    git_repository.run("compile", "--staged", code=1)

    assert git_repository.git("ls-files", "--stage") == before


def test_an_untracked_request_is_left_alone_and_so_is_its_plan(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.write("requests/draft.yaml", REQUEST.replace("web", "draft"))
    git_repository.run("compile")
    git_repository.write("requests/api.yaml", REQUEST.replace("web", "api"))
    git_repository.git("add", "requests/api.yaml")

    said = git_repository.run("compile", "--staged", code=1)

    assert "prod/draft" not in said
    assert "ops/plans/infra-scale/prod/draft/plan.yaml" in git_repository.tree()


def test_a_staged_deletion_removes_the_plan_from_the_work_tree(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.git("rm", "--quiet", "requests/web.yaml")

    done = git_repository.completed("compile", "--staged", code=1)

    assert "deleted   prod/web" in done.stdout
    assert git_repository.tree() == {}
    git_repository.git("add", "-A", "--", "ops/plans/infra-scale/prod/web")
    git_repository.run("compile", "--staged")


def test_a_staged_rename_moves_the_plan(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.git("mv", "requests/web.yaml", "requests/site.yaml")

    git_repository.run("compile", "--staged", code=1)

    assert {path.split("/")[4] for path in git_repository.tree()} == {"site"}


def test_a_commit_that_concerns_nothing_of_ours_is_not_looked_at(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    git_repository.write("README.md", "hello")
    git_repository.git("add", "README.md")

    assert git_repository.run("compile", "--staged") == ""


def test_with_nothing_staged_everything_is_looked_at(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.write(PLAN, git_repository.read(PLAN).replace("to: 6", "to: 60"))
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "broken plan")

    git_repository.run("compile", "--staged", code=1)

    assert "to: 6\n" in git_repository.read(PLAN)


def test_a_staged_change_of_a_target_regenerates_its_plans(git_repository: Repository) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: one}]\n")
    _committed(git_repository)
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: two}]\n")
    git_repository.git("add", "ops/targets")

    git_repository.run("compile", "--staged", code=1)

    assert "kubeContext: two" in git_repository.read(PLAN)


def test_links_and_submodules_in_the_index_are_refused(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    (git_repository.root / "requests/link.yaml").symlink_to("web.yaml")
    git_repository.git("add", "requests")
    commit = "1" * 40
    git_repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},requests/module")

    said = git_repository.run("compile", "--staged", code=1)

    assert "requests/link.yaml:1:1: FIL-001 error: this is a symbolic link" in said
    assert "requests/module:1:1: FIL-001 error: this is a submodule" in said


def test_a_large_staged_file_is_refused_without_being_read(git_repository: Repository) -> None:
    git_repository.write("requests/large.yaml", "#" * 300_000)
    git_repository.git("add", "requests")

    said = git_repository.run("compile", "--staged", code=1)

    assert "requests/large.yaml:1:1: YML-001 error: the file has 300000 bytes" in said


def test_unmerged_files_are_one_clear_message(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.git("switch", "--quiet", "--create", "other")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    git_repository.git("commit", "--quiet", "--all", "--message", "seven")
    git_repository.git("switch", "--quiet", "main")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "8"))
    git_repository.git("commit", "--quiet", "--all", "--message", "eight")
    git_repository.git("merge", "other", code=1)

    done = git_repository.completed("compile", "--staged", code=1)

    assert "infra-scale: requests/web.yaml is not merged" in done.stderr


def test_odd_file_names_survive_the_way_through_git(git_repository: Repository) -> None:
    git_repository.write('requests/sp ace "quote" ü\t.yaml')
    (git_repository.root / os.fsdecode(b"requests/bytes-\xff.yaml")).write_text(REQUEST)
    git_repository.git("add", "requests")

    said = git_repository.run("compile", "--staged", code=1)

    assert 'requests/sp ace "quote" ü\ufffd.yaml:1:1: FIL-002' in said
    assert "requests/bytes-\\xff.yaml:1:1: FIL-002" in said


def test_outside_a_git_repository_it_says_so(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    done = repository.completed("compile", "--staged", code=1)

    assert "not in a git repository" in done.stderr


def test_a_root_below_the_top_of_the_repository_works(git_repository: Repository) -> None:
    git_repository.write("infra/requests/web.yaml")
    git_repository.git("add", "infra")

    said = git_repository.completed("compile", "--staged", "--root", "infra", code=1).stderr
    command = next(line.split() for line in said.splitlines() if "git add" in line)
    git_repository.git(*command[1:])

    git_repository.run("compile", "--staged", "--root", "infra")


def test_a_root_below_the_top_of_a_linked_work_tree_works_in_a_hook(git_repository: Repository) -> None:
    git_repository.write("infra/requests/web.yaml")
    git_repository.git("add", "infra")
    git_repository.git("commit", "--quiet", "--message", "start")
    git_repository.git("worktree", "add", "--quiet", "../linked")
    linked = Repository(git_repository.root.parent / "linked")
    linked.write("infra/requests/web.yaml", REQUEST.replace("6", "7"))
    linked.git("add", "infra")
    place = {"GIT_DIR": linked.git("rev-parse", "--absolute-git-dir").strip()}

    linked.run("compile", "--staged", "--root", "infra", code=1, variables=place)

    assert "to: 7" in linked.read(f"infra/{PLAN}")


def test_in_a_linked_work_tree_its_own_index_is_read(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.git("worktree", "add", "--quiet", "../linked")
    linked = Repository(git_repository.root.parent / "linked")
    linked.write("requests/web.yaml", REQUEST.replace("6", "7"))
    linked.git("add", "requests")

    linked.run("compile", "--staged", code=1)

    assert "to: 7" in linked.read(PLAN)
    assert "to: 6" in git_repository.read(PLAN)


def test_foreign_ownership_is_explained_with_gits_own_remedy(git_repository: Repository, tmp_path: Path) -> None:
    _committed(git_repository)
    foreign = {"GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}  # git's own way to test this: only root can give a folder away

    done = git_repository.completed("compile", "--staged", code=1, variables=foreign)

    (trust,) = re.findall("git config --global .*", done.stderr)
    config = {"GIT_CONFIG_GLOBAL": str(tmp_path / "config")}
    git_repository.paste(trust, variables=config)
    git_repository.completed("compile", "--staged", variables=foreign | config)


def test_an_untracked_file_where_a_plan_belongs_is_never_overwritten(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    stranger = git_repository.write("ops/plans/infra-scale/prod/web/SUMMARY.md", "# mine\n")

    said = git_repository.run("compile", "--staged", code=1)

    assert "PLN-004 error: in the way of a plan" in said
    assert stranger.read_text() == "# mine\n"


def test_plans_that_git_ignores_are_explained_with_the_line_that_ignores_them(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.write(".gitignore", "*.log\nops/plans/\n")
    git_repository.git("add", "--all")

    done = git_repository.completed("compile", "--staged", code=1)

    assert "git ignores these plans: .gitignore:2: ops/plans/" in done.stderr
    assert "git add" not in done.stderr


def test_a_file_that_is_only_intended_to_be_added_is_not_compiled_yet(git_repository: Repository) -> None:
    _committed(git_repository)
    git_repository.write("requests/later.yaml", "half written: [")
    git_repository.git("add", "--intent-to-add", "requests/later.yaml")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    git_repository.git("add", "requests/web.yaml")

    said = git_repository.run("compile", "--staged", code=1)

    assert "updated   prod/web" in said
    assert "later" not in said


def test_validate_checks_what_is_staged_and_not_what_lies_around(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "six"))
    git_repository.write("requests/untracked.yaml", "target: [")

    assert "1 request: nothing found" in git_repository.run("validate", "--staged")
    git_repository.git("add", "requests/web.yaml")
    said = git_repository.run("validate", "--staged", code=1)

    assert "requests/web.yaml:6:15: SCH-003" in said
    assert "untracked" not in said
    assert git_repository.tree() == {}


def test_git_is_started_as_often_for_many_requests_as_for_one(git_repository: Repository) -> None:
    """To start it takes longer than to ask it; a hook that asks per folder or file is felt at every commit."""
    starts = []
    for number in (1, 30):
        for index in range(number):
            git_repository.write(f"requests/r{index}.yaml", REQUEST.replace("web", f"web-{index}"))
        git_repository.run("compile")
        git_repository.git("add", "--all")
        recorder = Recorder(git_repository.root.parent / f"recorder-{number}")
        git_repository.run("compile", "--staged", variables={"PATH": recorder.path})
        starts.append(len(recorder.calls()))

    assert 0 < starts[0] == starts[1] <= 3
