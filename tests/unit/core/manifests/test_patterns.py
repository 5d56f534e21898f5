"""Patterns and selectors of targets, without the library of Python: it backtracks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.manifests.outcome import Unavailable
from infra_scale.core.manifests.patterns import is_match, is_selected, quoted

_LABELS = {"app": "web", "tier": "x"}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "anything", True),
        ("web", "web", True),
        ("we", "web", False),
        ("^web$", "web", True),
        ("web|api", "api", True),
        ("(web|api)-.*", "api-1", True),
        ("(?:web)+", "webweb", True),
        ("[a-c]x?[^0-9]", "bx-", True),
        (r"v\d+\.\w*", "v12.beta1", True),
        ("(a*)*b", "a" * 250, False),
    ],
)
def test_a_pattern_matches_a_whole_text(pattern: str, text: str, *, expected: bool) -> None:
    assert is_match(pattern, text) is expected


@pytest.mark.parametrize(
    "pattern", ["(?i)web", "a{2}", "(", ")", "*", "a**", "[a", "a\\", r"\bx", "[[:alpha:]]", "x" * 260 + "."]
)
def test_a_pattern_that_is_not_read_is_not_guessed(pattern: str) -> None:
    with pytest.raises(Unavailable):
        is_match(pattern, "web")


@given(st.text(alphabet="ab.|()*+?^$", max_size=8), st.text(alphabet="ab.", max_size=6))
def test_what_is_read_means_what_it_does_to_others(pattern: str, text: str) -> None:
    try:
        found = is_match(pattern, text)
        re.compile(pattern)
    except (Unavailable, re.error):
        return
    assert found == (not pattern or re.fullmatch(f"(?:{pattern})", text) is not None)


@given(st.text(min_size=1, max_size=20))
def test_a_quoted_text_matches_itself_alone(text: str) -> None:
    assert is_match(quoted(text), text)
    assert not is_match(quoted(text), f"{text}x")


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app=web", True),
        ("app==web,tier!=y", True),
        ("app in (api, web)", True),
        ("app notin (api)", True),
        ("none notin (api)", True),
        ("none!=x", True),
        ("app", True),
        ("!app", False),
        ("!none,tier", True),
    ],
)
def test_a_selector_takes_what_kubernetes_would(selector: str, *, expected: bool) -> None:
    assert is_selected(selector, _LABELS) is expected


@pytest.mark.parametrize("selector", ["app>1", "app in web", "app in (web", "=x", "a b"])
def test_a_selector_that_is_not_read_is_not_guessed(selector: str) -> None:
    with pytest.raises(Unavailable):
        is_selected(selector, _LABELS)
