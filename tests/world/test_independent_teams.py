"""What one team changes leaves the files of other teams alone, and so does what changes in a cluster."""

import pytest

from support.repository import Repository
from support.snapshots import prices

_TEAMS = ("cart", "search", "login")
_TARGET = "clusters: [{name: eu}]\nmanifests: [apps]\nprices: opencost-2024-10\n"
_REQUEST = """\
target: prod
namespace: TEAM
owner: team-TEAM
reason: A sale

workloads:
  - kind: Deployment
    name: NAME
    replicas: 4
    requests: {cpu: 500m, mem: 1Gi}
"""
_MANIFEST = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: TEAM}
spec:
  replicas: 3
  template: {spec: {containers: [{name: app, resources: {requests: {cpu: 250m, memory: 1Gi}}}]}}
"""


def _snapshot(day: str, replicas: int) -> str:
    workloads = "".join(
        f"  - {{kind: Deployment, namespace: {team}, name: {name}, replicas: {replicas}, "
        "containers: [{name: app, requests: {cpu: 250m, memory: 1Gi}}]}\n"
        for team in _TEAMS
        for name in ("web", "worker")
    )
    return (
        "apiVersion: infra.scale/v1\nkind: ClusterSnapshot\n"
        f'metadata: {{cluster: eu, capturedAt: "{day}T03:00:00Z", schema: 1}}\n'
        'nodes: [{id: n1, allocatable: {cpu: "32", memory: 128Gi, pods: "200"}, '
        "requested: {cpu: 5, memory: 20Gi}, pods: 20}]\n"
        f"namespaces: [{', '.join(f'{{name: {team}}}' for team in _TEAMS)}]\nworkloads:\n{workloads}"
    )


def _written(text: str, team: str, name: str) -> str:
    return text.replace("TEAM", team).replace("NAME", name)


def _path(team: str, name: str = "web") -> str:
    return f"requests/{team}/{name}.yaml"


def _commit(repository: Repository, message: str) -> None:
    repository.run("compile")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", message)


def _edit(repository: Repository, team: str, before: str, after: str) -> None:
    text = repository.read(_path(team))
    assert before in text
    repository.write(_path(team), text.replace(before, after))


def _branch(repository: Repository, name: str) -> None:
    repository.git("checkout", "--quiet", "-b", name, "main")


def _merge(repository: Repository, *branches: str) -> list[str]:
    """The branches whose merge into main conflicts; main must be in step after every other."""
    repository.git("checkout", "--quiet", "main")
    conflicting = []
    for branch in branches:
        done = repository.tool("git", "merge", "--no-edit", "--quiet", branch, code=None)
        if done.returncode:
            conflicting.append(f"{branch}: {done.stdout}")
            repository.git("merge", "--abort")
    repository.run("compile", "--check")
    return conflicting


@pytest.fixture
def shared(git_repository: Repository) -> Repository:
    """One repository of three teams, each with a request and its plan, over a cluster that was captured."""
    git_repository.write("ops/targets/prod.yaml", _TARGET)
    git_repository.write("ops/clusters/eu/snapshot.yaml", _snapshot("2026-01-01", 3))
    for team in _TEAMS:
        git_repository.write(_path(team), _written(_REQUEST, team, "web"))
        for name in ("web", "worker"):
            git_repository.write(f"apps/{team}/{name}.yaml", _written(_MANIFEST, team, name))
    _commit(git_repository, "start")
    return git_repository


@pytest.mark.long
def test_six_branches_of_three_teams_merge_without_a_conflict(shared: Repository) -> None:
    for team, replicas in zip(_TEAMS, (5, 6, 7), strict=True):
        _branch(shared, f"{team}-scale")
        _edit(shared, team, "replicas: 4", f"replicas: {replicas}")
        _commit(shared, f"{team}: more of it")
        _branch(shared, f"{team}-worker")
        shared.write(_path(team, "worker"), _written(_REQUEST, team, "worker"))
        _commit(shared, f"{team}: its worker, too")

    assert _merge(shared, *(f"{team}-{what}" for team in _TEAMS for what in ("scale", "worker"))) == []


def test_the_snapshot_of_the_next_day_and_other_prices_rewrite_no_plan(shared: Repository) -> None:
    shared.write("ops/clusters/eu/snapshot.yaml", _snapshot("2026-01-02", 6))
    shared.write("ops/clusters/eu/prices.yaml", prices("eu"))
    shared.git("add", "--all")
    shared.git("commit", "--quiet", "--message", "captured")

    shared.run("compile")

    assert shared.git("status", "--porcelain") == ""


def test_owner_and_replicas_of_one_request_merge_without_a_conflict(shared: Repository) -> None:
    _branch(shared, "owner")
    _edit(shared, "cart", "owner: team-cart", "owner: team-checkout")
    _commit(shared, "another owner")
    _branch(shared, "replicas")
    _edit(shared, "cart", "replicas: 4", "replicas: 5")
    _commit(shared, "more of it")

    assert _merge(shared, "owner", "replicas") == []


def test_a_renamed_request_merges_with_an_edit_of_it_without_a_conflict(shared: Repository) -> None:
    _branch(shared, "rename")
    shared.git("mv", _path("cart"), _path("cart", "frontend"))
    _commit(shared, "its name")
    _branch(shared, "replicas")
    _edit(shared, "cart", "replicas: 4", "replicas: 5")
    _commit(shared, "more of it")

    assert _merge(shared, "rename", "replicas") == []
    assert "replicas: 5" in shared.read(_path("cart", "frontend"))
