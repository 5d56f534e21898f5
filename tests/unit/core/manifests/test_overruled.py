"""An overlay's own `replicas` and patches win over our Component: where they do, a finding says it (MAN-005)."""

import re

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from support.pure import SCHEMAS, compile, source

_TARGET = "clusters: [{name: a}, {name: b}]\nmanifests: [apps]\n"
_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  template:
    spec: {containers: [{name: app, resources: {requests: {cpu: 1}}}, {name: log, resources: {requests: {cpu: 1}}}]}
"""
_JOINS = "resources: [../base]\ncomponents: [../../ops/rendered/infra-scale/a/shop]\n"
_SIX = "replicas: 6"
_HPA = "hpa: {min: 3, max: 6}, handover: {from: replicas}"
_CPU = "container: app, requests: {cpu: 1}"


def _compiled(workload: str, overlay: str, *, kind: str = "Deployment", **more: str) -> Compilation:
    """One workload, in a base that this overlay uses; more files by their path below apps/, with `__` for `/`."""
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: {kind}, name: web, {workload}}}]\n"
    files = {"over__kustomization": overlay, "base__kustomization": "resources: [web.yaml]\n"}
    files = {**files, "base__web": _WEB.replace("Deployment", kind), **more}
    context = Context(
        SCHEMAS,
        targets=(source(_TARGET, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, f"apps/{name.replace('__', '/')}.yaml") for name, text in files.items()),
    )
    return compile([source(request)], context)


def _found(workload: str, overlay: str, *, kind: str = "Deployment", **more: str) -> list[Finding]:
    compilation = _compiled(workload, overlay, kind=kind, **more)
    return [finding for finding in compilation.findings if finding.rule == "MAN-005"]


def _smp(body: str, *, kind: str = "Deployment", more: str = "") -> str:
    """An overlay that joins ours and has this strategic merge patch of web."""
    patch = f"{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: web{more}}}, {body}}}"
    return f'{_JOINS}patches: [{{patch: "{patch}"}}]\n'


def _ops(op: str, target: str = "kind: Deployment, name: web") -> str:
    """An overlay that joins ours and has this JSON patch."""
    return f"{_JOINS}patches: [{{target: {{{target}}}, patch: '[{op}]'}}]\n"


_RESOURCES = "spec: {template: {spec: {containers: [{name: %s, resources: {requests: {cpu: 2}}}]}}}"
_FIRING = {
    "replicas": (_SIX, f"{_JOINS}replicas: [{{name: web, count: 9}}]\n"),
    "replicas under an HPA": (_HPA, f"{_JOINS}replicas: [{{name: web, count: 9}}]\n"),
    "a patch of replicas": (_SIX, _smp("spec: {replicas: 9}")),
    "a patch that takes replicas away": (_SIX, _smp("spec: {replicas: null}")),
    "a JSON patch of replicas": (_SIX, _ops('{"op": "replace", "path": "/spec/replicas", "value": 9}')),
    "a JSON patch of the whole spec": (_SIX, _ops('{"op": "replace", "path": "/spec", "value": {}}')),
    "one of every Deployment": (_SIX, _ops('{"op": "remove", "path": "/spec/replicas"}', "kind: Deployment")),
    "one of names of a kind": (_SIX, _ops('{"op": "remove", "path": "/spec/replicas"}', "name: api|w.*")),
    "a patch of the container": (_CPU, _smp(_RESOURCES % "app")),
    "a patch of some container": (_CPU, _ops('{"op": "remove", "path": "/spec/template/spec/containers/0/resources"}')),
    "a patch that replaces the spec": (_CPU, _smp("spec: {$patch: replace}")),
    "a patch in the old form": (_SIX, f"{_JOINS}patchesStrategicMerge: [nine.yaml]\n"),
    "a patch in a file": (_SIX, f"{_JOINS}patches: [{{path: nine.yaml}}]\n"),
    "a JSON patch in a file": (
        _SIX,
        f"{_JOINS}patchesJson6902: [{{target: {{kind: Deployment, name: web}}, path: ops.yaml}}]\n",
    ),
    "a component after ours": (_SIX, _JOINS.replace("shop]", "shop, ../other]")),
    "the Component of the workload alone": (
        _SIX,
        f"{_JOINS.replace('shop]', 'shop/deployment-web]')}replicas: [{{name: web, count: 9}}]\n",
    ),
    "the prefixed name": (_SIX, f"{_JOINS}namePrefix: eu-\nreplicas: [{{name: eu-web, count: 9}}]\n"),
}
_FILES = {
    "over__nine": _WEB.replace("3", "9"),
    "over__ops": "- {op: replace, path: /spec/replicas, value: 9}\n",
    "other__kustomization": "kind: Component\nreplicas: [{name: web, count: 9}]\n",
}


@pytest.mark.parametrize(("workload", "overlay"), _FIRING.values(), ids=_FIRING.keys())
def test_what_an_overlay_changes_after_our_component_is_said(workload: str, overlay: str) -> None:
    (finding,) = _found(workload, overlay, **_FILES)

    assert finding.severity == "warning"
    assert finding.position is not None
    assert finding.workload is not None
    decides = {"../other": "other/kustomization", "nine.yaml": "over/nine", "ops.yaml": "over/ops"}
    where = next((file for name, file in decides.items() if name in overlay), "over/kustomization")
    assert re.match(rf"`apps/{where}.yaml:\d+` ", finding.message)


_SILENT = {
    "the same number": (_SIX, f"{_JOINS}replicas: [{{name: web, count: 6}}]\n"),
    "replicas of another": (_SIX, f"{_JOINS}replicas: [{{name: api, count: 9}}]\n"),
    "replicas that the request leaves alone": (_CPU, f"{_JOINS}replicas: [{{name: web, count: 9}}]\n"),
    "a patch of another namespace": (_SIX, _smp("spec: {replicas: 9}", more=", namespace: test")),
    "a patch of another kind": (_SIX, _smp("spec: {replicas: 9}", kind="StatefulSet")),
    "a patch of another amount of the container": (
        "container: app, requests: {mem: 1Gi}",
        _smp(_RESOURCES % "app"),
    ),
    "a patch of another container": (_CPU, _smp(_RESOURCES % "log")),
    "a patch of an image": (_CPU, _smp("spec: {template: {spec: {containers: [{name: app, image: b}]}}}")),
    "a patch of something else": (_SIX, _ops('{"op": "add", "path": "/metadata/labels", "value": {}}')),
    "a test in a JSON patch": (_SIX, _ops('{"op": "test", "path": "/spec/replicas", "value": 9}')),
    "one more container": (_CPU, _ops('{"op": "add", "path": "/spec/template/spec/containers/-", "value": {}}')),
    "a component before ours": (_SIX, _JOINS.replace("[../../ops", "[../other, ../../ops")),
    "an overlay that does not join ours": (_SIX, "resources: [../base]\nreplicas: [{name: web, count: 9}]\n"),
    "that of another namespace": (
        _SIX,
        f"{_JOINS.replace('/shop]', '/test]')}replicas: [{{name: web, count: 9}}]\n",
    ),
    "the Component of another workload": (
        _SIX,
        f"{_JOINS.replace('shop]', 'shop/deployment-api]')}replicas: [{{name: web, count: 9}}]\n",
    ),
    "another cluster": (f"cluster: b, {_SIX}", f"{_JOINS}replicas: [{{name: web, count: 9}}]\n"),
    "a patch of which nothing is there": (_SIX, f"{_JOINS}patches: [{{path: elsewhere.yaml}}]\n"),
    "a patch that is none": (_SIX, f"{_JOINS}patches: [7, {{patch: '['}}, {{patch: 'a'}}]\nreplicas: 7\n"),
}


@pytest.mark.parametrize(("workload", "overlay"), _SILENT.values(), ids=_SILENT.keys())
def test_nothing_is_said_where_the_request_keeps_its_word(workload: str, overlay: str) -> None:
    assert _found(workload, overlay, **_FILES) == []


def test_an_overlay_over_the_one_that_joins_ours_wins_too() -> None:
    outer = "resources: [../over]\nreplicas: [{name: web, count: 9}]\n"

    (finding,) = _found(_SIX, _JOINS, outer__kustomization=outer)

    assert finding.message.startswith("`apps/outer/kustomization.yaml:2` sets 9 replicas")


def test_replicas_of_a_job_and_its_suspension_are_watched_like_those_of_a_deployment() -> None:
    cron = "spec: {suspend: true, jobTemplate: {spec: {parallelism: 9}}}"

    found = _found("parallelism: 2, suspend: false", _smp(cron, kind="CronJob"), kind="CronJob")

    assert [finding.message.split(" after ")[0] for finding in found] == [
        "`apps/over/kustomization.yaml:3` changes parallelism of CronJob/web",
        "`apps/over/kustomization.yaml:3` changes suspend of CronJob/web",
    ]


def test_a_base_of_which_nothing_is_known_does_not_hide_what_the_overlay_does() -> None:
    removes = '[{"op": "remove", "path": "/spec/replicas"}]'
    patched = f"resources: [web.yaml]\npatches: [{{target: {{kind: Deployment}}, patch: '{removes}'}}]\n"

    (finding,) = _found(_SIX, f"{_JOINS}replicas: [{{name: web, count: 9}}]\n", base__kustomization=patched)

    assert "9" in finding.message


def test_both_numbers_are_told_and_under_an_autoscaler_who_fights() -> None:
    overlay = f"{_JOINS}replicas: [{{name: web, count: 9}}]\n"

    (fixed,) = _compiled(_SIX, overlay).plans[0].risks
    (scaled,) = _found(_HPA, overlay)

    assert fixed == (
        "`apps/over/kustomization.yaml:3` sets 9 replicas for Deployment/web after our Component has set 6: 9 will run."
    )
    assert scaled.message == (
        "`apps/over/kustomization.yaml:3` sets 9 replicas for Deployment/web after our Component: "
        "Git and HPA will fight over them."
    )


def test_a_hand_over_does_not_claim_that_the_field_leaves_git_where_an_overlay_sets_it_again() -> None:
    (plan,) = _compiled(_HPA, f"{_JOINS}replicas: [{{name: web, count: 9}}]\n").plans

    said = {
        transfer.cluster.name: "\n".join(step.what for step in transfer.steps)
        for transfer in plan.transfers
        if transfer.cluster
    }
    assert "remove spec.replicas from `apps/over/kustomization.yaml`" in said["a"]
    assert "and spec.replicas is removed from Git" not in said["a"]
    assert "and spec.replicas is removed from Git" in said["b"]
