"""Quantities: the recorded behaviour of Kubernetes is the contract, and every departure from it is named here."""

import copy
import json
import pickle
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.model.quantity import NANO, Quantity, QuantityError

_VECTORS = Path(__file__).parents[2] / "data" / "quantities.json"
_MAXIMUM = 2**63 - 1

ABOVE_THE_BOUND = frozenset({"1e100", "9223372036854775808", "18446744073709551616"})
"""Kubernetes bounds only binary suffixes; ours refuses these, as it prints some of them wrongly (83000E as 83)."""

ZERO_WITHOUT_DIGITS = frozenset({"-.", "Ki", "m"})
"""Kubernetes reads 0 here; ours refuses, as `cpu: m` is a slip."""

PRINTED_AS_WRITTEN = frozenset({"1E-3", "1e+3", "7.123456M", "1.", "1.G", "01", "2e0"})
"""kubectl repeats the input that it cached instead of its canonical form; the value is the same."""

TABLE = """
    0 0 0 0 0
    0Ki 0 0 0 0
    1 1 1 1000 1
    1.5 1.5 1500m 1500 2
    0.5 0.5 500m 500 1
    0.1 0.1 100m 100 1
    100m 0.1 100m 100 1
    1000m 1 1 1000 1
    1500m 1.5 1500m 1500 2
    250m 0.25 250m 250 1
    0.001 0.001 1m 1 1
    0.1m 0.0001 100u 1 1
    0.0005k 0.5 500m 500 1
    1e3 1000 1e3 1000000 1000
    1e2 100 100 100000 100
    12e6 12000000 12e6 12000000000 12000000
    1E-3 0.001 1e-3 1 1
    1.3E+6 1300000 1300e3 1300000000 1300000
    1e14 100000000000000 100e12 - 100000000000000
    8.1k 8100 8100 8100000 8100
    9.01 9.01 9010m 9010 10
    2.5P 2500000000000000 2500T - 2500000000000000
    50k 50000 50k 50000000 50000
    1000M 1000000000 1G - 1000000000
    1024Mi 1073741824 1Gi - 1073741824
    1000Ki 1024000 1000Ki 1024000000 1024000
    1025Ki 1049600 1025Ki 1049600000 1049600
    1024 1024 1024 1024000 1024
    1023 1023 1023 1023000 1023
    0.5Ki 512 512 512000 512
    0.5Mi 524288 512Ki 524288000 524288
    1.5Gi 1610612736 1536Mi - 1610612736
    1.25Gi 1342177280 1280Mi - 1342177280
    1.7Gi 1825361100.8 1825361100800m - 1825361101
    0.3Gi 322122547.2 322122547200m 322122547200 322122548
    0.05Gi 53687091.2 53687091200m 53687091200 53687092
    100.035Ki 102435.84 102435840m 102435840 102436
    100.035k 100035 100035 100035000 100035
    128974848 128974848 128974848 128974848000 128974848
    129e6 129000000 129e6 129000000000 129000000
    129M 129000000 129M 129000000000 129000000
    128974848000m 128974848 128974848 128974848000 128974848
    123Mi 128974848 123Mi 128974848000 128974848
    400m 0.4 400m 400 1
    3.001n 0.000000004 4n 1 1
    0.9n 0.000000001 1n 1 1
    0.0000000001 0.000000001 1n 1 1
    1.0000000001Gi 1073741824.107374183 1073741824107374183n - 1073741825
    0.000000000001Ki 0.000000002 2n 1 1
    3Ei 3458764513820540928 3Ei - 3458764513820540928
    8Ei 9223372036854775807 9223372036854775807 - 9223372036854775807
    9Ei 9223372036854775807 9223372036854775807 - 9223372036854775807
    +1 1 1 1000 1
    -1.5Gi -1610612736 -1536Mi - -1610612736
    .001 0.001 1m 1 1
    1. 1 1 1000 1
    1.G 1000000000 1G - 1000000000
    01 1 1 1000 1
    007m 0.007 7m 7 1
    20e-1 2 2 2000 2
    2e0 2 2 2000 2
"""
"""Input, value, canonical text, milli, units; "-" where the research did not record it."""

