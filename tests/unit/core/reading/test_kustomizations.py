"""What is known of an application's base from its kustomization files, and what is said not to be."""

import json

import pytest
import yaml

from infra_scale.core.reading import kustomizations
from infra_scale.core.reading.json_values import Json, as_map
from infra_scale.core.reading.kustomizations import Builds
from infra_scale.core.reading.manifests import Manifests, read_manifests
from infra_scale.core.syntax.stream import read_stream
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import Base
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef
from support.pure import source

_PROD = Target("prod", (), manifests=("apps",))
_OURS = "components: [../../ops/rendered/infra-scale/a/shop]\n"


def _web(*, namespace: str = "", replicas: int = 3, containers: str = "{name: app}") -> str:
    meta = f"name: web{', namespace: ' + namespace if namespace else ''}"
    pod = f"template: {{spec: {{containers: [{containers}]}}}}"
    return f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{{meta}}}\nspec: {{replicas: {replicas}, {pod}}}\n"


def _read(**files: str) -> tuple[Manifests, tuple[Finding, ...]]:
    """Files by path below apps/, with `__` for `/` and `kustomization` for kustomization.yaml."""
    paths = {name.replace("__", "/"): text for name, text in files.items()}
    return read_manifests(source(text, f"apps/{path}.yaml") for path, text in paths.items())


def _base(name: str = "web", namespace: str = "shop", **files: str) -> Base | None:
    return _read(**files)[0].of(_PROD, WorkloadRef("Deployment", namespace, name))


def _facts(**files: str) -> tuple[str | None, str | None] | None:
    """The namespace of the file, and that of the build."""
    base = _base(**files)
    return (base.namespace, base.built_namespace) if base else None


def test_plain_files_are_as_they_are() -> None:
    assert _facts(web=_web()) == (None, None)
    assert _facts(web=_web(namespace="shop")) == ("shop", "shop")


def test_the_kustomization_of_a_base_decides_about_the_namespace() -> None:
    assert _facts(web=_web(), kustomization="resources: [web.yaml]\nnamespace: shop\n") == (None, "shop")
    assert _facts(web=_web(namespace="x"), kustomization="resources: [web.yaml]\nnamespace: shop\n") == ("x", "shop")
    assert _facts(web=_web(), kustomization="resources: [web.yaml]\n") == (None, None)


def test_that_of_the_overlay_which_names_our_component_does_not() -> None:
    overlay = f"resources: [../base]\nnamespace: shop\n{_OURS}"

    facts = _facts(base__web=_web(), base__kustomization="resources: [web.yaml]\n", over__kustomization=overlay)

    assert facts == (None, None)


def test_an_overlay_that_does_not_name_it_yet_is_taken_for_the_place_where_it_will_stand() -> None:
    overlay = "resources: [../base]\nnamespace: shop\n"

    facts = _facts(base__web=_web(), base__kustomization="resources: [web.yaml]\n", over__kustomization=overlay)

    assert facts == (None, None)


def test_what_lies_between_base_and_our_overlay_counts() -> None:
    files = {
        "base__web": _web(),
        "base__kustomization": "resources: [web.yaml]\n",
        "middle__kustomization": "resources: [../base]\nnamespace: shop\nnamePrefix: eu-\n",
        "over__kustomization": f"resources: [../middle]\n{_OURS}",
    }

    found = _base(name="eu-web", **files)
    assert found is not None
    assert found.built_namespace == "shop"
    assert found.names == ("web", "eu-web")
    assert _base(name="web", **files) == found, "kustomize knows an object by every name that it has had"


def test_a_workload_that_is_built_under_a_name_comes_before_one_that_has_only_had_it() -> None:
    base = _base(
        a__web=_web(replicas=3),
        a__kustomization="resources: [web.yaml]\nnamePrefix: eu-\n",
        b__web=_web(replicas=5),
        b__kustomization="resources: [web.yaml]\n",
    )

    assert base is not None
    assert base.replicas == 5


