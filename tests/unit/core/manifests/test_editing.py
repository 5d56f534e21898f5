"""A Component is added to a kustomization file, and all the rest of the file stays as it was."""

import pytest

from infra_scale.core.manifests.editing import Uneditable, with_component

_NEW = "../../ops/rendered/infra-scale/c1/shop/deployment-web"

_STYLES = {
    "no list of Components": ("resources:\n- ../base\n", f"resources:\n- ../base\ncomponents:\n- {_NEW}\n"),
    "indented items": ("resources:\n  - ../base\n", f"resources:\n  - ../base\ncomponents:\n  - {_NEW}\n"),
    "only flow lists": ("resources: [../base]\n", f"resources: [../base]\ncomponents:\n  - {_NEW}\n"),
    "no line end at the end": ("namespace: shop", f"namespace: shop\ncomponents:\n  - {_NEW}\n"),
    "CRLF": ("resources:\r\n- a\r\n", f"resources:\r\n- a\r\ncomponents:\r\n- {_NEW}\r\n"),
    "a comment after the last line": ("namespace: a\n# end\n", f"namespace: a\n# end\ncomponents:\n  - {_NEW}\n"),
    "an end of the document": ("namespace: a\n...\n", f"namespace: a\ncomponents:\n  - {_NEW}\n...\n"),
    "a block text at the end": (
        "patches:\n- patch: |-\n    a: b\n",
        f"patches:\n- patch: |-\n    a: b\ncomponents:\n- {_NEW}\n",
    ),
    "a list in block style": (
        "components:\n  - ../other # why\nnamespace: shop\n",
        f"components:\n  - ../other # why\n  - {_NEW}\nnamespace: shop\n",
    ),
    "a list whose items are not indented": ("components:\n- a\n- b", f"components:\n- a\n- b\n- {_NEW}\n"),
    "a list with comments between": (
        "components:\n- a\n# about b\n- b\n\nnamespace: shop\n",
        f"components:\n- a\n# about b\n- b\n- {_NEW}\n\nnamespace: shop\n",
    ),
    "a flow list": ("components: [a, b] # two\n", f"components: [a, b, {_NEW}] # two\n"),
    "a flow list on several lines": ("components: [\n  a,\n]\n", f"components: [\n  a, {_NEW},\n]\n"),
    "an empty flow list": ("components: []\nnamespace: a\n", f"components: [{_NEW}]\nnamespace: a\n"),
    "a key without a value": (
        "components:\nnamespace: shop\n",
        f"components:\n  - {_NEW}\nnamespace: shop\n",
    ),
    "null": ("components: null\nnamespace: shop\n", f"components: [{_NEW}]\nnamespace: shop\n"),
    "a flow map": ("{resources: [a]}\n", f"{{resources: [a], components: [{_NEW}]}}\n"),
    "a key in other letters": ("Components:\n- a\n", f"Components:\n- a\n- {_NEW}\n"),
    "a document mark": ("---\nresources:\n- a\n", f"---\nresources:\n- a\ncomponents:\n- {_NEW}\n"),
}


@pytest.mark.parametrize(("before", "after"), _STYLES.values(), ids=_STYLES)
def test_the_style_of_the_file_is_kept(before: str, after: str) -> None:
    assert with_component("app/kustomization.yaml", before.encode(), _NEW).decode() == after


@pytest.mark.parametrize("before", [before for before, _ in _STYLES.values()], ids=_STYLES)
def test_a_second_edit_changes_nothing(before: str) -> None:
    once = with_component("app/kustomization.yaml", before.encode(), _NEW)
    assert with_component("app/kustomization.yaml", once, _NEW) == once


def test_a_component_that_is_listed_with_a_slash_at_the_end_is_listed() -> None:
    before = f"components:\n- {_NEW}/\n".encode()
    assert with_component("app/kustomization.yaml", before, _NEW) == before


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# only a comment\n",
        "- a\n",
        "components: text\n",
        "a: [\n",
        "components:\n-\n  a\n",
        "resources: &all [a]\ncomponents: *all\n",
        "x: &all [a]\ncomponents: *all\nresources: *all\n",
        "resources: [a]\nresources: [b]\n",
    ],
)
def test_a_file_that_cannot_be_edited_safely_is_refused(before: str) -> None:
    with pytest.raises(Uneditable):
        with_component("app/kustomization.yaml", before.encode(), _NEW)


def test_bytes_that_are_not_text_are_refused() -> None:
    with pytest.raises(Uneditable):
        with_component("app/kustomization.yaml", b"namespace: \xff\n", _NEW)
