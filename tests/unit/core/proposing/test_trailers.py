import pytest

from infra_scale.core.proposing.trailers import Trailers, commit_message, read_trailers


def test_what_a_commit_message_says_is_read_back() -> None:
    trailers = Trailers("prod", "0" * 64, "1.2.3+abc")

    assert read_trailers(commit_message(trailers)) == trailers


@pytest.mark.parametrize("message", ["", "infra.scale: prod", "Infra-Scale-Target:prod", " Infra-Scale-Target: prod"])
def test_a_message_without_our_trailers_says_nothing(message: str) -> None:
    assert read_trailers(message) == Trailers()


def test_a_value_with_a_blank_is_none_of_ours() -> None:
    assert read_trailers("Infra-Scale-Target: prod or not\n") == Trailers()
