"""Rollback hints, pasted into a shell with the real kubectl, put back what was there before the plan."""

import copy
import re
from pathlib import Path

import pytest

from infra_scale.core.compiling.context import Context
from infra_scale.model.action import (
    AUTOSCALER_KINDS,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.plan import ScalePlan
from infra_scale.model.quantity import Resources
from support.kube_objects import Object
from support.pure import SCHEMAS, compile, compile_one, source
from support.shell import Shell
from support.workload_server import WorkloadServer, holding

_APPS = dict.fromkeys(("Deployment", "StatefulSet", "ReplicaSet", "DaemonSet"), "apps/v1")
_VERSIONS = {
    **_APPS,
    "Rollout": "argoproj.io/v1alpha1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "VerticalPodAutoscaler": "autoscaling.k8s.io/v1",
    "ScaledObject": "keda.sh/v1alpha1",
}
_RELEASED = "registry.example/app:3"


def _object(kind: str, name: str, spec: Object, **metadata: object) -> Object:
    about = {"name": name, "namespace": "shop", **metadata}
    return {"apiVersion": _VERSIONS[kind], "kind": kind, "metadata": about, "spec": spec}


def _workload(kind: str, name: str, resources: Object | None = None, **spec: object) -> Object:
    """With a sidecar beside the container that plans are about."""
    containers = [
        {"name": "proxy", "image": "proxy:1", "resources": {"requests": {"cpu": "10m"}}},
        {"name": "app", "image": "registry.example/app:2", "resources": resources or {}},
    ]
    before = {"name": "log", "image": "log:1", "restartPolicy": "Always", "resources": {"requests": {"cpu": "20m"}}}
    template = {"template": {"spec": {"containers": containers, "initContainers": [before]}}}
    if kind == "CronJob":
        inner = {key: spec.pop(key) for key in ("parallelism",) if key in spec}
        return _object(kind, name, {**spec, "jobTemplate": {"spec": {**template, **inner}}})
    return _object(kind, name, {**template, **spec})


def _hpa(name: str, low: int, high: int) -> Object:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    metric = {"type": "Resource", "resource": {"name": "memory", "target": {"type": "Utilization"}}}
    spec = {"scaleTargetRef": reference, "minReplicas": low, "maxReplicas": high, "metrics": [metric]}
    return _object("HorizontalPodAutoscaler", name, spec)


_FULL = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1"}}
_OBJECTS = [
    _workload("Deployment", "web", _FULL, replicas=3),
    _workload("Deployment", "bare", None, replicas=2),
    _workload("Deployment", "same", _FULL, replicas=3),
    _workload("StatefulSet", "db", {"limits": {"memory": "1Gi"}}, replicas=3),
    _workload("ReplicaSet", "old", _FULL, replicas=2),
    _workload("DaemonSet", "agent", _FULL),
    _workload("Rollout", "canary", _FULL, replicas=4),
    _workload("Rollout", "green", {"limits": {"cpu": "1"}}, replicas=2),
    _workload("Rollout", "blue", None, replicas=2),
    _workload("Job", "batch", _FULL, parallelism=6),
    _workload("Job", "paused", _FULL, parallelism=2, suspend=True),
    _workload("CronJob", "report", _FULL, parallelism=2),
    _workload("CronJob", "plain", _FULL, suspend=True),
    _workload("Deployment", "first", _FULL, replicas=5),
    _workload("Deployment", "again", _FULL, replicas=4),
    _hpa("again", 2, 5),
    _workload("Deployment", "queue", _FULL, replicas=2),
    _object("ScaledObject", "queue", {"minReplicaCount": 1, "maxReplicaCount": 4, "triggers": []}),
    _workload("Deployment", "sized", _FULL, replicas=2),
    _object("VerticalPodAutoscaler", "sized", {"updatePolicy": {"updateMode": "Off"}}),
    _workload("Deployment", "moved", _FULL, replicas=3),
    _hpa("moved", 2, 5),
    _workload("Deployment", "taken", _FULL, replicas=3),
    _hpa("taken", 3, 5),
]
_KEDA = "triggers: [{type: cron, metadata: {timezone: UTC}}]"
_REQUEST = f"""\
target: prod
namespace: shop
workloads:
  - {{kind: Deployment, name: web, container: app, replicas: 6, requests: {{cpu: 500m}}, limits: {{cpu: 2, mem: 2Gi}}}}
  - {{kind: Deployment, name: bare, container: app, requests: {{cpu: 500m, mem: 1Gi}}, limits: {{mem: 1Gi}}}}
  - {{kind: Deployment, name: same, container: app, replicas: 5, requests: {{cpu: 100m, mem: 128Mi}}}}
  - {{kind: StatefulSet, name: db, container: app, replicas: 1, limits: {{mem: 2Gi}}}}
  - {{kind: ReplicaSet, name: old, replicas: 0, limits: {{mem: 1Gi}}}}
  - {{kind: DaemonSet, name: agent, requests: {{cpu: 200m}}}}
  - {{kind: Rollout, name: canary, container: app, replicas: 6, requests: {{cpu: 500m}}, limits: {{cpu: 2}}}}
  - {{kind: Rollout, name: green, container: app, replicas: 1, requests: {{mem: 1Gi}}, limits: {{cpu: 2}}}}
  - {{kind: Rollout, name: blue, requests: {{mem: 1Gi}}}}
  - {{kind: Job, name: batch, parallelism: 1, suspend: true}}
  - {{kind: Job, name: paused, suspend: false}}
  - {{kind: CronJob, name: report, container: app, parallelism: 4, suspend: true, requests: {{mem: 1Gi}}}}
  - {{kind: CronJob, name: plain, parallelism: 4, suspend: false}}
  - {{kind: Deployment, name: first, hpa: {{min: 2, max: 9, targetMemory: 70}}}}
  - {{kind: Deployment, name: again, hpa: {{min: 3, max: 9, targetMemory: 70}}}}
  - {{kind: Deployment, name: queue, keda: {{min: 2, max: 9, {_KEDA}}}}}
  - {{kind: Deployment, name: sized, vpa: {{mode: Recreate}}}}
  - {{kind: Deployment, name: moved, replicas: 6, handover: {{from: hpa, replicas: 3}}}}
  - {{kind: Deployment, name: taken, keda: {{min: 3, max: 9, {_KEDA}}}, handover: {{from: hpa, replicas: 3}}}}
"""


def _carry_out(server: WorkloadServer, plan: ScalePlan) -> None:
    """Everything that the plan does, as an engine would apply it."""
    for action in plan.actions:
        item = copy.deepcopy(server.objects[action.ref.kind, action.ref.namespace, action.ref.name])
        if isinstance(action, (ScaleWorkload, ScaleJob, UpdateResources)):
            _change(item, action)
            server.store(item)
        else:
            _autoscale(server, action)


def _change(item: Object, action: Action) -> None:
    spec = item["spec"]
    job = spec["jobTemplate"]["spec"] if item["kind"] == "CronJob" else spec
    match action:
        case ScaleWorkload(_, to):
            spec["replicas"] = to
        case ScaleJob(_, parallelism, suspend):
            job |= {} if parallelism is None else {"parallelism": parallelism}
            spec |= {} if suspend is None else {"suspend": suspend}
        case UpdateResources(_, container, requests, limits, _, is_init):
            every = job["template"]["spec"]["initContainers" if is_init else "containers"]
            for one in every:
                if one["name"] == (container or "app"):
                    for block, wanted in (("requests", requests), ("limits", limits)):
                        one["resources"].setdefault(block, {}).update(_amounts(wanted))


def _amounts(resources: Resources | None) -> dict[str, str]:
    pairs = {"cpu": resources.cpu, "memory": resources.memory} if resources else {}
    return {name: str(amount) for name, amount in pairs.items() if amount is not None}


def _autoscale(server: WorkloadServer, action: Action) -> None:
    name = action.ref.name
    match action:
        case ApplyHpa(_, hpa):
            server.store(_hpa(name, hpa.minimum, hpa.maximum))
            server.objects["Deployment", "shop", name]["spec"]["replicas"] = hpa.minimum
        case ApplyVpa(_, vpa):
            server.store(_object("VerticalPodAutoscaler", name, {"updatePolicy": {"updateMode": vpa.mode}}))
        case ApplyKeda(_, keda):
            spec = {"minReplicaCount": keda.minimum, "maxReplicaCount": keda.maximum, "cooldownPeriod": 30}
            made = server.store(_object("ScaledObject", name, spec))
            if taken := server.objects.get(("HorizontalPodAutoscaler", "shop", name)):  # KEDA takes it over
                taken["metadata"]["ownerReferences"] = [{"uid": made["metadata"]["uid"]}]
        case RemoveAutoscaler(ref, autoscaler):
            del server.objects[AUTOSCALER_KINDS[autoscaler], ref.namespace, ref.name]


def _release(server: WorkloadServer, name: str) -> None:
    """Another team releases while the plan is in force: that is not for a rollback to undo."""
    item = server.objects["Deployment", "shop", name]
    item["spec"]["template"]["spec"]["containers"][1]["image"] = _RELEASED


@pytest.mark.parametrize("shell", ["sh", pytest.param("bash", marks=pytest.mark.long)])
def test_hints_that_are_pasted_at_once_put_back_what_was_saved(tmp_path: Path, shell: str) -> None:
    (plan,) = compile_one(_REQUEST, prod="clusters: [{name: eu, context: admin@eu}]").plans
    with holding(_OBJECTS) as server:
        person = Shell(server, tmp_path, shell)
        before = server.state()
        assert person.paste(*plan.preparations).stderr == ""
        assert server.state() == before
        _carry_out(server, plan)
        for name in ("web", "same", "first"):
            _release(server, name)
        assert server.state() != before

        pasted = person.paste(*plan.rollback_hints)

        after = server.state()
    assert pasted.stderr == ""
    for name in ("web", "same", "first"):
        containers = before[f"Deployment/shop/{name}"]["template"]["spec"]["containers"]
        containers[1]["image"] = _RELEASED
    assert after == before


@pytest.mark.long
def test_a_plan_that_never_arrived_is_undone_without_a_change(tmp_path: Path) -> None:
    request = _REQUEST.replace("handover: {from: hpa, replicas: 3}", "requests: {cpu: 1}, container: app")
    (plan,) = compile_one(request).plans
    hints = [hint for hint in plan.rollback_hints if "delete" not in hint]
    with holding(_OBJECTS) as server:
        person = Shell(server, tmp_path)
        before = server.state()
        person.paste(*plan.preparations)

        pasted = person.paste(*hints)

        assert (pasted.stderr, server.state()) == ("", before)


def test_without_the_files_every_hint_fails_and_changes_nothing(tmp_path: Path) -> None:
    (plan,) = compile_one(_REQUEST).plans
    hints = [hint for hint in plan.rollback_hints if "previous-" in hint and not hint.startswith("#")]
    with holding(_OBJECTS) as server:
        _carry_out(server, plan)
        before = server.state()
        person = Shell(server, tmp_path)

        codes = {hint: person.paste(hint).returncode for hint in hints}

        assert server.state() == before
    assert len(hints) > 20
    assert all(codes.values()), codes


def test_files_that_are_empty_because_nothing_could_be_read_change_nothing(tmp_path: Path) -> None:
    (plan,) = compile_one(_REQUEST).plans
    hints = [hint for hint in plan.rollback_hints if not hint.startswith("#") and "previous-" in hint]
    values = [hint for hint in hints if ".txt" in hint or "--patch-file" in hint]
    with holding(_OBJECTS) as server:
        person = Shell(server, tmp_path)
        before = server.state()
        for file in re.findall(r"previous-[\w.-]+", "\n".join(values)):
            (tmp_path / file.rstrip(".")).touch()

        person.paste(*values)

        assert server.state() == before


_MANIFEST = """\
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: app, resources: {requests: {cpu: 100m}, limits: {cpu: 1}}}]}}}
"""


def test_the_alternatives_after_a_number_sign_can_be_pasted_without_it(tmp_path: Path) -> None:
    request = "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: web, %s}]\n"
    changes = "container: app, requests: {cpu: 500m, mem: 1Gi}, limits: {cpu: 2}"
    (known,) = compile_one(request % changes, prod="manifests: [apps]", manifest=_MANIFEST).plans
    with holding([_workload("Deployment", "web", {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}})]) as server:
        before = server.state()
        _carry_out(server, known)
        (back,) = [hint.partition(": ")[2] for hint in known.rollback_hints if hint.startswith("#")]

        pasted = Shell(server, tmp_path).paste(back)

        assert (pasted.stderr, server.state()) == ("", before)


