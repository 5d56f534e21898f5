"""Monthly cost of a change: exact fractions, rounded only for display."""

from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

from infra_scale.model.tagged import tagged
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef

Basis = Literal["snapshot", "manifest", "request"]
"""The source of the containers of a pod; `request`: only the container in the request is counted."""


_CENT = Fraction(1, 100)


@tagged
class Monthly(NamedTuple):
    """A monthly cost in the currency of the price sheet: as requested, and the range of an autoscaler."""

    point: Fraction
    minimum: Fraction
    maximum: Fraction


class Estimate(NamedTuple):
    """The cost of one workload in one cluster, and its basis."""

    ref: WorkloadRef
    before: Monthly | Unknown
    after: Monthly | Unknown
    delta: Fraction | Unknown
    """`after` minus `before`, both as requested; unknown if one of them is."""
    currency: str
    sheet: str
    effective_from: str
    source: str
    cluster: str | None = None
    basis: Basis = "snapshot"

    @property
    def moves(self) -> bool:
        """Whether the cost, or its range, changes by a cent or more, or is known on one side only."""
        if isinstance(self.before, Unknown) or isinstance(self.after, Unknown):
            return isinstance(self.before, Unknown) != isinstance(self.after, Unknown)
        return any(abs(new - old) >= _CENT for old, new in zip(self.before, self.after, strict=True))


class LeftOut(NamedTuple):
    """A workload that a sum leaves out, where, and why."""

    ref: WorkloadRef
    reason: str
    cluster: str | None = None
    """None if its target has no clusters."""

    @property
    def order(self) -> tuple[WorkloadRef, str, str]:
        """The sort key, with or without a cluster."""
        return self.ref, self.cluster or "", self.reason


@tagged
class Total(NamedTuple):
    """The sum of several workloads with known costs."""

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
        """The increase."""
        return self.after - self.before

    @property
    def left_out(self) -> tuple[str, ...]:
        """The names of omitted workloads, each once with its clusters."""
        clusters: dict[WorkloadRef, list[str]] = {}
        for one in self.unknown:
            clusters.setdefault(one.ref, []).extend([one.cluster] if one.cluster else [])
        where = {ref: f" in {' and '.join(dict.fromkeys(some))}" if some else "" for ref, some in clusters.items()}
        return tuple(f"{ref}{place}" for ref, place in where.items())


class Cost(NamedTuple):
    """The cost of a plan."""

    estimates: tuple[Estimate, ...]
    """Cluster by cluster in the order of execution, and within one in the order of the request."""
    total: Total | Unknown


class Threshold(NamedTuple):
    """The limit of the monthly cost change in one direction; None: no limit."""

    amount: Decimal | None = None
    """In the currency of the price sheet."""
    percent: Decimal | None = None
    """Percentage of the cost before; not used if that is zero."""


class Budget(NamedTuple):
    """The limits of an increase and of a decrease, which is often a mistake."""

    increase: Threshold = Threshold()
    decrease: Threshold = Threshold()
