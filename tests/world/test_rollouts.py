"""Components of Argo Rollouts, built by the real kustomize: it has no schema of a Rollout."""

import pytest

from support.kustomize import Object, build
from support.repository import Repository

_ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  replicas: 2
  strategy: {canary: {steps: [{setWeight: 20}]}}
  template:
    spec:
      containers:
        - {name: log, image: "log:1"}
        - {name: app, image: "app:1"%s}
"""
_OVERLAY = "namespace: shop\nresources: [../base]\ncomponents: [../../../ops/rendered/infra-scale/a/shop]\n"


def _set_up(repository: Repository, resources: str, workload: str) -> Repository:
    workloads = f"workloads: [{{kind: Rollout, name: web, container: app, {workload}}}]\n"
    repository.write("requests/web.yaml", f"target: prod\nnamespace: shop\n{workloads}")
    repository.write("ops/targets/prod.yaml", "clusters: [{name: a}]\nmanifests: [apps]\n")
    repository.write("apps/web/base/rollout.yaml", _ROLLOUT % resources)
    repository.write("apps/web/base/kustomization.yaml", "resources: [rollout.yaml]\n")
    repository.write("apps/web/prod/kustomization.yaml", _OVERLAY)
    return repository


def _built(repository: Repository) -> Object:
    spec: Object = build(repository.root / "apps/web/prod")["Rollout", "shop", "web"]["spec"]
    return spec


@pytest.mark.parametrize(
    ("resources", "kept"),
    [
        ("", {}),
        (", resources: {}", {}),
        (", resources: {requests: {cpu: 1, ephemeral-storage: 1Gi}}", {"ephemeral-storage": "1Gi"}),
        (", resources: {limits: {cpu: 4, memory: 1Gi}}", {}),
    ],
    ids=["no resources", "empty resources", "requests", "limits"],
)
def test_a_rollout_has_the_planned_values_and_keeps_its_other_containers_and_images(
    repository: Repository, resources: str, kept: Object
) -> None:
    _set_up(repository, resources, "replicas: 6, requests: {cpu: 500m, mem: 64Mi}, limits: {mem: 2Gi}")
    repository.run("compile")

    spec = _built(repository)

    log, app = spec["template"]["spec"]["containers"]
    assert (spec["replicas"], log, app["image"]) == (6, {"name": "log", "image": "log:1"}, "app:1")
    assert app["resources"]["requests"] == {"cpu": "500m", "memory": "64Mi", **kept}
    assert app["resources"]["limits"]["memory"] == "2Gi"
    assert spec["strategy"] == {"canary": {"steps": [{"setWeight": 20}]}}
    repository.run("compile", "--check")


def test_a_later_patch_of_the_resources_of_a_rollout_is_reported_as_a_value_that_the_plan_does_not_reach(
    repository: Repository,
) -> None:
    _set_up(repository, ", resources: {requests: {cpu: 1}}", "requests: {cpu: 500m}")
    path = "/spec/template/spec/containers/1/resources/requests/cpu"
    late = f"patches:\n- target: {{kind: Rollout}}\n  patch: |\n    - {{op: replace, path: {path}, value: 900m}}\n"
    repository.write("apps/web/prod/kustomization.yaml", _OVERLAY + late)
    said = repository.run("compile", code=None)

    assert _built(repository)["template"]["spec"]["containers"][1]["resources"] == {"requests": {"cpu": "900m"}}
    assert "MAN-005" in said
