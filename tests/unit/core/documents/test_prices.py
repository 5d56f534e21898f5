"""A price sheet is read to the last digit, or refused at its place."""

from datetime import date
from decimal import Decimal

import pytest

from infra_scale.core.documents.prices import read_prices
from infra_scale.core.schema.catalogue import PRICES
from infra_scale.model.finding import Finding
from infra_scale.model.prices import PriceSheet
from support.pure import source
from support.repository import CHECKOUT

_SCHEMA = (CHECKOUT / "schemas" / PRICES).read_text(encoding="utf-8")

_SAMPLE = """\
apiVersion: infra.scale/v1
kind: PriceSheet
metadata: {cluster: prod-eu, effectiveFrom: "2025-01-01"}
currency: USD
hoursPerMonth: 730
source: "OpenCost configs/default.json"
default: {cpuCoreHour: "0.031611", ramGiBHour: "0.004237", gpuHour: "0.95"}
pools: {spot: {cpuCoreHour: "0.006655", ramGiBHour: "0.000892", nodeHour: null}}
"""


def _read(text: str) -> tuple[PriceSheet | None, tuple[Finding, ...]]:
    return read_prices(source(text, "ops/clusters/prod-eu/prices.yaml"), schema=_SCHEMA)


def test_the_sample_of_the_format_is_read_whole() -> None:
    sheet, findings = _read(_SAMPLE)

    assert findings == ()
    assert sheet is not None
    assert (sheet.name, sheet.effective_from, sheet.currency) == ("prod-eu", date(2025, 1, 1), "USD")
    assert sheet.source == "OpenCost configs/default.json"
    assert sheet.default.cpu_core == Decimal("0.031611")
    assert sheet.prices("spot").ram_gib == Decimal("0.000892")
    assert sheet.prices("spot").node is None


def test_what_a_pool_leaves_out_is_as_in_the_default_prices() -> None:
    sheet, _ = _read(_SAMPLE)

    assert sheet is not None
    assert sheet.prices("spot").gpu == Decimal("0.95")
    assert sheet.prices("general") == sheet.prices(None) == sheet.default


def test_hours_of_a_month_are_730_where_nothing_is_said() -> None:
    sheet, _ = _read(_SAMPLE.replace("hoursPerMonth: 730\n", ""))

    assert sheet is not None
    assert sheet.hours_per_month == 730


@pytest.mark.parametrize(
    "price", ["0.031611", "-0.1", '"-0.1"', '"1e3"', '"0,03"', '"NaN"', '"1."', '"0.1234567890123"']
)
def test_a_price_is_text_with_digits_and_nothing_else(price: str) -> None:
    sheet, findings = _read(_SAMPLE.replace('"0.031611"', price))

    assert sheet is None
    assert [(finding.position.line, finding.position.column) for finding in findings if finding.position] == [(7, 24)]


def test_a_day_that_does_not_exist_is_refused() -> None:
    sheet, findings = _read(_SAMPLE.replace("2025-01-01", "2025-02-30"))

    assert sheet is None
    assert [finding.message for finding in findings] == ['effectiveFrom: "2025-02-30" is not a day']
