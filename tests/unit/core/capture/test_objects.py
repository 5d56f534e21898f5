"""Answers of the API become objects, each once, whatever list they came in."""

import pytest

from infra_scale.core.capture.objects import ObjectError, inventory
from infra_scale.core.syntax.scalars import Value
from support.kube_objects import cluster, deployment, node


def test_lists_of_lists_single_objects_and_versions_are_understood() -> None:
    bare = {key: value for key, value in node(1).items() if key not in ("kind", "apiVersion")}
    values: list[Value] = [
        {"serverVersion": {"gitVersion": "v1.33.1"}},
        {"apiVersion": "v1", "kind": "NodeList", "items": [bare]},
        {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "NodeList", "items": None}]},
        deployment(),
    ]

    found = inventory(values)

    assert found.kubernetes_version == "v1.33.1"
    assert [len(found.of(kind)) for kind in ("Node", "Deployment", "Pod")] == [1, 1, 0]


def test_the_same_object_twice_is_one() -> None:
    assert len(inventory([deployment(), deployment()]).of("Deployment")) == 1


def test_two_different_objects_of_one_name_are_not_guessed_about() -> None:
    with pytest.raises(ObjectError, match="Deployment shop/web exists twice, with different content"):
        inventory([deployment(), deployment(replicas=4)])


def test_another_kind_of_the_same_name_is_passed_over() -> None:
    """Knative and OpenShift have kinds of their own with names that Kubernetes uses as well."""
    other = {**deployment(), "apiVersion": "example.com/v1"}

    assert inventory([other, {"apiVersion": "v1", "kind": "Secret", "data": {}}]).by_kind == {}


@pytest.mark.parametrize("value", ["text", 1, None, [], {}, {"items": []}])
def test_what_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(ObjectError, match="expected a Kubernetes object"):
        inventory([value])  # type: ignore[list-item]  # hostile on purpose


def test_the_order_in_which_objects_came_does_not_matter() -> None:
    assert inventory(cluster()) == inventory(reversed(cluster()))
