"""What a cluster can hold of a workload, as a snapshot shows it: nouns that rules and reports share."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from infra_scale.model.cost import Cost
from infra_scale.model.forecast import ClusterForecast
from infra_scale.model.pod import Pod
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import ClusterSnapshot, LiveWorkload, Strategy
from infra_scale.model.tagged import tagged
from infra_scale.model.units import amount_text
from infra_scale.model.verdict import Scenario, Unknown, Verdict
from infra_scale.model.workload import Cluster, WorkloadRef


class Bounds(NamedTuple):
    """Between what an autoscaler keeps the replicas."""

    minimum: int
    maximum: int
    starts_from_zero: bool = False
    """Whether it starts pods from 0, as KEDA does; an HPA is disabled at 0 replicas."""

    def acts_on(self, replicas: int) -> bool:
        """Whether it sets the replicas of a workload that has so many (horizontal.go, ScalingDisabled)."""
        return replicas > 0 or self.starts_from_zero

    def clamped(self, replicas: int) -> int:
        """What it makes of so many replicas."""
        return max(self.minimum, min(replicas, self.maximum)) if self.acts_on(replicas) else replicas


@tagged
class Load(NamedTuple):
    """A demand with everything worked out: effective pods, and how many of them in each scenario."""

    ref: WorkloadRef
    before: int
    pod_before: Pod | None
    pod: Pod
    counts: Mapping[Scenario, int]
    """How many pods there will be; `surge` is that of `requested`, with what a rolling update needs on top of it."""
    restarts: bool
    """Whether every pod is replaced."""
    placement: tuple[tuple[str, int], ...]
    has_bounds: bool
    template: Pod | None = None
    """The pods of the current template; `pod_before` is replaced, and pods of some kinds stay."""
    strategy: Strategy = Strategy()
    is_parallel: bool = False
    existing: int = 0
    """Pods that exist now."""
    scheduled: int = 0
    """Those of them that have a node."""
    is_rejected: bool = False
    """Whether the API server refuses the changed object, so that all of it stays as it is."""

    @property
    def kept(self) -> int:
        """The old pods that an update leaves as they are."""
        return (self.strategy.partition or 0) if self.ref.kind == "StatefulSet" else 0

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is to start, to stop or to be replaced."""
        return not self.restarts and self.counts["requested"] == self.before == self.existing == self.scheduled


class Outcome(NamedTuple):
    """A workload in one scenario."""

    replicas: int
    """How many pods it has there."""
    added: int
    """How many of them want a place."""
    verdict: Verdict
    is_own: bool
    """Whether the scenario is about it: it has an autoscaler, or surges. Otherwise others may take its place."""


Bound = Literal["minimum", "maximum", "ratio"]


class LimitFault(NamedTuple):
    """A LimitRange that refuses the pod."""

    bound: Bound
    limit_range: str
    container: str | None
    """None: it is about the pod as a whole."""
    text: str
    """The API server's message."""


@tagged
class QuotaExceeded(NamedTuple):
    """The requested pods exceed a quota (QUO-001)."""

    ref: WorkloadRef
    quota: str
    resource: str
    used: Quantity
    requested: Quantity
    """By everything that is planned for the namespace."""
    hard: Quantity
    replicas: int
    """The number of admitted pods of this workload, together with all other plans."""

    @property
    def text(self) -> str:
        """The finding's message."""
        used, requested, hard = (amount_text(self.resource, one) for one in (self.used, self.requested, self.hard))
        total = f"{self.resource} used {used} + requested {requested} > hard {hard}"
        return f"ResourceQuota {self.quota}: {total}; at most {self.replicas} replicas fit."


@tagged
class RolloutRefused(NamedTuple):
    """The pods fit in the end, but the quota refuses some of them on the way, so that there is no end (QUO-002)."""

    ref: WorkloadRef
    quota: str
    resource: str
    hard: Quantity

    @property
    def text(self) -> str:
        """The finding's message. It is part of plans: what is used of the quota changes too often for that."""
        hard = amount_text(self.resource, self.hard)
        exceeded = f"ResourceQuota {self.quota}: {self.resource} > hard {hard} during rollout"
        return f"{exceeded}; the rollout of {self.ref} stalls."


@tagged
class HpaMaxExceeded(NamedTuple):
    """The pods fit, but not those that its HPA may grow to (QUO-003)."""

    ref: WorkloadRef
    quota: str
    resource: str
    maximum: int
    needed: Quantity
    """By this workload at its maximum."""

    @property
    def text(self) -> str:
        """The finding's message, behind what has the maximum."""
        needed = amount_text(self.resource, self.needed)
        needs = f"max {self.maximum} needs {self.resource} {needed} for {self.ref}"
        return f"{needs}; ResourceQuota {self.quota} does not admit that many"


@tagged
class MustSpecify(NamedTuple):
    """A quota refuses pods that leave out what it counts (QUO-004)."""

    ref: WorkloadRef
    quota: str
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """By the name of the quota's resource: the containers."""

    @property
    def text(self) -> str:
        """The finding's message, in the API server's words."""
        return "must specify " + "; ".join(f"{resource} for: {','.join(names)}" for resource, names in self.missing)


QuotaFault = QuotaExceeded | RolloutRefused | HpaMaxExceeded | MustSpecify


class WorkloadCapacity(NamedTuple):
    """The capacity of a cluster for one workload, together with all other plans."""

    ref: WorkloadRef
    size: tuple[tuple[str, int], ...]
    """The size of one pod in the scheduler's units; empty if unknown."""
    scenarios: Mapping[Scenario, Outcome]
    """`requested` always; the others where an autoscaler, or an update with a surge, of any workload needs them."""
    restarts: bool
    """Whether all of its pods are replaced."""
    max_replicas: int | None
    """That quotas admit; None: no quota limits it, or it is unknown."""
    quota_faults: tuple[QuotaFault, ...] = ()
    limit_faults: tuple[LimitFault, ...] = ()
    load: Load | None = None
    """The number and size of its pods; None if unknown."""

    @property
    def requested(self) -> Verdict:
        """Whether the requested replicas fit."""
        return self.scenarios["requested"].verdict


@tagged
class Seen(NamedTuple):
    """A workload as a snapshot shows it."""

    snapshot: ClusterSnapshot
    live: LiveWorkload | None
    """None if the snapshot does not have it."""
    capacity: WorkloadCapacity


class Site(NamedTuple):
    """One workload in one cluster."""

    cluster: Cluster
    where: str
    """A suffix for messages: empty if the target has only one cluster, else ` in prod-eu-1`."""
    seen: Seen | Unknown
    """Unknown: there is no snapshot, or it is too old."""

    @property
    def live(self) -> LiveWorkload | None:
        """The running workload, if known."""
        return self.seen.live if isinstance(self.seen, Seen) else None


class Forecast(NamedTuple):
    """Data of snapshots and prices for one request; empty if its clusters have neither."""

    sites: Mapping[Route, tuple[Site, ...]] = {}
    """By the route of a workload: it in each cluster that it is for."""
    clusters: tuple[ClusterForecast, ...] = ()
    cost: Cost | None = None
    running: Mapping[tuple[str, WorkloadRef], LiveWorkload] = {}
    """The running state by cluster and workload, from snapshots."""


NO_FORECAST = Forecast()
