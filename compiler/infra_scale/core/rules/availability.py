"""Rules about availability while pods are evicted or replaced."""

from collections.abc import Iterator

from infra_scale.core.planning.before import Before
from infra_scale.core.ruling.catalogue import HERE, Hit, Subject, merged, rule
from infra_scale.core.ruling.rollout_delta import move_at
from infra_scale.model.capacity import Site
from infra_scale.model.manifest import Budget
from infra_scale.model.position import Route
from infra_scale.model.workload import SCALABLE


@rule(
    "AVL-001",
    "warning",
    why="Draining a node waits for all its pods, and this budget blocks every eviction.",
    fix="lower minAvailable below the number of replicas, or write maxUnavailable: 1",
    source="kubernetes/pkg/controller/disruption/disruption.go; kube-linter, pdb-min-available",
)
def nothing_may_leave(subject: Subject) -> Iterator[Hit]:
    """A PodDisruptionBudget, in manifests or running, that allows no disruption at the fewest requested replicas."""
    fewest, route = _fewest(subject)
    if fewest:
        blocking = ((site, one) for site, one in _budgets(subject) if _allowed(one, fewest) == 0)
        yield from merged((site, Hit(_blocked(subject, budget, fewest), route)) for site, budget in blocking)


def _budgets(subject: Subject) -> Iterator[tuple[Site | None, Budget]]:
    """The budgets of the manifests, and for each cluster those that are in no manifest."""
    written = subject.base.budgets if subject.base else ()
    yield from ((None, budget) for budget in written)
    known = {budget.name for budget in written}
    for site in subject.sites:
        for one in site.live.budgets if site.live else ():
            if one.name not in known:
                yield site, Budget(one.name, one.min_available, one.max_unavailable)


def _blocked(subject: Subject, budget: Budget, fewest: int) -> str:
    bound = "minAvailable" if budget.max_unavailable is None else "maxUnavailable"
    value = budget.min_available if budget.max_unavailable is None else budget.max_unavailable
    plural = "" if fewest == 1 else "s"
    return (
        f"PDB {budget.name} blocks every eviction of {subject.workload.ref}{HERE} "
        f"({bound} {value} at {fewest} replica{plural}); node drains will hang. "
        "Scaling and rollouts are not affected."
    )


@rule(
    "AVL-002",
    "note",
    why="Without a budget a node drain can evict all pods at once. Off by default: the budget may be elsewhere.",
    fix="add a PodDisruptionBudget with maxUnavailable: 1",
    source="kube-score, deployment-has-poddisruptionbudget; Polaris, missingPodDisruptionBudget",
    is_on=False,
)
def no_budget(subject: Subject) -> Iterator[Hit]:
    """Two or more replicas, and no PodDisruptionBudget in the base manifests selects their pods."""
    fewest, route = _fewest(subject)
    if subject.base and not subject.base.budgets and fewest > 1:
        yield Hit(f"no PodDisruptionBudget covers {subject.workload.ref}", route)


@rule(
    "AVL-005",
    "warning",
    why="With the strategy Recreate every old pod stops before the first new one starts: downtime.",
    fix="change the strategy to RollingUpdate if two versions can run side by side, or plan the downtime",
    source="Kubernetes docs, Deployments: strategy",
)
def all_stop_first(subject: Subject) -> Iterator[Hit]:
    """Requests or limits that replace pods with the strategy Recreate."""
    workload = subject.workload
    if workload.requests is None and workload.limits is None:
        return
    route = ("requests" if workload.requests is not None else "limits",)
    found = ((site, _gap(subject, site)) for site in subject.sites or (None,))
    yield from merged((site, Hit(message, route)) for site, message in found if message)


def _gap(subject: Subject, site: Site | None) -> str:
    """The problem while the pods of one cluster are replaced; empty if there is none."""
    ref, base, move = subject.workload.ref, subject.base, move_at(site)
    if move and not move.load.restarts:
        return ""
    before = Before(base, site.live if site else None)
    if before.strategy == "Recreate" and ref.kind == "Deployment" and _replaces(before, subject):
        return f"{ref} has the strategy Recreate: no pod runs while they are all replaced."
    return ""


def _replaces(before: Before, subject: Subject) -> bool:
    """Whether the request changes the pod template of a Deployment that acts on it."""
    return not before.is_paused and before.change(before.update(subject.workload)).effect == "some"


def _fewest(subject: Subject) -> tuple[int, Route]:
    """The fewest pods of the request, and the route of that value; 0 if not set."""
    if subject.workload.ref.kind not in SCALABLE:
        return 0, ()
    if subject.hpa:
        return subject.hpa.minimum, ("hpa", "min")
    if subject.keda:
        return max(1, subject.keda.minimum), ("keda", "min")
    return subject.workload.replicas or 0, ("replicas",)


def _allowed(budget: Budget, replicas: int) -> int | None:
    """The number of healthy pods that may be evicted; None if the budget is invalid.

    Both percentages round up (disruption.go, GetScaledValueFromIntOrPercent).
    """
    if budget.max_unavailable is not None:
        return _scaled(budget.max_unavailable, replicas)
    needed = _scaled(budget.min_available, replicas) if budget.min_available is not None else None
    return None if needed is None else max(0, replicas - needed)


def _scaled(written: str, replicas: int) -> int | None:
    number = written.removesuffix("%")
    if not (number.isascii() and number.isdecimal() and len(number) < _DIGITS):
        return None
    return -(-replicas * int(number) // 100) if written.endswith("%") else int(number)


_DIGITS = 11
