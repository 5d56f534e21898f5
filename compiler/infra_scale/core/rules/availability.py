"""Rules about what happens to a service while pods are evicted or replaced."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.model.manifest import Budget
from infra_scale.model.position import Route
from infra_scale.model.workload import SCALABLE


@rule(
    "AVL-001",
    "warning",
    why="A drained node waits for every pod to leave it, and this budget lets none go.",
    fix="lower minAvailable below the number of replicas, or write maxUnavailable: 1",
    source="kubernetes/pkg/controller/disruption/disruption.go; kube-linter, pdb-min-available",
)
def nothing_may_leave(subject: Subject) -> Iterator[Hit]:
    """A PodDisruptionBudget in the base manifests that allows no disruption at the fewest replicas of the request."""
    fewest, route = _fewest(subject)
    if subject.base is None or not fewest:
        return
    for budget in subject.base.budgets:
        if _allowed(budget, fewest) == 0:
            bound = "minAvailable" if budget.min_available is not None else "maxUnavailable"
            value = budget.min_available if budget.min_available is not None else budget.max_unavailable
            plural = "" if fewest == 1 else "s"
            message = (
                f"PDB {budget.name} blocks every eviction of {subject.workload.ref} "
                f"({bound} {value} at {fewest} replica{plural}); node drains will hang. "
                "Scaling and rollouts are not affected."
            )
            yield Hit(message, route)


@rule(
    "AVL-002",
    "note",
    why="Without a budget a drained node may take all pods at once. Off by default: the budget may stand elsewhere.",
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
    why="With the strategy Recreate every old pod stops before the first new one starts: a gap in the service.",
    fix="change the strategy to RollingUpdate where two versions can run side by side, or plan the gap",
    source="Kubernetes docs, Deployments: strategy",
)
def all_at_once(subject: Subject) -> Iterator[Hit]:
    """Requests or limits for a Deployment whose base manifest has the strategy Recreate."""
    workload, base = subject.workload, subject.base
    changes = workload.requests is not None or workload.limits is not None
    if base and changes and workload.ref.kind == "Deployment" and base.strategy == "Recreate":
        key = "requests" if workload.requests is not None else "limits"
        message = f"{workload.ref} has the strategy Recreate: no pod runs while they are all replaced."
        yield Hit(message, (key,))


def _fewest(subject: Subject) -> tuple[int, Route]:
    """The fewest pods that run by the request, and where it says so; 0 where it does not."""
    if subject.workload.ref.kind not in SCALABLE:
        return 0, ()
    if subject.hpa:
        return subject.hpa.minimum, ("hpa", "min")
    if subject.keda:
        return max(1, subject.keda.minimum), ("keda", "min")
    return subject.workload.replicas or 0, ("replicas",)


def _allowed(budget: Budget, replicas: int) -> int | None:
    """How many of so many healthy pods may be evicted; None where the budget cannot be read.

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
