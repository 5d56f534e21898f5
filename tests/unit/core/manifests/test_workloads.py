"""What is known of workloads from the manifests of a target, and what is reported as unknown."""

import json

import pytest
import yaml

from infra_scale.core.manifests.workloads import Manifests, read_manifests
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import Absence, Base
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef
from support.pure import source

_PROD = Target("prod", (), manifests=("apps",))
_WEB = WorkloadRef("Deployment", "shop", "web")
_OURS = "components: [../../ops/rendered/infra-scale/a/shop]\n"


def _web(*, namespace: str = "", replicas: int = 3, containers: str = "{name: app}") -> str:
    meta = f"name: web{', namespace: ' + namespace if namespace else ''}"
    pod = f"template: {{spec: {{containers: [{containers}]}}}}"
    return f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{{meta}}}\nspec: {{replicas: {replicas}, {pod}}}\n"


def _read(**files: str) -> tuple[Manifests, tuple[Finding, ...]]:
    """Files by path below apps/, with `__` for `/` and `kustomization` for kustomization.yaml."""
    paths = {name.replace("__", "/"): text for name, text in files.items()}
    return read_manifests((source(text, f"apps/{path}.yaml") for path, text in paths.items()), [_PROD])


def _base(name: str = "web", namespace: str = "shop", **files: str) -> Base | None:
    return _read(**files)[0].of(_PROD, WorkloadRef("Deployment", namespace, name))


def _absence(name: str = "web", **files: str) -> Absence | None:
    return _read(**files)[0].absence(_PROD, WorkloadRef("Deployment", "shop", name))


def _namespace(**files: str) -> str | None:
    """The namespace that an object beside the workload must have."""
    base = _base(**files)
    assert base is not None
    return base.built_namespace


def test_plain_files_have_the_namespace_that_they_state() -> None:
    assert _namespace(web=_web()) is None
    assert _namespace(web=_web(namespace="shop")) == "shop"


_IN_SHOP = "resources: [../base]\nnamespace: shop\n"
_BASE = {"base__web": _web(), "base__kustomization": "resources: [web.yaml]\n"}


def test_the_namespace_of_a_kustomization_counts_only_where_our_component_joins_above_it() -> None:
    in_base = {"base__web": _web(), "base__kustomization": "resources: [web.yaml]\nnamespace: shop\n"}

    assert _namespace(**in_base) is None
    assert _namespace(**in_base, over__kustomization="resources: [../base]\n") == "shop"
    assert _namespace(**_BASE, over__kustomization=_IN_SHOP + _OURS) is None
    assert _namespace(**_BASE, over__kustomization=_IN_SHOP) is None


def test_a_patch_names_the_namespace_of_the_file_where_a_later_one_overrides_it() -> None:
    files = {**_BASE, "base__web": _web(namespace="default")}
    base = _base(**files, over__kustomization=_IN_SHOP + _OURS)

    assert base is not None
    assert (base.patch_namespace, base.built_namespace) == ("default", "default")


def test_changes_between_the_base_and_the_overlay_that_joins_ours_count() -> None:
    files = {
        **_BASE,
        "middle__kustomization": "resources: [../base]\nnamespace: shop\nnamePrefix: eu-\n",
        "over__kustomization": f"resources: [../middle]\n{_OURS}",
    }

    found = _base(name="eu-web", **files)
    assert found is not None
    assert found.built_namespace == "shop"
    assert (found.name, found.built_name) == ("eu-web", "eu-web")
    assert _base(name="web", **files) == found, "kustomize finds an object by every name that it has had"


def test_a_workload_that_is_built_under_a_name_comes_before_one_that_has_only_had_it() -> None:
    base = _base(
        a__web=_web(replicas=3),
        a__kustomization="resources: [web.yaml]\nnamePrefix: eu-\n",
        b__web=_web(replicas=5),
        b__kustomization="resources: [web.yaml]\n",
    )

    assert base is not None
    assert base.replicas == 5


def test_two_overlays_that_build_a_workload_alike_are_not_ambiguous() -> None:
    overlay = f"resources: [../base]\n{_OURS}"

    assert _base(**_BASE, one__kustomization=overlay, two__kustomization=overlay) is not None


def test_a_file_that_no_kustomization_names_is_no_workload() -> None:
    patch = _web(replicas=9)

    base = _base(web=_web(), patch=patch, kustomization="resources: [web.yaml]\n")

    assert base is not None
    assert base.replicas == 3


