"""Requests for workloads of Flux HelmReleases: what is read from their values, and what is rendered."""

from typing import Any

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from support.pure import SCHEMAS, compile, source

_RENDERED = "ops/rendered/infra-scale/c1/shop"
_OURS = f"../../{_RENDERED}/helmrelease-web"
_WEB = "helm: [{chart: web}]"


def _release(
    values: str = "{replicaCount: 2, autoscaling: {enabled: false}, resources: {}}",
    *,
    chart: str = "web",
    spec: str = "",
    namespace: str = "shop",
) -> str:
    metadata = f"{{name: web, namespace: {namespace}}}" if namespace else "{name: web}"
    return (
        f"apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {metadata}\nspec:\n"
        f"  chart: {{spec: {{chart: {chart}, sourceRef: {{kind: HelmRepository, name: x}}}}}}\n"
        f"  values: {values}\n{spec}"
    )


def _compiled(
    workload: str,
    release: str | None = None,
    *,
    helm: str = _WEB,
    name: str = "web",
    overlay: str = "",
    files: dict[str, str] | None = None,
) -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads:\n  - {{kind: Deployment, name: {name}, {workload}}}\n"
    manifests = {
        "app/base/kustomization.yaml": "resources: [web.yaml]\n",
        "app/base/web.yaml": _release() if release is None else release,
        "app/prod/kustomization.yaml": f"resources: [../base]\ncomponents: [{_OURS}]\n{overlay}",
        **(files or {}),
    }
    target = f"clusters: [{{name: c1}}]\nmanifests: [app]\n{helm}\n"
    context = Context(
        SCHEMAS,
        (source(target, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, path) for path, text in manifests.items()),
    )
    return compile([source(request, "requests/web.yaml")], context)


def _of(found: Compilation, rule: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.rule == rule]


def _values(found: Compilation, name: str = "web") -> dict[str, Any]:
    path = f"{_RENDERED}/helmrelease-web/patch-deployment-{name}-values.yaml"
    assert path in found.files, found.findings
    values: dict[str, Any] = yaml.safe_load(found.files[path])["spec"]["values"]
    return values


def _plan(found: Compilation) -> ScalePlan:
    assert found.plans, found.findings
    return found.plans[0]


def _before(found: Compilation) -> object:
    (action,) = (one for one in _plan(found).actions if type(one).__name__ == "ScaleWorkload")
    return getattr(action, "before", None)


def test_a_fixed_number_sets_the_replicas_and_switches_the_autoscaler_of_the_chart_off() -> None:
    found = _compiled("replicas: 6")

    assert _values(found) == {"replicaCount": 6, "autoscaling": {"enabled": False}}
    assert _before(found) == 2
    assert _of(found, "HLM-002") == []
    component = yaml.safe_load(found.files[f"{_RENDERED}/helmrelease-web/kustomization.yaml"])
    assert component["patches"] == [{"path": "patch-deployment-web-values.yaml"}]
    assert yaml.safe_load(found.files[f"{_RENDERED}/kustomization.yaml"])["components"] == []


def test_an_hpa_sets_both_bounds_and_targets_and_no_replicas() -> None:
    found = _compiled("hpa: {min: 4, max: 12, targetCPU: 65}")

    assert _values(found)["autoscaling"] == {
        "enabled": True,
        "minReplicas": 4,
        "maxReplicas": 12,
        "targetCPUUtilizationPercentage": 65,
        "targetMemoryUtilizationPercentage": 0,
    }
    assert "replicaCount" not in _values(found)
    (drop,) = _of(found, "HLM-006")
    assert "from 2 to 1 and then to 4 pods" in drop.message
    assert _of(found, "OWN-001") == []


def test_a_target_for_memory_alone_sets_that_of_the_cpu_to_0() -> None:
    scaled = _values(_compiled("hpa: {min: 4, max: 12, targetMemory: 70}"))["autoscaling"]

    assert scaled["targetCPUUtilizationPercentage"] == 0
    assert scaled["targetMemoryUtilizationPercentage"] == 70


def test_only_the_requested_amounts_are_set() -> None:
    found = _compiled("requests: {cpu: 500m, mem: 1Gi}", _release("{resources: {limits: {memory: 2Gi}}}"))

    assert _values(found) == {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}}}
    assert _of(found, "HLM-002") == []


def test_a_release_without_an_entry_is_an_error_with_the_entry_to_add() -> None:
    found = _compiled("replicas: 6", helm="")

    (error,) = _of(found, "HLM-001")
    assert error.severity == "error"
    assert "`- {chart: web}`" in error.help
    assert not any("patch-deployment" in path for path in found.files)


