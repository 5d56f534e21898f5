"""A JUnit report stays well-formed, with any text from a repository in it."""

from xml.etree import ElementTree

from hypothesis import example, given
from hypothesis import strategies as st

from infra_scale.core.reporting.findings_junit import junit
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding
from support.amounts import examples


@given(st.text(), st.text())
@example("]]></failure><x a='\"&amp;", "\x00\ufffe\uffff\ud800")
@examples(200)
def test_any_message_and_path_can_be_read_back(message: str, path: str) -> None:
    text = "\n".join(junit([Finding("REP-001", "error", message, path)], "infra-scale validate"))

    (case,) = ElementTree.fromstring(text).iter("testcase")  # noqa: S314 (our own output)

    visible = str.maketrans("\ufffe\uffff", "\ufffd\ufffd")
    assert case.get("classname") == printable(path).translate(visible)
    assert case[0].get("message") == printable(message).translate(visible)
