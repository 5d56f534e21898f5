"""Time alone changes no plan, whatever the dates of commits."""

from datetime import datetime

import pytest

from support.repository import Repository

_SNAPSHOT = """\
apiVersion: infra.scale/v1
kind: ClusterSnapshot
metadata: {cluster: eu, capturedAt: "2026-01-01T03:00:00Z", schema: 1}
nodes: [{id: n1, allocatable: {cpu: "8", memory: 32Gi, pods: "50"}, requested: {cpu: "1", memory: 1Gi}, pods: 2}]
namespaces: [{name: default}]
workloads:
  - kind: Deployment
    namespace: default
    name: web
    replicas: 2
    containers: [{name: app, requests: {cpu: 500m, memory: 1Gi}}]
"""
_REQUEST = "target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 4}]\n"
_PLAN = "ops/plans/infra-scale/prod/web/plan.yaml"


def _commit(repository: Repository, moment: str) -> None:
    repository.git("add", "--all")
    dates = {"GIT_AUTHOR_DATE": moment, "GIT_COMMITTER_DATE": moment}
    repository.tool("git", "commit", "--quiet", "--allow-empty", "--message", moment, variables=dates, code=0)


def test_what_the_hook_lets_through_the_check_lets_through_a_day_later(git_repository: Repository) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\n")
    git_repository.write("ops/clusters/eu/snapshot.yaml", _SNAPSHOT)
    _commit(git_repository, "2026-01-01T04:00:00Z")
    git_repository.write("requests/web.yaml", _REQUEST)
    git_repository.run("compile")
    git_repository.git("add", "--all")
    git_repository.run("compile", "--staged")
    _commit(git_repository, "2026-01-09T09:00:00Z")

    assert "nothing found" in git_repository.run("compile", "--check", "-v")
    late = _at("2026-01-09T09:00:00")
    assert "CAP-006 warning: the snapshot is over 24h old" in git_repository.run("validate", variables=late)


def test_a_plan_that_is_written_is_shown_with_its_forecast_and_one_in_step_is_not(git_repository: Repository) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\n")
    git_repository.write("ops/clusters/eu/snapshot.yaml", _SNAPSHOT)
    git_repository.write("requests/web.yaml", _REQUEST)
    _commit(git_repository, "2026-01-01T04:00:00Z")

    assert "    Forecast  fits" in git_repository.run("compile")
    assert "Forecast" not in git_repository.run("compile", "-v")
    git_repository.write("requests/web.yaml", _REQUEST.replace("4", "5"))
    late = git_repository.run("compile", "--as-of", "2026-01-09T09:00:00Z")
    assert "    Forecast  unknown: the snapshot is over 24h old" in late
    assert "CAP-006 warning" in late
    git_repository.run("compile", "--check")


def test_neither_the_hook_nor_the_check_reads_a_snapshot(git_repository: Repository) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\n")
    git_repository.write("requests/web.yaml", _REQUEST)
    git_repository.run("compile")
    git_repository.write("ops/clusters/eu/snapshot.yaml", "no snapshot\n")
    git_repository.git("add", "--all")

    git_repository.run("compile", "--check")
    git_repository.run("compile", "--staged")
    git_repository.run("validate", "--staged")
    assert "ops/clusters/eu/snapshot.yaml:1:1" in git_repository.run("validate", code=1)


def test_an_error_of_the_world_is_shown_and_lets_compile_write_the_plan(git_repository: Repository) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\npolicy: {rules: {CAP-001: error}}\n")
    git_repository.write("ops/clusters/eu/snapshot.yaml", _SNAPSHOT)
    git_repository.write("requests/web.yaml", _REQUEST.replace("4", "400"))
    _commit(git_repository, "2026-01-01T04:00:00Z")

    assert "CAP-001 error: Deployment/web" in git_repository.run("compile")
    assert "to: 400" in git_repository.read(_PLAN)
    git_repository.run("compile", "--check")
    assert "CAP-001" not in git_repository.run("compile")
    assert "CAP-001 error: Deployment/web" in git_repository.run("validate", code=1)


def _strict(repository: Repository) -> None:
    """A request that a strict rule lets pass, by a snapshot that is nine hours old."""
    repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\npolicy: {rules: {CAP-001: error}}\n")
    repository.write("ops/clusters/eu/snapshot.yaml", _SNAPSHOT)
    repository.write("requests/web.yaml", _REQUEST)
    _commit(repository, "2026-01-01T04:00:00Z")
    assert "could not be checked" not in repository.run("validate", variables=_at("2026-01-01T12:00:00"))


def _at(moment: str) -> dict[str, str]:
    """The clock of a run."""
    return {"SOURCE_DATE_EPOCH": str(int(datetime.fromisoformat(f"{moment}+00:00").timestamp()))}


@pytest.mark.parametrize("commit", ["1970-01-02T00:00:00Z", "2090-01-01T00:00:00Z"])
def test_an_empty_commit_of_any_date_gets_nothing_past_a_strict_rule(git_repository: Repository, commit: str) -> None:
    _strict(git_repository)
    _commit(git_repository, commit)

    said = git_repository.run("validate", variables=_at("2026-01-03T00:00:00"), code=1)

    assert "CAP-001 error: Deployment/web could not be checked: the snapshot is over 24h old" in said


def test_the_clock_makes_neither_the_hook_nor_the_check_fail(git_repository: Repository) -> None:
    _strict(git_repository)
    late = _at("2026-01-03T00:00:00")
    git_repository.run("compile", variables=late)
    git_repository.git("add", "--all")

    assert "could not be checked" not in git_repository.run("compile", "--check", "--verbose", variables=late)
    git_repository.run("compile", "--staged", variables=late)
    git_repository.run("validate", "--staged", variables=late)


def test_validate_does_not_say_again_what_an_hour_has_changed(git_repository: Repository) -> None:
    _strict(git_repository)

    git_repository.run("validate", variables=_at("2026-01-02T02:59:00"))
    git_repository.run("validate", variables=_at("2026-01-02T03:01:00"), code=1)


def test_the_first_commit_of_a_repository_says_how_old_a_snapshot_is(git_repository: Repository) -> None:
    git_repository.write("ops/targets/prod.yaml", "clusters: [{name: eu}]\n")
    git_repository.write("ops/clusters/eu/snapshot.yaml", _SNAPSHOT)
    git_repository.write("requests/web.yaml", _REQUEST)
    for _ in range(3):
        assert "CAP-006" not in git_repository.run("compile", "--format", "json")
    _commit(git_repository, "2026-01-09T09:00:00Z")

    git_repository.write("requests/web.yaml", _REQUEST.replace("4", "5"))
    assert "CAP-006 warning: the snapshot is over 24h old" in git_repository.run("compile")
