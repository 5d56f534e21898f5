"""Which folder is the root, for every command and from wherever it is called."""

import pytest

from support.repository import Repository


@pytest.fixture
def with_namesake(git_repository: Repository) -> Repository:
    """A git repository with one request, and a folder of tests that is named requests too."""
    git_repository.write("requests/web.yaml")
    git_repository.write("tests/requests/cassette.txt", "POST /login")
    return git_repository


def test_a_new_request_goes_where_compile_looks_for_it(with_namesake: Repository) -> None:
    with_namesake.run("new", "api", "--workload=Deployment:api:2", cwd="tests")

    assert (with_namesake.root / "requests/api.yaml").is_file()
    assert "2 requests" in with_namesake.run("validate", cwd="tests")


def test_a_plan_from_flags_goes_to_the_same_root(with_namesake: Repository) -> None:
    said = with_namesake.run("plan", "--workload=Deployment:api:2", cwd="tests")

    assert f"artifacts_dir={with_namesake.root}/.artifacts/" in said


def test_from_inside_a_git_repository_nothing_above_it_is_looked_at(with_namesake: Repository) -> None:
    with_namesake.write("vendor/other/README.md", "")
    with_namesake.git("init", "--quiet", "vendor/other")

    done = with_namesake.completed("compile", cwd="vendor/other", code=2)

    assert "there is no requests/ folder here or above" in done.stderr
    assert with_namesake.tree() == {}
