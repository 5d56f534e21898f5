"""Whose word is the last, an overlay's or our Component's: what MAN-005 says is what the real kustomize builds."""

import json

import pytest

from support.kustomize import build
from support.repository import Repository

_REQUEST = "target: prod\nnamespace: shop\nworkloads:\n  - {kind: Deployment, name: web, replicas: 6}\n"
_BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {replicas: 3, selector: {matchLabels: {a: b}}, template: {spec: {containers: [{name: app, image: a}]}}}
"""
_NINE = "[{name: web, count: 9}]"
_OURS = "../../ops/rendered/infra-scale/a/shop"
_MERGE = '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 9}}'
_ALONE = f"resources: [../base]\ncomponents: [{_OURS}]\n"
_OVERLAYS = {
    "ours alone": _ALONE,
    "replicas of the overlay": f"{_ALONE}replicas: {_NINE}\n",
    "the same number": f"{_ALONE}replicas: [{{name: web, count: 6}}]\n",
    "replicas by the prefixed name": f"{_ALONE}namePrefix: eu-\nreplicas: [{{name: eu-web, count: 9}}]\n",
    "a strategic merge patch": f"{_ALONE}patches: [{{patch: '{_MERGE}'}}]\n",
    "a JSON patch of names": f"{_ALONE}patches:\n  - target: {{name: w.*|api}}\n    path: ops.json\n",
    "a JSON patch of another name": f"{_ALONE}patches:\n  - target: {{name: w}}\n    path: ops.json\n",
    "a component after ours": f"resources: [../base]\ncomponents: [{_OURS}, ../other]\n",
    "a component before ours": f"resources: [../base]\ncomponents: [../other, {_OURS}]\n",
}
_OPS = '[{"op": "replace", "path": "/spec/replicas", "value": 9}]'


@pytest.mark.parametrize("overlay", _OVERLAYS.values(), ids=_OVERLAYS.keys())
def test_man_005_fires_exactly_where_kustomize_builds_another_number(repository: Repository, overlay: str) -> None:
    repository.write("requests/web.yaml", _REQUEST)
    repository.write("ops/targets/prod.yaml", "clusters: [{name: a}]\nmanifests: [apps]\n")
    repository.write("apps/base/web.yaml", _BASE)
    repository.write("apps/base/kustomization.yaml", "resources: [web.yaml]\n")
    repository.write("apps/over/kustomization.yaml", overlay)
    repository.write("apps/over/ops.json", _OPS)
    repository.write("apps/other/kustomization.yaml", _COMPONENT)

    findings = json.loads(repository.run("compile", "--format", "json"))["findings"]

    (built,) = build(repository.root / "apps/over").values()
    assert (built["spec"]["replicas"] != 6) == ("MAN-005" in [finding["rule"] for finding in findings])


_COMPONENT = f"apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nreplicas: {_NINE}\n"


@pytest.mark.parametrize("name", ["web", "eu-web"])
def test_a_workload_is_found_by_each_of_its_names_also_where_its_base_was_prefixed_and_then_placed(
    repository: Repository, name: str
) -> None:
    request = _REQUEST.replace("name: web, replicas: 6", f"name: {name}, vpa: {{mode: 'Off'}}, replicas: 6")
    repository.write("requests/web.yaml", request)
    repository.write("ops/targets/prod.yaml", "clusters: [{name: a}]\nmanifests: [apps]\n")
    repository.write("apps/base/web.yaml", _BASE)
    repository.write("apps/base/kustomization.yaml", "resources: [web.yaml]\nnamePrefix: eu-\n")
    repository.write("apps/middle/kustomization.yaml", "resources: [../base]\nnamespace: shop\n")
    repository.write("apps/over/kustomization.yaml", _ALONE.replace("../base", "../middle"))

    repository.run("compile")

    built = {kind: found for (kind, _, _), found in build(repository.root / "apps/over").items()}
    assert built["Deployment"]["metadata"]["name"] == "eu-web"
    assert built["Deployment"]["spec"]["replicas"] == 6
    assert built["VerticalPodAutoscaler"]["spec"]["targetRef"]["name"] == "eu-web"


_HPA = "kind: HorizontalPodAutoscaler, apiVersion: autoscaling/v2, metadata: {name: web}"
_SCALED = {
    "ours alone": "",
    "a merge patch of the same maximum": f"patches: [{{patch: '{{{_HPA}, spec: {{maxReplicas: 12}}}}'}}]\n",
    "a merge patch of another maximum": f"patches: [{{patch: '{{{_HPA}, spec: {{maxReplicas: 9}}}}'}}]\n",
    "a merge patch beside one of the workload": (
        f"patches:\n- patch: |-\n    {{{_HPA}, spec: {{minReplicas: 1}}}}\n    ---\n    {_MERGE}\n"
    ),
    "a patch that deletes it": f"patches: [{{patch: '{{{_HPA}, $patch: delete}}'}}]\n",
    "a JSON patch of all autoscalers": (
        "patches:\n- target: {kind: HorizontalPodAutoscaler}\n  patch: |-\n"
        "    - {op: replace, path: /spec/maxReplicas, value: 9}\n"
    ),
    "a patch of another autoscaler": f"patches: [{{patch: '{{{_HPA.replace('web', 'api')}}}'}}]\n",
    "a test that fails": (
        "patches:\n- target: {kind: HorizontalPodAutoscaler}\n  patch: |-\n"
        "    - {op: test, path: /spec/maxReplicas, value: 9}\n"
    ),
}


@pytest.mark.parametrize("overlay", _SCALED.values(), ids=_SCALED.keys())
def test_a_later_change_of_our_autoscaler_is_reported_exactly_where_kustomize_builds_another(
    repository: Repository, overlay: str
) -> None:
    scaled = "hpa: {min: 4, max: 12, targetCPU: 70}, handover: {from: replicas}"
    repository.write("requests/web.yaml", _REQUEST.replace("replicas: 6", scaled))
    repository.write("ops/targets/prod.yaml", "clusters: [{name: a}]\nmanifests: [apps]\n")
    repository.write("apps/base/web.yaml", _BASE.replace("image: a", "image: a, resources: {requests: {cpu: 1}}"))
    repository.write("apps/base/kustomization.yaml", "resources: [web.yaml]\n")
    repository.write("apps/over/kustomization.yaml", f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\n")
    repository.run("compile")
    wanted = build(repository.root / "apps/over")
    repository.write(
        "apps/over/kustomization.yaml", f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\n{overlay}"
    )

    findings = json.loads(repository.run("compile", "--format", "json", code=None))["findings"]

    rules = {finding["rule"] for finding in findings}
    try:
        is_other = build(repository.root / "apps/over") != wanted
    except AssertionError:
        assert rules & {"MAN-008", "MAN-011"}
    else:
        assert is_other == bool(rules & {"MAN-005", "MAN-012"})
        assert not rules & {"MAN-008", "MAN-011"}
