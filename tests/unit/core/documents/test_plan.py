"""What a plan holds: actions in order, commands that undo them, and text that YAML and Markdown read as meant."""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from infra_scale.core.documents.plan import consequence_lines, write_plan
from infra_scale.core.reporting.summary import summary
from infra_scale.core.syntax.markdown import code
from support.amounts import examples
from support.pure import compile_one
from support.repository import CHECKOUT

_ALL = """\
target: prod
namespace: shop
workloads:
  - {kind: Deployment, name: web, replicas: 3, requests: {cpu: 1}, hpa: {max: 4}}
  - {kind: ReplicaSet, name: old, replicas: 2, limits: {mem: 1Gi}}
  - {kind: DaemonSet, name: agent, requests: {cpu: 100m}}
"""


def test_actions_keep_the_order_of_the_request_and_go_scale_resources_autoscaler() -> None:
    (plan,) = compile_one(_ALL).plans

    written = yaml.safe_load(write_plan(plan))["actions"]
    assert [(action["action"], action["name"]) for action in written] == [
        ("scale_workload", "web"),
        ("update_resources", "web"),
        ("apply_hpa", "web"),
        ("scale_workload", "old"),
        ("update_resources", "old"),
        ("update_resources", "agent"),
    ]


def test_rollback_restores_autoscalers_first_and_the_rest_backwards() -> None:
    (plan,) = compile_one(_ALL, prod="clusters: [{name: eu, context: admin@eu}]").plans

    assert [hint for hint in plan.rollback_hints if not hint.startswith("#")] == [
        "ls previous-hpa.prod.shop.web.yaml && if test -s previous-hpa.prod.shop.web.yaml; "
        "then kubectl --context admin@eu replace -f previous-hpa.prod.shop.web.yaml; "
        "else kubectl --context admin@eu delete hpa web -n shop; fi",
        "kubectl --context admin@eu patch daemonset/agent -n shop "
        "--patch-file previous-resources.prod.shop.daemonset.agent.yaml",
        "kubectl --context admin@eu patch replicaset/old -n shop "
        "--patch-file previous-resources.prod.shop.replicaset.old.yaml",
        f"kubectl --context admin@eu scale replicaset/old -n shop --replicas={_saved('replicaset.old')}",
        "kubectl --context admin@eu patch deployment/web -n shop "
        "--patch-file previous-resources.prod.shop.deployment.web.yaml",
        f"kubectl --context admin@eu scale deployment/web -n shop --replicas={_saved('deployment.web')}",
    ]


def _saved(name: str, namespace: str = "shop") -> str:
    return f"${{detect:-$(grep . previous-replicas.prod.{namespace}.{name}.txt || echo unknown)}}"


def test_a_rollback_finishes_one_cluster_before_the_next_from_the_last_wave_to_the_first() -> None:
    clusters = "clusters: [{name: late, wave: 2}, {name: first}, {name: second, wave: 1}]"
    (plan,) = compile_one(_ALL, prod=clusters).plans

    runs = [hint for hint in plan.rollback_hints if not hint.startswith("#")]
    contexts = [re.findall(r"--context (\S+)", hint)[0] for hint in runs]
    each = len(contexts) // 3
    assert contexts == ["late"] * each + ["second"] * each + ["first"] * each
    undone = [re.sub(r"--context \S+|\.second\b|\.first\b", "", hint) for hint in runs]
    assert undone[:each] == undone[each : 2 * each] == undone[2 * each :]


def test_every_file_that_a_rollback_applies_is_saved_before() -> None:
    (plan,) = compile_one(_ALL).plans

    needed = set(re.findall(r"previous-[\w.-]+\.\w+", "\n".join(plan.rollback_hints)))
    saved = set(re.findall(r"(?:> |tee )(\S+)", "\n".join(plan.preparations)))
    assert needed == saved
    assert len(saved) == 6


def test_what_is_saved_can_be_applied_later_because_it_names_no_version(tmp_path: Path) -> None:
    (plan,) = compile_one(_ALL).plans
    live: dict[str, Any] = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {
            "name": "web",
            "resourceVersion": "12",
            "uid": "a-b",
            "ownerReferences": [{"kind": "Scaler", "name": "web", "uid": "c-d"}],
        },
        "spec": {"maxReplicas": 4},
    }
    (tmp_path / "kubectl").write_text(f"#!/bin/sh\ncat <<'END'\n{yaml.safe_dump(live)}END\n")
    (tmp_path / "kubectl").chmod(0o755)
    saving = next(line[3:-1] for line in summary(plan).splitlines() if line.startswith("- `kubectl get hpa"))

    variables = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", saving], cwd=tmp_path, env=variables, check=True)

    saved = yaml.safe_load((tmp_path / "previous-hpa.prod.shop.web.yaml").read_text())
    assert saved["metadata"] == {"name": "web", "ownerReferences": live["metadata"]["ownerReferences"]}
    assert saved["spec"] == live["spec"]