def test_two_different_workloads_of_one_name_are_not_guessed_between() -> None:
    assert _base(one__web=_web(), two__web=_web(replicas=5)) is None


_TOUCHING = {
    "a patch that removes all containers": ("patches: [{patch: '%s'}]", 3, ()),
    "a patch of replicas, in a file": ("patches: [{path: patch.yaml}]", 9, ("app",)),
}
_NO_CONTAINERS = (
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, "
    "spec: {template: {spec: {containers: [{$patch: replace}]}}}}"
)


@pytest.mark.parametrize(("line", "replicas", "names"), _TOUCHING.values(), ids=_TOUCHING.keys())
def test_patches_of_a_base_are_applied(line: str, replicas: int, names: tuple[str, ...]) -> None:
    line = line % _NO_CONTAINERS if "%s" in line else line
    base = _base(
        base__web=_web(),
        base__patch=_web(replicas=9),
        base__kustomization=f"resources: [web.yaml]\n{line}\n",
        over__kustomization=f"resources: [../base]\n{_OURS}",
    )

    assert base is not None
    assert (base.replicas, base.container_names) == (replicas, names)
    assert base.unknown == ()


_UNKNOWN = {
    "a remote component": "components: ['https://example.com/x?ref=v1']",
    "a component outside of the manifests": "components: [../../other]",
    "a patch outside of the manifests": "patches: [{path: ../../other.yaml}]",
    "a transformer that runs a program": "transformers: ['{apiVersion: a/v1, kind: B, metadata: {name: c}}']",
}


@pytest.mark.parametrize("line", _UNKNOWN.values(), ids=_UNKNOWN.keys())
def test_a_workload_that_an_unknown_step_may_change_is_reported_as_unknown(line: str) -> None:
    files = {
        "base__web": _web(),
        "base__kustomization": f"resources: [web.yaml]\n{line}\n",
        "over__kustomization": f"resources: [../base]\n{_OURS}",
    }

    absence = _absence(**files)

    assert _base(**files) is None
    assert absence is not None
    assert absence.unknown


_REFUSED = {
    "a patch of nothing": ("patches: [{path: elsewhere.yaml}]", "no such file or directory"),
    "an unknown field": ("patch: []", "unknown field"),
    "a patch of another workload": ("replicas: [{name: api, count: 2}]", "does not match a config"),
}


@pytest.mark.parametrize(("line", "said"), _REFUSED.values(), ids=_REFUSED.keys())
def test_a_build_that_kustomize_refuses_is_quoted_as_the_reason(line: str, said: str) -> None:
    absence = _absence(web=_web(), kustomization=f"resources: [web.yaml]\n{line}\n")

    assert absence is not None
    assert said in absence.unknown


@pytest.mark.parametrize("name", ["web", "x-web"], ids=["the file's name", "the prefixed name"])
def test_replicas_of_a_kustomization_are_what_is_built(name: str) -> None:
    kustomization = f"resources: [../web.yaml]\nnamePrefix: x-\nreplicas: [{{name: {name}, count: 5}}]\n"

    manifests, findings = _read(web=_web(), base__kustomization=kustomization, kustomization="resources: [base]\n")

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


