"""A request is compiled against the builds of each cluster, and its Components against those that join them."""

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from support.pure import SCHEMAS, compile, source

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
_OURS = "../../ops/rendered/infra-scale"
_TARGET = "clusters: [{name: c1}, {name: c2}]\nmanifests: [app]\n"


def _compiled(workload: str, files: dict[str, str], target: str = _TARGET, name: str = "web") -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads:\n  - kind: Deployment\n    name: {name}\n    {workload}\n"
    manifests = tuple(source(text, path) for path, text in {**_BASE, **files}.items())
    context = Context(SCHEMAS, (source(target, "ops/targets/prod.yaml"),), manifests=manifests)
    return compile([source(request, "requests/web.yaml")], context)


def _of(found: Compilation, rule: str) -> list[Finding]:
    return [finding for finding in found.findings if finding.rule == rule]


def _overlay(cluster: str, *, replicas: int | None = None, joins: bool = True) -> str:
    lines = "namespace: shop\nresources: [../base]\n"
    lines += (
        "patches:\n- patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web},"
        f" spec: {{replicas: {replicas}}}}}'\n"
        if replicas
        else ""
    )
    return lines + (f"components: [{_OURS}/{cluster}/shop/deployment-web]\n" if joins else "")


def test_each_cluster_has_the_number_of_its_own_overlay() -> None:
    inner = {
        f"app/core-{name}/kustomization.yaml": _overlay(name, replicas=number, joins=False)
        for name, number in (("c1", 4), ("c2", 6))
    }
    outer = {
        f"app/{name}/kustomization.yaml": "resources: [../core-"
        f"{name}]\ncomponents: [{_OURS}/{name}/shop/deployment-web]\n"
        for name in ("c1", "c2")
    }
    found = _compiled("hpa: {min: 3, max: 6, targetCPU: 70}", {**inner, **outer})
    messages = " ".join(finding.message for finding in _of(found, "OWN-001"))
    assert "4" in messages
    assert "6" in messages
    assert _of(found, "MAN-007") == []


def test_the_same_number_in_each_overlay_is_reported_once() -> None:
    files = {f"app/{name}/kustomization.yaml": _overlay(name) for name in ("c1", "c2")}
    found = _compiled("replicas: 4", files)
    assert found.is_valid
    assert [one.rule for one in found.findings if one.rule.startswith("MAN")] == []


def test_overlays_are_told_apart_by_the_target() -> None:
    target = "clusters:\n- {name: c1, overlays: [app/eu]}\n- {name: c2, overlays: [app/us]}\nmanifests: [app]\n"
    files = {
        "app/eu/kustomization.yaml": _overlay("c1", joins=False),
        "app/us/kustomization.yaml": _overlay("c2", joins=False, replicas=3),
    }
    found = _compiled("replicas: 4", files, target)
    assert _of(found, "MAN-007") == []
    assert [("app/eu" in one.help, "app/us" in one.help) for one in _of(found, "MAN-009")] in (
        [(True, False), (False, True)],
        [(False, True), (True, False)],
    )


def test_a_component_that_no_overlay_joins_is_a_warning_with_the_line() -> None:
    found = _compiled("replicas: 4", {"app/live/kustomization.yaml": _overlay("c1", joins=False)}, _ONE)
    (finding,) = _of(found, "MAN-009")
    assert (finding.severity, found.is_valid) == ("warning", True)
    assert f"`{_OURS}/c1/shop/deployment-web` to `components` in `app/live/kustomization.yaml`" in finding.help


def test_an_autoscaler_that_a_deployed_overlay_lacks_is_an_error() -> None:
    target = "clusters: [{name: c1, overlays: [app/live]}]\nmanifests: [app]\n"
    files = {"app/live/kustomization.yaml": _overlay("c1", joins=False)}
    found = _compiled("hpa: {min: 3, max: 6, targetCPU: 70}", files, target)
    assert [finding.severity for finding in _of(found, "MAN-009")] == ["error"]
    assert found.plans == ()


def test_a_request_for_a_workload_that_a_joining_overlay_does_not_build_is_an_error() -> None:
    files = {
        "app/live/kustomization.yaml": f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}/c1/shop]\n",
        "app/other/kustomization.yaml": "namespace: shop\nresources: [worker.yaml]\n",
        "app/other/worker.yaml": _WEB.replace("web", "worker"),
    }
    found = _compiled("replicas: 4", files, _ONE, name="worker")
    (finding,) = _of(found, "MAN-010")
    assert finding.severity == "error"
    assert "`app/live` joins ops/rendered/infra-scale/c1/shop and does not build Deployment/worker" in finding.message


def test_a_component_that_no_overlay_can_use_is_not_rendered_where_it_would_break_one() -> None:
    files = {"app/live/kustomization.yaml": f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}/c1/shop]\n"}

    found = _compiled("replicas: 4", files, _ONE, name="worker")

    (finding,) = _of(found, "MAN-010")
    assert finding.severity == "warning"
    assert "it is in the plan but not rendered" in finding.message
    assert len(found.plans) == 1
    assert not any("deployment-worker" in path for path in found.files)


def test_what_an_application_sets_after_the_component_is_reported_with_its_file() -> None:
    application = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source:
    path: app/base
    kustomize: {{replicas: [{{name: web, count: 9}}], components: [{_OURS}/c1/shop]}}
  destination: {{name: c1, namespace: shop}}
"""
    found = _compiled("replicas: 4", {"app/argocd/web.yaml": application}, _ONE)
    (finding,) = _of(found, "MAN-012")
    assert finding.message == (
        "`app/base` builds 9 as spec.replicas of Deployment/web, not 4: `app/argocd/web.yaml:7` decides."
    )
    assert any(one.rule == "MAN-012" for plan in found.plans for one in plan.findings)


def test_a_build_that_kustomize_refuses_with_the_component_is_an_error() -> None:
    hpa = (
        "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n"
        "spec: {scaleTargetRef: {kind: Deployment, name: other}}\n"
    )
    overlay = f"resources: [inner]\ncomponents: [{_OURS}/c1/shop]\n"
    files = {
        "app/live/kustomization.yaml": overlay,
        "app/live/inner/kustomization.yaml": "namespace: shop\nresources: [../../base, hpa.yaml]\n",
        "app/live/inner/hpa.yaml": hpa,
    }
    found = _compiled("hpa: {min: 3, max: 6, targetCPU: 70}", files, _ONE)
    assert not found.is_valid
    assert found.plans == ()


_ONE = "clusters: [{name: c1}]\nmanifests: [app]\n"
