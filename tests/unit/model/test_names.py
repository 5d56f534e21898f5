"""Names that become paths and objects."""

from hypothesis import given
from hypothesis import strategies as st

from infra_scale.model.names import is_label, object_name, request_id

_IDS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}(/[a-z0-9][a-z0-9._-]{0,20}){0,3}", fullmatch=True)


def test_an_ordinary_request_gives_its_own_name_with_dots() -> None:
    assert object_name("assistant/web") == "assistant.web"


@given(_IDS)
def test_every_request_gives_a_name_that_kubernetes_accepts(request: str) -> None:
    name = object_name(request)

    assert len(name) <= 253
    assert all(is_label(label) for label in name.split("."))


@given(_IDS, _IDS)
def test_two_requests_never_share_a_name(one: str, other: str) -> None:
    assert (object_name(one) == object_name(other)) == (one == other)


def test_requests_that_differ_only_in_how_they_are_divided_have_different_names() -> None:
    ids = ("a/b.c", "a.b/c", "a/b/c", "a.b.c", "a/b_c", "a/b-c")

    assert len({object_name(request) for request in ids}) == len(ids)


def test_only_the_last_suffix_of_a_file_is_no_part_of_its_id() -> None:
    assert request_id("requests/a.yml.yaml") == "a.yml"
    assert request_id("requests/a.yaml.yml") == "a.yaml"
