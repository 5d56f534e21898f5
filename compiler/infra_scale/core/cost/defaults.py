"""The default price sheet for clusters without one."""

from datetime import date
from decimal import Decimal

from infra_scale.model.prices import Prices, PriceSheet

OPENCOST = PriceSheet(
    name="opencost-2024-10",
    cluster=None,
    effective_from=date(2024, 10, 1),
    currency="USD",
    hours_per_month=730,  # HoursPerMonth in OpenCost, core/pkg/util/timeutil
    source="OpenCost configs/default.json, October 2024",
    default=Prices(cpu_core=Decimal("0.031611"), ram_gib=Decimal("0.004237"), gpu=Decimal("0.95")),
    pools=(("spot", Prices(cpu_core=Decimal("0.006655"), ram_gib=Decimal("0.000892"), gpu=Decimal("0.95"))),),
)
"""OpenCost's default prices: list prices of on-demand nodes in one US region, for an order of magnitude.

https://github.com/opencost/opencost/blob/develop/configs/default.json
"""
