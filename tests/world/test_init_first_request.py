"""`infra-scale init` in a repository with manifests: a first request with the current values of a workload."""

import pytest

from infra_scale.cli import ask, terminal
from infra_scale.cli.init import run
from support.repository import Repository

_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: app, image: web, resources: {requests: {cpu: 250m, memory: 256Mi}}}]
"""


@pytest.fixture
def fleet(git_repository: Repository) -> Repository:
    """An application with an overlay, and one in plain YAML."""
    git_repository.write("apps/web/base/web.yaml", _WEB)
    git_repository.write("apps/web/base/kustomization.yaml", "resources: [web.yaml]\n")
    git_repository.write(
        "apps/web/overlays/prod/kustomization.yaml",
        "namespace: shop\nresources: [../../base]\nreplicas: [{name: web, count: 5}]\n",
    )
    git_repository.write("plain/worker.yaml", _WEB.replace("web", "worker"))
    git_repository.git("add", ".")
    git_repository.git("commit", "--quiet", "--message", "apps")
    return git_repository


def test_the_first_request_has_the_values_that_an_overlay_builds(fleet: Repository) -> None:
    done = fleet.completed("init")

    request = fleet.read("requests/shop/web.yaml")
    assert "namespace: shop\n" in request
    assert "replicas: 5\n" in request
    assert "cpu: 250m\n" in request
    assert 'manifests:\n  - "apps"\n  - "plain"\n' in fleet.read("ops/targets/prod.yaml")
    assert "--workload selects another one: Deployment/worker in default\n" in done.stderr
    fleet.run("compile", "--check")


def test_a_named_workload_becomes_the_first_request(fleet: Repository) -> None:
    fleet.run("init", "--workload", "Deployment/worker")

    assert "replicas: 2\n" in fleet.read("requests/default/worker.yaml")
    assert not (fleet.root / "requests/shop").exists()


def test_an_unknown_workload_is_refused_before_anything_is_written(fleet: Repository) -> None:
    done = fleet.completed("init", "--workload", "Deployment/wep", code=2)

    assert "--workload must be a workload in the manifests, got 'Deployment/wep'" in done.stderr
    assert "found: Deployment/web, Deployment/worker" in done.stderr
    assert not (fleet.root / "requests").exists()


def test_a_workload_is_refused_where_requests_exist(fleet: Repository) -> None:
    fleet.write("requests/one.yaml")

    done = fleet.completed("init", "--workload", "Deployment/web", code=2)

    assert "write another request with `infra-scale new`" in done.stderr


def test_on_a_terminal_it_asks_for_hook_or_bot_and_for_the_workload(
    fleet: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["robot", "bot", "Deployment/other", "Deployment/worker"])
    monkeypatch.setattr(ask, "can_ask", lambda: True)
    monkeypatch.setattr(terminal, "read_line", lambda _: next(answers))
    monkeypatch.chdir(fleet.root)

    assert run([]) == 0

    assert next(answers, None) is None
    assert "id: infra-scale-validate" in fleet.read(".pre-commit-config.yaml")
    assert (fleet.root / "requests/default/worker.yaml").exists()
    assert not (fleet.root / "ops/plans").exists()


@pytest.mark.parametrize(("option", "hook"), [("--hook", "compile"), ("--bot", "validate")])
def test_an_option_answers_the_question(fleet: Repository, option: str, hook: str) -> None:
    fleet.run("init", option)

    assert f"id: infra-scale-{hook}" in fleet.read(".pre-commit-config.yaml")
