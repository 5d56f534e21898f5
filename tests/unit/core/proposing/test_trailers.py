from datetime import UTC, datetime

import pytest

from infra_scale.core.proposing.trailers import Trailers, commit_message, read_trailers


def test_what_a_commit_message_says_is_read_back() -> None:
    trailers = Trailers("prod", datetime(2026, 1, 1, tzinfo=UTC), "0" * 64, "1.2.3+abc")

    assert read_trailers(commit_message(trailers)) == trailers


@pytest.mark.parametrize("message", ["", "infra.scale: prod", "Infra-Scale-Target:prod", " Infra-Scale-Target: prod"])
def test_a_message_without_our_trailers_says_nothing(message: str) -> None:
    assert read_trailers(message) == Trailers()


@pytest.mark.parametrize("text", ["yesterday", "2026-01-01", "2026-02-30T00:00:00Z"])
def test_a_time_that_is_none_is_left_out(text: str) -> None:
    assert read_trailers(f"Infra-Scale-Target: prod\nInfra-Scale-Created-At: {text}\n") == Trailers("prod")


def test_a_value_with_a_blank_is_none_of_ours() -> None:
    assert read_trailers("Infra-Scale-Target: prod or not\n") == Trailers()
