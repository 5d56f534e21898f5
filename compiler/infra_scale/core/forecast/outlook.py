"""Nouns of a forecast: each cluster, with everything that is planned for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from infra_scale.core.capacity.freshness import Freshness, is_ahead, staleness
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity
from infra_scale.core.capacity.utilization import Fill
from infra_scale.core.cost.defaults import OPENCOST
from infra_scale.core.documents.clusters import NO_CLUSTERS, Clusters
from infra_scale.model.capacity import WorkloadCapacity
from infra_scale.model.prices import PriceSheet
from infra_scale.model.snapshot import ClusterSnapshot, LiveWorkload
from infra_scale.model.tagged import tagged
from infra_scale.model.target import Target
from infra_scale.model.time import in_seconds
from infra_scale.model.verdict import Growth, Unknown, no_snapshot
from infra_scale.model.workload import WorkloadRef


@tagged
class Outlook(NamedTuple):
    """One cluster with a snapshot, and the capacity for all that is planned for it."""

    snapshot: ClusterSnapshot
    live: Mapping[WorkloadRef, LiveWorkload]
    workloads: Mapping[WorkloadRef, WorkloadCapacity]
    growth: tuple[Growth, ...]
    fill: Fill
    empty: tuple[NodeCapacity, ...]
    """Every kind of node that pods may run on."""


class Outlooks(NamedTuple):
    """All clusters."""

    clusters: Clusters = NO_CLUSTERS
    by_cluster: Mapping[str, Outlook] = {}
    """The clusters with a snapshot."""
    as_of: datetime | None = None
    """The time for the age of snapshots; None: their age is not checked."""
    now: datetime | None = None
    """The current time; facts with a later date are not used. None: the clock is not read."""

    def of(self, target: Target, cluster: str) -> Outlook | Unknown:
        """The outlook of a cluster for a target, which limits the age of the snapshot."""
        outlook = self.by_cluster.get(cluster)
        if outlook is None:
            return self.clusters.of(cluster).why or Unknown("")
        captured = outlook.snapshot.captured_at
        if self.now and is_ahead(captured, self.now):
            return Unknown(f"the snapshot is dated {in_seconds(captured)}, which is in the future")
        freshness = Freshness(self.as_of, target.max_age) if self.as_of else None
        return staleness(captured, freshness) or outlook

    def sheet(self, target: Target, cluster: str | None) -> PriceSheet | Unknown:
        """The prices of a cluster: its own, else those of the target."""
        own = self.clusters.of(cluster).sheet if cluster else None
        if own is not None and self.now and own.effective_from > self.now.date():
            return Unknown(f"the prices of cluster {cluster} are effective only from {own.effective_from}")
        if own is not None:
            return own
        if target.prices == OPENCOST.name:
            return OPENCOST
        return Unknown(f"no prices for cluster {cluster}" if cluster else "no prices")

    def has_snapshot(self, target: Target) -> bool:
        """Whether a cluster of the target has a snapshot, even an unusable one: then missing ones are reported."""
        return any(self.clusters.of(one.name).why != no_snapshot(one.name) for one in target.clusters)

    def has_prices(self, target: Target) -> bool:
        """Whether a cluster of the target, or the target itself, has prices."""
        return target.prices is not None or any(self.clusters.of(one.name).sheet for one in target.clusters)


NO_OUTLOOKS = Outlooks()
