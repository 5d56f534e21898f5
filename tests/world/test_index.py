"""Git's index in odd states: settings of a user, a damaged database, and a work tree that does not look like it."""

import pytest

from support.repository import REQUEST, Repository

PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


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
