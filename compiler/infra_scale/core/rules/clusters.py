"""Rules about a cluster as a whole: its utilization, and whether it has a snapshot."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Placed, Subject, merged, rule
from infra_scale.core.ruling.rollout_delta import cause, moves
from infra_scale.core.ruling.unknown import unseen
from infra_scale.model.capacity import Site
from infra_scale.model.forecast import Gauge
from infra_scale.model.verdict import Unknown

_HUNDRED = 100


@rule(
    "CAP-004",
    "note",
    why="Little capacity is left for node failures, rollouts and further requests.",
    fix="grow a node pool before the next request",
    source="infra.scale; our own threshold",
    thresholds={"percent": 85},
    needs="snapshot",
)
def nearly_full(subject: Subject) -> Iterator[Hit]:
    """More than 85 % of what all nodes have is requested after the plan, and more than before it."""
    yield from merged(_full(subject))


def _full(subject: Subject) -> Iterator[Placed]:
    percent = subject.thresholds["percent"]
    gauges = {one.cluster: one.gauges for one in subject.forecast.clusters}
    for move in moves(subject):
        full = [one for one in gauges.get(move.site.cluster.name, ()) if not one.of and _is_beyond(one, percent)]
        # About the whole request: reported once, at the workload that adds the most.
        if full and move.adds and full[0].largest == subject.workload.ref:
            resources = " and ".join(gauge.resource for gauge in full)
            message = f"more than {percent} % of the {resources} of all nodes will be requested"
            yield move.site, Hit(message, cause(subject, move))


def _is_beyond(gauge: Gauge, percent: int) -> bool:
    return gauge.after > gauge.before and gauge.after.nano * _HUNDRED > percent * gauge.limit.nano


@rule(
    "CAP-006",
    "warning",
    why="Capacity, quotas and running autoscalers were not checked.",
    fix="capture it: `infra-scale snapshot CLUSTER`",
    source="infra.scale, not checked never counts as passed",
    needs="snapshot",
    unknown=lambda subject: iter(()) if subject.sites else unseen(subject),
)
def not_looked_at(subject: Subject) -> Iterator[Hit]:
    """No usable snapshot in a target that has some: missing, too old, unreadable or of another cluster."""
    yield from merged(
        (site, Hit(f"{site.seen.reason}; what this request needs is not checked", ("name",)))
        for site in subject.sites
        if isinstance(site.seen, Unknown) and _speaks_for(subject, site)
    )


def _speaks_for(subject: Subject, site: Site) -> bool:
    """Whether it is the first workload of the request for this cluster, where it is reported."""
    here = (one for one in subject.request.workloads if one.cluster in (None, site.cluster.name))
    return next(here).route == subject.workload.route
