"""Carets stand below what they mean, whatever script it is written in."""

import pytest

from infra_scale.core.reporting.cells import cells, window
from infra_scale.core.reporting.findings_text import excerpt_lines
from infra_scale.core.syntax.text import position_at


@pytest.mark.parametrize(
    ("text", "columns"),
    [("web", 3), ("", 0), ("naïve", 5), ("负载", 4), ("e\u0301e\u0301", 2), ("\uff37\uff45", 4), ("→", 1)],
)
def test_a_text_takes_as_many_columns_as_a_terminal_gives_it(text: str, columns: int) -> None:
    assert cells(text) == columns


@pytest.mark.parametrize("script", ["负载均衡器", "e\u0301e\u0301", "plain"])
@pytest.mark.parametrize("width", [40, 80])
def test_a_caret_is_as_far_right_and_as_wide_as_its_text(script: str, width: int) -> None:
    line = f"name: {script} # {script}"

    shown, caret = excerpt_lines(position_at(line, line.rindex(script), len(script)), width)

    start = cells(shown[: shown.rindex(script)])
    assert caret == f"     | {' ' * (start - 7)}{'^' * cells(script)}"


@pytest.mark.parametrize("at", range(0, 60, 7))
@pytest.mark.parametrize("room", [20, 33])
def test_a_line_that_is_cut_fits_and_keeps_its_place(at: int, room: int) -> None:
    text = "负载均衡器abcde" * 6

    shown, start = window(text, at, room, context=24)

    assert cells(shown) <= room
    assert shown[start] == text[at]
    assert shown in text
