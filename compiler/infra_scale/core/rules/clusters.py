"""Rules about a cluster as a whole: how full it gets, and whether anything is known of it."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.core.ruling.per_cluster import Placed, told
from infra_scale.core.ruling.rollout_delta import cause, moves
from infra_scale.core.ruling.unknown import unseen
from infra_scale.model.capacity import Site
from infra_scale.model.forecast import Gauge
from infra_scale.model.verdict import Unknown

_HUNDRED = 100


@rule(
    "CAP-004",
    "note",
    why="Little is left for a node that fails, for rollouts, and for what others ask for next.",
    fix="have a pool grown before more is asked for",
    source="infra.scale; the bound is ours",
    thresholds={"percent": 85},
    needs="snapshot",
)
def nearly_full(subject: Subject) -> Iterator[Hit]:
    """More than 85 % of what all nodes have is requested after the plan, and more than before it."""
    yield from told(_full(subject))


def _full(subject: Subject) -> Iterator[Placed]:
    percent = subject.thresholds["percent"]
    gauges = {one.cluster: one.gauges for one in subject.environment.clusters}
    for move in moves(subject):
        full = [one for one in gauges.get(move.site.cluster.name, ()) if not one.of and _is_beyond(one, percent)]
        # It is about the request: said once, at the workload that adds the most.
        if full and move.adds and full[0].largest == subject.workload.ref:
            resources = " and ".join(gauge.resource for gauge in full)
            message = f"more than {percent} % of the {resources} of all nodes will be requested"
            yield move.site, Hit(message, cause(subject, move))


def _is_beyond(gauge: Gauge, percent: int) -> bool:
    return gauge.after > gauge.before and gauge.after.nano * _HUNDRED > percent * gauge.limit.nano


@rule(
    "CAP-006",
    "warning",
    why="Whether its pods fit, and what quotas and running autoscalers say, nobody has looked at.",
    fix="capture it: `infra-scale snapshot CLUSTER`",
    source="infra.scale, what was not checked is never taken for passed",
    needs="snapshot",
    unknown=lambda subject: iter(()) if subject.sites else unseen(subject),
)
def not_looked_at(subject: Subject) -> Iterator[Hit]:
    """No snapshot to judge by where the target has some: missing, too old, unreadable or of another cluster."""
    yield from told(
        (site, Hit(f"{site.seen.reason}; what this request needs is not checked", ("name",)))
        for site in subject.sites
        if isinstance(site.seen, Unknown) and _speaks_for(subject, site)
    )


def _speaks_for(subject: Subject, site: Site) -> bool:
    """Whether it is the first workload of the request for this cluster: it is said once."""
    here = (one for one in subject.request.workloads if one.cluster in (None, site.cluster.name))
    return next(here).route == subject.workload.route
