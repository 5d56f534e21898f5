"""One workload of a request in each cluster that it is for: what rules look at, and what a plan says of it."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.capacity.scenarios import WorkloadCapacity
from infra_scale.core.forecast.demands import TargetedRequest
from infra_scale.core.forecast.outlook import Outlook, Outlooks
from infra_scale.model.request import Workload
from infra_scale.model.snapshot import ClusterSnapshot, LiveWorkload
from infra_scale.model.tagged import tagged
from infra_scale.model.target import Cluster
from infra_scale.model.verdict import Unknown


@tagged
class Seen(NamedTuple):
    """A workload as a snapshot shows it."""

    snapshot: ClusterSnapshot
    live: LiveWorkload | None
    """None where the snapshot does not have it."""
    capacity: WorkloadCapacity


class Site(NamedTuple):
    """One workload in one cluster."""

    cluster: Cluster
    where: str
    """Empty where the target has one cluster only, else ` in prod-eu-1`: to be appended to what is said of it."""
    seen: Seen | Unknown
    """Unknown: there is no snapshot, or it is too old."""

    @property
    def live(self) -> LiveWorkload | None:
        """The workload as it runs, where that is known."""
        return self.seen.live if isinstance(self.seen, Seen) else None


def sites(workload: Workload, aimed: TargetedRequest, outlooks: Outlooks) -> Iterator[Site]:
    """Each cluster that a workload is for, in the order of execution; none where no cluster has a snapshot."""
    target = aimed.target
    if not outlooks.has_snapshot(target):
        return
    for cluster in target.clusters_of(workload.cluster):
        where = f" in {cluster.name}" if len(target.clusters) > 1 else ""
        outlook = outlooks.of(target, cluster.name)
        yield Site(cluster, where, _seen(workload, outlook) if isinstance(outlook, Outlook) else outlook)


def _seen(workload: Workload, outlook: Outlook) -> Seen:
    return Seen(outlook.snapshot, outlook.live.get(workload.ref), outlook.workloads[workload.ref])