def test_a_mere_scale_is_undone_by_a_scale() -> None:
    (plan,) = compile_one("target: prod\nworkloads: [{kind: Deployment, name: web, replicas: 3}]").plans

    saved = _saved("deployment.web", "default")
    assert plan.rollback_hints == (f"kubectl scale deployment/web -n default --replicas={saved}",)


def test_no_plan_goes_back_to_a_revision_that_it_has_not_made() -> None:
    for content in (_ALL, _BATCH):
        (plan,) = compile_one(content).plans

        assert not any("rollout undo" in hint for hint in plan.rollback_hints)


_MANIFEST = """\
kind: Deployment
metadata: {name: web}
spec: {replicas: 3, template: {spec: {containers: [{name: app, resources: {requests: {cpu: 100m}}}]}}}
"""
_SNAPSHOT = """\
metadata: {cluster: eu, capturedAt: "2026-01-01T00:00:00Z"}
nodes: [{id: n1, allocatable: {cpu: 64, memory: 64Gi, pods: 99}, requested: {}, pods: 0}]
namespaces: [{name: shop}]
workloads:
  - {kind: Deployment, namespace: shop, name: web, replicas: 3, containers: [{name: app, requests: {cpu: AMOUNT}}]}
"""
_REPEATS = """\
target: prod
namespace: shop
workloads: [{kind: Deployment, name: web, container: app, replicas: 5, requests: {cpu: 0.1}}]
"""


def _repeated(*, live: str | None = None) -> tuple[list[str], list[str]]:
    """Hints and consequences of a request whose amounts are those of the manifest, and of a snapshot."""
    clusters = {} if live is None else {"eu/snapshot.yaml": _SNAPSHOT.replace("AMOUNT", live)}
    target = "clusters: [{name: eu}]\nmanifests: [apps]"
    compilation = compile_one(_REPEATS, prod=target, manifest=_MANIFEST, clusters=clusters)
    (plan,) = compilation.plans
    shown = compilation.forecast(plan).consequences or plan.consequences
    return [hint for hint in plan.rollback_hints if "patch" in hint], consequence_lines(shown, plan.kube_context)


def test_amounts_that_the_template_has_already_restart_nothing() -> None:
    _, told = _repeated(live="100m")

    assert told[1] == "Deployment/web: no restart; the template already has these requests and limits"


def test_amounts_that_only_the_manifest_has_are_put_back_if_something_else_ran() -> None:
    hints, told = _repeated()

    assert [hint.startswith("# if it ran with amounts other than those in its manifest: ") for hint in hints] == [True]
    assert told[1] == "Deployment/web: no restart if it runs with these requests and limits, as in its manifest"


def test_what_runs_decides_what_is_shown_and_not_what_can_be_undone() -> None:
    hints, told = _repeated(live="250m")

    assert hints == _repeated()[0]
    assert "rolling restart of 5 pods" in told[1]


_BATCH = """\
target: prod
workloads: [{kind: CronJob, name: report, parallelism: 2, suspend: false, requests: {mem: 1Gi}}]
"""


@pytest.mark.parametrize("content", [_ALL, _BATCH, _ALL.replace("shop", '"1"').replace("replicas: 3", "replicas: 30")])
def test_a_plan_satisfies_its_published_schema(content: str) -> None:
    schema = json.loads((CHECKOUT / "schemas/scale-plan.schema.json").read_text())
    (plan,) = compile_one(content).plans

    Draft202012Validator(schema).validate(yaml.safe_load(write_plan(plan)))


_ODD = st.sampled_from(
    ["on", "y", "No", "1", "1e3", "0x1F", "0o7", "1_000", "1:30", "null", "~", "", "2025-01-01", "- a", "a: b"]
)


@given(st.text(min_size=1, max_size=40) | _ODD.filter(bool))
def test_any_text_is_read_back_as_it_was_written(reason: str) -> None:
    compilation = compile_one(json.dumps({"target": "prod", "reason": reason, "workloads": [_WORKLOAD]}))

    for plan in compilation.plans:
        assert yaml.safe_load(write_plan(plan))["metadata"]["reason"] == reason


