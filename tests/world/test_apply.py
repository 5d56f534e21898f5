"""`infra-scale apply` changes a cluster as the plan says, once, and leaves it as it was if a step fails."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from support.kube_objects import Object
from support.repository import Repository
from support.runs import deployment, quota
from support.workload_server import RefusedError, WorkloadServer, all_ready, holding

_REQUEST = """\
target: prod
namespace: shop
workloads:
  - kind: Deployment
    name: web
    replicas: 6
    requests: {cpu: 250m}
"""
_TARGET = "clusters: [{name: prod-eu-1, context: admin@eu}]\n"
_SNAPSHOT = """\
apiVersion: infra.scale/v1
kind: ClusterSnapshot
metadata:
  cluster: prod-eu-1
  capturedAt: "2025-12-31T21:00:00Z"
  kubernetesVersion: v1.36.2
  clusterUID: sha256:0000000000000000
  schema: 1
"""
_ARGUMENTS = ("--bake", "0s", "--timeout", "20s")


@pytest.fixture
def server() -> Iterator[WorkloadServer]:
    """A cluster with one Deployment, without KEDA or VPA."""
    with holding([deployment()]) as running:
        running.missing = ("keda.sh", "autoscaling.k8s.io")
        yield running


@pytest.fixture
def shop(git_repository: Repository) -> Repository:
    """A repository whose plan is committed on its base branch."""
    git_repository.write("requests/web.yaml", _REQUEST)
    git_repository.write("ops/targets/prod.yaml", _TARGET)
    committed(git_repository)
    return git_repository


def committed(repository: Repository) -> None:
    """Compile, and commit everything."""
    repository.run("compile")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "-m", "plan")


def applied(
    repository: Repository, server: WorkloadServer, *options: str, code: int = 0
) -> tuple[dict[str, str], str, str]:
    """Contract lines, last word and messages of a run."""
    config = server.kubeconfig(repository.root.parent / "config", "admin@eu")
    done = repository.completed("apply", *_ARGUMENTS, "--kubeconfig", str(config), *options, code=code)
    *lines, word = done.stdout.splitlines()
    return dict(line.split("=", 1) for line in lines), word, done.stderr


def web(server: WorkloadServer) -> tuple[int, Object]:
    """Replicas and resources of the Deployment."""
    spec = server.objects["Deployment", "shop", "web"]["spec"]
    return spec["replicas"], spec["template"]["spec"]["containers"][0]["resources"]


def journal(server: WorkloadServer) -> Object:
    """The run in the journal."""
    read: Object = json.loads(server.objects["ConfigMap", "shop", "infra-scale.prod.web"]["data"]["run.json"])
    return read


def test_a_plan_is_applied_and_the_workload_is_healthy(shop: Repository, server: WorkloadServer) -> None:
    lines, word, messages = applied(shop, server)
    assert (lines["state"], word) == ("succeeded", "succeeded"), messages
    assert web(server) == (6, {"requests": {"cpu": "250m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}})
    assert [step["state"] for step in journal(server)["clusters"][0]["steps"]] == ["healthy", "healthy"]
    assert json.loads(Path(lines["run_record"]).read_text(encoding="utf-8"))["state"] == "succeeded"


def test_a_second_run_writes_nothing_to_workloads(shop: Repository, server: WorkloadServer) -> None:
    applied(shop, server)
    version = server.objects["Deployment", "shop", "web"]["metadata"]["resourceVersion"]
    lines, word, _ = applied(shop, server)
    assert (lines["state"], word) == ("already_applied", "succeeded")
    assert server.objects["Deployment", "shop", "web"]["metadata"]["resourceVersion"] == version


def test_a_step_that_fails_is_undone_with_those_before_it(shop: Repository, server: WorkloadServer) -> None:
    before = server.state()
    server.controller = quota(4)
    lines, word, messages = applied(shop, server, code=1)
    assert (lines["state"], word) == ("rolled_back", "failed")
    assert server.state() == before
    assert messages.index("exceeded quota") < messages.index("rolling back")


def test_a_plan_that_failed_is_held_until_it_changes_or_is_retried(shop: Repository, server: WorkloadServer) -> None:
    server.controller = quota(4)
    applied(shop, server, code=1)
    server.controller = all_ready
    server.touch("Deployment", "shop", "web")
    _, _, messages = applied(shop, server, code=1)
    assert "APPLY-005" in messages
    assert "exceeded quota" in messages
    lines, _, _ = applied(shop, server, "--retry")
    assert lines["state"] == "succeeded"


def test_a_value_that_no_plan_knows_is_refused_with_its_writer(shop: Repository, server: WorkloadServer) -> None:
    applied(shop, server)
    server.scaled_by("k9s", ("Deployment", "shop", "web"), 9)
    shop.write("requests/web.yaml", _REQUEST.replace("6", "8"))
    committed(shop)
    _, word, messages = applied(shop, server, code=1)
    assert word == "failed"
    assert "Deployment/web has 9 replicas, expected 6 or 8; last set by k9s (scale)" in messages
    assert web(server)[0] == 9


def test_an_object_that_an_engine_delivers_is_not_written_to(shop: Repository) -> None:
    tracked = {"argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web"}
    with holding([deployment(annotations=tracked)]) as server:
        _, _, messages = applied(shop, server, code=1)
        assert "delivered by Argo CD application web" in messages
        assert web(server)[0] == 2


def test_nothing_is_written_to_another_cluster_than_that_of_the_snapshot(
    shop: Repository, server: WorkloadServer
) -> None:
    shop.write("ops/clusters/prod-eu-1/snapshot.yaml", _SNAPSHOT)
    committed(shop)
    _, _, messages = applied(shop, server, code=1)
    assert "context admin@eu leads to another cluster" in messages
    assert not [one for one in server.requests if not one.startswith("GET")]


def test_a_change_that_is_not_committed_is_not_applied(shop: Repository, server: WorkloadServer) -> None:
    shop.write("requests/web.yaml", _REQUEST.replace("6", "8"))
    _, _, messages = applied(shop, server, code=1)
    assert "APPLY-007" in messages
    assert server.requests == []


def test_a_branch_that_is_not_merged_is_not_applied(shop: Repository, server: WorkloadServer) -> None:
    shop.git("switch", "--quiet", "-c", "later")
    shop.write("requests/web.yaml", _REQUEST.replace("6", "8"))
    committed(shop)
    _, _, messages = applied(shop, server, code=1)
    assert "HEAD is not on main" in messages
    assert server.requests == []


def test_a_rollout_in_progress_is_waited_for_by_the_next_run(shop: Repository, server: WorkloadServer) -> None:
    server.objects["Deployment", "shop", "web"]["status"]["updatedReplicas"] = 1
    _, word, messages = applied(shop, server, code=4)
    assert word == "waiting"
    assert "APPLY-004" in messages


def test_a_paused_workload_is_refused_with_the_command_that_resumes_it(
    shop: Repository, server: WorkloadServer
) -> None:
    server.objects["Deployment", "shop", "web"]["spec"]["paused"] = True
    _, _, messages = applied(shop, server, code=1)
    [command] = re.findall(r"`(kubectl [^`]*)`", messages)
    shop.paste(command, variables={"KUBECONFIG": str(shop.root.parent / "config")})
    lines, _, _ = applied(shop, server)
    assert lines["state"] == "succeeded"


def test_a_dry_run_shows_the_exact_requests_and_writes_nothing(shop: Repository, server: WorkloadServer) -> None:
    before = server.state()
    config = server.kubeconfig(shop.root.parent / "config", "admin@eu")
    done = shop.completed("apply", "--dry-run", "--kubeconfig", str(config))
    assert '"op": "test", "path": "/spec/replicas", "value": 2' in done.stdout
    assert "does not check quotas" in done.stderr
    assert server.state() == before
    assert not [one for one in server.requests if not one.startswith("GET") and "dryRun=All" not in one]


def test_no_environment_variable_reaches_journal_events_or_output(
    shop: Repository, server: WorkloadServer, tmp_path: Path
) -> None:
    lines, _, messages = applied(shop, server, "--events", str(tmp_path / "events"))
    texts = (messages, json.dumps(journal(server)), Path(lines["run_record"]).read_text(encoding="utf-8"))
    assert "canary" not in "".join((*texts, (tmp_path / "events").read_text(encoding="utf-8")))


def test_every_event_is_a_line_of_json(shop: Repository, server: WorkloadServer, tmp_path: Path) -> None:
    applied(shop, server, "--events", str(tmp_path / "events"))
    events = [json.loads(line) for line in (tmp_path / "events").read_text(encoding="utf-8").splitlines()]
    names = [event["event"] for event in events]
    assert names[0] == "run_started"
    assert names[-1] == "run_finished"
    assert names.index("step_intent") < names.index("step_written") < names.index("health_passed")
    assert set(events[0]) == {"t", "run", "cluster", "step", "event", "data"}


def test_a_rollback_restores_the_values_before_the_run_and_holds_the_plan(
    shop: Repository, server: WorkloadServer
) -> None:
    before = server.state()
    applied(shop, server)
    config = server.kubeconfig(shop.root.parent / "config", "admin@eu")
    done = shop.completed("rollback", "requests/web.yaml", "--kubeconfig", str(config))
    assert "state=rolled_back" in done.stdout
    assert server.state() == before
    _, _, messages = applied(shop, server, code=1)
    assert "APPLY-005" in messages


def test_a_rollback_leaves_what_another_writer_has_changed(shop: Repository, server: WorkloadServer) -> None:
    lines, _, _ = applied(shop, server)
    server.scaled_by("k9s", ("Deployment", "shop", "web"), 20)
    config = server.kubeconfig(shop.root.parent / "config", "admin@eu")
    done = shop.completed("rollback", lines["run_id"], "--kubeconfig", str(config), code=3)
    assert "replicas of Deployment/web is 20 (set by k9s (scale))" in done.stderr
    replicas, resources = web(server)
    assert (replicas, resources["requests"]["cpu"]) == (20, "100m")


def test_the_words_of_the_server_are_findings_at_the_workload(shop: Repository, server: WorkloadServer) -> None:
    def refuse(line: str) -> RefusedError | None:
        is_scale = "/scale" in line and line.startswith("PATCH")
        return RefusedError(403, "Forbidden", "denied by policy no-scale") if is_scale else None

    server.before = refuse
    config = server.kubeconfig(shop.root.parent / "config", "admin@eu")
    done = shop.completed("validate", "--server", "--kubeconfig", str(config), code=1)
    assert "requests/web.yaml:4:5: SRV-001 error: prod-eu-1 refuses to change Deployment/web" in done.stdout
    assert "denied by policy no-scale" in done.stdout
    assert not [one for one in server.requests if not one.startswith("GET") and "dryRun" not in one]


def test_a_cluster_that_does_not_answer_is_not_checked_and_says_so(shop: Repository) -> None:
    with holding([]) as server:
        config = server.kubeconfig(shop.root.parent / "config", "admin@eu")
    done = shop.completed("validate", "--server", "--kubeconfig", str(config))
    assert "SRV-002" in done.stdout
    assert "not checked on prod-eu-1" in done.stdout


def test_the_printed_role_has_every_permission_that_a_run_needs(shop: Repository, server: WorkloadServer) -> None:
    printed = [*yaml.safe_load_all(shop.run("rbac", "--target", "prod"))]
    allowed = {
        (rule["apiGroups"][0], name, verb)
        for role in printed
        for rule in role["rules"]
        for name in rule["resources"]
        for verb in rule["verbs"]
    }
    applied(shop, server)
    assert {asked for line in server.requests if (asked := permission(line))} <= allowed


def permission(line: str) -> tuple[str, str, str] | None:
    """Group, resource and verb of a request; None for discovery, which everybody may ask for."""
    method, address = line.split(" ")
    path = address.partition("?")[0]
    found = re.fullmatch(r"/apis?/(?:([^/]+)/)?v[^/]+/(?:namespaces/[^/]+/)?([a-z]+)(?:/([^/]+))?(/scale)?", path)
    if found is None:
        return None
    verbs = {"GET": "get" if found[3] else "list", "PATCH": "patch", "POST": "create", "PUT": "update"}
    return found[1] or "", f"{found[2]}{found[4] or ''}", verbs.get(method, "delete")
