"""Git's index in odd states: settings of a user, a damaged database, and a work tree that does not look like it."""

import pytest

from support.repository import REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


def test_a_setting_of_git_does_not_hide_that_others_commit(git_repository: Repository) -> None:
    """With nothing staged everything is looked at, and then plans that are out of step stop somebody else's commit."""
    git_repository.git("config", "diff.relative", "true")
    git_repository.write("infra/requests/web.yaml")
    git_repository.git("add", "infra")
    git_repository.git("commit", "--quiet", "--message", "without its plan")
    git_repository.write("README.md", "hello")
    git_repository.git("add", "README.md")

    assert git_repository.run("compile", "--staged", "--root", "infra") == ""


@pytest.mark.parametrize("what", ["link", "folder"])
def test_what_somebody_put_where_a_plan_was_is_not_deleted_with_the_plan(git_repository: Repository, what: str) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.git("rm", "--quiet", "--cached", "requests/web.yaml")
    place = git_repository.root / PLAN
    place.unlink()
    place.symlink_to("elsewhere") if what == "link" else place.mkdir()

    said = git_repository.run("compile", "--staged", code=1)

    assert "deleted   prod/web" in said
    assert place.is_symlink() or place.is_dir()
