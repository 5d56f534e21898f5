"""`infra-scale nightly`: the original's orchestrator."""

import json

import pytest
import yaml

from support.repository import CHECKOUT, REQUEST, Repository

_NO_GITHUB = {"GH_OWNER": "", "GH_REPO": "", "GITHUB_TOKEN": "", "ENABLE_INFRA_SCALE": ""}
_ORCHESTRATOR = """\
tasks:
  - name: infra-scale
    when: {env: ENABLE_INFRA_SCALE}
    flags:
      - --apply
      - --target=prod
      - --namespace=assistant
      - --workload=Deployment:web:6
      - --hpa=min:4,max:12,cpu:65
"""


def _nightly(repository: Repository, text: str, *arguments: str, code: int = 0, **variables: str) -> str:
    repository.write("ops/nightly.yaml", text)
    (repository.root / "requests").mkdir(exist_ok=True)
    return repository.run("nightly", *arguments, code=code, variables={**_NO_GITHUB, **variables})


def test_orchestrator_integration_add_to_nightly_orchestrator(repository: Repository) -> None:
    said = _nightly(repository, _ORCHESTRATOR, ENABLE_INFRA_SCALE="1")

    assert said.startswith("== infra-scale\noutputs_uri=\nawaiting_approval\n")
    assert "infra-scale  awaiting_approval" in said


@pytest.mark.parametrize("value", ["", "0", "true"])
def test_orchestrator_integration_conditional_execution(repository: Repository, value: str) -> None:
    said = _nightly(repository, _ORCHESTRATOR, ENABLE_INFRA_SCALE=value)

    assert said.startswith("== infra-scale\nskipped\n")
    assert "runs only when ENABLE_INFRA_SCALE=1" in said


def test_a_failing_task_does_not_stop_the_others_and_fails_the_run(repository: Repository) -> None:
    repository.write("requests/a/web.yaml")
    repository.write("requests/b/bad.yaml", REQUEST.replace("6", "six").replace("web", "bad"))
    tasks = "[{name: flags, flags: [--workload=x]}, {name: bad, requests: requests/b}, {name: a, requests: requests/a}]"

    said = _nightly(repository, f"tasks: {tasks}", code=1)

    blocks = said.split("\n\n")
    assert blocks[0] == '== flags\n--workload=x: expected Kind:name:replicas, found "x"\nfailed'
    assert blocks[1] == '== bad\nrequests/b/bad.yaml:6:15: replicas: expected a whole number, found "six"\nfailed'
    plan = repository.root / "ops/plans/infra-scale/prod/a/web"
    assert blocks[2] == f"== a\nplan_yaml={plan}/plan.yaml\nsummary_md={plan}/SUMMARY.md\nsucceeded"
    assert [line.split()[:2] for line in blocks[3].splitlines()] == [
        ["task", "result"],
        ["flags", "failed"],
        ["bad", "failed"],
        ["a", "succeeded"],
    ]


def test_a_task_that_may_fail_does_not_fail_the_run(repository: Repository) -> None:
    said = _nightly(repository, "tasks: [{name: flags, flags: [--workload=x], onFailure: warn}]")

    assert "(may fail)" in said


def test_a_task_that_takes_too_long_is_ended(repository: Repository) -> None:
    program = repository.write("bin/kubectl", "#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    tasks = "tasks: [{name: slow, timeout: 1, flags: ['--workload=Deployment:web:1']}]"

    said = _nightly(repository, tasks, code=1, PATH=f"{program.parent}:/usr/bin:/bin")

    assert "== slow\nfailed\n" in said
    assert "timed out" in said


def test_a_dry_run_shows_what_would_run_and_runs_nothing(repository: Repository) -> None:
    repository.write("requests/web.yaml")

    said = _nightly(repository, _ORCHESTRATOR + "  - {name: web, requests: requests/web.yaml}\n", "--dry-run")

    flags = "--apply --target=prod --namespace=assistant --workload=Deployment:web:6 --hpa=min:4,max:12,cpu:65"
    assert said.splitlines() == [
        f"would skip infra-scale  when ENABLE_INFRA_SCALE=1: infra-scale plan {flags}",
        "would run  web          infra-scale compile --format json requests/web.yaml",
    ]
    assert repository.tree() == {}


def test_json_has_a_result_for_each_task(repository: Repository) -> None:
    said = json.loads(_nightly(repository, "tasks: [{name: flags, flags: [--x]}]", "--format", "json", code=1))

    assert said["tasks"][0].pop("seconds") >= 0
    assert said == {
        "version": 1,
        "command": "nightly",
        "status": "failed",
        "tasks": [{"name": "flags", "result": "failed", "lines": ["unrecognized arguments: --x", "failed"]}],
    }


def test_a_python_file_of_the_repository_is_not_run(repository: Repository) -> None:
    repository.write("requests/__init__.py", "raise SystemExit('a file of the repository was executed')\n")
    repository.write("argparse.py", "raise SystemExit('a file of the repository was executed')\n")

    said = _nightly(repository, "tasks: [{name: web, flags: ['--workload=Deployment:web:1']}]")

    assert "succeeded" in said


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tasks: []", "ops/nightly.yaml:1:8: SCH-007"),
        ("tasks: [{name: a}]", "this requests nothing"),
        (
            "tasks: [{name: a, requests: requests, flags: [x]}]",
            "SCH-008 error: expected one of requests, flags, publish, found",
        ),
        ("tasks: [{name: a}]", "SCH-008 error: this requests nothing"),
        ("tasks: [{name: a, requests: ../etc}]", "SCH-005"),
        ("tasks: [{name: a, requests: requests}, {name: a, flags: [x]}]", "ops/nightly.yaml:1:47: NGT-001"),
        ("tasks: [{name: a, requests: requests, timeout: 0}]", "SCH-006"),
        ("task: [", "YML-004"),
    ],
)
def test_what_is_wrong_with_the_file_is_said_with_its_place(repository: Repository, text: str, message: str) -> None:
    repository.write("ops/nightly.yaml", text)
    (repository.root / "requests").mkdir()

    done = repository.completed("nightly", code=1)

    assert message in done.stderr
    assert done.stdout == ""


def test_without_a_file_it_says_how_to_get_one(repository: Repository) -> None:
    (repository.root / "requests").mkdir()

    assert "there is no ops/nightly.yaml" in repository.completed("nightly", code=2).stderr


@pytest.mark.long
def test_the_sample_runs_in_this_repository(repository: Repository) -> None:
    for folder in ("requests", "ops", "examples"):
        for file in (CHECKOUT / folder).rglob("*.yaml"):
            repository.write(file.relative_to(CHECKOUT).as_posix(), file.read_bytes())
    names = [task["name"] for task in yaml.safe_load(repository.read("ops/nightly.yaml"))["tasks"]]

    said = repository.run("nightly", variables={**_NO_GITHUB, "ENABLE_INFRA_SCALE": "1"})

    assert [line[3:] for line in said.splitlines() if line.startswith("== ")] == names


def test_a_file_name_that_is_too_long_names_no_file(repository: Repository) -> None:
    (repository.root / "requests").mkdir()

    assert "there is no nnn" in repository.completed("nightly", "--file", "n" * 300, code=2).stderr
