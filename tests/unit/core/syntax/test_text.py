"""What a file that people write may not contain."""

import pytest

from infra_scale.core.syntax.printable import printable
from infra_scale.core.syntax.text import decode
from infra_scale.core.syntax.yaml import parse
from support.pure import source

_INVISIBLE = [
    "\u00ad",
    "\u061c",
    "\u115f",
    "\u180e",
    "\u200b",
    "\u200d",
    "\u200f",
    "\u202e",
    "\u2060",
    "\u2064",
    "\u2066",
    "\u3164",
    "\ufeff",
    "\U000e0000",
    "\U000e0041",
    "\U000e007f",
]


@pytest.mark.parametrize("character", _INVISIBLE, ids=ascii)
def test_an_invisible_character_is_refused_at_its_place_by_its_code_point(character: str) -> None:
    text, finding = decode(source(f"a: 1\nb: x{character}y\n"))

    assert text is None
    assert finding is not None
    assert finding.position is not None
    assert (finding.rule, finding.position.line, finding.position.column) == ("YML-003", 2, 5)
    assert f"U+{ord(character):04X}" in finding.message
    assert finding.help.startswith("delete it")


@pytest.mark.parametrize("character", _INVISIBLE, ids=ascii)
def test_an_escape_for_an_invisible_character_is_refused_too(character: str) -> None:
    _, findings = parse(source(f'a: "\\U{ord(character):08x}"\n'))

    assert [finding.rule for finding in findings] == ["YML-003"]


@pytest.mark.parametrize("character", _INVISIBLE, ids=ascii)
def test_an_excerpt_shows_where_an_invisible_character_stands(character: str) -> None:
    assert printable(f"x{character}y") == "x\ufffdy"


@pytest.mark.parametrize("text", ["ü ß é", "日本語", "🚀 ⚠\ufe0f", "עברית", "naïve → “quoted”", "a\u00a0b"])
def test_what_people_can_see_is_accepted(text: str) -> None:
    assert decode(source(f"reason: {text}\n")) == (f"reason: {text}\n", None)
