"""A workload of a request in each of its clusters: input of rules and forecasts."""

from collections.abc import Iterator

from infra_scale.core.forecast.outlook import Outlook, Outlooks
from infra_scale.core.planning.actions import TargetedRequest
from infra_scale.model.capacity import Seen, Site
from infra_scale.model.request import Workload


def sites(workload: Workload, aimed: TargetedRequest, outlooks: Outlooks) -> Iterator[Site]:
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
