"""Rules about cost."""

from collections.abc import Iterator
from fractions import Fraction

from infra_scale.core.cost.budget import Exceeded, against_budget
from infra_scale.core.cost.estimate import money
from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.cost import Budget, Cost, Total
from infra_scale.model.request import Workload
from infra_scale.model.verdict import Unknown


def _unpriced(subject: Subject) -> Iterator[Hit]:
    """Why it is unknown whether the request stays within the budget; reported once."""
    cost, budget = subject.cost, subject.target.budget
    if budget is None:
        return
    if cost is None:
        first = subject.request.workloads[0]
        reason = "no prices" if first.route == subject.workload.route else ""
    else:
        verdict = against_budget(cost.estimates, budget)
        reason = verdict.reason if isinstance(verdict, Unknown) and _moves_most(subject, cost) else ""
    if reason:
        message = f"whether the request stays within the budget could not be checked: {reason}"
        yield Hit(message, ("name",), help="provide prices and a snapshot for each cluster of the target")


@rule(
    "COST-001",
    "warning",
    why="A typo can be expensive. A large decrease is often a mistake as well.",
    fix="check that this is intended; `budget` in the target file sets the limits",
    source="infra.scale, the budget of a target",
    needs="prices",
    unknown=_unpriced,
)
def over_budget(subject: Subject) -> Iterator[Hit]:
    """A change in the monthly cost of the whole request above `budget` of the target."""
    cost, budget = subject.cost, subject.target.budget
    if cost is None or budget is None:
        return
    verdict = against_budget(cost.estimates, budget)
    if isinstance(verdict, Exceeded) and _moves_most(subject, cost):
        yield Hit(verdict.text, ("name",), help=_advice(subject, verdict.total, budget))


def _advice(subject: Subject, total: Total, budget: Budget) -> str:
    """The limits of the change against the running state; `diff` shows the change since a commit."""
    bound = budget.increase if total.delta > 0 else budget.decrease
    amount = [] if bound.amount is None else [money(Fraction(bound.amount), total.currency)]
    bounds = " or, if less, ".join([*amount, *([] if bound.percent is None else [f"{bound.percent}%"])])
    path = f"ops/targets/{subject.target.name}.yaml"
    return (
        f"check that this is intended: `budget` in {path} allows a monthly change of {bounds} against the running state"
    )


def _moves_most(subject: Subject, cost: Cost) -> bool:
    """Whether it has the largest change in cost of the request's workloads; the first of several."""
    shares = {one.key: _share(one, cost) for one in subject.request.workloads}
    return max(shares, key=lambda key: shares[key]) == subject.workload.key


def _share(workload: Workload, cost: Cost) -> Fraction:
    own = (
        one.delta
        for one in cost.estimates
        if one.ref == workload.ref and (workload.cluster is None or workload.cluster == one.cluster)
    )
    return abs(sum((delta for delta in own if not isinstance(delta, Unknown)), Fraction(0)))
