"""The commands of every hand-over, pasted into a shell with the real kubectl, keep the running count."""

import json
from pathlib import Path

import pytest

from infra_scale.core.planning.holding import MANAGER
from infra_scale.model.ownership import HandoverStep
from support.kube_objects import Object
from support.pure import compile_one
from support.shell import Shell
from support.workload_server import WorkloadServer, holding

_KEDA = "keda: {min: 3, max: 9, triggers: [{type: cron, metadata: {timezone: UTC}}]}"
_HPA = "hpa: {min: 3, max: 9}"
_HANDOVERS = [
    f"{_HPA}, handover: {{from: replicas, replicas: 3}}",
    f"{_KEDA}, handover: {{from: replicas, replicas: 3}}",
    f"{_KEDA}, handover: {{from: hpa, replicas: 3}}",
    "replicas: 3, handover: {from: hpa, replicas: 3}",
    f"{_HPA}, handover: {{from: keda, replicas: 3}}",
    "replicas: 3, handover: {from: keda, replicas: 3}",
    "requests: {cpu: 1}, handover: {from: vpa}",
    "vpa: {mode: Recreate}, handover: {from: replicas}",
]
_WEB = ("Deployment", "shop", "web")
_CONDITIONS = ("ScalingActive", "Ready", "RecommendationProvided")


def _object(version: str, kind: str, spec: Object, **status: object) -> Object:
    conditions = [{"type": condition, "status": "True"} for condition in _CONDITIONS]
    metadata = {"name": "web", "namespace": "shop"}
    seen = {"conditions": conditions, **status}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec, "status": seen}


def _autoscalers() -> list[Object]:
    return [
        _object("autoscaling/v2", "HorizontalPodAutoscaler", {"minReplicas": 3, "maxReplicas": 9}),
        _object("keda.sh/v1alpha1", "ScaledObject", {"advanced": {"restoreToOriginalReplicaCount": True}}),
        _object(
            "autoscaling.k8s.io/v1",
            "VerticalPodAutoscaler",
            {"updatePolicy": {"updateMode": "Recreate"}},
            recommendation={"containerRecommendations": [{"containerName": "app"}]},
        ),
    ]


def _deployment(replicas: int | None) -> Object:
    """A container has an environment variable named like the field that the hand-over removes above it."""
    container = {"name": "app", "image": "app:1", "env": [{"name": "replicas", "value": "1"}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [container]}}
    spec: Object = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    if replicas is not None:
        spec["replicas"] = replicas
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": spec,
    }


def _steps(workload: str, *phases: str) -> list[HandoverStep]:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    (plan,) = compile_one(request, prod="clusters: [{name: eu, context: admin@eu}]").plans
    steps = plan.transfers[0].steps
    return [step for step in steps if step.command and step.phase in (phases or ("before", "plan", "after"))]


class _Person(Shell):
    def run(self, command: str) -> str:
        """One command, which must succeed and report no error; a watch of the look-alike ends at once."""
        done = self.paste(command)
        errors = [line for line in done.stderr.splitlines() if "watch ended with error" not in line]
        assert (done.returncode, errors) == (0, []), f"{command}\n{done.stderr}"
        return done.stdout

    def deliver(self, applier: str, replicas: int | None) -> None:
        """The manifest arrives, with this count or without one."""
        (self.folder / "web.json").write_text(json.dumps(_deployment(replicas)), encoding="utf-8")
        self.run(f"kubectl apply {applier} -f web.json")


_CLIENT, _SERVER = "", "--server-side --field-manager=flux --validate=false"


def _replicas(server: WorkloadServer) -> int:
    count: int = server.objects[_WEB]["spec"]["replicas"]
    return count


@pytest.mark.parametrize("workload", _HANDOVERS)
def test_every_command_runs_and_the_count_stays(tmp_path: Path, workload: str) -> None:
    with holding(_autoscalers()) as server:
        person = _Person(server, tmp_path)
        person.deliver(_CLIENT, 3)

        for step in _steps(workload):
            if step.phase == "after":  # the plan has arrived
                missing = [one for one in _autoscalers() if (one["kind"], "shop", "web") not in server.objects]
                for one in missing:
                    server.store(one)
            if step.only != "KEDA had scaled it to 0":
                person.run(step.command or "")
            assert _replicas(server) == 3, step


@pytest.mark.parametrize("applier", [_CLIENT, _SERVER])
def test_without_the_steps_the_count_falls_to_one_when_it_leaves_git(tmp_path: Path, applier: str) -> None:
    with holding([]) as server:
        person = _Person(server, tmp_path)
        person.deliver(applier, 3)

        person.deliver(applier, None)

        assert _replicas(server) == 1


@pytest.mark.long
@pytest.mark.parametrize("applier", [_CLIENT, _SERVER])
@pytest.mark.parametrize("workload", _HANDOVERS[:2])
def test_the_count_stays_when_it_leaves_git_after_the_steps(tmp_path: Path, applier: str, workload: str) -> None:
    with holding([]) as server:
        person = _Person(server, tmp_path)
        person.deliver(applier, 3)
        person.run("kubectl scale deployment/web -n shop --replicas=7")

        for step in _steps(workload, "before"):
            if applier == _CLIENT or not (step.only or "").startswith("client-side"):
                person.run(step.command or "")
        person.deliver(applier, None)

        assert _replicas(server) == 7
        assert ("spec", "replicas") in server.managers_of(_WEB).owned[MANAGER]
        (container,) = server.objects[_WEB]["spec"]["template"]["spec"]["containers"]
        assert container["env"] == [{"name": "replicas", "value": "1"}]


def test_a_count_that_another_manager_changes_meanwhile_is_a_conflict_and_stays(tmp_path: Path) -> None:
    hold = _steps(_HANDOVERS[0], "before")[0].command or ""
    with holding([]) as server:
        person = _Person(server, tmp_path)
        person.deliver(_CLIENT, 3)

        done = person.paste(hold.replace("| ", "| sed 's/3/4/' | ", 1))

        assert "conflict" in done.stderr
        assert _replicas(server) == 3


def test_keda_is_paused_at_the_live_count_and_restores_nothing(tmp_path: Path) -> None:
    with holding(_autoscalers()) as server:
        person = _Person(server, tmp_path)
        person.deliver(_CLIENT, 5)

        for step in _steps(_HANDOVERS[4], "before"):
            person.run(step.command or "")

        scaled = server.objects["ScaledObject", "shop", "web"]
    assert scaled["metadata"]["annotations"] == {"autoscaling.keda.sh/paused-replicas": "5"}
    assert scaled["spec"]["advanced"] == {"restoreToOriginalReplicaCount": False}


def test_a_workload_that_keda_scaled_to_zero_is_started_and_no_other_is(tmp_path: Path) -> None:
    (wake,) = (step.command or "" for step in _steps(_HANDOVERS[4]) if step.only == "KEDA had scaled it to 0")
    with holding([]) as server:
        person = _Person(server, tmp_path)
        person.deliver(_CLIENT, 5)
        assert "Expected replicas to be 0" in person.paste(wake).stderr
        assert _replicas(server) == 5
        person.run("kubectl scale deployment/web -n shop --replicas=0")

        person.run(wake)

        assert _replicas(server) == 3