def test_where_the_amounts_before_are_unknown_the_revisions_that_have_them_are_found(tmp_path: Path) -> None:
    changes = "container: app, requests: {cpu: 500m}"
    (plan,) = compile_one(
        f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {changes}}}]"
    ).plans
    labels = {"app": "web"}
    web = _workload("Deployment", "web", _FULL, replicas=3, selector={"matchLabels": labels})
    old = _workload("ReplicaSet", "web-1", _FULL, replicas=3)
    old["metadata"] |= {"labels": labels, "annotations": {"deployment.kubernetes.io/revision": "7"}}
    old["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "web", "uid": "uid-1", "controller": True}]
    with holding([web, old]) as server:
        (look,) = [hint.rpartition(": ")[2] for hint in plan.rollback_hints if hint.startswith("#")]

        pasted = Shell(server, tmp_path).paste(look, f"{look} --revision=7")

    assert pasted.stderr == ""
    assert re.search(r"Requests:\s+cpu:\s+100m\s+memory:\s+128Mi", pasted.stdout), pasted.stdout


_ORPHANED: dict[str, tuple[str, Object]] = {
    "HorizontalPodAutoscaler": ("hpa: {min: 3, max: 6}", {"minReplicas": 3, "maxReplicas": 6}),
    "VerticalPodAutoscaler": ("vpa: {mode: 'Off'}", {"updatePolicy": {"updateMode": "Off"}}),
    "ScaledObject": (
        "keda: {min: 3, max: 6, triggers: [{type: cron, metadata: {timezone: UTC}}]}",
        {"minReplicaCount": 3, "maxReplicaCount": 6},
    ),
}


@pytest.mark.parametrize("kind", _ORPHANED)
def test_the_command_in_the_help_of_an_orphaned_autoscaler_deletes_it(tmp_path: Path, kind: str) -> None:
    scaler, spec = _ORPHANED[kind]
    request = "target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, requests: {{cpu: 1}}{}}}]\n"
    context = Context(SCHEMAS, targets=(source("clusters: [{name: eu}]\n", "ops/targets/prod.yaml"),))
    committed = compile([source(request.format(f", {scaler}"))], context)
    generated = [source(content, path) for path, content in committed.files.items()]

    compilation = compile([source(request.format(""))], context, generated=generated)

    (finding,) = (finding for finding in compilation.findings if finding.rule == "OWN-007")
    (command,) = re.findall("`(kubectl [^`]*)`", finding.help)
    objects = [_workload("Deployment", "web", replicas=3), _object(kind, "web", spec), _object(kind, "other", spec)]
    with holding(objects) as server:
        assert Shell(server, tmp_path).paste(command).stderr == ""
        assert {name for of, _, name in server.objects if of == kind} == {"other"}
