"""PriceSheet: hourly prices of a core, a GiB and a GPU in one cluster."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from infra_scale.model.tagged import tagged


class Prices(NamedTuple):
    """Hourly prices, exactly as written; None: not in the sheet."""

    cpu_core: Decimal
    ram_gib: Decimal
    """For 2^30 bytes."""
    gpu: Decimal | None = None
    node: Decimal | None = None
    """For a whole node."""


@tagged
class PriceSheet(NamedTuple):
    """The prices of one cluster, with source and effective date."""

    name: str
    """The display name: its cluster, or the name of a default sheet."""
    cluster: str | None
    """None: for every cluster without a price sheet."""
    effective_from: date
    currency: str
    """ISO 4217."""
    hours_per_month: int
    source: str
    default: Prices
    pools: tuple[tuple[str, Prices], ...] = ()
    """By the name of the node pool."""

    def prices(self, pool: str | None) -> Prices:
        """The prices of a node pool, or the default ones."""
        return next((prices for name, prices in self.pools if name == pool), self.default)