def test_a_component_of_ours_in_the_base_itself_sees_the_files() -> None:
    own = f"resources: [web.yaml]\nnamespace: shop\n{_OURS}"

    assert _facts(base__web=_web(), base__kustomization=own) == (None, None)


def test_two_overlays_of_one_base_know_one_workload() -> None:
    overlay = f"resources: [../base]\n{_OURS}"
    files = {"base__web": _web(), "base__kustomization": "resources: [web.yaml]\n"}

    assert _facts(**files, one__kustomization=overlay, two__kustomization=overlay) == (None, None)


def test_a_file_that_no_kustomization_names_is_no_workload() -> None:
    patch = _web(replicas=9)

    base = _base(web=_web(), patch=patch, kustomization="resources: [web.yaml]\n")

    assert base is not None
    assert base.replicas == 3


def test_two_different_workloads_of_one_name_are_not_guessed_between() -> None:
    assert _base(one__web=_web(), two__web=_web(replicas=5)) is None


_UNKNOWN = {
    "a patch of containers": "patches: [{patch: '{spec: {template: {spec: {containers: []}}}}'}]",
    "a patch of replicas, in a file": "patches: [{path: patch.yaml}]",
    "a patch that is not here": "patchesStrategicMerge: [elsewhere.yaml]",
    "replacements": "replacements: [{source: {kind: ConfigMap}}]",
    "a foreign component": "components: [../other]",
}


@pytest.mark.parametrize("line", _UNKNOWN.values(), ids=_UNKNOWN.keys())
def test_where_more_may_change_nothing_is_known_and_that_is_said(line: str) -> None:
    files = {
        "base__web": _web(),
        "base__patch": _web(replicas=9),
        "over__kustomization": f"resources: [../base]\n{_OURS}",
    }
    kustomization = f"resources: [web.yaml]\n{line}\n"

    manifests, findings = _read(base__kustomization=kustomization, **files)

    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is None
    assert [(one.rule, one.severity, one.path) for one in findings] == [
        ("MAN-002", "note", "apps/base/kustomization.yaml")
    ]


@pytest.mark.parametrize("name", ["web", "x-web"], ids=["the file's name", "the prefixed name"])
def test_replicas_of_a_kustomization_are_what_is_built(name: str) -> None:
    kustomization = (
        f"resources: [web.yaml]\nnamePrefix: x-\nreplicas: [{{name: {name}, count: 5}}, {{name: api, count: 2}}]\n"
    )

    manifests, findings = _read(web=_web(), kustomization=kustomization)

    base = manifests.of(_PROD, WorkloadRef("Deployment", "shop", "x-web"))
    assert findings == ()
    assert base is not None
    assert base.replicas == 5


_FOREIGN = "kind: Component\nnamespace: shop\nnamePrefix: x-\nreplicas: [{name: web, count: 9}]\n"
_OURS_PATH = "../../ops/rendered/infra-scale/a/shop"


@pytest.mark.parametrize(
    ("components", "facts"),
    [
        (f"../other, {_OURS_PATH}", ("x-web", "shop", 9)),
        (f"{_OURS_PATH}, ../other", ("web", None, 3)),
        ("../other", ("x-web", "shop", 9)),
    ],
    ids=["before ours", "after ours", "where ours will stand"],
)
def test_a_component_of_somebody_else_changes_what_ours_finds_where_it_comes_before(
    components: str, facts: tuple[str, str | None, int]
) -> None:
    base = _base(
        base__web=_web(),
        base__kustomization="resources: [web.yaml]\n",
        other__kustomization=_FOREIGN,
        over__kustomization=f"resources: [../base]\ncomponents: [{components}]\n",
    )

    assert base is not None
    assert (base.name, base.built_namespace, base.replicas) == facts


_HARMLESS = {
    "labels": "labels: [{pairs: {a: b}}]",
    "images": "images: [{name: app, newTag: '2'}]",
    "a patch of an annotation": "patches: [{patch: '[{op: add, path: /metadata/annotations, value: {}}]'}]",
    "generated configuration": "configMapGenerator: [{name: x, literals: [a=b]}]",
}


