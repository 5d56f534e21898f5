"""How far it spreads that something is not known, and where it ends."""

import pytest

from infra_scale.core.manifests.build import MAX_DEPTH, Build, Builder
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.tree import Json, Open, Unknown, at, blended, is_same, put, unknowns
from infra_scale.core.syntax.plain import Number, Truth
from infra_scale.model.source import Found, NotAFile
from support.build_cases import HPA, WEB, of_replicas, patching
from support.builds import Texts, build, sources

_REPLICAS = ("spec", "replicas")
_REMOTE = "https://example.invalid/all?ref=v1"
_ODD = "(?i)web"
"""A pattern with a flag, which is not read."""


def _built(files: Texts) -> Build:
    found = build({"app/web.yaml": WEB, **files})
    assert isinstance(found, Build), found
    return found


def _doc(kustomization: str, **more: str) -> Json:
    return _built({"app/kustomization.yaml": kustomization, **more}).resources[0].doc


def test_a_remote_component_may_change_anything() -> None:
    found = _built({"app/kustomization.yaml": f"resources: [web.yaml]\ncomponents: ['{_REMOTE}']\n"})
    assert found.resources[0].unsure
    assert isinstance(at(found.resources[0].doc, _REPLICAS), Unknown)


def test_a_count_after_a_remote_component_is_known_again() -> None:
    doc = _doc(f"resources: [web.yaml]\ncomponents: ['{_REMOTE}']\nreplicas: [{{name: web, count: 4}}]\n")
    assert at(doc, _REPLICAS) == "4"
    assert isinstance(at(doc, ("spec", "paused")), Unknown)


def test_a_target_that_is_not_read_makes_unknown_what_its_patch_would_change() -> None:
    doc = _doc(patching(of_replicas("5"), f"{{name: {_ODD}}}"))
    assert isinstance(at(doc, _REPLICAS), Unknown)
    assert at(doc, ("spec", "template", "spec", "containers", 0, "name")) == "a"


def test_a_target_that_is_not_read_leaves_objects_that_the_rest_does_not_fit() -> None:
    doc = _doc(patching(of_replicas("5"), f"{{name: {_ODD}, kind: StatefulSet}}"))
    assert at(doc, _REPLICAS) == "2"


@pytest.mark.parametrize(("target", "is_known"), [("{kind: StatefulSet}", True), ("{kind: Deployment}", False)])
def test_a_remote_patch_concerns_what_its_target_takes(target: str, *, is_known: bool) -> None:
    entry = f"resources: [web.yaml]\npatches: [{{path: '{_REMOTE}', target: {target}}}]\n"
    found = _built({"app/kustomization.yaml": entry})
    assert bool(found.resources[0].unsure) is not is_known


def test_a_patch_of_what_may_come_from_a_remote_base_is_no_error() -> None:
    kustomization = patching(of_replicas("5", metadata="{name: other}"), head=f"resources: [web.yaml, '{_REMOTE}']")
    assert at(_doc(kustomization), _REPLICAS) == "2"


def test_an_autoscaler_may_follow_a_workload_of_a_remote_base() -> None:
    kustomization = f"resources: [hpa.yaml, '{_REMOTE}']\nnamePrefix: p-\n"
    found = _built({"app/kustomization.yaml": kustomization, "app/hpa.yaml": HPA})
    assert isinstance(at(found.resources[0].doc, ("spec", "scaleTargetRef", "name")), Unknown)


@pytest.mark.parametrize("what", ["a submodule", "a symbolic link"])
def test_what_is_in_something_that_is_not_read_is_not_missing(what: str) -> None:
    files: dict[str, Found] = sources(
        {"app/kustomization.yaml": "resources: [../lib/base, web.yaml]\n", "app/web.yaml": WEB}
    )
    files["lib"] = NotAFile("lib", what)
    found = Builder(files).build("app")
    assert isinstance(found, Build)
    assert what in found.opens[0].what
    assert at(found.resources[0].doc, _REPLICAS) == "2"


def test_a_missing_file_is_refused() -> None:
    found = build({"app/kustomization.yaml": "resources: [missing.yaml]\n"})
    assert isinstance(found, Refused)
    assert found.place.route == ("resources", 0)


def test_one_unreadable_file_leaves_the_others_known() -> None:
    template = "apiVersion: v1\nkind: Service\nmetadata: {name: <<: x}\n"
    found = build(
        {"app/kustomization.yaml": "resources: [web.yaml]\n", "app/web.yaml": WEB, "app/chart.yaml": template}
    )
    assert isinstance(found, Build)
    assert not found.opens


def test_helm_charts_and_generators_only_add_objects() -> None:
    found = _built({"app/kustomization.yaml": "resources: [web.yaml]\nhelmCharts: [{name: x}]\ngenerators: [g.yaml]\n"})
    assert [one.what for one in found.opens] == ["helmCharts are not run", "generators are not run"]
    assert list(unknowns(found.resources[0].doc)) == []


def test_a_text_that_names_a_variable_is_unknown() -> None:
    doc = _doc(
        "resources: [web.yaml]\nvars: [{name: X, objref: {kind: Deployment, name: web, apiVersion: apps/v1}}]\n",
        **{"app/web.yaml": WEB.replace("image: a", "image: a, args: ['$(X)', plain]")},
    )
    args = at(doc, ("spec", "template", "spec", "containers", 0, "args"))
    assert isinstance(args, list)
    assert isinstance(args[0], Unknown)
    assert args[1] == "plain"


