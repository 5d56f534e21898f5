"""A text bar for utilization before and after, readable without colour."""

from typing import NamedTuple

from infra_scale.model.forecast import Gauge

_WIDTH = 20
KEPT, ADDED, FREED, FREE = "█", "▓", "▒", "░"
LEGEND = f"{KEPT} in use, {ADDED} added, {FREED} freed, {FREE} free"
_HUNDRED = 100


class Share(NamedTuple):
    """A part of something, both in the same unit."""

    part: int
    whole: int

    def filled(self, width: int) -> int:
        """The number of characters out of `width`: rounded, at least one for any amount above 0."""
        if self.part <= 0 or self.whole <= 0:
            return 0
        return min(width, max(1, (2 * self.part * width + self.whole) // (2 * self.whole)))

    @property
    def percent(self) -> str:
        """Whole percent, rounded up."""
        return f"{-(-self.part * _HUNDRED // self.whole)} %" if self.whole else "n/a"


def segments(before: Share, after: Share, width: int) -> tuple[tuple[str, int], ...]:
    """The parts in use, added, freed and free: each sign with its number of characters."""
    old, new = before.filled(width), after.filled(width)
    changed = (ADDED if new > old else FREED, abs(new - old))
    return (KEPT, min(old, new)), changed, (FREE, width - max(old, new))


def bar(before: Share, after: Share, width: int = _WIDTH) -> str:
    """`width` characters; a full bar if it exceeds the limit."""
    return "".join(sign * number for sign, number in segments(before, after, width))


def shares(gauge: Gauge) -> tuple[Share, Share]:
    """The bar for the utilization before and after."""
    return Share(gauge.before.nano, gauge.limit.nano), Share(gauge.after.nano, gauge.limit.nano)