@pytest.mark.parametrize("line", _HARMLESS.values(), ids=_HARMLESS.keys())
def test_what_cannot_change_containers_or_replicas_hides_nothing(line: str) -> None:
    manifests, findings = _read(web=_web(), kustomization=f"resources: [web.yaml]\n{line}\n")

    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None
    assert findings == ()


_NOT_ALL = {
    "remote": "resources: [web.yaml, 'https://example.com/x']",
    "outside": "resources: [web.yaml, ../../elsewhere]",
    "charts": "resources: [web.yaml]\nhelmCharts: [{name: x}]",
}


@pytest.mark.parametrize("text", _NOT_ALL.values(), ids=_NOT_ALL.keys())
def test_what_comes_from_elsewhere_is_said_not_to_be_known_and_the_rest_is(text: str) -> None:
    manifests, findings = _read(web=_web(), kustomization=f"{text}\n")

    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None
    assert [one.rule for one in findings] == ["MAN-002"]


def test_kustomizations_that_refer_to_each_other_end() -> None:
    _, findings = _read(a__kustomization="resources: [../b]\n", b__kustomization="resources: [../a]\n")

    assert {one.rule for one in findings} <= {"MAN-002"}


def test_a_long_chain_of_kustomizations_ends() -> None:
    files = {f"f{number}__kustomization": f"resources: [../f{number + 1}]\n" for number in range(3000)}

    _, findings = _read(**files)

    assert findings[0].rule == "MAN-002"


def test_nonsense_is_no_kustomization_and_breaks_nothing() -> None:
    for text in ("", "[]", "resources: {a: b}\n", "resources: [1, null, {a: b}]\npatches: 7\ncomponents: x\n", "a: ["):
        _read(web=_web(), kustomization=text)


def test_a_component_of_a_component_changes_all_that_was_found_before_it() -> None:
    base = _base(
        name="x-web",
        base__web=_web(),
        base__kustomization="resources: [web.yaml]\n",
        outer__kustomization="kind: Component\ncomponents: [../inner]\n",
        inner__kustomization="kind: Component\nnamePrefix: x-\nreplicas: [{name: web, count: 9}]\n",
        over__kustomization="resources: [../base]\ncomponents: [../outer]\n",
    )

    assert base is not None
    assert base.replicas == 9


def test_a_component_of_a_component_that_may_change_containers_makes_all_of_it_unknown() -> None:
    manifests, findings = _read(
        base__web=_web(),
        base__kustomization="resources: [web.yaml]\n",
        outer__kustomization="kind: Component\ncomponents: [../inner]\n",
        inner__kustomization="kind: Component\npatches: [{path: containers.yaml}]\n",
        over__kustomization=f"resources: [../base]\ncomponents: [../outer, {_OURS_PATH}]\n",
    )

    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is None
    assert {one.path for one in findings} >= {"apps/inner/kustomization.yaml", "apps/over/kustomization.yaml"}


def _steps(links: int) -> int:
    """How many objects are handled where each of so many links names two that both name the next two."""
    files = {"web.yaml": _web(), "kustomization.yaml": "resources: [web.yaml]\ncomponents: [a0, b0]\n"}
    for number in range(links):
        names = f"kind: Component\ncomponents: [../a{number + 1}, ../b{number + 1}]\n"
        files |= {f"{side}{number}/kustomization.yaml": names for side in "ab"}
    files |= {f"{side}{links}/kustomization.yaml": "kind: Component\n" for side in "ab"}
    found = [source(text, f"apps/{path}") for path, text in files.items()]
    objects = {one.path: read_stream(one).documents for one in found}
    builds = Builds(objects, {one.path: one.content for one in found})  # type: ignore[arg-type]
    list(builds.all())
    return builds.steps


def test_the_work_for_a_chain_of_components_does_not_double_with_each_link() -> None:
    assert 0 < _steps(60) < 10 * _steps(15)
    assert _steps(60) < 2000


