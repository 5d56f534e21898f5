"""What changes for clusters between two states of a repository."""

from datetime import datetime
from typing import Literal, NamedTuple

from infra_scale.model.cost import Estimate
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import WorkloadForecast
from infra_scale.model.quantity import Quantity
from infra_scale.model.verdict import Growth, Status

Presence = Literal["new", "changed", "gone"]


class Setting(NamedTuple):
    """One setting of one object that changes."""

    object: str
    """Kind/name: the workload, or the autoscaler that is applied for it."""
    name: str
    before: str | None
    """What was asked for; None where no plan said it and no snapshot shows it."""
    after: str | None
    """None where no plan says it any more; the cluster keeps what it has."""
    is_live: bool = False
    """Whether `before` is what a snapshot shows to run, because no plan said it."""


class WorkloadChange(NamedTuple):
    """One workload in one cluster of which something changes: a setting, its cost, or whether it fits."""

    presence: Presence
    target: str
    cluster: str | None
    """None where the target names none."""
    namespace: str
    workload: str
    """Kind/name."""
    request: str
    """The path of the request that asks for it, or that asked for it where none does any more."""
    request_before: str | None
    """None where none asked for it."""
    settings: tuple[Setting, ...]
    cost: Estimate | None
    """None where nobody has named prices, then or now."""
    is_cost_live: bool
    """Whether its cost before is that of what runs, because nobody had asked for anything, or had named no prices."""
    forecast_before: WorkloadForecast | None
    """None where nothing was asked for, or no cluster of the target had a snapshot."""
    forecast: WorkloadForecast | None
    target_before: str | None = None
    """The target of the request before, where that was another."""

    @property
    def is_about_cost(self) -> bool:
        """Whether its cost is of interest: not where it only fits otherwise, because of others."""
        moves = self.cost is not None and self.cost.before != self.cost.after
        return self.presence != "changed" or bool(self.settings) or moves


class Level(NamedTuple):
    """How full something is with everything that is planned for its cluster."""

    of: str
    """The name of a quota; empty for the nodes that are there."""
    resource: str
    now: Quantity
    """As the snapshot shows it."""
    after: Quantity
    limit: Quantity
    before: Quantity | None = None
    """With everything that was planned before; None where that is not known."""
    limit_before: Quantity | None = None


class ClusterPicture(NamedTuple):
    """A cluster in which something changes, with everything that is planned for it."""

    cluster: str
    captured_at: datetime | None
    """When its snapshot was taken; None where there is none to judge by."""
    status: Status
    """The gravest of all workloads that are planned for it."""
    text: str
    """How many of them fit, or why that is not known."""
    captured_before: datetime | None = None
    """The moment of the snapshot before, where there was one to judge by."""
    growth: tuple[Growth, ...] = ()
    levels: tuple[Level, ...] = ()
    age: str = ""
    """That its snapshot is too old, where it is judged by all the same because nobody has named a moment."""


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
    """What has become of request files, by path."""

    before: int
    """How many there were."""
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
    """A cluster that is priced otherwise than before."""

    cluster: str | None
    """None: the workloads of targets that name no cluster."""
    before: Sheet | None
    """The same as `after` where only its amounts are others."""
    after: Sheet | None


class Comparison(NamedTuple):
    """Everything that differs between two sides."""

    changes: tuple[WorkloadChange, ...]
    """By target; within one in the order of its requests, workloads and clusters."""
    clusters: tuple[ClusterPicture, ...]
    requests: Requests
    prices: tuple[PriceChange, ...] = ()
    new_findings: tuple[Finding, ...] = ()
    gone_findings: tuple[Finding, ...] = ()
    new_clusters: tuple[Reach, ...] = ()
    """Those that targets of the requests have and did not have."""
    gone_clusters: tuple[Reach, ...] = ()


NOTHING_CHANGES = Comparison((), (), Requests(0, 0))
