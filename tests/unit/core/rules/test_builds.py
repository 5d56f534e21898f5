"""What builds make of our Components: rules like all others, with the line that decides."""

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Base, Context
from infra_scale.core.compiling.environment import read_environment
from infra_scale.core.compiling.request import is_refused
from infra_scale.core.documents.request import read_request
from infra_scale.model.finding import Finding
from infra_scale.model.scope import Scope
from support.pure import SCHEMAS, compile, facts, source

_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: a, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
"""
_BASE = {"app/base/kustomization.yaml": "resources: [web.yaml]\n", "app/base/web.yaml": _WEB}
_OURS = "../../ops/rendered/infra-scale/c1/shop/deployment-web"
_TARGET = "clusters: [{name: c1}]\nmanifests: [app]\n"
_HPA = "hpa: {min: 3, max: 6, targetCPU: 70}"


def _compiled(workload: str, overlay: str, files: dict[str, str] | None = None, target: str = _TARGET) -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads:\n  - kind: Deployment\n    name: web\n    {workload}\n"
    live = f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\n{overlay}"
    every = {**_BASE, "app/live/kustomization.yaml": live, **(files or {})}
    manifests = tuple(source(text, path) for path, text in every.items())
    targets = (source(target, "ops/targets/prod.yaml"),)
    return compile([source(request)], Context(SCHEMAS, targets, manifests=manifests), facts())


def _of(found: Compilation, rule: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.rule == rule]


def _patch(operation: str, kind: str = "HorizontalPodAutoscaler") -> str:
    return f"patches:\n- target: {{kind: {kind}}}\n  patch: |-\n    - {operation}\n"


_LOWERED = _patch("{op: replace, path: /spec/maxReplicas, value: 2}")


@pytest.mark.parametrize(
    ("overlay", "value", "place"),
    [
        (_LOWERED, "2 as spec.maxReplicas", "app/live/kustomization.yaml:7"),
        (
            "patches:\n- path: scaler.yaml\n",
            "1 as spec.minReplicas",
            "app/live/scaler.yaml:5",
        ),
        (
            "patches:\n- target: {kind: HorizontalPodAutoscaler}\n  patch: |-\n    kind: HorizontalPodAutoscaler\n"
            "    apiVersion: autoscaling/v2\n    metadata: {name: web}\n    $patch: delete\n",
            "no HorizontalPodAutoscaler/web",
            "app/live/kustomization.yaml:7",
        ),
    ],
    ids=["a JSON patch", "a patch file", "a patch that deletes it"],
)
def test_a_later_change_of_our_autoscaler_is_reported_with_its_line(overlay: str, value: str, place: str) -> None:
    scaler = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  minReplicas: 1\n"
    )
    found = _compiled(_HPA, overlay, {"app/live/scaler.yaml": scaler})
    (finding,) = _of(found, "MAN-012")
    assert value in finding.message
    assert f"`{place}`" in finding.message


@pytest.mark.parametrize("level", ["the overlay", "an overlay above", "two overlays above"])
def test_a_later_change_is_followed_through_the_overlays_above(level: str) -> None:
    above = {
        "app/top/kustomization.yaml": f"resources: [../live]\n{_LOWERED}",
        "app/higher/kustomization.yaml": "resources: [../top]\n",
    }
    overlay, files = (_LOWERED, {}) if level == "the overlay" else ("", above)
    if level == "an overlay above":
        del files["app/higher/kustomization.yaml"]
    place = "`app/live/kustomization.yaml:7`" if level == "the overlay" else "`app/top/kustomization.yaml:5`"
    assert [place in one.message for one in _of(_compiled(_HPA, overlay, files), "MAN-012")] == [True]


def test_a_later_change_of_our_replicas_is_reported_once_with_its_line() -> None:
    found = _compiled("replicas: 4", "replicas:\n- name: web\n  count: 9\n")
    reported = [one for one in found.findings if one.rule in ("MAN-005", "MAN-012")]
    assert ["`app/live/kustomization.yaml:5`" in one.message for one in reported] == [True]


def test_a_later_patch_that_the_component_breaks_is_an_error_with_its_line() -> None:
    overlay = _patch("{op: remove, path: /spec/replicas}", "Deployment")
    web = {"app/base/web.yaml": _WEB.replace("spec:\n  selector", "spec:\n  replicas: 2\n  selector")}
    found = _compiled(f"{_HPA}\n    handover: {{from: replicas}}", overlay, web)
    (finding,) = _of(found, "MAN-011")
    assert finding.severity == "error"
    assert "`app/live/kustomization.yaml:7`" in finding.help


def _policy(severity: str, rule: str = "MAN-012") -> str:
    return f"{_TARGET}policy: {{rules: {{{rule}: {{severity: {severity}}}}}}}\n"


@pytest.mark.parametrize("severity", ["error", "note", "off"])
def test_the_policy_of_a_target_sets_the_severity(severity: str) -> None:
    found = _compiled(_HPA, _LOWERED, target=_policy(severity))
    assert [one.severity for one in _of(found, "MAN-012")] == ([] if severity == "off" else [severity])
    assert found.is_valid is (severity != "error")
    assert bool(found.plans) is (severity != "error")


def test_a_waiver_makes_it_a_note() -> None:
    waiver = '\n    allow: [{rule: MAN-012, reason: The patch goes soon, until: "2026-06-30"}]'
    found = _compiled(_HPA + waiver, _LOWERED)
    assert [one.severity for one in _of(found, "MAN-012")] == ["note"]
    assert [one.waiver is not None for plan in found.plans for one in plan.findings if one.rule == "MAN-012"] == [True]
    assert _of(found, "WVR-002") == []
    assert _of(found, "WVR-003") == []


def test_a_waiver_without_a_later_change_is_not_needed() -> None:
    waiver = '\n    allow: [{rule: MAN-012, reason: The patch goes soon, until: "2026-06-30"}]'
    assert len(_of(_compiled(_HPA + waiver, ""), "WVR-002")) == 1


def test_an_expired_waiver_allows_nothing() -> None:
    waiver = '\n    allow: [{rule: MAN-012, reason: The patch goes soon, until: "2025-06-30"}]'
    assert [one.severity for one in _of(_compiled(_HPA + waiver, _LOWERED), "MAN-012")] == ["warning"]


def test_the_policy_of_the_base_applies_to_a_change() -> None:
    manifests = {
        **_BASE,
        "app/live/kustomization.yaml": f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\n{_LOWERED}",
    }
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {_HPA}}}]\n"
    strict = (source(_policy("error"), "ops/targets/prod.yaml"),)
    context = Context(
        SCHEMAS,
        (source(_TARGET, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, path) for path, text in manifests.items()),
        base=Base(strict, frozenset({"requests/web.yaml", "ops/targets/prod.yaml"})),
    )
    found = compile([source(request)], context)
    assert [one.severity for one in _of(found, "MAN-012")] == ["error"]
    assert found.plans == ()


def _joined_above(above: str, files: dict[str, str] | None = None) -> Compilation:
    """The overlay joins our Component and is complete; what is above it is not."""
    return _compiled(_HPA, "", {"app/top/kustomization.yaml": above, **(files or {})})


@pytest.mark.parametrize(
    ("above", "reason", "line"),
    [
        ("resources:\n- ../live\n- https://example.invalid/x?ref=v1\n", "is remote", 3),
        ("resources: [../live]\ntransformers:\n- plugin.yaml\n", "transformer", 3),
        ("resources: [../live]\npatches:\n- path: https://example.invalid/p.yaml\n", "is remote", 3),
    ],
    ids=["a remote base", "a plugin", "a remote patch"],
)
def test_a_build_of_the_component_with_unknown_parts_is_a_warning_with_the_line(
    above: str, reason: str, line: int
) -> None:
    plugin = "apiVersion: example.com/v1\nkind: Plugin\nmetadata: {name: p}\n"
    found = _joined_above(above, {"app/top/plugin.yaml": plugin})
    reported = [one for one in found.findings if one.rule in ("MAN-008", "MAN-013")]
    assert reported
    assert all(one.severity == "warning" for one in reported)
    assert any(reason in one.message and f"`app/top/kustomization.yaml:{line}`" in one.message for one in reported)


def _flux(build: str) -> dict[str, str]:
    return {
        "app/flux/web.yaml": "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata: {{name: web}}\nspec:\n  path: ./app/live\n  postBuild: {build}\n"
    }


_FROM = "{substituteFrom: [{kind: ConfigMap, name: settings}]}"


def test_substitutions_from_a_config_map_are_unknown_where_the_workload_has_some() -> None:
    web = {"app/base/web.yaml": _WEB.replace("image: a", "image: 'a:${TAG}'")}
    found = _compiled("replicas: 4", "", {**_flux(_FROM), **web})
    (finding,) = _of(found, "MAN-013")
    assert "Kustomization/web: substituteFrom is not followed" in finding.message
    assert "`app/flux/web.yaml:5`" in finding.message


@pytest.mark.parametrize("image", ["a", "'a:${TAG}'"])
def test_substitutions_are_silent_where_they_change_nothing_or_are_known(image: str) -> None:
    build = _FROM if image == "a" else "{substitute: {TAG: v1}}"
    web = {"app/base/web.yaml": _WEB.replace("image: a", f"image: {image}")}
    assert _of(_compiled("replicas: 4", "", {**_flux(build), **web}), "MAN-013") == []


def test_an_application_with_a_plugin_is_not_checked_completely() -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
        "    path: app/live\n    plugin: {name: x}\n  destination: {name: c1, namespace: shop}\n"
    )
    (finding,) = _of(_compiled("replicas: 4", "", {"app/argocd/web.yaml": application}), "MAN-013")
    assert "Application/web: plugin is not followed" in finding.message
    assert "`app/argocd/web.yaml:" in finding.message


@pytest.mark.parametrize("severity", ["warning", "error"])
def test_a_request_that_the_builds_refuse_is_refused_for_the_load_of_clusters_too(severity: str) -> None:
    live = f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\n{_LOWERED}"
    files = {**_BASE, "app/live/kustomization.yaml": live}
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {_HPA}}}]\n"
    context = Context(
        SCHEMAS,
        (source(_policy(severity), "ops/targets/prod.yaml"),),
        scope=Scope("other"),
        manifests=tuple(source(text, path) for path, text in files.items()),
    )
    reading = read_request(source(request), schema=SCHEMAS.request)
    assert is_refused(reading, read_environment(context)) is (severity == "error")
