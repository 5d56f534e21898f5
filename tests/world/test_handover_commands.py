"""The commands of every hand-over are run by the real kubectl."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from infra_scale.model.ownership import HandoverStep
from support.amounts import HANGS
from support.api_server import APPLIED, ApiServer, Sent, running
from support.pure import compile_one

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


def _steps(workload: str) -> tuple[HandoverStep, ...]:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    (plan,) = compile_one(request, prod="clusters: [{name: eu, context: admin@eu}]").plans
    return plan.transfers[0].steps


def _run(server: ApiServer, folder: Path, workload: str) -> dict[str, list[Sent]]:
    """What each command sent, in order."""
    variables = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "KUBECONFIG": str(server.kubeconfig(folder / "config", "admin@eu")),
        "HOME": str(folder),
    }
    sent: dict[str, list[Sent]] = {}
    for command in (step.command for step in _steps(workload) if step.command):
        done = subprocess.run(
            ["sh", "-c", command], env=variables, capture_output=True, text=True, check=False, timeout=HANGS
        )
        awaits_another = "--current-replicas=0" in command and "Expected replicas to be 0" in done.stderr
        assert done.returncode == 0 or awaits_another, f"{command}\n{done.stderr}"
        sent[command], server.sent = server.sent, []
    return sent


@pytest.mark.parametrize("workload", _HANDOVERS)
def test_kubectl_understands_every_command(tmp_path: Path, workload: str) -> None:
    with running() as server:
        assert _run(server, tmp_path, workload)


def test_the_live_count_is_held_without_force_and_taken_out_of_what_was_applied_last(tmp_path: Path) -> None:
    with running() as server:
        (hold,), (forget,) = [sent for sent in _run(server, tmp_path, _HANDOVERS[0]).values() if sent]

    assert "fieldManager=infra-scale-handover" in hold.path
    assert "force=false" in hold.path
    assert yaml.safe_load(hold.body)["spec"] == {"replicas": 3}
    (applied,) = json.loads(forget.body)["metadata"]["annotations"].values()
    assert json.loads(applied)["spec"] == {"template": APPLIED["spec"]["template"]}


def test_keda_is_paused_at_the_live_count(tmp_path: Path) -> None:
    with running() as server:
        sent = _run(server, tmp_path, _HANDOVERS[4])

    bodies = [request.body for requests in sent.values() for request in requests]
    assert '{"metadata":{"annotations":{"autoscaling.keda.sh/paused-replicas":"3"}}}' in bodies
