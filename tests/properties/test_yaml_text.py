"""Our YAML is that of PyYAML's emitter, byte for byte, and says the same to every reader."""

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from infra_scale.core.syntax import emitter as module
from infra_scale.core.syntax.emitter import Block, Inline, Node, yaml_text
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.source import Source
from support.amounts import examples

_WORDS = [
    "null",
    "True",
    "NO",
    "off",
    "y",
    "N",
    "1e3",
    "0x1f",
    ".5",
    "~",
    "a: b",
    "- a",
    "#x",
    "a #b",
    "${x}",
    "12:30:00",
]
_PIECES = st.sampled_from(
    [
        *"0179_.eE+-:xobXBTZ yYnN~=<>#,[]{}&*!|'\"%@`?$\\/\t\r\n\0\x1b\x7f\x80\x85\xa0ä→",
        *"\u2028\u2029\ufeff\ufffd\ufffe\uffff\ud7ff\ue000\U0001f600\U0010ffff",
        *("${", "null", "true", "No", "off", "inf", "NaN", "---", "...", "2025-01-15", " #", ": ", "- "),
        *("web", "Deployment", "kubectl --context prod"),
    ]
)
_TEXTS = st.one_of(
    st.sampled_from(_WORDS),
    st.lists(_PIECES, max_size=6).map("".join),
    st.text(max_size=30),
    st.text(alphabet="abcXYZ019-_./:#'\" \n\\${}[]&*!|>%@`,?", max_size=20),
    st.integers(60, 200).map("a".__mul__),
)
_NODES: st.SearchStrategy[Node] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), _TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(_TEXTS, inner, max_size=4),
        st.dictionaries(_TEXTS, inner, max_size=4).map(Inline),
    ),
    max_leaves=20,
)


@examples(500)
@given(st.dictionaries(_TEXTS, _NODES, max_size=5))
def test_it_is_what_pyyaml_writes_and_reads(document: dict[str, Node]) -> None:
    written = yaml_text(document)

    assert written == module._dumped(document)  # noqa: SLF001 (the slow way is the standard)
    if all(character.isprintable() or character == "\n" for character in written):
        assert yaml.safe_load(written) == document


@examples(500)
@given(st.dictionaries(st.sampled_from(["a", "b-c", "d/e", "kind", "metadata.x"]), _NODES, min_size=1, max_size=5))
def test_with_the_keys_of_our_own_documents_too(document: dict[str, Node]) -> None:
    assert yaml_text(document) == module._dumped(document)  # noqa: SLF001 (as above)


@examples(1500)
@given(_TEXTS | st.text(st.characters(categories=("Cs", "L")), min_size=1, max_size=4))
@example("")
@example(":")
@example("- a")
@example("a:")
@example("a,b")
def test_a_text_is_what_pyyaml_writes_wherever_it_stands(text: str) -> None:
    document: dict[str, Node] = {"key": text, "list": [text, [text], {"key": text}], "inline": Inline(a=text, b=[text])}

    assert yaml_text(document) == module._dumped(document)  # noqa: SLF001 (as above)


@pytest.mark.long
@pytest.mark.parametrize("start", range(0, 0x110000, 0x4000))
def test_every_character_is_what_pyyaml_writes(start: int) -> None:
    """A sample of the planes beyond the first, all of the first: alone, at the start, inside and at the end."""
    step = 1 if start < 0x10000 else 251
    codes = [*range(start, start + 0x4000, step), start + 0x3FFE, start + 0x3FFF]
    forms = [form for code in codes for form in _forms(chr(code))]
    document: dict[str, Node] = {"key": [*forms], "inline": Inline(a=[*forms])}

    assert yaml_text(document) == module._dumped(document)  # noqa: SLF001 (as above)


def _forms(character: str) -> tuple[str, ...]:
    return character, f"{character}a", f"a{character}a", f"a{character}"


@examples(300)
@given(st.dictionaries(_TEXTS, _NODES, min_size=1, max_size=5))
def test_a_document_in_a_block_is_what_pyyaml_writes_and_reads_as_itself(inner: dict[str, Node]) -> None:
    document: dict[str, Node] = {"patches": [{"patch": Block(yaml_text(inner))}]}
    written = yaml_text(document)

    assert written == module._dumped(document)  # noqa: SLF001 (as above)
    if all(character.isprintable() or character == "\n" for character in written):
        assert yaml.safe_load(yaml.safe_load(written)["patches"][0]["patch"]) == inner


@pytest.mark.parametrize("value", [1.5, b"bytes", ("tuple",), {1}, object(), {1: "a"}, {None: "a"}, {True: "a"}])
def test_what_is_no_node_is_refused(value: Any) -> None:  # noqa: ANN401 (what a caller may get wrong)
    with pytest.raises(TypeError):
        yaml_text({"key": value})


@pytest.mark.parametrize("key", ["", "k" * 122, "k" * 123, "a\nb", "a\u2028b", "a, b: c"])
@pytest.mark.parametrize("value", ["v", Inline(a="v"), {"a": ["v"]}, [["v"]], {}])
def test_a_key_that_does_not_fit_before_a_colon_is_left_to_pyyaml(key: str, value: Node) -> None:
    document: dict[str, Node] = {"a": [{key: value}], "inline": Inline({key: value})}

    written = yaml_text(document)

    assert written == module._dumped(document)  # noqa: SLF001 (as above)
    assert yaml.safe_load(written) == document


@examples(1500)
@given(st.text(alphabet="0123456789xXoObBeE+-._:~yYnNaAfF", min_size=1, max_size=10))
@example("0X1F")
@example("01:30")
@example("0B1")
def test_a_text_like_a_number_comes_back_as_that_text_from_our_own_reader(text: str) -> None:
    content = yaml_text({"a": text}).encode()

    document, findings = parse(Source("a.yaml", content, len(content)))

    assert findings == ()
    assert document is not None
    assert document.value == {"a": text}
