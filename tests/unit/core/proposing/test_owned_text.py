import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.proposing.owned_text import Marks, Parts, is_same, normal, split

_FIRST = Marks("<!-- begin -->", "<!-- end -->")
_LAST = Marks("<!-- begin -->", "<!-- end -->", is_last=True)

_LINES = st.lists(st.sampled_from(["", "text", "- [x] done", "ä", "<!-- other -->"]), max_size=4)


@given(before=_LINES, ours=_LINES, after=_LINES, ends=st.sampled_from(["\n", "\r\n"]))
def test_our_part_is_found_again_and_the_rest_is_kept(
    before: list[str], ours: list[str], after: list[str], ends: str
) -> None:
    above, below = "\n".join(before), "\n".join(after)
    text = f"{above}{_FIRST.around(ours)}{below}"

    assert split(text.replace("\n", ends), _FIRST) == Parts(above, "\n".join(ours).strip(), below)


def test_marks_quoted_inside_our_part_are_part_of_it() -> None:
    quoted = _FIRST.around(["evil"])
    text = f"hello\n{_FIRST.around(['a', quoted, 'b'])}\nbye"

    assert split(text, _FIRST) == Parts("hello\n", f"a\n{quoted}\nb", "\nbye")


def test_marks_quoted_above_our_part_are_not_part_of_it() -> None:
    quoted = _LAST.around(["evil"])
    text = f"{quoted}\n{_LAST.around(['ours'])}\nbye"

    assert split(text, _LAST) == Parts(f"{quoted}\n", "ours", "\nbye")


@pytest.mark.parametrize("marks", [_FIRST, _LAST])
@pytest.mark.parametrize("text", ["", "text", "<!-- begin -->", "<!-- end -->", "<!-- end --><!-- begin -->"])
def test_a_text_without_both_marks_has_no_part_of_ours(text: str, marks: Marks) -> None:
    assert split(text, marks) is None


def test_texts_are_the_same_whatever_github_did_to_their_line_ends() -> None:
    assert is_same("a\r\nb\r\n", "a\nb")
    assert not is_same("a\nb", "a b")
    assert normal("a\r\nb") == "a\nb"
