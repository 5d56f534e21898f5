"""Releases that no object in Git describes: values files for Argo CD, helm, Helmfile and Terraform."""

from typing import Any

import yaml

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from support.pure import SCHEMAS, compile, source

_FOLDER = "ops/rendered/infra-scale/c1/shop/helm-shop-web"
_ENTRY = "{chart: web, release: shop-web, namespace: shop, files: [charts/web/values.yaml, envs/web.yaml]}"
_FILES = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "charts/web/values.yaml": "replicaCount: 1\nautoscaling: {enabled: false}\nresources: {}\n",
    "envs/web.yaml": "replicaCount: 4\n",
}


def _compiled(*workloads: str, helm: str = _ENTRY, manifests: str = "manifests: [charts, envs]") -> Compilation:
    target = f"clusters: [{{name: c1}}]\n{manifests}\nhelm: [{helm}]\n"
    listed = "\n".join(f"  - {{kind: Deployment, {workload}}}" for workload in workloads)
    request = f"target: prod\nnamespace: shop\nworkloads:\n{listed}\n"
    context = Context(
        SCHEMAS,
        (source(target, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, path) for path, text in _FILES.items()),
    )
    return compile([source(request, "requests/web.yaml")] if workloads else [], context)


def _values(found: Compilation) -> dict[str, Any]:
    assert f"{_FOLDER}/values.yaml" in found.files, found.findings
    values: dict[str, Any] = yaml.safe_load(found.files[f"{_FOLDER}/values.yaml"])
    return values


def test_the_values_file_has_the_requested_values_and_the_last_file_in_git_is_read() -> None:
    found = _compiled("name: shop-web, replicas: 6, requests: {cpu: 500m}")

    assert _values(found) == {
        "replicaCount": 6,
        "autoscaling": {"enabled": False},
        "resources": {"requests": {"cpu": "500m"}},
    }
    assert getattr(found.plans[0].actions[0], "before", None) == 4
    assert not [one for one in found.findings if one.severity == "error"]


def test_without_a_request_the_values_file_is_empty() -> None:
    assert _values(_compiled()) == {}


def test_a_path_that_the_chart_in_git_does_not_have_is_an_error() -> None:
    entry = _ENTRY.replace("chart: web,", "chart: web, replicas: replicas,")
    found = _compiled("name: shop-web, replicas: 6", helm=entry)

    (error,) = (one for one in found.findings if one.rule == "HLM-002")
    assert error.severity == "error"
    assert "`replicas`" in error.message


def test_the_rollback_names_the_release() -> None:
    found = _compiled("name: shop-web, replicas: 6")

    assert "helm rollback shop-web -n shop --kube-context c1" in found.plans[0].rollback_hints[0]


def test_a_list_without_manifests_and_half_an_entry_are_errors_of_the_target() -> None:
    without = _compiled("name: shop-web, replicas: 6", manifests="maxAge: 24h")
    half = _compiled("name: shop-web, replicas: 6", helm="{chart: web, release: shop-web}")

    assert [one.rule for one in without.findings if one.severity == "error"].count("HLM-009") == 1
    assert [one.rule for one in half.findings if one.severity == "error"].count("HLM-009") == 1
