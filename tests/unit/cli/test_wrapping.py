"""Long lines are broken at spaces, and nothing is lost."""

import re

from hypothesis import given
from hypothesis import strategies as st

from infra_scale.cli.wrapping import command_lines, hanging, wrapped

_WORDS = st.lists(st.text("abc/:.-`", min_size=1, max_size=50), min_size=1, max_size=12)


@given(_WORDS, st.integers(40, 100))
def test_every_word_stands_in_the_lines_as_it_was(words: list[str], width: int) -> None:
    lines = wrapped(" ".join(words), width, first="  ", then="    ")

    assert " ".join(line.strip() for line in lines) == " ".join(words)
    assert [line for line in lines if len(line) > width and " " in line.strip()] == []


@given(_WORDS, st.integers(40, 100))
def test_a_command_is_one_for_a_shell_in_any_width(words: list[str], width: int) -> None:
    lines = "\n".join(command_lines(" ".join(words), width))

    assert re.sub(r" \\\n +", " ", lines) == f"    {' '.join(words)}"


def test_a_command_in_backquotes_is_not_broken_while_it_fits_a_line() -> None:
    said = "bring the plans in step: run `infra-scale compile` and commit"

    assert wrapped(said, 44) == ["bring the plans in step: run", "`infra-scale compile` and commit"]


def test_a_line_goes_on_below_its_last_column_also_where_that_is_coloured() -> None:
    said = "\x1b[32mok      \x1b[0m history: the clone has the full history of everything"

    assert hanging(said, 40) == [
        "\x1b[32mok      \x1b[0m history: the clone has the full",
        "         history of everything",
    ]


def test_a_line_without_columns_goes_on_further_right_than_it_begins() -> None:
    assert hanging("    help: check that the nodes hold that many pods", 40) == [
        "    help: check that the nodes hold that",
        "        many pods",
    ]


def test_what_fits_is_left_as_it_is() -> None:
    assert hanging("a    b  c ", 40) == ["a    b  c "]


def test_wide_characters_count_twice() -> None:
    assert hanging("负载均衡器 负载均衡器 负载均衡器", 24) == ["负载均衡器 负载均衡器", "    负载均衡器"]