INVALID = [
    *("", "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-", " 1", "1 "),
    *("1K", "1ki", "1mi", "1KI", "1g", "1gb", "1GB", "1Gb", "1GiB", "512MB", "1 Gi", "1,5", "1_000", "0x10", "1e"),
    *("1e1.5", "500mm", "\uff11", "NaN", "inf", "1/2"),
    *(".", "-.", "+", "-", "Ki", "m", "e3", " ", "\t", "1\n", "\n1", "1\x00", "1Gi\n", "\u0663"),
    *("1\u212ai", "1\u212a", "--1", "1e3Ki"),
]

BEYOND = [
    *("9223372036854775808", "-9223372036854775808", "9223372036854775807.1", "18446744073709551616", "12E", "83000E"),
    *("1e19", "1e100", "1e999", "-1e999", "1e1000", "1e-1000", "0e0000", "1e999999999999999999"),
    "1" * 65,
    "0" * 65,
    "1" * 1_000_000,
    " " * 1_000_000,
    "1" + "e" * 1_000_000,
]


class Vector(NamedTuple):
    """One input that was given to kubectl, with what an exact reading of the grammar makes of it."""

    text: str
    nano: int | None
    """None where the grammar has no such quantity."""
    canonical: str
    kubectl: str | None
    """What kubectl printed; None where it refused."""


class Row(NamedTuple):
    """One line of the table of kubernetes.md 1.4."""

    text: str
    value: Fraction
    canonical: str
    milli: int | None
    units: int


def _vectors() -> list[Vector]:
    recorded = json.loads(_VECTORS.read_text(encoding="utf-8"))
    return [Vector(entry["in"], entry["nano"], entry["canonical"] or "", entry["kubectl"]) for entry in recorded]


def _row(line: str) -> Row:
    text, value, canonical, milli, units = line.split()
    return Row(text, Fraction(value), canonical, None if milli == "-" else int(milli), int(units))


VECTORS = _vectors()
ACCEPTED = [vector for vector in VECTORS if vector.nano is not None and vector.text not in ABOVE_THE_BOUND]
REFUSED = [vector for vector in VECTORS if vector.nano is None]
ROWS = [_row(line) for line in TABLE.strip().splitlines()]

_DIGITS = st.text("0123456789", max_size=24)
_SUFFIXES = st.sampled_from(["", *"numkMGTPE", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]) | st.builds(
    "{}{}".format, st.sampled_from(["e", "E", "e+", "e-", "E-"]), st.integers(0, 30)
)
WELL_FORMED = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "+", "-"]),
    st.from_regex(r"[0-9]{1,12}(\.[0-9]{0,12})?|\.[0-9]{1,12}", fullmatch=True),
    _SUFFIXES,
)
QUANTITIES = st.builds(
    Quantity, st.integers(-_MAXIMUM * NANO, _MAXIMUM * NANO), st.sampled_from(["binary", "decimal", "exponent"])
)
NEARLY = st.text("0123456789.,+-eEinumkKMGTPib _\n\uff11\u212a", max_size=70)


def _fault(text: str) -> QuantityError:
    with pytest.raises(QuantityError) as caught:
        Quantity.parse(text)
    return caught.value


def _or_none(text: str) -> Quantity | None:
    try:
        return Quantity.parse(text)
    except QuantityError:
        return None


def _suggestion(text: str) -> str | None:
    try:
        Quantity.parse(text)
    except QuantityError as fault:
        return fault.suggestion
    return None


def _exact_value(text: str) -> Fraction:
    """The value by a reading that shares nothing with ours: suffixes become powers of a Fraction."""
    powers = {letter: 3 * place for place, letter in enumerate("kMGTPE", start=1)} | {"n": -9, "u": -6, "m": -3}
    if text.endswith("i"):
        return Fraction(text[:-2]) * (1 << 10 * ("KMGTPE".index(text[-2]) + 1))
    if text[-1] in powers:
        return Fraction(f"{text[:-1]}e{powers[text[-1]]}")
    return Fraction(text)


def _as_stored(text: str) -> Fraction:
    """What Kubernetes keeps of the exact value: whole nanos, rounded away from zero, capped if binary."""
    exact = _exact_value(text) * NANO
    size = -(-abs(exact).numerator // abs(exact).denominator)
    if text.endswith("i"):
        size = min(size, _MAXIMUM * NANO)
    return Fraction(size if exact >= 0 else -size, NANO)


@pytest.mark.parametrize("vector", ACCEPTED, ids=lambda vector: repr(vector.text))
def test_a_recorded_quantity_has_its_exact_value_and_canonical_text(vector: Vector) -> None:
    quantity = Quantity.parse(vector.text)

    assert (quantity.nano, str(quantity)) == (vector.nano, vector.canonical)


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: repr(vector.text))
def test_a_recorded_text_without_a_meaning_is_refused(vector: Vector) -> None:
    assert _fault(vector.text).code in {"grammar", "suffix"}


