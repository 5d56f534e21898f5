"""The original's command line, section by section: its examples, its outputs, its errors.

`make golden` writes the expected plans and summaries anew.
"""

import os
import re
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from infra_scale.adapters.kubernetes import kubectl
from support.repository import Repository

_GOLDEN = Path(__file__).parent / "original"
_NO_GITHUB = {"GH_OWNER": "", "GH_REPO": "", "GITHUB_TOKEN": ""}
_STAMP = r"\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d-\d{3}Z"

_CLI_USAGE_2 = [
    "--target=prod",
    "--namespace=assistant",
    "--workload=Deployment:web:6",
    "--req=web:cpu=500m,mem=1Gi",
    "--lim=web:cpu=1,mem=2Gi",
    "--hpa=min:4,max:12,cpu:65",
]
_CLI_USAGE_3 = [
    "--target=staging",
    "--namespace=app",
    "--workload=Deployment:api:4",
    "--workload=Deployment:worker:2",
    "--req=api:cpu=300m,mem=512Mi",
    "--req=worker:cpu=200m,mem=256Mi",
]
_EXAMPLES = {
    "cli usage 1: simple replica scaling": ["--target=prod", "--namespace=assistant", "--workload=Deployment:web:8"],
    "cli usage 2: full configuration with hpa": _CLI_USAGE_2,
    "cli usage 3: multiple workloads": _CLI_USAGE_3,
    "cli usage 4: the plan of apply mode": [
        "--target=prod",
        "--namespace=assistant",
        "--workload=Deployment:web:10",
        "--hpa=min:6,max:15,cpu:70",
    ],
    "action types 1: scale_workload": ["--namespace=assistant", "--workload=Deployment:web:6"],
    "action types 2: update_resources": [
        "--namespace=assistant",
        "--workload=Deployment:web",
        "--req=web:cpu=500m,mem=1Gi",
        "--lim=web:cpu=1,mem=2Gi",
    ],
    "action types 3: apply_hpa": ["--namespace=assistant", "--workload=Deployment:web:6", "--hpa=min:4,max:12,cpu:65"],
    "risk detection: high replica count": ["--target=ci", "--namespace=test", "--workload=Deployment:api:15"],
    "risk detection: hpa max mismatch": [
        "--namespace=assistant",
        "--workload=Deployment:web:6",
        "--hpa=min:1,max:4,cpu:65",
    ],
    "key test cases: artifacts": ["--dry-run", "--target=ci", "--namespace=test", "--workload=Deployment:api:3"],
    "troubleshooting: no workloads specified, solved": [
        "--target=prod",
        "--namespace=app",
        "--workload=Deployment:web:5",
    ],
    "troubleshooting: plan shows wrong target, solved": ["--target=staging", "--workload=Deployment:web:3"],
}


