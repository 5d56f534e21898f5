from datetime import date

import pytest

from infra_scale.core.proposing.pull_request import is_same_title, title


def test_a_title_names_target_and_day() -> None:
    assert title("prod", day=date(2025, 1, 15)) == "infra.scale: prod (2025-01-15)"


def test_titles_of_two_days_are_the_same() -> None:
    assert is_same_title(title("prod", day=date(2025, 1, 15)), title("prod", day=date(2026, 2, 3)))


@pytest.mark.parametrize("other", ["renamed", "infra.scale: play (2025-01-15)", "infra.scale: prod ()"])
def test_a_title_that_was_edited_is_another(other: str) -> None:
    assert not is_same_title(other, title("prod", day=date(2025, 1, 15)))