@pytest.mark.parametrize("text", sorted(ABOVE_THE_BOUND))
def test_a_decimal_form_above_the_bound_is_refused_although_kubernetes_takes_it(text: str) -> None:
    assert _fault(text).code == "bounds"


def test_the_departures_from_kubernetes_are_those_documented() -> None:
    above = {vector.text for vector in VECTORS if (vector.nano or 0) > _MAXIMUM * NANO}
    lenient = {vector.text for vector in REFUSED if vector.kubectl is not None}
    printed = {vector.text for vector in VECTORS if vector.nano is not None and vector.kubectl != vector.canonical}

    assert above == ABOVE_THE_BOUND
    assert lenient == ZERO_WITHOUT_DIGITS
    assert printed == PRINTED_AS_WRITTEN


def test_all_recorded_vectors_are_held() -> None:
    assert len(ACCEPTED) + len(REFUSED) + len(ABOVE_THE_BOUND) == len(VECTORS) == 99


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.text)
def test_a_row_of_the_table_has_its_value_text_and_integer_views(row: Row) -> None:
    quantity = Quantity.parse(row.text)

    milli = quantity.milli() if row.milli is None else row.milli
    assert (Fraction(quantity.nano, NANO), str(quantity)) == (row.value, row.canonical)
    assert (quantity.milli(), quantity.units()) == (milli, row.units)


@pytest.mark.parametrize("text", INVALID)
def test_a_text_outside_the_grammar_is_refused(text: str) -> None:
    assert _fault(text).code in {"grammar", "suffix"}


@pytest.mark.parametrize("text", BEYOND, ids=lambda text: text[:24])
def test_a_text_that_could_grow_is_refused_by_its_bound(text: str) -> None:
    assert _fault(text).code == "bounds"


@pytest.mark.parametrize(
    "text", ["9223372036854775807", "-9223372036854775807", "0e999", "1e-999", "9" * 18 + "." + "9" * 45]
)
def test_what_lies_within_the_bounds_is_read(text: str) -> None:
    assert abs(Quantity.parse(text).nano) <= _MAXIMUM * NANO


@pytest.mark.parametrize("text", ["-8Ei", "-9Ei", "-9223372036854775807Ki"])
def test_a_negative_binary_form_is_capped_like_a_positive_one(text: str) -> None:
    assert str(Quantity.parse(text)) == "-9223372036854775807"


@pytest.mark.parametrize(
    ("text", "nano"), [("-3.001n", -4), ("-0.9n", -1), ("-1e-10", -1), ("0.1234567891", 123456790)]
)
def test_what_is_finer_than_a_nano_rounds_away_from_zero(text: str, nano: int) -> None:
    assert Quantity.parse(text).nano == nano


@pytest.mark.parametrize(
    ("text", "milli", "units"), [("-1.5m", -1, 0), ("-1500m", -1500, -1), ("1n", 1, 1), ("-1n", 0, 0)]
)
def test_integer_views_round_up(text: str, milli: int, units: int) -> None:
    quantity = Quantity.parse(text)

    assert (quantity.milli(), quantity.units()) == (milli, units)


