"""Compares estimates with a budget: is the change of the monthly cost above the target's limit (COST-001)?"""

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from infra_scale.core.cost.estimate import money
from infra_scale.model.cost import Budget, Estimate, LeftOut, Total
from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Unknown

_PERCENT = 100


@tagged
class Within(NamedTuple):
    """The change is within the budget."""

    total: Total


@tagged
class Exceeded(NamedTuple):
    """The change exceeds the budget."""

    total: Total

    @property
    def text(self) -> str:
        """The finding's message."""
        total = self.total
        change = f"{money(total.delta, total.currency, signed=True)}/month"
        share = f" ({_percentage(total)})" if total.before else ""
        most = total.maximum - total.before
        grows = f", up to {money(most, total.currency, signed=True)} at HPA max" if total.maximum > total.after else ""
        without = ", ".join(total.left_out)
        return f"{change}{share}{grows}" + (f"; without {without}, whose cost is unknown" if without else "")


BudgetVerdict = Within | Exceeded | Unknown


def total_of(estimates: Iterable[Estimate]) -> Total | Unknown:
    """The sum over the workloads of a plan; unknown if none of them is known, or currencies differ."""
    known: list[tuple[Fraction, Fraction, Fraction, Fraction]] = []
    unknown: list[LeftOut] = []
    currencies: set[str] = set()
    for one in estimates:
        if isinstance(one.before, Unknown) or isinstance(one.after, Unknown):
            why = one.before.reason if isinstance(one.before, Unknown) else _reason(one.after)
            unknown.append(LeftOut(one.ref, why, one.cluster))
            continue
        known.append((one.before.point, one.after.point, one.after.minimum, one.after.maximum))
        currencies.add(one.currency)
    if not known:
        return Unknown(unknown[0].reason if unknown else "nothing to estimate")
    if len(currencies) > 1:
        return Unknown(f"the price sheets have different currencies: {', '.join(sorted(currencies))}")
    before, after, minimum, maximum = (sum(column, Fraction(0)) for column in zip(*known, strict=True))
    return Total(before, after, minimum, maximum, currencies.pop(), tuple(sorted(unknown, key=lambda one: one.order)))


def against_budget(estimates: Iterable[Estimate], budget: Budget) -> BudgetVerdict:
    """Whether the estimates of a plan stay within a budget, thresholds included.

    The known costs alone can exceed it, with the unknown ones listed; within it only if all are known.
    """
    total = total_of(estimates)
    if isinstance(total, Unknown):
        return total
    if _is_beyond(total, budget):
        return Exceeded(total)
    if total.unknown:
        return Unknown(f"the cost of {total.left_out[0]} is unknown: {total.unknown[0].reason}")
    return Within(total)


def _is_beyond(total: Total, budget: Budget) -> bool:
    threshold = budget.increase if total.delta > 0 else budget.decrease
    change = abs(total.delta)
    if threshold.amount is not None and change > Fraction(threshold.amount):
        return True
    if threshold.percent is None:
        return False
    # From zero, any increase exceeds every percentage.
    return change * _PERCENT > Fraction(threshold.percent) * total.before


def _percentage(total: Total) -> str:
    """In whole percent, half to even."""
    return f"{round(total.delta * _PERCENT / total.before):+}%"


def _reason(amount: object) -> str:
    return amount.reason if isinstance(amount, Unknown) else ""
