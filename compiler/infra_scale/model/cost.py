"""What a change costs in a month: exact fractions, rounded only where they are shown."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef

Basis = Literal["snapshot", "manifest", "request"]
"""Where the containers of a pod are known from; `request`: only the one that it names is counted."""


@tagged
class Monthly(NamedTuple):
    """A cost for a month, in the currency of the sheet: as asked for, and what an autoscaler may make of it."""

    point: Fraction
    minimum: Fraction
    maximum: Fraction


class Estimate(NamedTuple):
    """What one workload costs in one cluster, and on what grounds."""

    ref: WorkloadRef
    before: Monthly | Unknown
    after: Monthly | Unknown
    delta: Fraction | Unknown
    """`after` less `before`, both as asked for; unknown where one of them is."""
    currency: str
    sheet: str
    effective_from: str
    source: str
    cluster: str | None = None
    basis: Basis = "snapshot"


class LeftOut(NamedTuple):
    """A workload that a sum leaves out, where, and why."""

    ref: WorkloadRef
    reason: str
    cluster: str | None = None
    """None where its target names none."""

    @property
    def order(self) -> tuple[WorkloadRef, str, str]:
        """One order, whether its cluster is known or not."""
        return self.ref, self.cluster or "", self.reason


@tagged
class Total(NamedTuple):
    """Several workloads together, those that are known."""

    before: Fraction
    after: Fraction
    minimum: Fraction
    """With every autoscaler at its minimum."""
    maximum: Fraction
    """With every autoscaler at its maximum."""
    currency: str
    unknown: tuple[LeftOut, ...]

    @property
    def delta(self) -> Fraction:
        """By how much it goes up."""
        return self.after - self.before

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names of those that are left out: one in several clusters is said once, with these."""
        clusters: dict[WorkloadRef, list[str]] = {}
        for one in self.unknown:
            clusters.setdefault(one.ref, []).extend([one.cluster] if one.cluster else [])
        where = {ref: f" in {' and '.join(dict.fromkeys(some))}" if some else "" for ref, some in clusters.items()}
        return tuple(f"{ref}{place}" for ref, place in where.items())


class Cost(NamedTuple):
    """What a plan costs."""

    estimates: tuple[Estimate, ...]
    """Cluster by cluster in the order of execution, and within one in the order of the request."""
    total: Total | Unknown


class Threshold(NamedTuple):
    """How far the monthly cost may move in one direction; None where that is no matter."""

    amount: Decimal | None = None
    """In the currency of the price sheet."""
    percent: Decimal | None = None
    """Of the cost before. It is not asked where nothing was paid before: that has no percentage."""


class Budget(NamedTuple):
    """How far the monthly cost may go up, and down: that much less is often a mistake."""

    increase: Threshold = Threshold()
    decrease: Threshold = Threshold()
