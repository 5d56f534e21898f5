"""Markdown: what is shown as code is visible, on one line."""

import pytest

from infra_scale.core.syntax.markdown import cell, code


@pytest.mark.parametrize("hidden", ["\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\ud800"])
def test_what_is_shown_as_code_has_no_character_that_a_terminal_obeys_or_hides(hidden: str) -> None:
    assert code(f"a{hidden}[31m") == "`a\ufffd[31m`"
    assert cell(f"a{hidden}|b") == "`a\ufffd\\|b`"
