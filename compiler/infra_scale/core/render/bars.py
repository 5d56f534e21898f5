"""A bar of text: how full something is before and after, readable without colour."""

from infra_scale.model.forecast import Gauge

_WIDTH = 20
_KEPT, _ADDED, _FREED, _FREE = "█", "▓", "▒", "░"
LEGEND = f"{_KEPT} in use, {_ADDED} added, {_FREED} freed, {_FREE} free"
_HUNDRED = 100


def bar(gauge: Gauge, width: int = _WIDTH) -> str:
    """`width` characters: what is in use, what the plan adds or frees, and what is free; full where it is too much."""
    before, after = _filled(gauge.before.nano, gauge, width), _filled(gauge.after.nano, gauge, width)
    kept, changed = min(before, after), abs(after - before)
    return f"{_KEPT * kept}{(_ADDED if after > before else _FREED) * changed}{_FREE * (width - kept - changed)}"


def percent(part: int, whole: int) -> str:
    """A share in whole percent: rounded up, so that 100 % is never less than all of it but may be more."""
    return f"{-(-part * _HUNDRED // whole)} %" if whole else "n/a"


def _filled(part: int, gauge: Gauge, width: int) -> int:
    """Characters, rounded to the nearest, at least one for anything at all."""
    if part <= 0 or gauge.limit.nano <= 0:
        return 0
    return min(width, max(1, (2 * part * width + gauge.limit.nano) // (2 * gauge.limit.nano)))
