"""What overlays build decides which rules fire and what is rendered: families of manifests, each in several shapes."""

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from support.pure import SCHEMAS, compile, rendered_patches, source

_TARGET = "clusters: [{name: c1}]\nmanifests: [apps]\n"
_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: a, resources: {requests: {cpu: 100m}}}]}
"""
_BARE = _WEB.replace("  replicas: 4\n", "")
_SCALER = "metadata: {name: %s}\nspec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}\n"
_HPA = f"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n{_SCALER}"
_SCALED = f"apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\n{_SCALER}"
_PDB = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
"""
_BASE = {"base/web.yaml": _WEB, "base/kustomization.yaml": "resources: [web.yaml]\n"}
_JOINS = "components: [../../ops/rendered/infra-scale/c1/shop]\n"
_PROD = {"prod/kustomization.yaml": f"namespace: shop\nresources: [../base]\n{_JOINS}"}
_SCALING = "hpa: {min: 4, max: 8, targetCPU: 70}"


def _compiled(workload: str, files: dict[str, str], name: str = "web") -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: {name}, {workload}}}]\n"
    context = Context(
        SCHEMAS,
        targets=(source(_TARGET, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, f"apps/{path}") for path, text in files.items()),
    )
    return compile([source(request)], context)


def _found(compilation: Compilation, rule: str) -> list[Finding]:
    return [finding for finding in compilation.findings if finding.rule == rule]


def _merge(body: str, name: str = "web") -> str:
    return f'patches: [{{patch: "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: {name}}}, {body}}}"}}]\n'


_CONTAINER = "spec: {template: {spec: {containers: [{name: web, securityContext: {runAsNonRoot: true}}]}}}"
_OPERATION = '[{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["a"]}]'
_HARMLESS = {
    "a merge patch of the container": _merge(_CONTAINER),
    "a JSON patch of the container": f"patches: [{{target: {{kind: Deployment, name: web}}, patch: '{_OPERATION}'}}]\n",
    "a JSON patch of all Deployments": f"patches: [{{target: {{kind: Deployment}}, patch: '{_OPERATION}'}}]\n",
    "a patch of another workload": f"patches: [{{target: {{kind: Deployment, name: api}}, patch: '{_OPERATION}'}}]\n",
    "a patch in a file": "patches: [{path: patch.yaml}]\n",
    "a foreign component": "components: [../extra]\n",
    "replacements of something else": (
        "replacements: [{source: {kind: Deployment, name: web, fieldPath: metadata.name}, "
        "targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]}]\n"
    ),
}
_MORE = {
    "base/patch.yaml": f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n{_CONTAINER}\n",
    "extra/kustomization.yaml": f"kind: Component\n{_merge(_CONTAINER)}",
}


@pytest.mark.parametrize("line", _HARMLESS.values(), ids=_HARMLESS.keys())
def test_a_patch_hides_only_what_it_touches(line: str) -> None:
    files = {**_BASE, **_PROD, **_MORE, "base/hpa.yaml": _HPA % "web-cpu"}
    files["base/kustomization.yaml"] = f"resources: [web.yaml, hpa.yaml]\n{line}"

    compilation = _compiled(_SCALING, files)

    assert ["4 replicas" in one.message for one in _found(compilation, "OWN-001")] == [True]
    assert ["web-cpu" in one.message for one in _found(compilation, "HPA-011")] == [True]
    assert not [one for one in compilation.findings if one.rule in ("MAN-008", "HPA-005", "RES-011")]


_PLACES = {
    "the overlay": {"prod/kustomization.yaml": f"namespace: shop\nresources: [../base, new.yaml]\n{_JOINS}"},
    "a sibling of the base": {
        "prod/kustomization.yaml": f"namespace: shop\nresources: [../base, ../new]\n{_JOINS}",
        "new/kustomization.yaml": "resources: [../prod/new.yaml]\n",
    },
    "an overlay above": {
        "prod/kustomization.yaml": f"resources: [../base]\n{_JOINS}",
        "top/kustomization.yaml": "namespace: shop\nresources: [../prod, ../prod/new.yaml]\n",
    },
    "a foreign component": {
        "prod/kustomization.yaml": "namespace: shop\nresources: [../base]\ncomponents: [../new]\n",
        "new/kustomization.yaml": "kind: Component\nresources: [../prod/new.yaml]\n",
    },
    "another build of the namespace": {
        **_PROD,
        "new/kustomization.yaml": "namespace: shop\nresources: [../prod/new.yaml]\n",
    },
}


