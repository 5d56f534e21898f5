"""Our YAML is that of PyYAML's emitter, byte for byte, and says the same to every reader."""

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infra_scale.core.render import yaml_text as module
from infra_scale.core.render.yaml_text import Inline, Node, yaml_text
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.source import Source

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
_TEXTS = st.one_of(
    st.sampled_from(_WORDS),
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


@settings(max_examples=1500, deadline=None)
@given(st.dictionaries(_TEXTS, _NODES, max_size=5))
def test_it_is_what_pyyaml_writes_and_reads(document: dict[str, Node]) -> None:
    written = yaml_text(document)

    assert written == module._dumped(document)  # noqa: SLF001 (the slow way is the standard)
    if all(character.isprintable() or character == "\n" for character in written):
        assert yaml.safe_load(written) == document


@settings(max_examples=1500, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b-c", "d/e", "kind", "metadata.x"]), _NODES, min_size=1, max_size=5))
def test_with_the_keys_of_our_own_documents_too(document: dict[str, Node]) -> None:
    assert yaml_text(document) == module._dumped(document)  # noqa: SLF001 (as above)


@settings(max_examples=1500, deadline=None)
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
