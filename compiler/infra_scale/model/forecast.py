"""Forecast of a cluster with its plans: capacity verdicts, and utilization of nodes and quotas."""

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from infra_scale.model.cost import Cost
from infra_scale.model.ownership import Consequence
from infra_scale.model.quantity import Quantity
from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Growth, Scenario, Status
from infra_scale.model.workload import WorkloadRef


class Expected(NamedTuple):
    """A workload in one scenario."""

    scenario: Scenario
    replicas: int | None
    """The number of pods; None if unknown."""
    status: Status
    text: str
    """Placed and unplaced pods, on one line (kubernetes.md §4.6)."""


class WorkloadForecast(NamedTuple):
    """Whether one workload fits, together with all other plans of its cluster."""

    ref: WorkloadRef
    expected: tuple[Expected, ...]
    """`requested` first."""

    @property
    def status(self) -> Status:
        """Whether the requested replicas fit."""
        return self.expected[0].status


@tagged
class Gauge(NamedTuple):
    """Utilization of a resource."""

    of: str
    """The name of a quota; empty for the existing nodes."""
    resource: str
    before: Quantity
    after: Quantity
    """After the plan is applied."""
    limit: Quantity
    largest: WorkloadRef | None = None
    """The workload of the plan that adds the most load to the nodes; None if none does."""


class NodeCost(NamedTuple):
    """The full monthly cost of nodes that pools add."""

    by_pool: tuple[tuple[str, Fraction], ...]
    """The nodes with a price in the price sheet."""
    total: Fraction | None
    """None: no price for one of them."""
    currency: str


class ClusterForecast(NamedTuple):
    """The forecast of one cluster with a plan."""

    cluster: str
    captured_at: datetime | None
    """The time of the snapshot; None without a usable one."""
    workloads: tuple[WorkloadForecast, ...]
    growth: tuple[Growth, ...] = ()
    """The nodes that pools add for all plans of the cluster, if this plan needs some."""
    gauges: tuple[Gauge, ...] = ()
    """For this plan alone, relative to the snapshot; none if it changes nothing."""
    node_cost: NodeCost | None = None
    """Of `growth`; None if none of it has a price."""


class PlanForecast(NamedTuple):
    """Forecast of one plan from snapshots and prices, computed for display and never committed."""

    capacity: tuple[ClusterForecast, ...] = ()
    """In the order of execution; empty if no cluster has a snapshot."""
    cost: Cost | None = None
    """None if no prices are configured."""
    consequences: tuple[Consequence, ...] = ()
    """The consequences according to snapshots; empty if they equal those of the plan."""


NO_PLAN_FORECAST = PlanForecast()
