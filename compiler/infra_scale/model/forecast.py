"""What plans will make of a cluster: whether their pods fit, and how full nodes and quotas will be."""

from datetime import datetime
from fractions import Fraction
from typing import NamedTuple

from infra_scale.model.cost import Cost
from infra_scale.model.ownership import Consequence
from infra_scale.model.quantity import Quantity
from infra_scale.model.verdict import Growth, Scenario, Status
from infra_scale.model.workload import WorkloadRef


class Expected(NamedTuple):
    """A workload in one scenario."""

    scenario: Scenario
    replicas: int | None
    """How many pods there will be; None where that is not known."""
    status: Status
    text: str
    """What has a place and what has none, on one line (kubernetes.md §4.6)."""


class WorkloadForecast(NamedTuple):
    """Whether one workload fits, beside everything else that is planned for its cluster."""

    ref: WorkloadRef
    expected: tuple[Expected, ...]
    """`requested` first."""

    @property
    def status(self) -> Status:
        """Whether the replicas that are asked for fit."""
        return self.expected[0].status


class Gauge(NamedTuple):
    """How full something is."""

    of: str
    """The name of a quota; empty for the nodes that are there."""
    resource: str
    before: Quantity
    after: Quantity
    """Once the plan is carried out."""
    limit: Quantity
    largest: WorkloadRef | None = None
    """The workload of the plan that adds the most to the nodes; None where none adds any."""


class NodeCost(NamedTuple):
    """What nodes that pools add cost in a month, whole."""

    by_pool: tuple[tuple[str, Fraction], ...]
    """Those that the price sheet has a price for."""
    total: Fraction | None
    """None: it has no price for one of them."""
    currency: str


class ClusterForecast(NamedTuple):
    """What a plan makes of one cluster."""

    cluster: str
    captured_at: datetime | None
    """When the snapshot was taken that it is judged by, RFC 3339; None where there is none to judge by."""
    workloads: tuple[WorkloadForecast, ...]
    growth: tuple[Growth, ...] = ()
    """The nodes that pools add for everything that is planned for the cluster, where this plan needs some."""
    gauges: tuple[Gauge, ...] = ()
    """For this plan alone, on top of what the snapshot shows; none where it changes nothing."""
    node_cost: NodeCost | None = None
    """Of `growth`; None where nobody has named a price for any of it."""


class PlanForecast(NamedTuple):
    """What snapshots and prices show beside one plan. It is computed where it is shown, and never committed."""

    capacity: tuple[ClusterForecast, ...] = ()
    """In the order of execution; empty where no cluster has a snapshot."""
    cost: Cost | None = None
    """None where there are no prices."""
    consequences: tuple[Consequence, ...] = ()
    """Those of the plan as the snapshots show them; empty where they are those of the plan."""


NO_PLAN_FORECAST = PlanForecast()
