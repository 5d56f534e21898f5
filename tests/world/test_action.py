"""What other repositories call from their workflows, run as it is written."""

from collections.abc import Iterator

import pytest
import yaml

from support.github_server import GitHubServer
from support.repository import CHECKOUT, Repository


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a runner on which the first step of the action has been run."""
    folder = tmp_path_factory.mktemp("runner")
    variables = {"GITHUB_ACTION_PATH": str(CHECKOUT), "RUNNER_TEMP": str(folder)}
    install, _ = _steps()
    Repository(folder).tool("bash", "-e", "-c", install["run"], variables=variables)
    return variables


def _steps() -> list[dict[str, str]]:
    steps: list[dict[str, str]] = yaml.safe_load((CHECKOUT / "action.yml").read_text())["runs"]["steps"]
    return steps


def _run(repository: Repository, runner: dict[str, str], code: int, **variables: str) -> str:
    _, step = _steps()
    given = {**runner, "ARGUMENTS": "", "GITHUB_TOKEN": "", **variables}
    return repository.tool("bash", "-e", "-o", "pipefail", "-c", step["run"], variables=given, code=code).stdout


def test_check_compares_and_fails_with_annotations(git_repository: Repository, runner: dict[str, str]) -> None:
    git_repository.write("requests/web.yaml")

    said = _run(git_repository, runner, 1, COMMAND="check")

    assert "::error file=requests/web.yaml,title=PLN-003::the plan prod/web is missing" in said


def test_publish_proposes_and_takes_options(clone: Repository, server: GitHubServer, runner: dict[str, str]) -> None:
    options = {"COMMAND": "publish", "ARGUMENTS": "--target prod --dry-run"}

    said = _run(clone, runner, 0, **server.environment, **options)

    assert said == "awaiting_approval\n"


def test_anything_else_is_refused_and_never_run_by_the_shell(
    git_repository: Repository, runner: dict[str, str]
) -> None:
    said = _run(git_repository, runner, 2, COMMAND="publish; touch executed")
    _run(git_repository, runner, 2, COMMAND="doctor", ARGUMENTS="$(touch executed) `touch executed`")

    assert "::error::command is one of comment, publish, check, doctor" in said
    assert not (git_repository.root / "executed").exists()


def test_no_expression_stands_in_a_script_of_ours() -> None:
    files = [CHECKOUT / "action.yml", *(CHECKOUT / ".github/workflows").glob("*.yml")]
    scripts = [script for file in files for script in _scripts(yaml.safe_load(file.read_text()))]

    assert len(scripts) >= 10
    assert [script for script in scripts if "${{" in script] == []


def _scripts(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("run"), str):
            yield node["run"]
        for child in node.values():
            yield from _scripts(child)
    if isinstance(node, list):
        for child in node:
            yield from _scripts(child)
