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

    assert "no requests/ folder in the current folder or above it" in done.stderr
    assert "create one with `infra-scale init`" in done.stderr
    assert with_namesake.tree() == {}


@pytest.mark.parametrize("path", [".", "requests", "../link", "../link/requests"])
def test_whatever_leads_to_all_requests_names_them_all(repository: Repository, path: str) -> None:
    (repository.root.parent / "link").symlink_to(repository.root)
    (repository.root / "requests").mkdir()
    assert (
        repository.run("compile", path)
        == "no requests below requests/ (files that end in .yaml or .yml): nothing to do\n"
    )

    repository.write("requests/web.yaml")
    assert "1 plan created" in repository.run("compile", path)


def test_that_the_folder_of_requests_is_a_link_is_said_however_it_is_named(repository: Repository) -> None:
    repository.write("elsewhere/web.yaml")
    (repository.root / "requests").symlink_to("elsewhere")

    for paths in ([], ["requests"], ["requests/web.yaml"]):
        assert "requests is a symbolic link" in repository.completed("validate", *paths, code=1).stderr


@pytest.mark.parametrize("arguments", [["compile", "--root"], ["validate"], ["compile"]])
@pytest.mark.parametrize("name", ["n" * 300, "loop", "loop/web.yaml"])
def test_a_name_that_no_file_can_have_is_a_slip_of_the_pen(
    repository: Repository, arguments: list[str], name: str
) -> None:
    repository.write("requests/web.yaml")
    (repository.root / "loop").symlink_to("loop")

    done = repository.completed(*arguments, name, code=2)

    assert f"{name} is not " in done.stderr
