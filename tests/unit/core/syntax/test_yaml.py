"""Reading YAML: what scalars become, and where things stand."""

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.scalars import DecimalText
from infra_scale.core.syntax.yaml import parse
from support.pure import source


def _document(text: str) -> Document:
    document, findings = parse(source(text))
    assert findings == ()
    assert document is not None
    return document


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12", 12),
        ("-3", -3),
        ("+1", DecimalText("+1")),
        ("0", 0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ('"on"', "on"),
        ("'010'", "010"),
        ("500m", "500m"),
        ("2025-01", "2025-01"),
        ('"2025-01-01"', "2025-01-01"),
        ("1.2.3", "1.2.3"),
        ("yes please", "yes please"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("==", "=="),
        ("0.10", DecimalText("0.10")),
        ("1e3", DecimalText("1e3")),
        ("1.5e+3", DecimalText("1.5e+3")),
        (".5", DecimalText(".5")),
    ],
)
def test_a_scalar_is_read_as_yaml_1_2_reads_it(written: str, value: object) -> None:
    document = _document(f"key: {written}\n")

    assert document.value == {"key": value}
    assert repr(document.value) == repr({"key": value})


@pytest.mark.parametrize(
    "written",
    [
        "on",
        "Off",
        "yes",
        "NO",
        "y",
        "N",
        "010",
        "-010",
        "0o10",
        "0x1F",
        "0b11",
        "1_000",
        "1:30",
        "1:30:59.5",
        ".inf",
        "-.INF",
        ".nan",
        "00",
        "01.5",
        "2025-01-01",
        "2025-1-1 10:00:00",
        "2025-01-01T10:00:00.5Z",
        ".5_0",
        "=",
        "<<",
    ],
)
def test_a_scalar_that_yaml_versions_read_differently_is_refused(written: str) -> None:
    _, findings = parse(source(f"key: {written}\n"))

    assert [(finding.rule, finding.position and finding.position.column) for finding in findings] == [("YML-010", 6)]


@given(st.from_regex(r"[-+]?[0-9_.:eExobTtZ -]{1,12}|[a-zA-Z.~]{1,5}|[-+]?\.[0-9_]{1,3}|[=<]{1,2}", fullmatch=True))
def test_what_is_accepted_is_what_a_reader_of_yaml_1_1_sees_too(written: str) -> None:
    document, findings = parse(source(f"- {written}\n"))
    assume(document is not None and isinstance(document.value, list) and not findings)
    assert document is not None
    assert isinstance(document.value, list)
    assume(not isinstance(document.value[0], dict))
    (ours,), (theirs,) = document.value, yaml.safe_load(f"- {written}\n")

    assert ours == theirs or (isinstance(ours, DecimalText) and ours.text == theirs)


def test_a_decimal_keeps_the_text_that_was_written() -> None:
    document = _document("cpu: 0.10\n")

    assert isinstance(document.value, dict)
    value = document.value["cpu"]
    assert isinstance(value, DecimalText)
    assert value.text == "0.10"


def test_a_number_of_thousands_of_digits_is_no_problem() -> None:
    document = _document(f"replicas: {'9' * 9000}\n")

    assert isinstance(document.value, dict)
    assert document.value["replicas"] == float("inf")


def test_positions_are_lines_and_columns_as_editors_count_them() -> None:
    document = _document("a: 1\r\nü: {b: [x, yy]}\r\n")

    assert document.position(("ü", "b", 1))[:3] == (2, 12, 2)
    assert document.position(("ü", "b"), on_key=True)[:3] == (2, 5, 1)
    assert document.position(("ü", "b", 1)).excerpt == "ü: {b: [x, yy]}"


@pytest.mark.parametrize(("text", "line", "column"), [("--- ", 1, 5), ("---", 1, 4), ("# a\n--- # b", 2, 8)])
def test_a_document_of_nothing_is_at_a_place_inside_the_file(text: str, line: int, column: int) -> None:
    document, _ = parse(source(text))

    assert document is not None
    assert document.position(())[:2] == (line, column)
    assert document.position(()).excerpt == text.splitlines()[-1]


def test_the_position_of_something_absent_is_that_of_what_should_hold_it() -> None:
    document = _document("a:\n  b: 1\n")

    assert document.position(("a", "missing", 3))[:2] == (2, 3)


def test_of_duplicate_keys_the_first_is_read_on() -> None:
    document, findings = parse(source("a: 1\na: 2\n"))

    assert document is not None
    assert document.value == {"a": 1}
    assert [finding.rule for finding in findings] == ["YML-005"]


def test_deep_nesting_is_refused_before_it_can_do_harm() -> None:
    for text in ("[" * 200_000, "{a: " * 60_000, "- " * 100_000):
        document, findings = parse(source(text))

        assert document is None
        assert [finding.rule for finding in findings] == ["YML-009"]


def test_a_text_with_thousands_of_faults_is_given_up_after_fifty() -> None:
    document, findings = parse(source("a: on\n" * 40_000))

    assert document is None
    assert len(findings) == 51
    assert findings[-1].rule == "FIL-004"