_PODINFO = (
    "helm: [{chart: podinfo, workload: {name: '{release}'}, hpa: {enabled: hpa.enabled, min: replicaCount, "
    "max: hpa.maxReplicas, targetCPU: hpa.cpu}}]"
)


def test_the_minimum_may_be_the_value_of_the_replicas() -> None:
    found = _compiled("hpa: {min: 4, max: 12, targetCPU: 65}", _release(chart="podinfo"), helm=_PODINFO)

    assert _values(found) == {"hpa": {"enabled": True, "maxReplicas": 12, "cpu": 65}, "replicaCount": 4}


def test_a_target_that_the_chart_does_not_have_is_an_error() -> None:
    found = _compiled("hpa: {min: 4, max: 12, targetMemory: 65}", _release(chart="podinfo"), helm=_PODINFO)

    assert "a memory target" in _of(found, "HLM-005")[0].message


def _from(kind: str, more: str = "") -> str:
    return f"  valuesFrom: [{{kind: {kind}, name: web-values{more}}}]\n"


_CONFIG_MAP = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-values, namespace: shop}\n"
    "data:\n  values.yaml: |\n    replicaCount: 3\n    autoscaling: {enabled: false}\n"
)


def test_values_from_a_config_map_in_git_are_read() -> None:
    files = {"app/base/kustomization.yaml": "resources: [web.yaml, map.yaml]\n", "app/base/map.yaml": _CONFIG_MAP}
    found = _compiled("replicas: 6", _release("{}", spec=_from("ConfigMap")), files=files)

    assert _before(found) == 3
    assert _values(found)["replicaCount"] == 6


def test_values_from_a_generated_config_map_are_read() -> None:
    generator = "configMapGenerator: [{name: web-values, namespace: shop, files: [values.yaml]}]\n"
    files = {
        "app/base/kustomization.yaml": f"resources: [web.yaml]\n{generator}",
        "app/base/values.yaml": "replicaCount: 3\n",
    }
    assert _before(_compiled("replicas: 6", _release("{}", spec=_from("ConfigMap")), files=files)) == 3


def test_inline_values_win_over_those_of_a_config_map() -> None:
    files = {"app/base/kustomization.yaml": "resources: [web.yaml, map.yaml]\n", "app/base/map.yaml": _CONFIG_MAP}
    found = _compiled("replicas: 6", _release("{replicaCount: 5}", spec=_from("ConfigMap")), files=files)

    assert _before(found) == 5


@pytest.mark.parametrize(("path", "count"), [("replicaCount", 1), ("image.tag", 0), ("autoscaling", 1)])
def test_a_target_path_at_or_above_a_value_of_ours_is_an_error(path: str, count: int) -> None:
    found = _compiled("replicas: 6", _release(spec=_from("Secret", f", targetPath: {path}")))

    assert len(_of(found, "HLM-003")) == count


def test_values_of_a_secret_are_not_checked() -> None:
    found = _compiled("replicas: 6", _release("{}", spec=_from("Secret")))

    assert _before(found) is None
    assert _values(found)["replicaCount"] == 6
    assert any("Secret/web-values is not read" in one.message for one in _of(found, "MAN-008"))


def test_an_overlay_that_sets_the_value_after_ours_is_an_error() -> None:
    patch = (
        "patches:\n- patch: '{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, "
        "metadata: {name: web, namespace: shop}, spec: {values: {replicaCount: 3}}}'\n"
    )
    found = _compiled("replicas: 6", overlay=patch)

    (error,) = _of(found, "HLM-003")
    assert error.severity == "error"
    assert "app/prod/kustomization.yaml" in error.message


def test_a_release_gets_its_namespace_from_an_overlay() -> None:
    found = _compiled("replicas: 6", _release(namespace=""), overlay="namespace: shop\n")

    assert _values(found)["replicaCount"] == 6
    assert not [one for one in found.findings if one.severity == "error"]


def test_a_release_may_install_into_another_namespace() -> None:
    release = _release(namespace="flux-system", spec="  targetNamespace: shop\n  releaseName: web\n")
    found = _compiled("replicas: 6", release)

    text = found.files[f"{_RENDERED}/helmrelease-web/patch-deployment-web-values.yaml"]
    assert yaml.safe_load(text)["metadata"] == {"name": "web", "namespace": "flux-system"}
    assert not [one for one in found.findings if one.severity == "error" or one.rule == "MAN-009"]


_ARGO_CD = (
    "helm:\n"
    "- {chart: argo-cd, workload: {name: '{release}-server', container: server}, under: server, replicas: replicas}\n"
    "- {chart: argo-cd, workload: {name: '{release}-repo', container: repo}, under: %s, replicas: replicas}\n"
)