@pytest.mark.parametrize("overlay", _PLACES.values(), ids=_PLACES.keys())
@pytest.mark.parametrize("scaler", [_HPA, _SCALED], ids=["an HPA", "a ScaledObject"])
def test_an_autoscaler_counts_wherever_it_is_built(overlay: dict[str, str], scaler: str) -> None:
    files = {**_BASE, **overlay, "base/web.yaml": _BARE, "prod/new.yaml": scaler % "other"}

    fixed, scaled = _compiled("replicas: 7", files), _compiled(_SCALING, files)

    assert ["other" in one.message for one in _found(fixed, "HPA-007")] == [True]
    assert rendered_patches(fixed) == []
    assert ["other" in one.message for one in _found(scaled, "HPA-011")] == [True]


@pytest.mark.parametrize("overlay", _PLACES.values(), ids=_PLACES.keys())
def test_a_budget_counts_wherever_it_is_built(overlay: dict[str, str]) -> None:
    files = {**_BASE, **overlay, "prod/new.yaml": _PDB}

    assert _found(_compiled("replicas: 2", files), "AVL-001")


def test_an_autoscaler_of_another_build_of_the_workload_does_not_count() -> None:
    other = "namespace: shop\nresources: [../base, new.yaml]\n"
    files = {**_BASE, **_PROD, "other/kustomization.yaml": other, "other/new.yaml": _HPA % "web-hpa"}

    assert _found(_compiled("replicas: 7", files), "HPA-007") == []


_TAKEN = {
    "in the base": {"base/hpa.yaml": _HPA % "web", "base/kustomization.yaml": "resources: [web.yaml, hpa.yaml]\n"},
    "in the overlay": {
        "prod/hpa.yaml": _HPA % "web",
        "prod/kustomization.yaml": f"namespace: shop\nresources: [../base, hpa.yaml]\n{_JOINS}",
    },
}


@pytest.mark.parametrize("files", _TAKEN.values(), ids=_TAKEN.keys())
def test_an_autoscaler_of_the_name_of_ours_is_an_error_wherever_it_is_built(files: dict[str, str]) -> None:
    compilation = _compiled(_SCALING, {**_BASE, **_PROD, **files})

    assert [one.severity for one in _found(compilation, "MAN-003")] == ["error"]
    assert compilation.plans == ()


_NAMESPACES = {
    "in no file": ("", f"namespace: shop\nresources: [../base]\n{_JOINS}", None),
    "in the file": ("default", f"namespace: shop\nresources: [../base]\n{_JOINS}", "default"),
    "in an overlay between": ("", f"resources: [between]\n{_JOINS}", "shop"),
}


@pytest.mark.parametrize(("written", "overlay", "namespace"), _NAMESPACES.values(), ids=_NAMESPACES.keys())
def test_what_is_rendered_has_the_namespace_of_the_place_where_it_is_joined(
    written: str, overlay: str, namespace: str | None
) -> None:
    files = {**_BASE, "prod/kustomization.yaml": overlay}
    files["prod/between/kustomization.yaml"] = "namespace: shop\nresources: [../../base]\n"
    if written:
        files["base/web.yaml"] = _WEB.replace("{name: web}", f"{{name: web, namespace: {written}}}", 1)
    if "between" not in overlay:
        del files["prod/between/kustomization.yaml"]

    compilation = _compiled(f"{_SCALING}, handover: {{from: replicas}}, requests: {{cpu: 200m}}", files)

    folder = "ops/rendered/infra-scale/c1/shop/deployment-web"
    hpa = yaml.safe_load(compilation.files[f"{folder}/hpa-web.yaml"])
    found = [patch["metadata"].get("namespace") for patch in rendered_patches(compilation)]
    assert [*found, hpa["metadata"].get("namespace")] == [namespace] * (len(found) + 1)
    assert _found(compilation, "MAN-006") == []