_WORKLOAD = {"kind": "Deployment", "name": "web", "replicas": 1}


@pytest.mark.parametrize("text", ["1e3", "12E", "0o7", "y", "N", "1.5e-3", "500", "010", "true", "1:30"])
def test_what_some_yaml_version_reads_otherwise_is_quoted(text: str) -> None:
    (plan,) = compile_one(json.dumps({"target": "prod", "owner": text, "workloads": [_WORKLOAD]})).plans

    owner = next(line for line in write_plan(plan).splitlines() if line.startswith("  owner:"))
    assert owner in (f'  owner: "{text}"', "  owner: 12E")


@given(st.text(max_size=60))
def test_a_code_span_holds_its_text_whatever_backticks_it_has(text: str) -> None:
    span = code(text)

    fence = re.match(r"`+", span)
    assert fence is not None
    inner = span[len(fence.group()) : -len(fence.group())]
    assert fence.group() not in re.findall(r"`+", inner)
    assert "\n" not in span


@given(st.lists(st.sampled_from(["web", "a.b", "x-1"]), min_size=1, max_size=3, unique=True))
@examples(10)
def test_a_shell_reads_every_command_as_it_is_meant(names: list[str]) -> None:
    workloads = [{"kind": "Deployment", "name": name, "replicas": 1, "requests": {"cpu": 1}} for name in names]
    (plan,) = compile_one(json.dumps({"target": "prod", "workloads": workloads})).plans

    for command in (*plan.preparations, *plan.rollback_hints):
        assert "\n" not in command
        assert shlex.split(command, comments=True)[:1] in ([], ["kubectl"])
    subprocess.run(["sh", "-n"], input="\n".join(plan.rollback_hints), text=True, check=True)


def test_a_workload_that_is_named_like_a_site_becomes_no_link() -> None:
    hpa = "hpa: {min: 1, max: 2, targetCPU: 50}"
    (plan,) = compile_one(
        f"target: prod\nworkloads: [{{kind: Deployment, name: www.example.com, replicas: 1, {hpa}}}]"
    ).plans

    assert "2. **HPA** www\\.example.com (min:1 max:2 cpu:50%)" in summary(plan)
    assert " www." not in re.sub("`[^`]*`", "", summary(plan))


@pytest.mark.parametrize(
    ("workload", "said"),
    [
        ("kind: Deployment, name: w, replicas: 3", "Deployment/w: pods start or stop until 3 run; none is restarted"),
        ("kind: StatefulSet, name: w, replicas: 0", "StatefulSet/w: every pod stops; its volumes are kept"),
        (
            "kind: DaemonSet, name: w, limits: {cpu: 1}",
            "DaemonSet/w: the pod of every node is replaced, unless the update strategy is OnDelete",
        ),
        (
            "kind: ReplicaSet, name: w, limits: {cpu: 1}",
            "ReplicaSet/w: running pods keep their resources; only new ones get the change",
        ),
        ("kind: CronJob, name: w, parallelism: 3", "CronJob/w: future runs only; a started run continues"),
        (
            "kind: Job, name: w, suspend: true",
            "Job/w: its active pods are deleted, and none starts until it is resumed",
        ),
        (
            "kind: Deployment, name: w, hpa: {max: 4}",
            "Deployment/w: no restart; the HPA sets the replicas, between 1 and 4, "
            "unless there are 0 (then it is inactive)",
        ),
    ],
)
def test_a_plan_says_what_happens_to_the_pods(workload: str, said: str) -> None:
    (plan,) = compile_one(f"target: prod\nworkloads: [{{{workload}}}]\n").plans

    assert consequence_lines(plan.consequences, plan.kube_context) == [said]
    assert yaml.safe_load(write_plan(plan))["consequences"] == [said]
    assert f"- {said}\n" in summary(plan)


def test_a_request_for_too_many_workloads_in_too_many_clusters_is_refused() -> None:
    workloads = ", ".join(f"{{kind: Deployment, name: w{n}, replicas: 2}}" for n in range(250))
    eleven, ten = ("clusters: [" + ", ".join(f"{{name: c{n}}}" for n in range(most)) + "]\n" for most in (11, 10))
    text = f"target: prod\nworkloads: [{workloads}]\n"

    refused, accepted = compile_one(text, prod=eleven), compile_one(text, prod=ten)

    assert [finding.rule for finding in refused.findings] == ["TGT-004"]
    assert len(accepted.plans[0].actions) == 2500
