"""Rules about Argo Rollouts, and what is planned and rendered for one."""

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from support.pure import SCHEMAS, compile, rendered_patches, source

_TARGET = "clusters: [{name: prod-eu-1}]\nmanifests: [apps]\n"
_ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  replicas: 2
  template:
    spec:
      containers:
        - {name: log, image: b}
        - {name: app, image: a%s}
"""
_REFERENCE = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec: {replicas: 5, workloadRef: {apiVersion: apps/v1, kind: Deployment, name: api}}
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec: {replicas: 0, template: {spec: {containers: [{name: app, image: a}]}}}
"""


def _compiled(workload: str, **manifests: str) -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{{workload}}}]\n"
    context = Context(
        SCHEMAS,
        targets=(source(_TARGET, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, f"apps/{file}.yaml") for file, text in manifests.items()),
    )
    return compile([source(request)], context)


def _found(compilation: Compilation, rule: str) -> list[Finding]:
    return [finding for finding in compilation.findings if finding.rule == rule]


def test_replicas_of_a_rollout_are_a_patch_with_its_api_version() -> None:
    compilation = _compiled("kind: Rollout, name: web, replicas: 6", web=_ROLLOUT % "")

    assert rendered_patches(compilation) == [
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"name": "web"},
            "spec": {"replicas": 6},
        }
    ]


@pytest.mark.parametrize(
    ("resources", "operations"),
    [
        ("", [("resources", {"requests": {"cpu": "500m"}, "limits": {"memory": "1Gi"}})]),
        (
            ", resources: {requests: {cpu: 1, ephemeral-storage: 1Gi}}",
            [("resources/requests/cpu", "500m"), ("resources/limits", {"memory": "1Gi"})],
        ),
        (
            ", resources: {limits: {memory: 2Gi}, claims: []}",
            [("resources/requests", {"cpu": "500m"}), ("resources/limits/memory", "1Gi")],
        ),
    ],
    ids=["no resources", "requests", "limits"],
)
def test_resources_of_a_rollout_are_set_one_by_one_in_the_container_of_their_name(
    resources: str, operations: list[tuple[str, object]]
) -> None:
    workload = "kind: Rollout, name: web, container: app, requests: {cpu: 500m}, limits: {memory: 1Gi}"
    identity, patch = rendered_patches(_compiled(workload, web=_ROLLOUT % resources))

    item = "/spec/template/spec/containers/1"
    assert identity == {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "metadata": {"name": "web"}}
    assert [*patch] == [
        {"op": "test", "path": f"{item}/name", "value": "app"},
        *({"op": "add", "path": f"{item}/{path}", "value": value} for path, value in operations),
    ]


def test_resources_of_a_rollout_without_a_manifest_are_not_rendered_and_a_note_reports_it() -> None:
    compilation = _compiled("kind: Rollout, name: other, container: app, requests: {cpu: 1}", web=_ROLLOUT % "")

    assert rendered_patches(compilation) == []
    assert [one.message for one in _found(compilation, "RES-011")] == [
        "the containers of Rollout/other are unknown, and kustomize can patch them only by their number: "
        "its resources are in the plan but not rendered"
    ]


def test_the_plan_of_a_rollout_names_its_group_in_commands() -> None:
    workload = "kind: Rollout, name: web, container: app, replicas: 6, requests: {cpu: 500m}"
    (plan,) = _compiled(workload, web=_ROLLOUT % "").plans

    assert any("scale rollouts.argoproj.io/web -n shop" in line for line in plan.rollback_hints)
    assert not any("kubectl rollout" in line for line in plan.rollback_hints)


def test_an_hpa_of_a_rollout_refers_to_the_rollout() -> None:
    compilation = _compiled(
        "kind: Rollout, name: web, hpa: {min: 2, max: 4, container: app}",
        web=(_ROLLOUT % ", resources: {requests: {cpu: 1}}").replace("  replicas: 2\n", ""),
    )

    (hpa,) = [yaml.safe_load(text) for path, text in compilation.files.items() if path.endswith("/hpa-web.yaml")]
    assert hpa["spec"]["scaleTargetRef"] == {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "web"}
    assert _found(compilation, "HPA-008") == []


def test_resources_of_a_rollout_that_refers_to_a_workload_are_refused_with_the_name_of_that_workload() -> None:
    manifests = {"web": _REFERENCE, "api": _DEPLOYMENT}
    compilation = _compiled("kind: Rollout, name: web, replicas: 6, requests: {cpu: 1}", **manifests)

    (finding,) = _found(compilation, "OWN-010")
    assert finding.severity == "error"
    assert finding.message == "Rollout/web takes its pods from Deployment/api, which has their requests and limits."
    assert finding.help == "request them in a workload of their own: `kind: Deployment`, `name: api`"


@pytest.mark.parametrize(
    "setting",
    [
        "replicas: 3",
        "hpa: {min: 2, max: 4}",
        "keda: {min: 2, max: 4, triggers: [{type: cron, metadata: {timezone: UTC}}]}",
    ],
)
def test_a_setting_of_a_deployment_that_a_rollout_overrides_names_the_rollout(setting: str) -> None:
    compilation = _compiled(f"kind: Deployment, name: api, {setting}", web=_REFERENCE, api=_DEPLOYMENT)

    (finding,) = _found(compilation, "OWN-009")
    key = setting.partition(":")[0]
    assert finding.help == f"request `{key}` for the Rollout: `kind: Rollout`, `name: web`"


def test_resources_of_a_deployment_that_a_rollout_refers_to_are_accepted() -> None:
    compilation = _compiled("kind: Deployment, name: api, requests: {cpu: 1}", web=_REFERENCE, api=_DEPLOYMENT)

    assert _found(compilation, "OWN-009") == []
    assert len(rendered_patches(compilation)) == 1


def test_the_rollout_of_another_product_is_not_taken_for_one_of_argo() -> None:
    other = (_ROLLOUT % "").replace("argoproj.io/v1alpha1", "rollouts.kruise.io/v1beta1")
    compilation = _compiled("kind: Rollout, name: web, replicas: 6", web=other)

    assert len(_found(compilation, "MAN-006")) == 1
