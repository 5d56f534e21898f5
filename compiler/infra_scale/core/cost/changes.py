"""What changes cost together: by target, and by request within one."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from infra_scale.core.cost.budget import total_of
from infra_scale.core.cost.estimate import difference
from infra_scale.model.comparison import WorkloadChange
from infra_scale.model.cost import Estimate, Monthly, Total
from infra_scale.model.verdict import Unknown

NO_PRICES = Unknown("nobody has named prices")


class Priced(NamedTuple):
    """A workload that changes, in one cluster, and what that costs."""

    change: WorkloadChange
    estimate: Estimate


class RequestCost(NamedTuple):
    """What changes of one request cost."""

    request: str
    priced: tuple[Priced, ...]
    total: Total | Unknown


class TargetCost(NamedTuple):
    """What changes for one target cost."""

    target: str
    total: Total | Unknown
    requests: tuple[RequestCost, ...]
    """Those that prices are known for."""


def costs_of(changes: Iterable[WorkloadChange]) -> tuple[TargetCost, ...]:
    """The sums over the workloads that change, in their order, without those that only fit otherwise than before."""
    by_target: dict[str, dict[str, list[Priced]]] = {}
    for change in changes:
        if not change.is_about_cost:
            continue
        of_request = by_target.setdefault(change.target, {}).setdefault(change.request, [])
        of_request += [Priced(change, change.cost)] if change.cost else []
    return tuple(_of_target(target, requests) for target, requests in by_target.items())


def together(estimates: Sequence[Estimate]) -> Estimate:
    """One workload in all of its clusters; unknown where it is in one of them, for the reason that it has there."""
    first = estimates[0]
    if len({one.currency for one in estimates if one.currency}) > 1:
        several = Unknown("prices are in several currencies")
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
