"""Sums of cost changes: by target, and by request."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from infra_scale.core.cost.budget import total_of
from infra_scale.core.cost.estimate import difference
from infra_scale.model.comparison import WorkloadChange
from infra_scale.model.cost import Estimate, Monthly, Total
from infra_scale.model.verdict import Unknown

NO_PRICES = Unknown("no prices are configured")


class Priced(NamedTuple):
    """A changed workload in one cluster, and its cost."""

    change: WorkloadChange
    estimate: Estimate


class RequestCost(NamedTuple):
    """Cost changes of one request."""

    request: str
    priced: tuple[Priced, ...]
    total: Total | Unknown


class TargetCost(NamedTuple):
    """Cost changes of one target."""

    target: str
    total: Total | Unknown
    requests: tuple[RequestCost, ...]
    """Those with known prices."""


def costs_of(changes: Iterable[WorkloadChange]) -> tuple[TargetCost, ...]:
    """The sums over the changed workloads, in order, without those with only a changed verdict."""
    by_target: dict[str, dict[str, list[Priced]]] = {}
    for change in changes:
        if not change.is_about_cost:
            continue
        of_request = by_target.setdefault(change.target, {}).setdefault(change.request, [])
        of_request += [Priced(change, change.cost)] if change.cost else []
    return tuple(_of_target(target, requests) for target, requests in by_target.items())


def monthly_delta(changes: Iterable[WorkloadChange]) -> Fraction | Unknown:
    """The change of the monthly cost of all changes together; unknown if that of one of them is."""
    moved = [change for change in changes if change.is_about_cost]
    total = total_of(change.cost for change in moved if change.cost) if moved else None
    if total is None:
        return Fraction(0)
    if isinstance(total, Unknown):
        return total
    if total.unknown:
        return Unknown(total.unknown[0].reason)
    return total.delta if all(change.cost for change in moved) else NO_PRICES


def together(estimates: Sequence[Estimate]) -> Estimate:
    """One workload in all its clusters; unknown if it is in one of them, with that reason."""
    first = estimates[0]
    if len({one.currency for one in estimates if one.currency}) > 1:
        several = Unknown("the price sheets have different currencies")
        return first._replace(before=several, after=several, delta=several)
    before, after = _sum([one.before for one in estimates]), _sum([one.after for one in estimates])
    return first._replace(before=before, after=after, delta=difference(before, after))


def _sum(amounts: Sequence[Monthly | Unknown]) -> Monthly | Unknown:
    total = Monthly(Fraction(0), Fraction(0), Fraction(0))
    for amount in amounts:
        if isinstance(amount, Unknown):
            return amount
        total = Monthly(*(one + other for one, other in zip(total, amount, strict=True)))
    return total


def _of_target(target: str, requests: dict[str, list[Priced]]) -> TargetCost:
    everything = [one for priced in requests.values() for one in priced]
    return TargetCost(
        target,
        _total(everything) if everything else NO_PRICES,
        tuple(RequestCost(path, tuple(priced), _total(priced)) for path, priced in requests.items() if priced),
    )


def _total(priced: Sequence[Priced]) -> Total | Unknown:
    return total_of(one.estimate for one in priced)