_HARMLESS: dict[str, str] = {
    "labels": "labels: [{pairs: {a: b}}]",
    "images": "images: [{name: app, newTag: '2'}]",
    "a patch of an annotation": (
        'patches: [{target: {kind: Deployment}, patch: \'[{"op": "add", "path": "/metadata/annotations", '
        '"value": {}}]\'}]'
    ),
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


def test_a_chain_of_kustomizations_beyond_the_bounds_is_unknown() -> None:
    files = {f"f{number}__kustomization": f"resources: [../f{number + 1}]\n" for number in range(300)}
    absence = _absence(**files, f300__web=_web(), f300__kustomization="resources: [web.yaml]\n")

    assert absence is not None
    assert "levels" in absence.unknown


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


def test_a_component_of_a_component_that_cannot_be_followed_makes_the_workload_unknown() -> None:
    absence = _absence(
        **_BASE,
        outer__kustomization="kind: Component\ncomponents: [../../inner]\n",
        over__kustomization=f"resources: [../base]\ncomponents: [../outer, {_OURS_PATH}]\n",
    )

    assert absence is not None
    assert absence.unknown == (
        "inner/kustomization.yaml is not in a folder of ?manifests? (`apps/outer/kustomization.yaml:2`)"
    )


def test_components_that_double_with_each_link_are_unknown_not_followed_forever() -> None:
    files = {"web": _web(), "kustomization": "resources: [web.yaml]\ncomponents: [a0, b0]\n"}
    for number in range(30):
        names = f"kind: Component\ncomponents: [../a{number + 1}, ../b{number + 1}]\n"
        files |= {f"{side}{number}__kustomization": names for side in "ab"}
    files |= {f"{side}30__kustomization": "kind: Component\nresources: []\n" for side in "ab"}

    absence = _absence(**files)

    assert absence is not None
    assert "folders" in absence.unknown


_HIDDEN = {
    "an escape": '{"spec": {"r\\u0065plicas": 9}}',
    "another encoding": "spec: {replicas: 9}",
    "a tag": "{spec: {!!binary cmVwbGljYXM= : 9}}",
}


@pytest.mark.parametrize("name", _HIDDEN)
def test_a_patch_cannot_hide_what_it_changes(name: str) -> None:
    content = _HIDDEN[name].encode("utf-16" if name == "another encoding" else "utf-8")
    line = "patches: [{target: {kind: Deployment}, path: p.txt}]"
    over = f"resources: [../base]\n{_OURS}"
    files = {
        "base/web.yaml": _web(),
        "base/kustomization.yaml": f"resources: [web.yaml]\n{line}\n",
        "over/kustomization.yaml": over,
    }
    found = [source(text, f"apps/{path}") for path, text in files.items()]

    manifests, _ = read_manifests([*found, source(content, "apps/base/p.txt")], [_PROD])

    base, absence = manifests.of(_PROD, _WEB), manifests.absence(_PROD, _WEB)
    assert (absence is not None and absence.unknown) or (base is not None and base.replicas == 9)


def test_a_patch_inside_a_kustomization_that_cannot_be_read_is_the_reason() -> None:
    block = "patches:\n  - target: {kind: Service}\n    patch: |\n      kind: Service\n      a: [\n"

    absence = _absence(web=_web(), kustomization=f"resources: [web.yaml]\n{block}")

    assert absence is not None
    assert "apps/kustomization.yaml, line 2" in absence.unknown


def test_a_deep_file_is_one_finding_and_the_rest_is_read_as_ever() -> None:
    manifests, findings = _read(web=_web(), deep="a: " + "[" * 50_000 + "]" * 50_000)

    (unread,) = findings
    assert (unread.rule, unread.path) == ("MAN-001", "apps/deep.yaml")
    assert unread.position is not None
    assert unread.position[:2] == (1, 103)
    assert unread.help
    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None


def test_lists_and_json_are_manifests_too() -> None:
    inner = json.dumps({"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(_web())]})
    items = f"apiVersion: v1\nkind: List\nitems: [{inner}]\n"

    assert _namespace(web=items) is None
    text = json.dumps(yaml.safe_load(_web()), indent="\t")
    manifests, findings = read_manifests([source(text, "apps/web.json")], [_PROD])
    assert findings == ()
    assert manifests.of(_PROD, WorkloadRef("Deployment", "shop", "web")) is not None


def test_a_list_of_aliases_to_one_workload_takes_no_time_that_grows_with_its_square() -> None:
    items = "x: &w {kind: Deployment, metadata: {name: web}}\nkind: List\nitems: [" + "*w, " * 100_000 + "]\n"

    base = _base(web=items)

    assert base is not None
    assert base.path == "apps/web.yaml"


_AS_DEPLOYMENT = """\
patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: 5}}'
  target: {kind: StatefulSet}
  options: {allowKindChange: true}
"""


@pytest.mark.parametrize(
    "patch",
    [_AS_DEPLOYMENT, "target: {kind: StatefulSet}\n  patch: |\n    - {op: replace, path: /kind, value: Deployment}\n"],
)
def test_a_workload_whose_kind_a_patch_changes_is_found_by_the_kind_that_is_built(patch: str) -> None:
    files = {"base__web": _web().replace("Deployment", "StatefulSet"), "base__kustomization": "resources: [web.yaml]\n"}
    over = f"resources: [../base]\nnamespace: shop\npatches:\n- {patch}"
    base = _base(**files, over__kustomization=over)
    assert base is not None
    assert base.built_name == "web"
