"""What quotas refuse, in the words of the findings."""

from typing import NamedTuple

from infra_scale.model.quantity import Quantity
from infra_scale.model.tagged import tagged
from infra_scale.model.units import amount_text
from infra_scale.model.workload import WorkloadRef


@tagged
class QuotaExceeded(NamedTuple):
    """The pods that are asked for exceed a quota (QUO-001)."""

    ref: WorkloadRef
    quota: str
    resource: str
    used: Quantity
    requested: Quantity
    """By everything that is planned for the namespace."""
    hard: Quantity
    replicas: int
    """How many of this workload are admitted, beside everything else that is planned."""

    @property
    def text(self) -> str:
        """The finding's message."""
        used, requested, hard = (amount_text(self.resource, one) for one in (self.used, self.requested, self.hard))
        total = f"{self.resource} used {used} + requested {requested} > hard {hard}"
        return f"ResourceQuota {self.quota}: {total}; at most {self.replicas} replicas fit."


@tagged
class RolloutRefused(NamedTuple):
    """The pods fit in the end, but the quota refuses some of them on the way, so that there is no end (QUO-002)."""

    ref: WorkloadRef
    quota: str
    resource: str
    hard: Quantity

    @property
    def text(self) -> str:
        """The finding's message. It is part of plans: what is used of the quota changes too often for that."""
        hard = amount_text(self.resource, self.hard)
        exceeded = f"ResourceQuota {self.quota}: {self.resource} > hard {hard} during rollout"
        return f"{exceeded}; the rollout of {self.ref} stalls."


@tagged
class HpaMaxExceeded(NamedTuple):
    """The pods fit, but not those that its HPA may grow to (QUO-003)."""

    ref: WorkloadRef
    quota: str
    resource: str
    maximum: int
    needed: Quantity
    """By this workload at its maximum."""

    @property
    def text(self) -> str:
        """The finding's message, behind what has the maximum."""
        needed = amount_text(self.resource, self.needed)
        needs = f"max {self.maximum} needs {self.resource} {needed} for {self.ref}"
        return f"{needs}; ResourceQuota {self.quota} does not admit that many"


@tagged
class MustSpecify(NamedTuple):
    """A quota refuses pods that leave out what it counts (QUO-004)."""

    ref: WorkloadRef
    quota: str
    missing: tuple[tuple[str, tuple[str, ...]], ...]
    """By the name of the quota's resource: the containers."""

    @property
    def text(self) -> str:
        """The finding's message, as the API server says it."""
        return "must specify " + "; ".join(f"{resource} for: {','.join(names)}" for resource, names in self.missing)


QuotaFault = QuotaExceeded | RolloutRefused | HpaMaxExceeded | MustSpecify