def test_an_e_alone_is_the_suffix_exa_and_before_digits_an_exponent() -> None:
    assert (Quantity.parse("1E").format, Quantity.parse("1E3").format) == ("decimal", "exponent")
    assert Quantity.parse("1E").units() == 10**18


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("1Gi", "binary"),
        ("0Ki", "binary"),
        ("0.0001Ki", "decimal"),
        ("1", "decimal"),
        ("1k", "decimal"),
        ("1e0", "exponent"),
    ],
)
def test_the_format_is_remembered_from_the_suffix(text: str, form: str) -> None:
    assert Quantity.parse(text).format == form


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1GB", "suffix"),
        ("1K", "suffix"),
        ("1 Gi", "suffix"),
        ("1,5", "grammar"),
        ("500mm", "grammar"),
        ("1 ", "grammar"),
    ],
)
def test_an_unknown_suffix_is_told_from_a_fault_of_grammar(text: str, code: str) -> None:
    assert _fault(text).code == code


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        (" 1", "has blanks around it"),
        ("m", "does not begin with a number"),
        ("1,5", "has a comma in its number"),
        ("1GB", "has the unknown suffix 'GB'"),
        ("1.1.M", "is not a Kubernetes quantity"),
        ("12E", "is more than 2^63-1"),
        ("1e1000", "has an exponent of more than 3 digits"),
        ("1" * 65, "is longer than 64 characters"),
    ],
)
def test_a_refusal_says_what_is_wrong(text: str, reason: str) -> None:
    fault = _fault(text)

    assert (fault.reason, str(fault)) == (reason, reason)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        *(
            (text, "1Gi")
            for text in ("1GB", "1gb", "1Gb", "1GiB", "1gib", "1gi", "1g", "1 Gi", "1 GB", " 1Gi ", "1Gi\n")
        ),
        *((text, "512Mi") for text in ("512MB", "512mi", "512mb", "512MI", "512MiB", "512 Mi")),
        *(
            ("1K", "1k"),
            ("1 K", "1k"),
            ("1ki", "1Ki"),
            ("1KI", "1Ki"),
            ("1KB", "1Ki"),
            ("1EB", "1Ei"),
            ("-1GB", "-1Gi"),
        ),
        *(
            ("1,5", "1.5"),
            ("0,125", "0.125"),
            ("1,5GB", "1.5Gi"),
            (" 1", "1"),
            ("1 ", "1"),
            ("500 m", "500m"),
            ("1e3 ", "1e3"),
        ),
    ],
)
def test_a_common_slip_gets_the_quantity_that_was_meant(text: str, suggestion: str) -> None:
    assert _fault(text).suggestion == suggestion


@pytest.mark.parametrize(
    "text", ["", "m", "GB", ".", "1e", "500mm", "aoeu", "1,000", "1,5,5", "1.5,5", "1 5", "1" * 20 + " ", "1" * 65]
)
def test_a_text_without_a_likely_meaning_gets_no_suggestion(text: str) -> None:
    assert _fault(text).suggestion is None


@pytest.mark.parametrize(
    ("left", "right"),
    [("0", "0"), ("0", "0Ki"), ("1Gi", "1024Mi"), ("1Gi", "1073741824"), ("1000m", "1"), ("1e3", "1k")],
)
def test_equal_values_are_equal_however_they_are_written(left: str, right: str) -> None:
    assert Quantity.parse(left) == Quantity.parse(right)
    assert hash(Quantity.parse(left)) == hash(Quantity.parse(right))


@pytest.mark.parametrize(
    ("less", "more"), [("50m", "100m"), ("100Gi", "10000T"), ("123Mi", "129M"), ("1G", "1Gi"), ("-1", "0")]
)
def test_a_smaller_value_comes_first(less: str, more: str) -> None:
    left, right = Quantity.parse(less), Quantity.parse(more)

    assert left < right
    assert left <= right
    assert right > left
    assert right >= left
    assert left != right


def test_a_quantity_is_not_equal_to_a_number_or_a_text() -> None:
    quantity = Quantity.parse("1")

    assert quantity not in (1, NANO, "1", None)


@pytest.mark.parametrize(
    ("left", "right", "total"),
    [
        ("1Gi", "1G", "2073741824"),
        ("1G", "1Gi", "2073741824"),
        ("512Mi", "512M", "1024288Ki"),
        ("1Ki", "1024", "2Ki"),
        ("1024", "1Ki", "2048"),
        ("0", "1Ki", "1Ki"),
        ("1Ki", "0", "1Ki"),
        ("0Ki", "5k", "5k"),
        ("500m", "0.5", "1"),
        ("1e3", "1k", "2e3"),
    ],
)
def test_a_sum_takes_the_left_format_unless_left_is_zero(left: str, right: str, total: str) -> None:
    assert str(Quantity.parse(left) + Quantity.parse(right)) == total


@pytest.mark.parametrize(
    ("left", "right", "difference"),
    [("2Gi", "1Gi", "1Gi"), ("0", "1Gi", "-1Gi"), ("1Gi", "1Gi", "0"), ("1", "1500m", "-500m")],
)
def test_a_difference_takes_the_left_format_unless_left_is_zero(left: str, right: str, difference: str) -> None:
    assert str(Quantity.parse(left) - Quantity.parse(right)) == difference


