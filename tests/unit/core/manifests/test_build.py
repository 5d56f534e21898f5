"""What a kustomization builds: the rules that a reader of its files would get wrong."""

from typing import Any

import pytest

from infra_scale.core.manifests.build import Build
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.tree import Json, Unknown, at
from infra_scale.core.syntax.plain import Quoted
from support.build_cases import CASES, HPA, KEYLESS, REMOTE, WEB, Case
from support.builds import build, built

_CONTAINERS = ("spec", "template", "spec", "containers")


def _one(name: str, key: tuple[str, str, str] = ("Deployment", "", "web")) -> Json:
    return built(CASES[name].files)[key]


def _names(doc: Json) -> list[Any]:
    containers = at(doc, _CONTAINERS)
    assert isinstance(containers, list)
    return [at(item, ("name",)) for item in containers]


def _replicas(name: str, key: tuple[str, str, str] = ("Deployment", "", "web")) -> object:
    return at(_one(name, key), ("spec", "replicas"))


def _refusal(name: str) -> str:
    found = build(CASES[name].files)
    assert isinstance(found, Refused), found
    return found.what


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("limits of the second container", ["b", "a"]),
        ("a new container", ["c", "a", "b"]),
        ("an item that deletes", ["b"]),
    ],
)
def test_items_of_a_patch_come_first(name: str, expected: list[str]) -> None:
    assert _names(_one(name)) == expected


def test_an_item_that_replaces_one_that_exists_changes_nothing() -> None:
    assert at(_one("an item that replaces"), (*_CONTAINERS, 0)) == {"name": "a", "image": "a"}


def test_an_item_without_its_key_makes_the_list_unknown() -> None:
    (doc,) = built(KEYLESS.files).values()
    assert isinstance(at(doc, _CONTAINERS), Unknown)
    assert at(doc, ("spec", "replicas")) == "2"


def test_null_in_what_a_patch_adds_leaves_an_empty_map() -> None:
    assert at(_one("null in what is new"), (*_CONTAINERS, 0, "resources")) == {}


def test_lists_of_a_custom_resource_are_replaced_whole() -> None:
    assert _names(_one("containers of a Rollout", ("Rollout", "", "web"))) == ["b"]
    metrics = at(_one("metrics of an HPA", ("HorizontalPodAutoscaler", "", "web")), ("spec", "metrics"))
    assert metrics == [{"type": "Resource"}]


def test_a_merge_patch_finds_an_object_by_the_id_in_its_file() -> None:
    assert _replicas("the id of the file", ("Deployment", "one", "web")) == "5"


def test_a_merge_patch_finds_an_object_by_a_name_in_between() -> None:
    assert _replicas("a merge by a name in between", ("Deployment", "", "c-b-a-web")) == "5"


@pytest.mark.parametrize("name", ["a namespace in the file alone", "the namespace of the overlay"])
def test_a_merge_patch_of_an_id_that_no_object_has_had_is_refused(name: str) -> None:
    assert "no matches for Id" in _refusal(name)


def test_a_merge_patch_of_an_id_that_two_objects_have_had_is_refused() -> None:
    assert "multiple matches for Id" in _refusal("a merge into one of two")


@pytest.mark.parametrize(
    ("name", "replicas", "key"),
    [
        ("a target in namespace default", "5", ("Deployment", "", "web")),
        ("a target of a part of the name", "2", ("Deployment", "", "web")),
        ("a target with anchors", "5", ("Deployment", "", "web")),
        ("a target by a name in between", "2", ("Deployment", "", "c-b-a-web")),
    ],
)
def test_a_target_matches_whole_names_first_or_present(name: str, replicas: str, key: tuple[str, str, str]) -> None:
    assert _replicas(name, key) == replicas


def test_a_count_is_for_all_objects_that_have_had_the_name() -> None:
    found = built(CASES["a count of two"].files)
    assert {at(doc, ("spec", "replicas")) for doc in found.values()} == {"8"}
    assert len(found) == 2


def test_a_component_works_on_all_objects_of_its_parent() -> None:
    assert {name for _, _, name in built(CASES["a Component that renames"].files)} == {"c-web", "c-x"}


