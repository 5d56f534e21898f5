"""What a plan has and no rendered file has, a finding names: whatever stands in manifests and kustomizations."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.compiling.context import Context
from infra_scale.model.finding import Finding
from infra_scale.model.source import Source
from support.amounts import examples
from support.pure import SCHEMAS, compile, rendered_patches, source

_TARGET = source("clusters: [{name: a}]\nmanifests: [apps]\n", "ops/targets/prod.yaml")
_ABOUT_RESOURCES = ("RES-008", "RES-009", "RES-011")
_ABOUT_REPLICAS = ("HPA-", "KEDA-", "OWN-")

_CONTAINERS = st.sampled_from(
    [
        "[{name: app, image: a}]",
        "[{name: app}, {name: log}]",
        "[{name: other}]",
        "[]",
        "",
        "app",
        "{name: app}",
        "[app]",
        "[*c]",
        "[{<<: *c}]",
        "[{<<: *unknown}]",
        "[{name: '{{ .Values.name }}'}]",
        "[{name: app, name: app}]",
        "[{name: app}",
    ]
)
_PODS = st.one_of(
    _CONTAINERS.map(lambda containers: f"{{spec: {{containers: {containers}}}}}"),
    _CONTAINERS.map(lambda containers: f"{{spec: {{initContainers: {containers}}}}}"),
    st.sampled_from(
        ["{<<: *pod}", "*pod", "{}", "~", "[]", "{<<: [*pod, {spec: {}}]}", "{<<: 3}", "{spec: &s {a: *s}}"]
    ),
)
_HEADS = st.sampled_from(
    [
        "",
        "x: &c {name: app, image: a}\ny: &pod {spec: {containers: [*c]}}\n",
        "y: &pod {spec: {<<: {containers: [{name: app}]}}}\n",
        "%YAML 1.1\n---\n",
        "a: [\n---\n",
        "kind: List\n---\n",
        "\ufeff",
    ]
)
_KINDS = st.sampled_from(["Deployment", "StatefulSet", "deployment", "~"])
_KUSTOMIZATIONS = st.sampled_from(
    [
        None,
        "resources: [web.yaml]\n",
        "resources: [web.yaml, missing.yaml]\n",
        "resources: [web.yaml]\nnamePrefix: x-\n",
        "resources: [web.yaml]\nnamespace: other\n",
        "resources: [web.yaml]\npatches: [{path: web.yaml}]\n",
        "resources: [web.yaml]\npatches: [{patch: 'a: ['}]\n",
        "resources: [web.yaml]\ncomponents: [.]\n",
        "<<: {resources: [web.yaml]}\n",
        "resources: &r [web.yaml]\ncomponents: *r\n",
        "resources: [web.yaml]\nresources: []\n",
        "resources: [",
        "",
    ]
)
_NAMED = st.sampled_from(["", "container: app, ", "container: log, "])
_SETTINGS = st.sampled_from(
    ["requests: {cpu: 500m}", "limits: {mem: 1Gi}", "replicas: 6, requests: {cpu: 1, mem: 1Gi}"]
)


@st.composite
def _manifests(draw: st.DrawFn) -> str:
    namespace = draw(st.sampled_from(["", ", namespace: shop", ", namespace: test"]))
    scalar = draw(st.sampled_from(["2", "~", "010", "two", "-1", "&r 2", "*r"]))
    head, kind, pod = draw(_HEADS), draw(_KINDS), draw(_PODS)
    return (
        f"{head}apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web{namespace}}}\n"
        f"spec:\n  replicas: {scalar}\n  template: {pod}\n"
    )


@given(_manifests(), st.one_of(st.none(), _manifests()), _KUSTOMIZATIONS, _NAMED, _SETTINGS)
@examples(600)
def test_resources_that_are_planned_and_not_rendered_are_reported_for_their_workload(
    manifest: str, second: str | None, kustomization: str | None, named: str, wanted: str
) -> None:
    files = {"apps/web.yaml": manifest, "apps/other.yaml": second, "apps/kustomization.yaml": kustomization}
    found = [source(text, path) for path, text in files.items() if text is not None]

    compilation = _compiled(found, f"{named}{wanted}")

    for kind, name, key, value in _planned(compilation):
        if not any(_has(patch, kind, name, key, value) for patch in rendered_patches(compilation)):
            rules = [finding.rule for finding in _about(compilation, kind, name)]
            about = _ABOUT_REPLICAS if key == "replicas" else _ABOUT_RESOURCES
            assert any(rule.startswith(about) for rule in rules), (key, rules, manifest)


def test_the_property_can_fail() -> None:
    found = [source("kind: Deployment\nmetadata: {name: web}\nspec: {template: {}}\n", "apps/web.yaml")]

    compilation = _compiled(found, "container: app, requests: {cpu: 500m}")

    (planned,) = _planned(compilation)
    assert not any(_has(patch, *planned) for patch in rendered_patches(compilation))
    assert [finding.rule for finding in _about(compilation, "Deployment", "web") if finding.rule in _ABOUT_RESOURCES]


def _compiled(manifests: list[Source], workload: str) -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    return compile([source(request)], Context(SCHEMAS, targets=(_TARGET,), manifests=tuple(manifests)))


def _planned(compilation: Compilation) -> Iterator[tuple[str, str, str, Any]]:
    """Kind, name, what is set, and to what: of the plan as it is written."""
    for path, content in compilation.files.items():
        if path.endswith("/plan.yaml"):
            for action in yaml.safe_load(content)["actions"]:
                if action["action"] == "scale_workload":
                    yield action["kind"], action["name"], "replicas", action["to"]
                for key in ("requests", "limits"):
                    if key in action:
                        yield action["kind"], action["name"], key, action[key]


def _has(patch: Mapping[str, Any], kind: str, name: str, key: str, value: Any) -> bool:  # noqa: ANN401 (YAML)
    if patch["kind"] != kind or not patch["metadata"]["name"].endswith(name):
        return False
    if key == "replicas":
        return bool(patch["spec"].get("replicas") == value)
    pod = patch["spec"].get("template", {}).get("spec", {})
    amounts = {"memory" if name == "mem" else name: amount for name, amount in value.items()}
    set_for = [one.get("resources", {}).get(key) for containers in pod.values() for one in containers]
    return json.dumps(amounts, sort_keys=True) in [json.dumps(one, sort_keys=True) for one in set_for]


def _about(compilation: Compilation, kind: str, name: str) -> list[Finding]:
    return [
        one for one in compilation.findings if one.workload and (one.workload.kind, one.workload.name) == (kind, name)
    ]
