"""The forecast of one request: capacity and cost."""

from collections.abc import Iterable, Iterator

from infra_scale.core.capacity.scenarios import unknown_workload
from infra_scale.core.capacity.utilization import node_gauges, quota_gauges
from infra_scale.core.capacity.wording import outcome_text, shown_scenarios
from infra_scale.core.cost.estimate import node_cost
from infra_scale.core.forecast.costs import cost_of
from infra_scale.core.forecast.outlook import NO_OUTLOOKS, Outlook, Outlooks
from infra_scale.model.capacity import NO_FORECAST, Forecast, Load, Seen, Site, WorkloadCapacity
from infra_scale.model.forecast import ClusterForecast, Expected, WorkloadForecast
from infra_scale.model.prices import PriceSheet
from infra_scale.model.request import Workload
from infra_scale.model.snapshot import LiveWorkload
from infra_scale.model.target import TargetedRequest
from infra_scale.model.verdict import FitsAfterScaleup, Unknown, status
from infra_scale.model.workload import WorkloadRef


def forecast(aimed: TargetedRequest, outlooks: Outlooks = NO_OUTLOOKS) -> Forecast:
    """The capacity of its clusters for a request together with all other requests, and its cost."""
    if not outlooks.clusters.facts and not aimed.target.prices:
        return NO_FORECAST
    of_workloads = {one.key: tuple(_sites(one, aimed, outlooks)) for one in aimed.request.workloads}
    return Forecast(
        of_workloads,
        tuple(_clusters(aimed, outlooks)) if outlooks.has_snapshot(aimed.target) else (),
        cost_of(aimed, outlooks),
        dict(_running(of_workloads.values())),
    )


def _sites(workload: Workload, aimed: TargetedRequest, outlooks: Outlooks) -> Iterator[Site]:
    """Each cluster of a workload, in the order of execution; none if no cluster has a snapshot."""
    target = aimed.target
    if not outlooks.has_snapshot(target):
        return
    for cluster in target.clusters_of(workload.cluster):
        where = f" in {cluster.name}" if len(target.clusters) > 1 else ""
        outlook = outlooks.of(target, cluster.name)
        yield Site(cluster, where, _seen(workload, outlook) if isinstance(outlook, Outlook) else outlook)


def _seen(workload: Workload, outlook: Outlook) -> Seen:
    return Seen(outlook.snapshot, outlook.live.get(workload.ref), outlook.workloads[workload.ref])


def _running(of_workloads: Iterable[tuple[Site, ...]]) -> Iterator[tuple[tuple[str, WorkloadRef], LiveWorkload]]:
    """The running workloads in snapshots."""
    for some in of_workloads:
        for site in some:
            if site.live:
                yield (site.cluster.name, site.live.ref), site.live


def _clusters(aimed: TargetedRequest, outlooks: Outlooks) -> Iterator[ClusterForecast]:
    for cluster in aimed.target.clusters_of(None):
        refs = [workload.ref for workload in aimed.workloads_for(cluster.name)]
        if refs:
            yield _cluster(
                cluster.name,
                refs,
                outlooks.of(aimed.target, cluster.name),
                outlooks.sheet(aimed.target, cluster.name),
            )


def _cluster(
    name: str, refs: list[WorkloadRef], outlook: Outlook | Unknown, sheet: PriceSheet | Unknown
) -> ClusterForecast:
    if isinstance(outlook, Unknown):
        return ClusterForecast(name, None, tuple(_workload(unknown_workload(ref, outlook)) for ref in refs))
    capacities = [outlook.workloads[ref] for ref in refs]
    loads = [one.load for one in capacities if one.load]
    is_growing = any(isinstance(one.requested, FitsAfterScaleup) for one in capacities)
    growth = outlook.growth if is_growing else ()
    return ClusterForecast(
        name,
        outlook.snapshot.captured_at,
        tuple(map(_workload, capacities)),
        growth,
        (*quota_gauges(outlook.snapshot, loads), *node_gauges(outlook.fill, loads)) if _changes(loads) else (),
        None if isinstance(sheet, Unknown) else node_cost(growth, sheet),
    )


def _changes(loads: Iterable[Load]) -> bool:
    """Whether anything differs from the running state: then the utilization of the cluster is shown."""
    return any(load.counts["requested"] != load.before or load.pod != load.pod_before for load in loads)


def _workload(capacity: WorkloadCapacity) -> WorkloadForecast:
    expected = (
        Expected(
            scenario,
            outcome.replicas if capacity.load else None,
            status(outcome.verdict),
            outcome_text(capacity, scenario),
        )
        for scenario, outcome in shown_scenarios(capacity)
    )
    return WorkloadForecast(capacity.ref, tuple(expected))