@pytest.mark.parametrize(
    ("text", "count", "product"), [("250m", 4, "1"), ("512Mi", 6, "3Gi"), ("1Gi", 0, "0"), ("1e3", 3, "3e3")]
)
def test_a_multiple_keeps_the_format(text: str, count: int, product: str) -> None:
    assert str(Quantity.parse(text) * count) == product


@pytest.mark.parametrize(
    ("text", "expected"), [("1m", True), ("1.001", True), ("0.1m", False), ("1.0001", False), ("-1m", True)]
)
def test_cpu_finer_than_1m_is_seen(text: str, expected: bool) -> None:
    assert Quantity.parse(text).is_multiple_of_milli is expected


@pytest.mark.parametrize(
    ("text", "expected"), [("1", True), ("0.5Ki", True), ("400m", False), ("1.7Gi", False), ("-1500m", False)]
)
def test_a_fraction_of_a_byte_is_seen(text: str, expected: bool) -> None:
    assert Quantity.parse(text).is_integral is expected


@pytest.mark.parametrize(("text", "expected"), [("-1n", True), ("-0", False), ("0", False), ("1", False)])
def test_a_negative_quantity_is_seen(text: str, expected: bool) -> None:
    assert Quantity.parse(text).is_negative is expected


@pytest.mark.parametrize("name", ["nano", "format", "other"])
def test_a_quantity_cannot_be_changed(name: str) -> None:
    quantity = Quantity.parse("1")

    with pytest.raises(AttributeError, match="immutable"):
        setattr(quantity, name, 2)
    with pytest.raises(AttributeError, match="immutable"):
        delattr(quantity, name)


def test_copies_keep_value_and_format() -> None:
    quantity = Quantity.parse("1536Mi")

    for twin in (copy.copy(quantity), copy.deepcopy(quantity), pickle.loads(pickle.dumps(quantity))):  # noqa: S301 (its own bytes)
        assert (twin.nano, twin.format) == (quantity.nano, quantity.format)


def test_the_repr_reads_as_the_call_that_makes_it() -> None:
    assert repr(Quantity.parse("1024Mi")) == "Quantity.parse('1Gi')"


@given(QUANTITIES)
def test_canonical_text_is_a_fixed_point_with_the_same_value(quantity: Quantity) -> None:
    again = Quantity.parse(str(quantity))

    assert again == quantity
    # As in Kubernetes, a binary number that no binary suffix fits is written without one, and read as a decimal.
    loses_its_format = quantity.format == "binary" and str(quantity)[-1].isdigit()
    assert str(again) == str(quantity) or loses_its_format
    assert str(Quantity.parse(str(again))) == str(again)


def test_a_binary_number_that_no_binary_suffix_fits_is_written_as_kubernetes_writes_it() -> None:
    assert str(Quantity.parse("3051.7578125Ki")) == "3125000"
    assert str(Quantity.parse("3125000")) == "3125k"


@given(WELL_FORMED)
def test_a_well_formed_text_has_the_value_of_an_independent_reading_or_exceeds_the_bound(text: str) -> None:
    expected = _as_stored(text)
    quantity = _or_none(text)

    assert (quantity is None) == (abs(expected) > _MAXIMUM)
    assert quantity is None or Fraction(quantity.nano, NANO) == expected


@given(WELL_FORMED, WELL_FORMED)
def test_order_agrees_with_an_independent_reading(left: str, right: str) -> None:
    first, second = _or_none(left), _or_none(right)
    if first is None or second is None:
        return

    one, other = _as_stored(left), _as_stored(right)
    assert (first < second, first == second, first > second) == (one < other, one == other, one > other)


@given(st.text() | NEARLY | st.text("0123456789.eE+-", max_size=70))
def test_any_text_is_a_quantity_or_an_invalid_quantity(text: str) -> None:
    quantity = _or_none(text)

    assert quantity is None or abs(quantity.nano) <= _MAXIMUM * NANO


@given(
    NEARLY
    | st.builds(
        "{}{}{}".format, _DIGITS, st.sampled_from(["", " ", ",5"]), st.sampled_from(["K", "gb", "MB", "EiB", "m", "T "])
    )
)
def test_a_suggestion_is_a_quantity_and_is_never_the_text_itself(text: str) -> None:
    suggestion = _suggestion(text)

    assert suggestion != text
    if suggestion is not None:
        Quantity.parse(suggestion)