def _two(under: str) -> Compilation:
    workloads = "".join(
        f"  - {{kind: Deployment, name: web-{name}, replicas: {count}}}\n"
        for name, count in (("server", 3), ("repo", 4))
    )
    return _compiled_request(
        f"target: prod\nnamespace: shop\nworkloads:\n{workloads}", _release("{}", chart="argo-cd"), _ARGO_CD % under
    )


def _compiled_request(request: str, release: str, helm: str) -> Compilation:
    manifests = {
        "app/kustomization.yaml": f"resources: [web.yaml]\ncomponents: [../{_RENDERED}/helmrelease-web]\n",
        "app/web.yaml": release,
    }
    target = f"clusters: [{{name: c1}}]\nmanifests: [app]\n{helm}\n"
    context = Context(
        SCHEMAS,
        (source(target, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, path) for path, text in manifests.items()),
    )
    return compile([source(request, "requests/web.yaml")], context)


def test_two_workloads_of_a_release_share_its_component() -> None:
    found = _two("repoServer")

    component = yaml.safe_load(found.files[f"{_RENDERED}/helmrelease-web/kustomization.yaml"])
    assert len(component["patches"]) == 2
    assert _values(found, "web-repo")["repoServer"]["replicas"] == 4
    assert _values(found, "web-server")["server"]["replicas"] == 3


def test_one_path_with_two_numbers_is_an_error() -> None:
    (error,) = _of(_two("server"), "HLM-004")

    assert error.severity == "error"
    assert "`server.replicas`" in error.message


def test_two_entries_for_one_workload_are_an_error() -> None:
    found = _compiled("replicas: 6", helm="helm: [{chart: web}, {chart: 'w*'}]")

    assert "2 entries" in _of(found, "HLM-004")[0].message


_SCALED = "{replicaCount: 2, autoscaling: {enabled: true, minReplicas: 2, maxReplicas: 5}}"


def test_a_fixed_number_beside_the_autoscaler_in_git_needs_a_hand_over() -> None:
    found = _compiled("replicas: 6", _release(_SCALED))

    assert len(_of(found, "HPA-007")) == 1
    assert not any("patch-deployment" in path for path in found.files)

    handed_over = _compiled("replicas: 6, handover: {from: hpa}", _release(_SCALED))
    assert _of(handed_over, "HPA-007") == []
    assert _values(handed_over) == {"replicaCount": 6, "autoscaling": {"enabled": False}}


def test_a_chart_that_keeps_rendering_replicas_gets_no_hpa() -> None:
    found = _compiled("hpa: {min: 4, max: 12, targetCPU: 65}", helm="helm: [{chart: web, hpa: false}]")

    assert len(_of(found, "HLM-008")) == 1


def test_no_command_of_the_plan_scales_a_workload_of_a_release() -> None:
    plan = _plan(_compiled("replicas: 6"))

    assert not any("kubectl" in hint for hint in (*plan.rollback_hints, *plan.preparations))
    assert any("flux --context c1 suspend helmrelease web -n shop" in hint for hint in plan.rollback_hints)


def test_a_hand_over_to_the_autoscaler_of_the_chart_holds_the_count_first() -> None:
    found = _compiled("hpa: {min: 4, max: 12, targetCPU: 65}, handover: {from: replicas}")

    (transfer,) = _plan(found).transfers
    assert "upgrade.serverSideApply: enabled" in transfer.steps[0].what
    assert "--field-manager=infra-scale-handover" in str(transfer.steps[1].command)
    assert _of(found, "HLM-006") == []


def test_a_release_that_no_overlay_joins_is_reported_with_the_line_to_add() -> None:
    files = {"app/prod/kustomization.yaml": "resources: [../base]\n"}
    (finding,) = _of(_compiled("replicas: 6", files=files), "MAN-009")

    assert "helmrelease-web" in finding.help


def test_a_chart_of_an_oci_repository_has_the_name_of_its_url() -> None:
    release = _release("{controllers: {web: {containers: {app: {}}}}}").replace(
        "chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: x}}}",
        "chartRef: {kind: OCIRepository, name: charts}",
    )
    repository = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: charts}\n"
        "spec: {url: 'oci://ghcr.io/bjw-s/app-template'}\n"
    )
    helm = (
        "helm: [{chart: app-template, workload: {name: '{release}', container: app}, under: 'controllers.{release}', "
        "replicas: replicas, resources: containers.app.resources, hpa: false}]"
    )
    files = {
        "app/base/kustomization.yaml": "resources: [web.yaml, oci.yaml]\n",
        "app/base/oci.yaml": repository,
    }
    found = _compiled("replicas: 6, requests: {cpu: 100m}", release, helm=helm, files=files)

    assert _values(found) == {
        "controllers": {"web": {"replicas": 6, "containers": {"app": {"resources": {"requests": {"cpu": "100m"}}}}}}
    }
