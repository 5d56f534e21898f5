"""PriceSheet: what a core, a GiB and a GPU cost for an hour in one cluster."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple


class Prices(NamedTuple):
    """Prices for an hour, exactly as they were written; None where the sheet has none."""

    cpu_core: Decimal
    ram_gib: Decimal
    """For 2^30 bytes."""
    gpu: Decimal | None = None
    node: Decimal | None = None
    """For a whole node."""


class PriceSheet(NamedTuple):
    """The prices of one cluster, where they come from and since when they hold."""

    name: str
    """What a reader calls it: its cluster, or the name of a default sheet."""
    cluster: str | None
    """None: for every cluster that has no sheet of its own."""
    effective_from: date
    currency: str
    """ISO 4217."""
    hours_per_month: int
    source: str
    default: Prices
    pools: tuple[tuple[str, Prices], ...] = ()
    """By the name of the node pool."""

    def prices(self, pool: str | None) -> Prices:
        """Those of a node pool, or the default ones where it has none."""
        return next((prices for name, prices in self.pools if name == pool), self.default)
