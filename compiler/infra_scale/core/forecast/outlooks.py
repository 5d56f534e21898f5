"""Capacity of each cluster for the demands of all requests, computed once."""

from collections.abc import Sequence
from datetime import datetime

from infra_scale.core.capacity.packing.node_capacity import empty_capacities
from infra_scale.core.capacity.scenarios import capacity_of
from infra_scale.core.capacity.utilization import fill_of
from infra_scale.core.documents.clusters import Clusters
from infra_scale.core.forecast.demands import demands
from infra_scale.core.forecast.outlook import Outlook, Outlooks
from infra_scale.model.target import TargetedRequest


def outlooks(clusters: Clusters, aimed: Sequence[TargetedRequest], *, as_of: datetime | None) -> Outlooks:
    """The outlook of each cluster; `aimed` are all requests, in the order in which they get capacity."""
    found: dict[str, Outlook] = {}
    for name, facts in clusters.facts.items():
        if facts.snapshot:
            capacity = capacity_of(facts.snapshot, demands(aimed, facts.snapshot))
            found[name] = Outlook(
                facts.snapshot,
                {one.ref: one for one in facts.snapshot.workloads},
                {one.ref: one for one in capacity.workloads},
                capacity.growth,
                fill_of(facts.snapshot),
                empty_capacities(facts.snapshot),
            )
    return Outlooks(clusters, found, as_of)