_READ_BY_ALL = {
    'a: "b\tc"\n': {"a": "b\tc"},
    "a: 'b\tc'\n": {"a": "b\tc"},
    "a: b # c\td\n": {"a": "b"},
    "# c\td\na: b\n": {"a": "b"},
    "a: |\n  b\tc\n  \td\n": {"a": "b\tc\n\td\n"},
    "a: >-\n  b\tc\n": {"a": "b\tc"},
    'a: {b: "\tc"} #\t\n': {"a": {"b": "\tc"}},
}


@pytest.mark.parametrize(("text", "value"), _READ_BY_ALL.items())
def test_a_tab_is_read_where_all_readers_read_it(text: str, value: object) -> None:
    assert _document(text).value == value
    assert yaml.load(text, Loader=yaml.SafeLoader) == value


_TABS = {
    'a: "b\n\tc"\n': (2, 1),
    "a: 'b\n  \tc'\n": (2, 3),
    "a: b\n  \tc\n": (2, 3),
    "a:\tb\n": (1, 3),
    "a: b\t# c\n": (1, 5),
    'a: "x"\t\n': (1, 7),
    "a: {b: c,\n\td: e}\n": (2, 1),
    "a: [b,\tc]\n": (1, 7),
    "a: # b\n\tc: d\n": (2, 1),
    "a: |\t\n  b\n": (1, 5),
    "a: b\n...\t\n": (2, 4),
    "a: b\tc\n": (1, 5),
    "ä: 😀\t# c\n": (1, 5),
}


@pytest.mark.parametrize(("text", "place"), _TABS.items())
def test_a_tab_that_one_reader_refuses_is_refused(text: str, place: tuple[int, int]) -> None:
    document, findings = parse(source(text))

    assert document is None
    assert [(finding.rule, finding.position and finding.position[:2]) for finding in findings] == [("YML-004", place)]
    assert "a tab where YAML requires spaces" in findings[0].message


_NOT_FOR_ALL = {
    "a: |# b\n  c\n": ((1, 5), "a comment right behind"),
    "a: >-# b\n  c\n": ((1, 6), "a comment right behind"),
    "a: >-\n \n\n  b\n": ((2, 1), "a first line of nothing but spaces"),
    "a: |\r\n\r\n   \r\n    b\r\n": ((3, 1), "a first line of nothing but spaces"),
    "a: {b? : c}\n": ((1, 6), "a question mark"),
    "a: [is it?]\n": ((1, 10), "a question mark"),
    'a: ["b":]\n': ((1, 8), "a colon without a space"),
    "a: ['b':c]\n": ((1, 8), "a colon without a space"),
}


@pytest.mark.parametrize(("text", "place", "what"), [(text, *of) for text, of in _NOT_FOR_ALL.items()])
def test_what_another_reader_refuses_is_refused(text: str, place: tuple[int, int], what: str) -> None:
    document, findings = parse(source(text))

    assert document is None
    assert [(finding.rule, finding.position and finding.position[:2]) for finding in findings] == [("YML-004", place)]
    assert what in findings[0].message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: is it?\n", "is it?"),
        ('a: ["is it?"]\n', ["is it?"]),
        ("a: | # b\n  c\n", "c\n"),
        ('a: ["b": c]\n', [{"b": "c"}]),
        ('a: {"b":"c"}\n', {"b": "c"}),
        ("a: |\n\n  b\n \n", "\nb\n"),
    ],
)
def test_what_all_readers_accept_is_accepted(text: str, value: object) -> None:
    assert _document(text).value == {"a": value}
    assert yaml.load(text, Loader=yaml.SafeLoader) == {"a": value}


@pytest.mark.parametrize("text", ["%YAML 1.1\n---\na: b\n", "%TAG !a! b\r---\ra: b\r", "# a\n%B\n---\na: b\n"])
def test_a_directive_is_refused_at_its_place(text: str) -> None:
    _, findings = parse(source(text))

    assert [finding.rule for finding in findings] == ["YML-007"]
    assert findings[0].position is not None
    assert findings[0].position.excerpt.startswith("%")


def test_thousands_of_directives_are_one_finding_before_libyaml_sees_them() -> None:
    text = "".join(f"%TAG !{number:x}! x\n" for number in range(18_000))

    _, findings = parse(source(f"{text}---\na: b\n"))

    assert [(finding.rule, finding.position and finding.position.line) for finding in findings] == [("YML-007", 1)]


@pytest.mark.parametrize("key", ["true", "on", "y", "null", "~", "1", "010", "1.5", "2025-01-01", "="])
def test_a_key_that_some_reader_does_not_take_for_text_is_refused(key: str) -> None:
    _, findings = parse(source(f"a: {{{key}: b}}\n"))

    assert [(finding.rule, finding.position and finding.position[:2]) for finding in findings] == [("YML-010", (1, 5))]
    assert findings[0].help == f'write "{key}" in quotes'
    assert _document(f'a: {{"{key}": b}}\n').value == {"a": {key: "b"}}


def test_a_merge_key_is_refused_with_the_way_out() -> None:
    _, findings = parse(source("a: {<<: b}\n"))

    assert [(finding.rule, finding.message, finding.position and finding.position[:2]) for finding in findings] == [
        ("YML-007", "merge key `<<`", (1, 5))
    ]
    assert _document('a: {"<<": b}\n').value == {"a": {"<<": "b"}}
