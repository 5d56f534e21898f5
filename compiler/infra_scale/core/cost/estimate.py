"""Monthly cost of a workload, before and after: exact fractions, rounded only for display.

On requests, as OpenCost does if usage is unknown (spec v0.1: cost is max(request, usage), container by container).
An unknown cost is `Unknown` with its reason, and never 0.
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from infra_scale.model.cost import Basis, Estimate, Monthly
from infra_scale.model.forecast import NodeCost
from infra_scale.model.pod import Billable
from infra_scale.model.prices import Prices, PriceSheet
from infra_scale.model.quantity import NANO
from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Growth, Unknown
from infra_scale.model.workload import BATCH, WorkloadRef

CAVEAT = "allocation share, not invoice; nodes are billed whole"
"""The caveat of every estimate."""

_GIB = 1024**3
_CENTS = 100


@tagged
class State(NamedTuple):
    """A workload before or after: number of pods, and billed requests of one pod."""

    replicas: int
    """As requested, clamped by the autoscaler. Of a DaemonSet: the number of eligible nodes."""
    minimum: int
    maximum: int
    """The range of the autoscaler; both are `replicas` without one."""
    pod: Billable
    pools: tuple[str | None, ...] = ()
    """The node pools that it can run in, for their prices; None: nodes without a pool."""


class Subject(NamedTuple):
    """One workload to estimate."""

    ref: WorkloadRef
    before: State | Unknown | None
    """None: it does not exist yet, so it costs nothing."""
    after: State | Unknown
    cluster: str | None = None
    basis: Basis = "snapshot"


def estimate(subject: Subject, sheet: PriceSheet | Unknown) -> Estimate:
    """The cost of one workload by a price sheet; unknown without one."""
    if isinstance(sheet, Unknown):
        return Estimate(subject.ref, sheet, sheet, sheet, "", "", "", "", subject.cluster, subject.basis)
    before, after = _priced(subject, subject.before, sheet), _priced(subject, subject.after, sheet)
    return Estimate(
        subject.ref,
        before,
        after,
        difference(before, after),
        sheet.currency,
        sheet.name,
        sheet.effective_from.isoformat(),
        sheet.source,
        subject.cluster,
        subject.basis,
    )


def pod_hourly(pod: Billable, prices: Prices) -> Fraction | Unknown:
    """Hourly cost of one pod; unknown if it has a GPU without a price in the sheet."""
    if pod.gpus and prices.gpu is None:
        return Unknown("the price sheet has no price for a GPU")
    cpu = Fraction(pod.cpu.nano, NANO) * Fraction(prices.cpu_core)
    memory = Fraction(pod.memory.nano, NANO * _GIB) * Fraction(prices.ram_gib)
    return cpu + memory + pod.gpus * Fraction(prices.gpu or Decimal(0))


def node_cost(growth: Iterable[Growth], sheet: PriceSheet) -> NodeCost | None:
    """Monthly cost of added nodes, which are billed whole. None if the sheet has no price for them."""
    hourly = {pool: sheet.prices(pool.pool).node for pool in growth}
    known = tuple(
        (pool.pool, pool.added * Fraction(price) * sheet.hours_per_month)
        for pool, price in hourly.items()
        if price is not None
    )
    if not known:
        return None
    is_whole = len(known) == len(hourly)
    return NodeCost(known, sum((one for _, one in known), Fraction(0)) if is_whole else None, sheet.currency)


def exact(amount: Fraction) -> str:
    """An amount for JSON, rounded half to even: 87.79, -3.00."""
    cents = round(amount * _CENTS)
    return f"{'-' if cents < 0 else ''}{abs(cents) // _CENTS}.{abs(cents) % _CENTS:02}"


def money(amount: Fraction, currency: str, *, signed: bool = False) -> str:
    """An amount for display, rounded half to even: $87.79, or 87.79 EUR; -$3.00 and, when `signed`, +$3.00."""
    cents = round(amount * _CENTS)
    sign = "-" if cents < 0 else "+" if signed and cents > 0 else ""
    digits = f"{abs(cents) // _CENTS:,}.{abs(cents) % _CENTS:02}"
    return f"{sign}${digits}" if currency == "USD" else f"{sign}{digits} {currency}"


def _priced(subject: Subject, state: State | Unknown | None, sheet: PriceSheet) -> Monthly | Unknown:
    if subject.ref.kind in BATCH:
        return Unknown("not estimated: the cost depends on how often and how long it runs")
    if state is None:
        return Monthly(Fraction(0), Fraction(0), Fraction(0))
    if isinstance(state, Unknown):
        return state
    hourly = _hourly(state, sheet)
    if isinstance(hourly, Unknown):
        return hourly
    monthly = hourly * sheet.hours_per_month
    return Monthly(state.replicas * monthly, state.minimum * monthly, state.maximum * monthly)


def _hourly(state: State, sheet: PriceSheet) -> Fraction | Unknown:
    """Hourly cost of one of its pods, if it is the same in all possible pools."""
    found = {pod_hourly(state.pod, sheet.prices(pool)) for pool in state.pools or (None,)}
    if len(found) == 1:
        return found.pop()
    names = ", ".join(pool or "nodes without one" for pool in state.pools)
    return Unknown(f"it can run in pools with different prices: {names}")


def difference(before: Monthly | Unknown, after: Monthly | Unknown) -> Fraction | Unknown:
    """The cost increase."""
    if isinstance(before, Unknown):
        return before
    return after if isinstance(after, Unknown) else after.point - before.point