@pytest.fixture
def minikube(repository: Repository) -> dict[str, str]:
    """The environment of the original's examples: a kubectl whose current context is minikube, and no GitHub."""
    folder = _kubectl(repository, "echo minikube")
    return {**_NO_GITHUB, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def _kubectl(repository: Repository, script: str) -> Path:
    """A folder with a program named kubectl."""
    program = repository.write("bin/kubectl", f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return program.parent


def _paths(output: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in output.splitlines() if "=" in line)


def _failure(repository: Repository, *arguments: str) -> list[str]:
    """The lines of standard output of a run that fails."""
    done = repository.completed("plan", *arguments, code=1, variables=_NO_GITHUB)
    lines = done.stdout.splitlines()
    assert lines[-1] == "failed"
    return lines[:-1]


@pytest.mark.parametrize("name", _EXAMPLES)
def test_an_example_of_the_original_gives_the_expected_plan_and_summary(
    repository: Repository, minikube: dict[str, str], name: str, refresh: bool
) -> None:
    output = repository.run("plan", *_EXAMPLES[name], variables=minikube)

    paths = _paths(output)
    golden = _GOLDEN / re.sub(r"[^a-z0-9_]+", "-", name)
    for key, file in (("plan_yaml", "plan.yaml"), ("summary_md", "SUMMARY.md")):
        made = Path(paths[key]).read_text(encoding="utf-8")
        if refresh:
            golden.mkdir(parents=True, exist_ok=True)
            (golden / file).write_text(made, encoding="utf-8")
        assert (golden / file).read_text(encoding="utf-8") == made


def test_contract_output_of_a_dry_run_is_three_absolute_paths_and_succeeded(
    repository: Repository, minikube: dict[str, str]
) -> None:
    output = repository.run("plan", "--workload=Deployment:web:8", variables=minikube)

    folder = rf"{re.escape(str(repository.root))}/\.artifacts/infra-scale/{_STAMP}"
    assert re.fullmatch(
        rf"artifacts_dir={folder}\nplan_yaml={folder}/plan\.yaml\nsummary_md={folder}/SUMMARY\.md\nsucceeded\n", output
    )
    assert {file.name for file in Path(_paths(output)["artifacts_dir"]).iterdir()} == {"plan.yaml", "SUMMARY.md"}


def test_contract_output_without_github_credentials_is_an_empty_uri(repository: Repository) -> None:
    done = repository.completed("plan", "--apply", "--workload=Deployment:web:5", variables=_NO_GITHUB)

    assert done.stdout == "outputs_uri=\nawaiting_approval\n"
    assert "set GH_OWNER, GH_REPO and GITHUB_TOKEN" in done.stderr
    assert not (repository.root / ".artifacts").exists()


def test_contract_output_of_an_error_is_the_message_and_failed(repository: Repository) -> None:
    done = repository.completed("plan", code=1, variables=_NO_GITHUB)

    assert done.stdout == "No workloads specified\nfailed\n"


def test_key_test_cases_detects_high_replica_count_risk(repository: Repository) -> None:
    output = repository.run("plan", "--dry-run", "--target=ci", "--namespace=test", "--workload=Deployment:api:15")

    assert re.search("High replica count", Path(_paths(output)["plan_yaml"]).read_text(encoding="utf-8"))


def test_the_alias_is_installed_and_does_the_same(repository: Repository) -> None:
    done = repository.tool("infra.scale", "--workload=Deployment:web:1", variables=_NO_GITHUB)

    assert done.stdout.endswith("\nsucceeded\n")


def test_values_may_be_given_as_separate_arguments(repository: Repository) -> None:
    assert repository.run("plan", "--workload", "Deployment:web:1", "--target", "ci").endswith("succeeded\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--req=web:cpu=500x"], '--req=web:cpu=500x: "500x" is not a Kubernetes quantity'),
        (["--req=web:cpu"], '--req=web:cpu: expected key=value, found "cpu"'),
        (["--req=web"], '--req=web: expected name:cpu=…,mem=…, found "web"'),
        (["--req=web:gpu=1"], '--req=web:gpu=1: unknown key "gpu"'),
        (["--req=web:cpu=1", "--req=web:cpu=1"], "--req=web:cpu=1: cpu is given twice"),
        (
            ["--lim=web:mem=1Gi,memory=1Gi"],
            "--lim=web:mem=1Gi,memory=1Gi: expected `mem` or `memory`, found both",
        ),
        (["--req=wbe:cpu=1"], '--req=wbe:cpu=1: no --workload is named "wbe"'),
        (
            ["--workload=StatefulSet:web:1", "--req=web:cpu=1"],
            '--req=web:cpu=1: "web" can be Deployment/web, StatefulSet/web',
        ),
        (["--req=web:cpu=2", "--lim=web:cpu=1"], "--req=web:cpu=2: cpu request 2 exceeds limit 1 for Deployment/web"),
        (["--workload=Deployment:web:7"], "--workload=Deployment:web:7: Deployment/web is given twice"),
        (["--workload=Deployment"], '--workload=Deployment: expected Kind:name:replicas, found "Deployment"'),
        (
            ["--workload=Deployment:a:1:2"],
            '--workload=Deployment:a:1:2: expected Kind:name:replicas, found "Deployment:a:1:2"',
        ),
        (
            ["--workload=Deployment:a:many"],
            '--workload=Deployment:a:many: replicas: expected a whole number, found "many"',
        ),
        (
            ["--workload=Deployment:a:-1"],
            "--workload=Deployment:a:-1: replicas: expected at least 0, found the number -1",
        ),
        (["--workload=Deploymnt:a:1"], "--workload=Deploymnt:a:1: kind: expected one of "),
        (["--workload=DaemonSet:a:1"], "--workload=DaemonSet:a:1: DaemonSet/a has no replica count"),
        (
            ["--workload=Deployment:../../etc:1"],
            '--workload=Deployment:../../etc:1: name: "../../etc" is not a valid name',
        ),
        (["--workload=Deployment:a b:1"], '--workload=Deployment:a b:1: name: "a b" is not a valid name'),
        (["--namespace=@team"], '--namespace=@team: namespace: "@team" is not a valid name'),
        (["--target=a/b"], '--target=a/b: target: "a/b" is not a valid name'),
        (["--autoscaling=keda"], '--autoscaling=keda: autoscaling: expected one of hpa, none, found "keda"'),
        (
            ["--hpa=min:5,max:4"],
            "--hpa=min:5,max:4: hpa.max (4) must be greater than or equal to hpa.min (5) for Deployment/web",
        ),
        (["--hpa=min:5"], "--hpa=min:5: key `max` is missing"),
        (["--hpa=max:5,mem:1"], '--hpa=max:5,mem:1: unknown key "mem"'),
        (["--hpa=max"], '--hpa=max: expected min:…,max:…,cpu:…, found "max"'),
        (["--hpa=max:5", "--hpa=max:6"], "--hpa=max:6: max is given twice"),
        (["--branch=a..b"], "--branch=a..b: git does not accept this name"),
        (["--branch=-x"], "--branch=-x: git does not accept this name"),
        (["--branch=a b"], "--branch=a b: git does not accept this name"),
        (["--dry-run", "--apply"], "argument --apply: not allowed with argument --dry-run"),
        (["--aply"], "unrecognized arguments: --aply"),
        (["surplus"], "unrecognized arguments: surplus"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_faulty_flag_is_named_with_what_is_wrong(repository: Repository, arguments: list[str], message: str) -> None:
    lines = _failure(repository, "--workload=Deployment:web:6", *arguments)

    assert any(line.startswith(message) for line in lines), lines
    assert not (repository.root / ".artifacts").exists()


def test_a_caret_shows_the_faulty_part_of_a_flag(repository: Repository) -> None:
    done = repository.completed("plan", "--workload=Deployment:web:6", "--req=web:mem=1Gi,cpu=500x", code=1)

    lines = done.stderr.splitlines()
    shown = next(line for line in lines if "--req=" in line)
    caret = lines[lines.index(shown) + 1]
    assert shown[caret.index("^") : caret.rindex("^") + 1] == "500x"


def test_equal_flags_for_one_workload_merge(repository: Repository) -> None:
    output = repository.run(
        "plan", "--workload=Deployment:web:6", "--req=web:cpu=1", "--req=web:mem=1Gi", "--hpa=max:9", "--hpa=cpu:50"
    )

    plan = yaml.safe_load(Path(_paths(output)["plan_yaml"]).read_text(encoding="utf-8"))
    assert plan["actions"][1]["requests"] == {"cpu": "1", "mem": "1Gi"}
    assert plan["actions"][2]["hpa"] == {"min": 1, "max": 9, "targetCPU": 50}


def test_hpa_is_for_every_workload_with_replicas_and_no_other(repository: Repository) -> None:
    output = repository.run(
        "plan",
        "--workload=Deployment:a:2",
        "--workload=Deployment:b",
        "--req=b:cpu=1",
        "--workload=StatefulSet:c:3",
        "--hpa=max:9",
    )

    plan = yaml.safe_load(Path(_paths(output)["plan_yaml"]).read_text(encoding="utf-8"))
    assert [action["name"] for action in plan["actions"] if action["action"] == "apply_hpa"] == ["a", "c"]


def test_the_rules_of_targets_hold_where_there_are_targets(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("ops/targets/prod.yaml", "description: Production\n")

    (message,) = _failure(repository, "--workload=Deployment:web:1", "--target=prdo")

    assert message == "--target=prdo: unknown target `prdo`: ops/targets/prdo.yaml does not exist"


_BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 6, template: {spec: {containers: [{name: app, resources: {requests: {cpu: 1}}}]}}}
"""


def _with_manifests(repository: Repository, base: str = _BASE) -> None:
    repository.write("requests/other.yaml")
    repository.write("ops/targets/prod.yaml", "manifests: [apps]\n")
    repository.write("apps/web.yaml", base)


def test_a_misspelt_workload_is_an_error_where_the_manifests_are_complete(repository: Repository) -> None:
    _with_manifests(repository)

    done = repository.completed("plan", "--workload=Deployment:wbe:9", code=1)

    assert "the manifests of target prod do not have Deployment/wbe" in done.stdout
    assert "help: did you mean Deployment/web?" in done.stderr


def test_the_manifests_that_the_target_names_are_looked_at_as_for_a_request(repository: Repository) -> None:
    _with_manifests(repository)

    output = repository.run("plan", "--workload=Deployment:web:9", "--req=web:cpu=2")

    plan = yaml.safe_load(Path(_paths(output)["plan_yaml"]).read_text(encoding="utf-8"))
    assert plan["actions"][1]["container"] == "app"
    assert plan["ownership"][0]["before"] == "replicas"
    assert "rolling restart of 9 pods, surge 25 % (3 more)" in plan["consequences"][1]


@pytest.mark.parametrize(
    ("base", "arguments", "message", "help"),
    [
        (
            _BASE,
            ["--workload=Deployment:web:6", "--hpa=min:4,max:12"],
            "--hpa=min:4,max:12: `apps/web.yaml` sets 6 replicas for Deployment/web",
            "add `handover: {from: replicas}`",
        ),
        (
            _BASE.replace("containers: [", "containers: [{name: log}, "),
            ["--workload=Deployment:web", "--req=web:cpu=1"],
            "--req=web:cpu=1: Deployment/web has 2 containers (log, app): set container",
            "name it: `container: …`",
        ),
    ],
    ids=["a hand-over", "a container"],
)
def test_what_only_a_request_file_can_say_is_refused_with_the_way_to_one(
    repository: Repository, base: str, arguments: list[str], message: str, help: str
) -> None:
    _with_manifests(repository, base)

    done = repository.completed("plan", *arguments, code=1)

    assert done.stdout.startswith(message)
    assert f"help: no flag sets it; `infra-scale new` with the same flags writes a request: {help}" in done.stderr
    repository.run("new", "web", *arguments)
    assert repository.read("requests/web.yaml")


def test_a_folder_of_manifests_that_does_not_exist_refuses_flags_too(repository: Repository) -> None:
    _with_manifests(repository)
    repository.write("ops/targets/prod.yaml", "manifests: [apps, elsewhere]\n")

    (message,) = _failure(repository, "--workload=Deployment:web:6")

    assert "there is no manifest below elsewhere/" in message


def test_parallel_runs_get_folders_of_their_own(repository: Repository) -> None:
    command = ("plan", "--workload=Deployment:web:1")
    with ThreadPoolExecutor(8) as pool:
        outputs = [done.stdout for done in pool.map(lambda _: repository.process(*command), range(8))]

    folders = {_paths(output)["artifacts_dir"] for output in outputs}
    assert len(folders) == 8
    assert all(len(list(Path(folder).iterdir())) == 2 for folder in folders)


def test_artifacts_are_never_seen_by_git(git_repository: Repository) -> None:
    git_repository.run("plan", "--workload=Deployment:web:1", cwd=".")

    assert git_repository.git("status", "--porcelain", "--untracked-files=all") == ""


def test_artifacts_lie_at_the_root_of_the_repository(git_repository: Repository) -> None:
    git_repository.write("deep/down/file")

    output = git_repository.run("plan", "--workload=Deployment:web:1", cwd="deep/down")

    assert _paths(output)["artifacts_dir"].startswith(f"{git_repository.root}/.artifacts/")


def test_a_plan_made_from_flags_lies_among_the_plans_undisturbed(repository: Repository) -> None:
    output = repository.run("plan", "--workload=Deployment:web:1")
    repository.write("requests/api.yaml")
    shutil.copytree(_paths(output)["artifacts_dir"], repository.root / "ops/plans/infra-scale/prod")

    said = repository.run("compile")

    assert "PLN-002" not in said
    assert "ops/plans/infra-scale/prod/plan.yaml" in repository.tree()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 1", "no current context"),
        ("echo oops >&2; exit 1", "oops"),
        ("exec sleep 600", "did not answer within 2 seconds"),
    ],
)
def test_without_a_context_the_plan_has_none_and_a_hint_is_given(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    if "sleep" in script:
        monkeypatch.setattr(kubectl, "_CONTEXT_SECONDS", 2.0)
    path = f"{_kubectl(repository, script)}{os.pathsep}{os.environ['PATH']}"

    done = repository.completed("plan", "--workload=Deployment:web:1", variables={"PATH": path})

    assert "kubeContext: null" in Path(_paths(done.stdout)["plan_yaml"]).read_text(encoding="utf-8")
    assert reason in done.stderr
    assert "kubectl config use-context" in done.stderr


def test_troubleshooting_kubectl_command_not_found(repository: Repository, tmp_path: Path) -> None:
    for program in ("git", "sh"):
        (tmp_path / "path").mkdir(exist_ok=True)
        (tmp_path / "path" / program).symlink_to(str(shutil.which(program)))

    done = repository.completed("plan", "--workload=Deployment:web:1", variables={"PATH": str(tmp_path / "path")})

    assert "kubeContext: null" in Path(_paths(done.stdout)["plan_yaml"]).read_text(encoding="utf-8")
    assert "kubectl is not installed" in done.stderr


def test_a_context_that_could_not_stand_in_a_command_is_not_used(repository: Repository) -> None:
    folder = _kubectl(repository, 'echo "a; rm -rf /"')
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"

    done = repository.completed("plan", "--workload=Deployment:web:1", variables={"PATH": path})

    assert "kubeContext: null" in Path(_paths(done.stdout)["plan_yaml"]).read_text(encoding="utf-8")
    assert "cannot be used in a command" in done.stderr


def test_the_real_kubectl_is_asked_and_kubeconfig_is_respected(repository: Repository) -> None:
    config = {"apiVersion": "v1", "kind": "Config", "current-context": "admin@prod-eu-1", "contexts": []}
    file = repository.write("kubeconfig", yaml.safe_dump(config))

    output = repository.run("plan", "--workload=Deployment:web:1", variables={"KUBECONFIG": str(file)})

    plan = Path(_paths(output)["plan_yaml"]).read_text(encoding="utf-8")
    assert "kubeContext: admin@prod-eu-1" in plan
    assert "kubectl --context admin@prod-eu-1 scale deployment/web" in plan


def test_python_dash_m_is_the_same_command(repository: Repository) -> None:
    done = repository.tool("python", "-I", "-m", "infra_scale", "plan", "--workload=Deployment:web:1")

    assert done.stdout.endswith("\nsucceeded\n")


def test_artifacts_are_not_left_behind_a_link(repository: Repository) -> None:
    elsewhere = repository.root.parent / "elsewhere"
    elsewhere.mkdir()
    (repository.root / ".artifacts").symlink_to(elsewhere)

    said = repository.run("plan", "--workload=Deployment:web:1", code=1)

    assert said == ".artifacts is a symbolic link\nfailed\n"
    assert list(elsewhere.iterdir()) == []
