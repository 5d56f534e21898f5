"""The total load of a cluster: how many of its planned workloads fit, and its utilization."""

from collections import Counter
from collections.abc import Iterator, Sequence

from infra_scale.core.capacity.utilization import node_gauges, quota_gauges
from infra_scale.core.forecast.outlook import Outlook
from infra_scale.model.comparison import ClusterPicture, Level
from infra_scale.model.forecast import Gauge, WorkloadForecast
from infra_scale.model.verdict import Status, Unknown

_GRAVEST: tuple[Status, ...] = (
    "does_not_fit",
    "unknown",
    "fits_depending_on_order",
    "fits_after_scaleup",
    "fits",
)
_COUNTED: dict[Status, tuple[str, str]] = {
    "fits": ("fits", "fit"),
    "fits_after_scaleup": ("fits after scale-up", "fit after scale-up"),
    "fits_depending_on_order": ("fits depending on the order", "fit depending on the order"),
    "does_not_fit": ("does not fit", "do not fit"),
    "unknown": ("is unknown", "are unknown"),
}


def picture(
    cluster: str, planned: Sequence[WorkloadForecast], outlook: Outlook | Unknown, before: Outlook | Unknown
) -> ClusterPicture:
    """A cluster with all that is `planned` for it, compared with all that was planned before."""
    if isinstance(outlook, Unknown):
        return ClusterPicture(cluster, None, "unknown", outlook.reason)
    count = Counter(one.status for one in planned)
    gravest: Status = next((status for status in _GRAVEST if count[status]), "fits")
    return ClusterPicture(
        cluster,
        outlook.snapshot.captured_at,
        gravest,
        _counted(count, len(planned)),
        None if isinstance(before, Unknown) else before.snapshot.captured_at,
        outlook.growth,
        tuple(_levels(outlook, before)),
    )


def _counted(count: Counter[Status], planned: int) -> str:
    if not planned:
        return "nothing is planned for it"
    listed = ", ".join(
        f"{count[status]} {words[count[status] > 1]}" for status, words in _COUNTED.items() if count[status]
    )
    return f"of {planned} workload{'s' if planned > 1 else ''} that {'are' if planned > 1 else 'is'} planned: {listed}"


def _levels(outlook: Outlook, before: Outlook | Unknown) -> Iterator[Level]:
    was = {} if isinstance(before, Unknown) else {(one.of, one.resource): one for one in _gauges(before)}
    for gauge in _gauges(outlook):
        old = was.get((gauge.of, gauge.resource))
        yield Level(
            gauge.of,
            gauge.resource,
            gauge.before,
            gauge.after,
            gauge.limit,
            old.after if old else None,
            old.limit if old else None,
        )


def _gauges(outlook: Outlook) -> Iterator[Gauge]:
    """Nodes first, then the quotas that planned workloads count against."""
    loads = [one.load for one in outlook.workloads.values() if one.load]
    yield from node_gauges(outlook.fill, loads)
    yield from quota_gauges(outlook.snapshot, loads)
