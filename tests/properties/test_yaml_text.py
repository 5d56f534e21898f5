"""Our YAML says what was meant, to every reader, byte for byte as PyYAML's emitter would write it."""

import re
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from infra_scale.core.render.yaml_text import Node, yaml_text
from infra_scale.core.syntax.yaml import parse
from support.pure import source

_READ_OTHERWISE = re.compile(
    r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?0[xob][0-9a-fA-F_]+|[yYnN]|\$\{.*\}"
    # what our own reader refuses besides
    r"|[-+]?0[XB][0-9a-fA-F_]+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+",
    re.ASCII,
)


class _Oracle(yaml.SafeDumper):
    """Lists indented below their key, double quotes, and no aliases: what PyYAML does otherwise."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT002 (PyYAML's signature)
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "\n" in text or _READ_OTHERWISE.fullmatch(text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Oracle.add_representer(str, _text)


def _by_pyyaml(document: object) -> str:
    text: str = yaml.dump(
        document, Dumper=_Oracle, sort_keys=False, allow_unicode=True, default_flow_style=False, width=2**31
    )
    return text


_PIECES = st.sampled_from(
    [
        *"0179_.eE+-:xobXBTZ yYnN~=<>#,[]{}&*!|'\"%@`?$\\/\t\r\n\0\x1b\x7f\x80\x85\xa0ä→",
        *"\u2028\u2029\ufeff\ufffd\ufffe\uffff\ud7ff\ue000\U0001f600\U0010ffff",
        *("${", "null", "true", "No", "off", "inf", "NaN", "---", "...", "2025-01-15", " #", ": ", "- "),
        *("web", "Deployment", "kubectl --context prod"),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=6).map("".join) | st.text(max_size=20)
_SURROGATES = st.text(st.characters(categories=("Cs", "L")), min_size=1, max_size=4)
_SCALARS = st.none() | st.booleans() | st.integers() | _TEXTS
_KEYS = _TEXTS.filter(lambda key: 0 < len(key) <= 122 and not set(key) & set("\n\x85\u2028\u2029"))


def _trees(scalars: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Node]]:
    inner = st.recursive(
        scalars,
        lambda node: st.lists(node, max_size=4) | st.dictionaries(_KEYS, node, max_size=4),
        max_leaves=12,
    )
    return st.dictionaries(_KEYS, inner, max_size=4)


@settings(max_examples=2000, deadline=None)
@given(text=_TEXTS | _SURROGATES)
@example("")
@example("01:30")
@example("0X1F")
@example("1e3")
@example(":")
@example("-")
@example("- a")
@example("a:")
@example("${detect}")
@example("# comment")
def test_every_text_is_written_as_pyyaml_writes_it(text: str) -> None:
    document: dict[str, Node] = {"key": text, "list": [text, [text], {"key": text}]}

    assert yaml_text(document) == _by_pyyaml(document)


@pytest.mark.parametrize("start", range(0, 0x110000, 0x4000))
def test_every_character_is_written_as_pyyaml_writes_it(start: int) -> None:
    """A sample of the planes beyond the first, all of the first: alone, at the start, inside and at the end."""
    step = 1 if start < 0x10000 else 251
    codes = [*range(start, start + 0x4000, step), start + 0x3FFE, start + 0x3FFF]
    document: dict[str, Node] = {"key": [form for code in codes for form in _forms(chr(code))]}

    assert yaml_text(document) == _by_pyyaml(document)


def _forms(character: str) -> tuple[str, ...]:
    return character, f"{character}a", f"a{character}a", f"a{character}"


@settings(max_examples=500, deadline=None)
@given(document=_trees(_SCALARS))
@example({})
@example({"a": {}, "b": [], "c": [[], {}, [[]]], "d": [{"e": [{"f": None}]}]})
def test_every_document_is_written_as_pyyaml_writes_it(document: dict[str, Node]) -> None:
    assert yaml_text(document) == _by_pyyaml(document)


@settings(max_examples=500, deadline=None)
@given(document=_trees(_SCALARS))
def test_pyyaml_reads_back_what_was_written(document: dict[str, Node]) -> None:
    assert yaml.safe_load(yaml_text(document)) == document


# What our own reader refuses in any form: control and invisible characters.
_VISIBLE = st.lists(_PIECES.filter(str.isprintable), max_size=6).map("".join)


@settings(max_examples=1000, deadline=None)
@given(key=_VISIBLE.filter(lambda key: 0 < len(key) <= 122), value=_VISIBLE | st.none() | st.booleans())
@example("01:30", "0X1F")
@example("on", "2025-01-15")
def test_our_own_reader_reads_back_what_was_written(key: str, value: Node) -> None:
    written: dict[str, Node] = {"list": [value, {"inner": value}], key: value}

    document, findings = parse(source(yaml_text(written)))

    assert findings == ()
    assert document is not None
    assert document.value == written


@pytest.mark.parametrize("value", [1.5, b"bytes", ("tuple",), {1}, object(), {1: "a"}, {None: "a"}, {True: "a"}])
def test_what_no_plan_holds_is_refused(value: Any) -> None:  # noqa: ANN401 (what a caller may get wrong)
    with pytest.raises(TypeError):
        yaml_text({"key": value})


@pytest.mark.parametrize("key", ["", "k" * 123, "a\nb", "a\u2028b"])
def test_a_key_that_does_not_fit_on_one_line_is_refused(key: str) -> None:
    with pytest.raises(TypeError):
        yaml_text({key: "value"})
