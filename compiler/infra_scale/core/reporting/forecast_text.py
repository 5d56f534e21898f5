"""Capacity and cost as sections of Markdown."""

from collections.abc import Iterator, Sequence

from infra_scale.core.cost.estimate import CAVEAT, money
from infra_scale.core.documents.forecast_nodes import UNKNOWN
from infra_scale.core.reporting.bars import Share, bar
from infra_scale.core.syntax.markdown import bullets, cell, code
from infra_scale.model.comparison import Level
from infra_scale.model.cost import Cost, Estimate, Monthly, Total
from infra_scale.model.forecast import Gauge
from infra_scale.model.quantity import Quantity
from infra_scale.model.units import amount_text, is_bytes
from infra_scale.model.verdict import Status, Unknown

STATUS_WORDS: dict[Status, str] = {
    "fits": "fits",
    "fits_after_scaleup": "fits after scale-up",
    "fits_depending_on_order": "fits depending on the order",
    "does_not_fit": "does not fit",
    "unknown": "unknown",
}


def use_table(heads: Sequence[str], rows: Sequence[tuple[Gauge | Level, Sequence[Share]]]) -> Iterator[str]:
    """A row for each resource, with its utilization for each of `heads`; the bar shows the last two."""
    yield f"| Use | {' | '.join(heads)} | Of | |"
    yield f"| --- |{' ---: |' * (len(heads) + 1)} --- |"
    for one, filled in rows:
        before, after = filled[-2:]
        percents = " | ".join(share.percent for share in filled)
        yield f"| {use_words(one)} | {percents} | {amount_words(one.resource, one.limit)} | `{bar(before, after)}` |"


def use_words(one: Gauge | Level) -> str:
    """The resource, and the nodes or quota it belongs to."""
    return f"{f'quota {cell(one.of)}' if one.of else 'nodes'}, {cell(one.resource)}"


def amount_words(resource: str, limit: Quantity) -> str:
    """The total amount of a resource, in readable units."""
    if resource.rpartition(".")[2] == "cpu":
        return f"{limit.milli() / _MILLI:,.4g} cores" if limit.milli() < _MANY else f"{limit.units():,} cores"
    if is_bytes(resource):
        return f"{limit.units() // _GIB:,} GiB" if limit.units() >= _GIB else amount_text(resource, limit)
    return f"{limit.units():,}"


_MILLI, _MANY, _GIB = 1000, 1_000_000, 2**30


def estimate_cells(estimate: Estimate) -> tuple[str, str, str, str]:
    """Before, after, change, and the range of its autoscaler."""
    delta = UNKNOWN if isinstance(estimate.delta, Unknown) else money(estimate.delta, estimate.currency, signed=True)
    return _amount(estimate.before, estimate), _amount(estimate.after, estimate), delta, spreads(estimate)[1]


def spreads(estimate: Estimate) -> tuple[str, str]:
    """The range of an autoscaler before and after; empty if it makes no difference."""
    return _range(estimate.before, estimate.currency), _range(estimate.after, estimate.currency)


def total_cells(total: Total) -> tuple[str, str, str, str]:
    """The same of a sum."""
    most = f"{money(total.minimum, total.currency)} to {money(total.maximum, total.currency)}"
    return (
        money(total.before, total.currency),
        money(total.after, total.currency),
        money(total.delta, total.currency, signed=True),
        most if total.minimum != total.maximum else "",
    )


def _amount(amount: Monthly | Unknown, estimate: Estimate) -> str:
    return UNKNOWN if isinstance(amount, Unknown) else money(amount.point, estimate.currency)


def _range(amount: Monthly | Unknown, currency: str) -> str:
    if isinstance(amount, Unknown) or amount.minimum == amount.maximum:
        return ""
    return f"{money(amount.minimum, currency)} to {money(amount.maximum, currency)}"


def cost_grounds(cost: Cost) -> Iterator[str]:
    """Explains the numbers to readers."""
    sheets = dict.fromkeys((one.sheet, one.effective_from, one.source) for one in cost.estimates if one.sheet)
    used = "; ".join(
        f"{code(sheet)} from {since}{f' ({code(source)})' if source else ''}" for sheet, since, source in sheets
    )
    said = [f"For a month, on requests, by the price sheet {used}: {CAVEAT}."] if used else []
    reasons: dict[str, list[str]] = {}
    for one in cost.estimates:
        for amount in dict.fromkeys((one.before, one.after)):
            if isinstance(amount, Unknown):
                reasons.setdefault(amount.reason, []).append(str(one.ref))
    for reason, refs in reasons.items():
        said.append(f"{UNKNOWN} for {', '.join(map(code, dict.fromkeys(refs)))}: {reason}.")
    partial = dict.fromkeys(str(one.ref) for one in cost.estimates if one.basis == "request" and _is_known(one))
    if partial:
        said.append(f"For {', '.join(map(code, partial))}, only the container in the request is counted.")
    yield from bullets(said)


def _is_known(estimate: Estimate) -> bool:
    return isinstance(estimate.after, Monthly)
