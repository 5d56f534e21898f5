"""Arithmetic on quantities by the name of their resource."""

from collections.abc import Mapping

from infra_scale.model.pod import Amounts
from infra_scale.model.quantity import NANO, Quantity

ByResource = Mapping[str, Quantity]

_MILLI = 10**6


def amounts(by_resource: ByResource) -> Amounts:
    """A comparable value: sorted by the name of the resource."""
    return tuple(sorted(by_resource.items()))


def plus(first: ByResource, second: ByResource) -> dict[str, Quantity]:
    """The sum; a resource that only one of them has is kept."""
    total = dict(first)
    for name, quantity in second.items():
        total[name] = total[name] + quantity if name in total else quantity
    return total


def largest(first: ByResource, second: ByResource) -> dict[str, Quantity]:
    """The larger amount of each resource."""
    peak = dict(first)
    for name, quantity in second.items():
        if name not in peak or peak[name] < quantity:
            peak[name] = quantity
    return peak


def rounded_up(written: Amounts) -> dict[str, Quantity]:
    """Amounts in the scheduler's units: cpu in thousandths of a core, everything else in whole units."""
    return {
        name: Quantity(one.milli() * _MILLI if name == "cpu" else one.units() * NANO, one.format)
        for name, one in written
    }


def whole(written: Amounts, *, up: bool) -> dict[str, int]:
    """An amount in the scheduler's units (thousandths of a core, bytes, items), rounded up or down."""
    step = {name: _MILLI if name == "cpu" else NANO for name, _ in written}
    if up:
        return {name: -(-one.nano // step[name]) for name, one in written}
    return {name: one.nano // step[name] for name, one in written}


Size = tuple[tuple[str, int], ...]
"""Amounts by resource, in the scheduler's units."""