_SUBSTITUTED = {
    "with a default": "${REPLICAS:=3}",
    "with another default": "${REPLICAS:-3}",
    "without one": "${REPLICAS}",
    "in quotes": "'${REPLICAS}'",
}


@pytest.mark.parametrize("value", _SUBSTITUTED.values(), ids=_SUBSTITUTED.keys())
def test_replicas_that_flux_substitutes_are_removed_and_reported(value: str) -> None:
    files = {**_BASE, **_PROD, "base/web.yaml": _WEB.replace("replicas: 4", f"replicas: {value}")}

    compilation = _compiled(_SCALING, files)

    (finding,) = _found(compilation, "OWN-001")
    assert finding.severity == "warning"
    assert "REPLICAS" in finding.message
    assert [patch["spec"] for patch in rendered_patches(compilation)] == [{"replicas": None}]


_SOMEWHERE = {
    "the namespace of an overlay": {"prod/kustomization.yaml": "namespace: ${NS}\nresources: [../base]\n"},
    "the namespace of a file": {"base/web.yaml": _WEB.replace("{name: web}", "{name: web, namespace: '${NS}'}", 1)},
    "the name of a file": {"base/web.yaml": _WEB.replace("{name: web}", "{name: '${APP}-web'}", 1)},
}


@pytest.mark.parametrize("files", _SOMEWHERE.values(), ids=_SOMEWHERE.keys())
def test_a_workload_whose_identity_flux_substitutes_is_unknown_not_missing(files: dict[str, str]) -> None:
    compilation = _compiled("replicas: 3", {**_BASE, **files})

    assert ["Flux substitutes" in one.message for one in _found(compilation, "MAN-008")] == [True]
    assert _found(compilation, "MAN-006") == []


@pytest.mark.parametrize("block", ["requests", "limits"])
def test_an_amount_that_flux_substitutes_is_set_and_no_error(block: str) -> None:
    amount = f"resources: {{{block}: {{cpu: '${{CPU:=100m}}'}}}}"
    files = {**_BASE, **_PROD, "base/web.yaml": _BARE.replace("resources: {requests: {cpu: 100m}}", amount)}

    compilation = _compiled(_SCALING, files)

    assert compilation.is_valid
    assert _found(compilation, "HPA-005") == []
    assert ["CPU" in one.message for one in _found(compilation, "MAN-008")] == [True]


_UNREAD = {
    "a chart": {"vendor/Chart.yaml": "name: x\n", "vendor/templates/a.yaml": "{{ if"},
    "a file": {"vendor/a.yaml": "{{ if"},
    "a remote base": {"other/kustomization.yaml": "resources: ['https://example.com/x?ref=v1']\n"},
    "a plugin": {"other/kustomization.yaml": "generators: [plugin.yaml]\n"},
}


@pytest.mark.parametrize("unread", _UNREAD.values(), ids=_UNREAD.keys())
def test_what_cannot_be_read_silences_no_check_of_others(unread: dict[str, str]) -> None:
    files = {**_BASE, **_PROD, **unread}

    typo, other = _compiled("replicas: 3", files, name="wbe"), _compiled("replicas: 3", files, name="elsewhere")
    known = _compiled(_SCALING, files)

    assert ["Deployment/web" in one.help for one in _found(typo, "MAN-006")] == [True]
    assert [one.severity for one in _found(other, "MAN-008")] == ["warning"]
    assert _found(other, "MAN-006") == []
    assert _found(known, "OWN-001")
    assert _found(known, "MAN-008") == []


def test_a_chart_is_one_note_and_its_templates_are_not_read() -> None:
    chart = {f"vendor/templates/{number}.yaml": "{{ if" for number in range(9)}
    nested = {"vendor/charts/inner/Chart.yaml": "name: y\n", "vendor/charts/inner/templates/a.yaml": "{{ if"}

    found = _compiled("replicas: 3", {**_BASE, **_PROD, **chart, **nested, "vendor/Chart.yaml": "name: x\n"}).findings

    assert [(one.rule, one.severity, one.path) for one in found if one.path.startswith("apps/")] == [
        ("MAN-002", "note", "apps/vendor/Chart.yaml")
    ]
