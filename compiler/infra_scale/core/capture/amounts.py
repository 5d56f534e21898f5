"""Quantities of the API to amounts: canonical, and rounded to the safe side where that keeps a file quiet."""

from collections.abc import Iterable

from infra_scale.core.capacity.amounts import amounts
from infra_scale.core.reading.values import as_written, mapping
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Amounts
from infra_scale.model.quantity import NANO, Quantity

_STEPS = {"cpu": NANO // 1000, "memory": NANO * 1024**2, "ephemeral-storage": NANO * 1024**2}
"""1m, 1Mi, 1Mi; everything else is kept exactly."""


def read_amounts(value: Value) -> Amounts:
    """A mapping of quantities, exactly. Raises TypeError and QuantityError."""
    return amounts({name: Quantity.parse(as_written(one)) for name, one in mapping(value).items()})


def rounded(written: Amounts, *, up: bool) -> Amounts:
    """In whole steps: capacity rounded down, use rounded up."""
    return tuple((name, _rounded(name, one, up=up)) for name, one in written)


def without_zeros(written: Amounts, *, besides: Iterable[str] = ()) -> Amounts:
    """Non-zero amounts, and some that are always included."""
    kept = set(besides)
    return tuple((name, one) for name, one in written if one.nano or name in kept)


def _rounded(name: str, one: Quantity, *, up: bool) -> Quantity:
    step = _STEPS.get(name, NANO)
    steps = -(-one.nano // step) if up else one.nano // step
    # Bytes are written with binary suffixes, in any form of the API (16393192Ki, 47093746742).
    return Quantity(steps * step, "binary" if step > NANO else "decimal")