def test_a_component_that_is_applied_twice_is_said_not_to_be_followed() -> None:
    _, findings = _read(
        web=_web(),
        kustomization="resources: [web.yaml]\ncomponents: [a, b]\n",
        a__kustomization="kind: Component\ncomponents: [../c]\n",
        b__kustomization="kind: Component\ncomponents: [../c]\n",
        c__kustomization="kind: Component\n",
    )

    assert [one.path for one in findings if one.rule == "MAN-002"] == ["apps/kustomization.yaml"]
    assert "applied more than once" in findings[0].message


_HIDDEN = {
    "an escape": '{"spec": {"r\\u0065plicas": 9}}',
    "another encoding": "spec: {replicas: 9}",
    "a tag": "{spec: {!!binary cmVwbGljYXM= : 9}}",
}


@pytest.mark.parametrize("name", _HIDDEN)
def test_a_patch_cannot_hide_what_it_changes(name: str) -> None:
    content = _HIDDEN[name].encode("utf-16" if name == "another encoding" else "utf-8")
    files = {"web.yaml": _web(), "kustomization.yaml": "resources: [web.yaml]\npatches: [{path: p.txt}]\n"}
    found = [source(text, f"apps/{path}") for path, text in files.items()]

    manifests, findings = read_manifests([*found, source(content, "apps/p.txt")])

    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is None
    assert [one.rule for one in findings] == ["MAN-002"]


def test_a_backslash_alone_does_not_make_a_patch_unknown() -> None:
    line = 'patches: [{patch: \'{"metadata": {"annotations": {"a": "b\\nc"}}}\'}]'

    manifests, findings = _read(web=_web(), kustomization=f"resources: [web.yaml]\n{line}\n")

    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None
    assert findings == ()


def test_a_patch_inside_a_kustomization_that_cannot_be_read_is_found_at_its_place() -> None:
    block = "patches:\n  - target: {kind: Service}\n    patch: |\n      kind: Service\n      a: [\n"

    _, findings = _read(web=_web(), kustomization=f"resources: [web.yaml]\n{block}")

    (unread,) = (one for one in findings if one.rule == "MAN-001")
    assert unread.path == "apps/kustomization.yaml"
    assert "a patch in this kustomization could not be read" in unread.message
    assert unread.position is not None
    assert unread.position[:2] == (7, 1)


def test_a_deep_file_is_one_finding_and_the_rest_is_read_as_ever() -> None:
    manifests, findings = _read(web=_web(), deep="a: " + "[" * 50_000 + "]" * 50_000)

    (unread,) = findings
    assert (unread.rule, unread.path) == ("MAN-001", "apps/deep.yaml")
    assert unread.position is not None
    assert unread.position[:2] == (1, 103)
    assert unread.help
    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None


def test_lists_of_lists_and_json_are_manifests_too() -> None:
    inner = json.dumps({"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(_web())]})
    items = f"apiVersion: v1\nkind: List\nitems: [{inner}]\n"

    assert _facts(web=items) == (None, None)
    (manifests, findings) = read_manifests([source(json.dumps(yaml.safe_load(_web()), indent="\t"), "apps/web.json")])
    assert findings == ()
    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None


def test_each_of_many_replica_counts_is_read_once_for_all_workloads(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[object] = []

    def counted(value: object) -> Json:
        read.append(value)
        return as_map(value)

    monkeypatch.setattr(kustomizations, "as_map", counted)
    many = "".join(f"---\n{_web().replace('name: web', f'name: web{number}')}" for number in range(50))

    _read(web=many, kustomization="resources: [web.yaml]\nreplicas:\n" + "- {name: x, count: 1}\n" * 100)

    assert 100 < len(read) < 1000


def test_a_list_of_aliases_to_one_workload_takes_no_time_that_grows_with_its_square() -> None:
    items = "x: &w {kind: Deployment, metadata: {name: web}}\nkind: List\nitems: [" + "*w, " * 100_000 + "]\n"

    manifests, _ = _read(web=items)

    assert manifests.declared.files[("Deployment", "web")] == ("apps/web.yaml",)