def test_the_counts_of_a_kustomization_beat_those_of_its_components() -> None:
    assert _replicas("a count above a Component") == "4"


def test_a_patch_of_what_a_component_has_deleted_is_refused() -> None:
    assert "no matches for Id" in _refusal("a patch of what a Component deletes")


def test_a_target_of_what_a_component_has_deleted_takes_nothing() -> None:
    case = CASES["a patch of what a Component deletes"]
    targeted = f"{case.kustomization}  target: {{kind: HorizontalPodAutoscaler}}\n"
    assert list(built({**case.files, "app/kustomization.yaml": targeted})) == [("Deployment", "", "web")]


def test_an_autoscaler_in_the_namespace_of_the_overlay_collides_with_one_without() -> None:
    assert "ID conflict" in _refusal("an HPA beside one in the namespace of the overlay")


def test_an_autoscaler_follows_a_renamed_workload_whatever_kind_it_names() -> None:
    hpa = _one("an HPA of another kind", ("HorizontalPodAutoscaler", "", "p-web"))
    assert at(hpa, ("spec", "scaleTargetRef", "name")) == "p-web"


@pytest.mark.parametrize("kind", ["ScaledObject", "HorizontalPodAutoscaler"])
def test_references_of_and_to_custom_resources_stay(kind: str) -> None:
    found = _one("references that do not follow", (kind, "", "p-web"))
    assert at(found, ("spec", "scaleTargetRef", "name")) == "web"


def test_a_replace_of_a_missing_member_adds_it_and_a_remove_is_refused() -> None:
    assert at(_one("a replace of what is absent"), ("spec", "paused")) == "true"
    assert "Unable to remove nonexistent key" in _refusal("a remove of what is absent")


def test_a_patch_that_begins_with_a_bracket_has_to_be_json() -> None:
    assert "unable to parse SM or JSON patch" in _refusal("a patch that begins with a bracket")


def test_a_late_patch_names_what_is_built() -> None:
    assert _replicas("a late patch", ("Deployment", "shop", "p-web")) == "7"


def test_a_label_of_selectors_reaches_a_budget_with_match_labels_alone() -> None:
    found = built(CASES["labels of selectors"].files)
    selectors = [at(found["PodDisruptionBudget", "", name], ("spec", "selector")) for name in ("labels", "expressions")]
    assert at(selectors[0], ("matchLabels",)) == {"app": "web", "team": "a"}
    assert "matchLabels" not in (selectors[1] if isinstance(selectors[1], dict) else {})


def test_a_remote_base_adds_objects_and_takes_nothing_from_what_is_known() -> None:
    found = build(REMOTE.files)
    assert isinstance(found, Build)
    assert [one.doc["spec"] for one in found.resources if not one.unsure]
    assert "remote" in found.opens[0].what
    assert at(found.resources[0].doc, ("spec", "replicas")) == "2"


def test_two_objects_of_one_id_are_refused() -> None:
    case = Case("resources: [web.yaml, hpa.yaml, again.yaml]\n", {"app/hpa.yaml": HPA, "app/again.yaml": WEB})
    found = build(case.files)
    assert isinstance(found, Refused)
    assert "already registered id" in found.what
    assert found.place.route == ("resources", 2)


_QUOTED = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: '4'}}"
_OTHER = "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {a: b}}}"


@pytest.mark.parametrize(
    ("merges", "is_text"),
    [((_QUOTED,), False), ((_QUOTED, _QUOTED), False), ((_QUOTED, _OTHER), True)],
    ids=["one merge", "two of the same field", "one that leaves the field alone"],
)
def test_a_quoted_number_over_a_plain_one_becomes_a_string_in_the_next_merge_that_leaves_it_alone(
    merges: tuple[str, ...], is_text: bool
) -> None:
    patches = "".join(f'- patch: "{merge}"\n' for merge in merges)
    kustomization = f"resources: [web.yaml]\npatches:\n{patches}replicas: [{{name: web, count: 1}}]\n"

    (web,) = built({"app/web.yaml": WEB, "app/kustomization.yaml": kustomization}).values()

    count = at(web, ("spec", "replicas"))
    assert count == "1"
    assert isinstance(count, Quoted) is is_text