def test_a_transformer_that_is_not_built_in_may_change_anything() -> None:
    files = {"app/kustomization.yaml": "resources: [web.yaml]\ntransformers: [t.yaml]\n"}
    files["app/t.yaml"] = "apiVersion: example.com/v1\nkind: Anything\nmetadata: {name: t}\n"
    assert _built(files).resources[0].unsure


def test_a_doubling_build_ends_at_the_bounds() -> None:
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    files = {"app/kustomization.yaml": "resources: [web.yaml]\ncomponents: [../c0, ../c0]\n", "app/web.yaml": WEB}
    for index in range(MAX_DEPTH):
        inner = f"components: [../c{index + 1}, ../c{index + 1}]\n" if index < MAX_DEPTH - 1 else "resources: []\n"
        files[f"c{index}/kustomization.yaml"] = f"{component}{inner}"
    found = build(files)
    assert isinstance(found, Build)
    assert found.resources == ()
    assert "a build of more than" in found.opens[0].what


@pytest.mark.parametrize("path", ["../app", ".", ".."])
def test_a_folder_that_leads_back_to_itself_is_refused(path: str) -> None:
    found = build({"kustomization.yaml": "resources: [app]\n", "app/kustomization.yaml": f"resources: ['{path}']\n"})
    assert isinstance(found, Refused)
    assert "cycle detected" in found.what


def test_a_path_out_of_the_repository_is_not_known() -> None:
    found = _built({"app/kustomization.yaml": "resources: [web.yaml, ../../elsewhere]\n"})
    assert "outside the repository" in found.opens[0].what


def test_values_are_equal_as_json_is() -> None:
    assert is_same(Number("1"), Number("1.0"))
    assert not is_same(Number("1"), "1")
    assert not is_same(Number("1"), Truth("true"))


def test_what_two_values_have_in_common_stays_known() -> None:
    found = blended({"a": "1", "b": {"c": "x", "d": "y"}}, {"a": "2", "b": {"c": "x"}}, "why")
    assert found == {"a": Unknown("why"), "b": {"c": "x", "d": Unknown("why")}}


def test_a_value_that_is_set_in_an_unknown_map_is_known_alone() -> None:
    found = put({"spec": Unknown("why")}, _REPLICAS, "4")
    assert at(found, _REPLICAS) == "4"
    assert isinstance(found["spec"], Open)
    assert at(found, ("spec", "paused")) == Unknown("why")


_SCALER = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec: {minReplicas: 2}"


def _left_out(patch: str, joined: str = "../ours") -> object:
    files = sources(
        {
            "app/web.yaml": WEB,
            "app/kustomization.yaml": patching(patch, head=f"resources: [web.yaml]\ncomponents: [{joined}]"),
            "other/kustomization.yaml": "kind: Component\nresources: []\n",
        }
    )
    return Builder(files, empty=("ours",)).build("app")


def test_a_patch_of_an_autoscaler_that_a_component_left_out_has_is_no_error() -> None:
    found = _left_out(_SCALER)
    assert isinstance(found, Build)
    assert found.opens == ()


def test_a_patch_of_an_autoscaler_beside_a_component_that_is_read_is_refused() -> None:
    assert isinstance(_left_out(_SCALER, joined="../other"), Refused)


def test_a_patch_of_a_workload_that_is_missing_is_refused_beside_a_component_left_out() -> None:
    assert isinstance(_left_out(of_replicas("5", metadata="{name: other}")), Refused)


def test_a_document_after_one_that_finds_nothing_applies() -> None:
    found = _left_out(f"{_SCALER}\n---\n{of_replicas('5')}")
    assert isinstance(found, Build)
    assert [at(one.doc, ("spec", "replicas")) for one in found.resources] == ["5"]


def test_what_a_step_deletes_is_noted_with_its_line() -> None:
    found = _left_out(f"{of_replicas('5')}\n$patch: delete")
    assert isinstance(found, Build)
    assert [(one.id.name, one.place.file, one.declared.file) for one in found.removals] == [
        ("web", "app/kustomization.yaml", "app/web.yaml")
    ]


def test_objects_that_a_remote_component_may_have_renamed_have_no_twin() -> None:
    inner = f"resources: [web.yaml]\ncomponents: ['{_REMOTE}']\n"
    files = {"app/kustomization.yaml": "resources: [../inner, web.yaml]\n", "inner/kustomization.yaml": inner}
    assert _built({**files, "inner/web.yaml": WEB}).opens


def test_the_name_of_a_scale_target_is_unknown_beside_an_unread_kustomization_that_may_rename_it() -> None:
    doc = _doc(f"resources: [hpa.yaml, web.yaml, '{_REMOTE}']\n", **{"app/hpa.yaml": HPA})
    assert isinstance(at(doc, ("spec", "scaleTargetRef", "name")), Unknown)


def test_the_name_of_a_scale_target_is_known_beside_an_unread_file_that_renames_nothing() -> None:
    doc = _doc("resources: [hpa.yaml, web.yaml, 'https://example.invalid/x.yaml']\n", **{"app/hpa.yaml": HPA})
    assert at(doc, ("spec", "scaleTargetRef", "name")) == "web"
