"""Arithmetic on quantities by the name of their resource."""

from collections.abc import Mapping

from infra_scale.model.pod import Amounts
from infra_scale.model.quantity import NANO, Quantity

ByResource = Mapping[str, Quantity]

_MILLI = 10**6


def amounts(by_resource: ByResource) -> Amounts:
    """As a value: sorted by the name of the resource."""
    return tuple(sorted(by_resource.items()))


def plus(first: ByResource, second: ByResource) -> dict[str, Quantity]:
    """The sum; what only one of them has counts as it is."""
    total = dict(first)
    for name, quantity in second.items():
        total[name] = total[name] + quantity if name in total else quantity
    return total


def largest(first: ByResource, second: ByResource) -> dict[str, Quantity]:
    """The larger of each."""
    peak = dict(first)
    for name, quantity in second.items():
        if name not in peak or peak[name] < quantity:
            peak[name] = quantity
    return peak


def rounded_up(written: Amounts) -> dict[str, Quantity]:
    """As the scheduler counts them: cpu in thousandths of a core, everything else in whole units."""
    return {
        name: Quantity(one.milli() * _MILLI if name == "cpu" else one.units() * NANO, one.format)
        for name, one in written
    }


def whole(written: Amounts, *, up: bool) -> dict[str, int]:
    """In the scheduler's steps (thousandths of a core, bytes, pieces), rounded up or down."""
    step = {name: _MILLI if name == "cpu" else NANO for name, _ in written}
    if up:
        return {name: -(-one.nano // step[name]) for name, one in written}
    return {name: one.nano // step[name] for name, one in written}


Size = tuple[tuple[str, int], ...]
"""By resource, in the scheduler's steps."""
