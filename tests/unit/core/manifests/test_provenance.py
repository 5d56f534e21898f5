"""The line that decides a value of a built object."""

import pytest

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.provenance import decides, position_of
from infra_scale.model.position import Route
from support.build_cases import WEB, Case, of_containers, of_replicas, patching
from support.builds import sources

_REPLICAS: Route = ("spec", "replicas")
_LIMIT: Route = ("spec", "template", "spec", "containers", "b", "resources", "limits", "cpu")
_LIMITED = of_containers("[{name: b, resources: {limits: {cpu: 4}}}]")
_FILE_PATCH = "resources: [web.yaml]\npatches: [{path: patch.yaml}]\n"
_JSON = "- op: test\n  path: /spec/replicas\n  value: 2\n- op: replace\n  path: /spec/replicas\n  value: 3"


_HEAD = "app/kustomization.yaml:"
_DECISIONS: list[tuple[Case, Route, str]] = [
    (Case("resources: [web.yaml]\n"), _REPLICAS, "app/web.yaml:  replicas: 2"),
    (Case(patching(of_replicas("3"))), _REPLICAS, f"{_HEAD}    spec: {{replicas: 3}}"),
    (Case(patching(_JSON, "{kind: Deployment}")), _REPLICAS, f"{_HEAD}    - op: replace"),
    (Case("resources: [web.yaml]\nreplicas:\n- {name: web, count: 3}\n"), _REPLICAS, f"{_HEAD}- {{name: web,"),
    (Case(_FILE_PATCH, {"app/patch.yaml": f"# first\n---\n{_LIMITED}"}), _LIMIT, "app/patch.yaml:spec:"),
    (Case(patching(_LIMITED)), _REPLICAS, "app/web.yaml:  replicas: 2"),
    (Case("resources: [web.yaml]\nnamespace: shop\n"), ("metadata", "namespace"), f"{_HEAD}namespace: shop"),
]


@pytest.mark.parametrize(("case", "route", "expected"), _DECISIONS)
def test_the_last_that_changes_a_value_decides_it(case: Case, route: Route, expected: str) -> None:
    found = sources(case.files)
    build = Builder(found).build("app")
    assert isinstance(build, Build)
    place = decides(build.resources[0], route)
    assert f"{place.file}:{position_of(found, place, route).excerpt}".startswith(expected)


def test_an_object_of_a_second_document_has_its_own_lines() -> None:
    both = f"{WEB}---\n{WEB.replace('{name: web}', '{name: api}')}"
    found = sources({"app/kustomization.yaml": "resources: [web.yaml]\n", "app/web.yaml": both})
    build = Builder(found).build("app")
    assert isinstance(build, Build)
    lines = [position_of(found, one.place, ("spec", "replicas")).line for one in build.resources]
    assert lines == [5, 5 + both.splitlines().index("---") + 1]


def test_an_item_of_a_list_has_its_own_lines() -> None:
    items = "".join(f"- apiVersion: v1\n  kind: ConfigMap\n  metadata: {{name: {name}}}\n" for name in "ab")
    found = sources({"app/kustomization.yaml": "resources: [l.yaml]\n", "app/l.yaml": f"kind: List\nitems:\n{items}"})
    build = Builder(found).build("app")
    assert isinstance(build, Build)
    assert [position_of(found, one.place, ("metadata", "name")).line for one in build.resources] == [5, 8]
