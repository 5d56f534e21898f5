"""What changes for clusters between two states of a repository."""

from datetime import datetime
from typing import Literal, NamedTuple

from infra_scale.model.cost import Estimate
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import WorkloadForecast
from infra_scale.model.quantity import Quantity
from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Growth, Status

Presence = Literal["new", "changed", "gone"]


class Setting(NamedTuple):
    """One setting of one object that changes."""

    object: str
    """Kind/name: the workload, or the autoscaler that is applied for it."""
    name: str
    before: str | None
    """The previous value; None if neither a plan nor a snapshot has it."""
    after: str | None
    """None if no plan has it any more; the cluster keeps its value."""
    is_live: bool = False
    """Whether `before` is from a snapshot, because no plan had it."""


class WorkloadChange(NamedTuple):
    """One workload in one cluster with a change: of a setting, its cost, or its capacity verdict."""

    presence: Presence
    target: str
    cluster: str | None
    """None if the target has no clusters."""
    namespace: str
    workload: str
    """Kind/name."""
    request: str
    """The path of its request; of its previous request if it is removed."""
    request_before: str | None
    """None if there was no request."""
    settings: tuple[Setting, ...]
    cost: Estimate | None
    """None if no prices are configured, before or after."""
    is_cost_live: bool
    """Whether its cost before is that of the running state, because there was no request or no prices."""
    forecast_before: WorkloadForecast | None
    """None if there was no request, or no snapshot."""
    forecast: WorkloadForecast | None
    target_before: str | None = None
    """The previous target of the request, if it changed."""

    @property
    def is_about_cost(self) -> bool:
        """Whether to show its cost: not if only its verdict changes, because of other workloads."""
        return self.is_edit or (self.cost is not None and self.cost.moves)

    @property
    def is_edit(self) -> bool:
        """Whether its plan changes; else it is only affected, by prices, a snapshot or other workloads."""
        return self.presence != "changed" or bool(self.settings)


@tagged
class Level(NamedTuple):
    """Utilization of a resource with all plans of its cluster."""

    of: str
    """The name of a quota; empty for the existing nodes."""
    resource: str
    now: Quantity
    """As the snapshot shows it."""
    after: Quantity
    limit: Quantity
    before: Quantity | None = None
    """With all previous plans; None if unknown."""
    limit_before: Quantity | None = None

    @property
    def is_changed(self) -> bool:
        """Whether the plans of this change use more or less of it, or its limit is another."""
        was = self.now if self.before is None else self.before
        return was != self.after or self.limit_before not in (None, self.limit)


class ClusterPicture(NamedTuple):
    """A cluster with changes, and all its plans."""

    cluster: str
    captured_at: datetime | None
    """The time of its snapshot; None without a usable one."""
    status: Status
    """The worst verdict of all its planned workloads."""
    text: str
    """How many of them fit, or why that is unknown."""
    captured_before: datetime | None = None
    """The time of the previous snapshot, if there was a usable one."""
    growth: tuple[Growth, ...] = ()
    levels: tuple[Level, ...] = ()
    """Of all nodes and quotas that the plans of the cluster use."""
    age: str = ""
    """Why its snapshot is stale; it is used anyway without --as-of."""

    @property
    def changed_levels(self) -> tuple[Level, ...]:
        """Those to show to a person."""
        return tuple(level for level in self.levels if level.is_changed)


class Moved(NamedTuple):
    """A request that has another path now."""

    before: str
    after: str


class Retargeted(NamedTuple):
    """A request that is for another target now."""

    request: str
    before: str
    after: str


class Reach(NamedTuple):
    """A cluster that a target has on one side only."""

    target: str
    cluster: str


class Requests(NamedTuple):
    """Changed request files, by path."""

    before: int
    """Number of requests before."""
    after: int
    new: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    moved: tuple[Moved, ...] = ()
    retargeted: tuple[Retargeted, ...] = ()


class Sheet(NamedTuple):
    """Where prices come from."""

    name: str
    effective_from: str
    currency: str
    source: str


class PriceChange(NamedTuple):
    """A cluster with changed prices."""

    cluster: str | None
    """None: the workloads of targets without clusters."""
    before: Sheet | None
    """The same as `after` if only the amounts changed."""
    after: Sheet | None


class Comparison(NamedTuple):
    """All differences between two sides."""

    changes: tuple[WorkloadChange, ...]
    """By target; within one in the order of its requests, workloads and clusters."""
    clusters: tuple[ClusterPicture, ...]
    requests: Requests
    prices: tuple[PriceChange, ...] = ()
    new_findings: tuple[Finding, ...] = ()
    gone_findings: tuple[Finding, ...] = ()
    new_clusters: tuple[Reach, ...] = ()
    """Clusters added to targets of the requests."""
    gone_clusters: tuple[Reach, ...] = ()

    @property
    def totalled(self) -> tuple[WorkloadChange, ...]:
        """The changes that every sum is about: the edits; without any, everything that is affected."""
        return tuple(change for change in self.changes if change.is_edit) or self.changes


NOTHING_CHANGES = Comparison((), (), Requests(0, 0))
