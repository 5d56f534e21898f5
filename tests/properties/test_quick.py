"""The quick reading of an ordinary document says what the careful one says, or nothing."""

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from infra_scale.core.syntax import yaml as module
from infra_scale.core.syntax.quick import quick_value
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.text import decode
from infra_scale.core.syntax.yaml import parse
from support.amounts import examples
from support.pure import source
from support.repository import CHECKOUT

pytestmark = pytest.mark.skipif(not yaml.__with_libyaml__, reason="there is no quick way without libyaml")

_PIECES = st.sampled_from(
    [
        *(
            "a",
            "b",
            "a: ",
            "b: ",
            "- ",
            "? ",
            ": ",
            "\n",
            "\n",
            "  ",
            "\n  ",
            "\n- ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "#",
            " # ",
        ),
        *(
            "null",
            "~",
            "true",
            "True",
            "no",
            "on",
            "off",
            "y",
            "1",
            "-1",
            "+1",
            "010",
            "0x1F",
            "1e3",
            "1.10",
            ".5",
            "1_0",
        ),
        *("1:30", "2025-01-15", "=", "<<: ", "<<", ".inf", "9" * 21, "1" * 5000, "&x ", "*x", "!!str ", "! ", "!t "),
        *(
            '"',
            "'",
            '"\\u200b"',
            '"\\t"',
            '"ä"',
            "'on'",
            "|\n",
            ">-\n",
            "---\n",
            "...\n",
            "%YAML 1.1\n",
            "ä",
            "\u200b",
            "\t",
        ),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=24).map("".join)


def _careful(text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Value, int]:
    with monkeypatch.context() as patch:
        patch.setattr(module, "quick_value", lambda _: None)
        document, findings = parse(source(text))
    return document.value if document else None, len(findings)


def _typed(value: Value) -> object:
    """The value with its types: 1, 1.0 and True are equal to Python."""
    if isinstance(value, dict):
        return [(key, _typed(inner)) for key, inner in value.items()]
    return [_typed(item) for item in value] if isinstance(value, list) else (type(value), value, str(value))


def _agree(text: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    decoded, _ = decode(source(text))
    if decoded is None or (quick := quick_value(decoded)) is None:
        return False
    value, faults = _careful(text, monkeypatch)
    assert faults == 0
    assert _typed(quick) == _typed(value)
    return True


@examples(3000)
@given(text=_TEXTS)
@example("a: {b: [1, 1.0, 1e3, on]}")
@example("a: 1\na: 2")
@example("a: &x 1\nb: *x")
@example("a: 1\n---\nb: 2")
@example("a: 1\n...\n")
@example("{a: " * 19 + "1" + "}" * 19)
@example("{a: " * 20 + "1" + "}" * 20)
@example("{a: " * 21 + "1" + "}" * 21)
@example("[" * 100_000)
def test_where_it_says_something_the_careful_reading_says_the_same(text: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        _agree(text, monkeypatch)


@examples(1000)
@given(texts=st.lists(st.tuples(_TEXTS, _TEXTS.filter(lambda text: "\n" not in text)), min_size=1, max_size=4))
def test_so_it_does_for_mappings_of_odd_scalars(texts: list[tuple[str, str]]) -> None:
    text = "".join(f"k{number}:\n  {key}: {value}\n" for number, (key, value) in enumerate(texts))
    with pytest.MonkeyPatch.context() as monkeypatch:
        _agree(text, monkeypatch)


def _samples() -> Iterator[str]:
    for pattern in ("requests/**/*.yaml", "ops/targets/*.yaml", "tests/cases/accepted/*/requests/**/*.yaml"):
        for file in sorted(CHECKOUT.glob(pattern)):
            yield file.read_text(encoding="utf-8")


def test_it_says_something_about_what_people_write(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [_agree(text, monkeypatch) for text in _samples()]

    assert sum(said) > 0.8 * len(said)
