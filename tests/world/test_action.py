"""What other repositories call from their workflows, run as it is written."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.actions import Runner, jobs
from support.github_server import TOKEN, GitHubServer
from support.repository import CHECKOUT, REQUEST, Repository, released

_CALLED = {
    "github.server_url": "https://github.example.com",
    "job.workflow_repository": "your-org/infra.scale",
    "inputs.policy": "false",
    "inputs.root": ".",
    "inputs.no-plans && 'yes' || ''": "yes",
}


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Our own repository as others fetch it."""
    return released(tmp_path_factory.mktemp("ours"), version="1")


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory, ours: Repository) -> Runner:
    """A machine of GitHub Actions, where git finds our repository."""
    found_at = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{ours.root}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.example.com/your-org/infra.scale",
    }
    return Runner(tmp_path_factory.mktemp("runner"), found_at)


def _step(**given: str) -> Mapping[str, Any]:
    """A job with one step that uses our action."""
    return {"steps": [{"uses": "your-org/infra.scale@0123", "with": given}]}


@pytest.mark.long
def test_check_compares_and_fails_with_annotations(git_repository: Repository, runner: Runner) -> None:
    git_repository.write("requests/web.yaml")

    said = runner.run(_step(command="check"), git_repository, code=1)

    assert "::error file=requests/web.yaml,title=PLN-003::the plan prod/web is missing" in said


@pytest.mark.long
def test_validate_expects_no_plan_and_fails_for_an_invalid_request(git_repository: Repository, runner: Runner) -> None:
    git_repository.write("requests/web.yaml")
    runner.run(_step(command="validate"), git_repository)

    git_repository.write("requests/web.yaml", REQUEST.replace("6", "six"))
    said = runner.run(_step(command="validate"), git_repository, code=1)

    assert "::error file=requests/web.yaml,title=SCH-003" in said


@pytest.mark.long
def test_setup_installs_the_command_for_the_steps_that_follow(git_repository: Repository, runner: Runner) -> None:
    job = _step(command="setup")
    job["steps"].append({"run": '"$RUNNER_TEMP/infra-scale/bin/infra-scale" --version'})

    assert runner.run(job, git_repository).startswith("infra-scale ")


@pytest.mark.long
def test_rules_of_their_own_find_their_library_where_the_action_is_told(
    git_repository: Repository, tmp_path: Path
) -> None:
    own = '{id: ACME-001, severity: error, when: "size(actions) > 99", message: Many, why: Ours, fix: Fewer}'
    git_repository.write("ops/targets/prod.yaml", f"clusters: []\npolicy: {{own: [{own}]}}\n")
    git_repository.write("requests/web.yaml")

    assert "POL-006" in Runner(tmp_path / "without").run(_step(command="validate"), git_repository, code=1)
    Runner(tmp_path / "with").run(_step(command="validate", policy="true"), git_repository)


@pytest.mark.long
def test_publish_proposes_and_takes_options(clone: Repository, server: GitHubServer, runner: Runner) -> None:
    step = _step(command="publish", arguments="--target prod --dry-run")

    said = runner.run(step, clone, variables=server.environment, expressions={"github.token": TOKEN})

    assert said == "awaiting_approval\n"


@pytest.mark.long
@pytest.mark.parametrize(("replicas", "code"), [("7", 0), ("six", 1)])
def test_a_called_workflow_without_plans_is_green_for_a_valid_request_and_red_for_another(
    clone: Repository, runner: Runner, ours: Repository, replicas: str, code: int
) -> None:
    """With infra-scale from the commit that the caller names, and nothing that any branch could move."""
    clone.write("requests/web.yaml", REQUEST.replace("6", replicas))
    called = jobs(Repository(CHECKOUT), ".github/workflows/approval.yml")["check"]
    commit = ours.git("rev-parse", "HEAD").strip()

    said = runner.run(called, clone, code=code, expressions={**_CALLED, "job.workflow_sha": commit})

    assert ("replicas: expected a whole number" in said) == bool(code)


@pytest.mark.long
def test_a_called_workflow_that_does_not_know_its_commit_stops(clone: Repository, runner: Runner) -> None:
    """An empty commit would be the newest of the default branch."""
    called = jobs(Repository(CHECKOUT), ".github/workflows/approval.yml")["check"]

    runner.run(called, clone, code=1, expressions={**_CALLED, "job.workflow_sha": ""})


@pytest.mark.long
def test_anything_else_is_refused_and_never_run_by_the_shell(git_repository: Repository, runner: Runner) -> None:
    said = runner.run(_step(command="publish; touch executed"), git_repository, code=2)
    runner.run(_step(command="doctor", arguments="$(touch executed) `touch executed`"), git_repository, code=2)

    assert "::error::command is one of comment, publish, check, validate, doctor, setup" in said
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
