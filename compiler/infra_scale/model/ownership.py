"""Who sets the replicas of a workload, and how one owner hands over to another."""

from typing import Literal, NamedTuple

from infra_scale.model.workload import Cluster, WorkloadRef

Setter = Literal["replicas", "hpa", "keda", "unchanged", "unknown"]
"""replicas: a fixed number in Git. unchanged: as before the plan. unknown: neither request nor manifest says it."""


class Ownership(NamedTuple):
    """Who sets spec.replicas of a workload before and after a plan."""

    ref: WorkloadRef
    before: Setter
    after: Setter
    cluster: str | None = None
    """The only cluster of the target that the request means; None: all of them."""


Phase = Literal["before", "plan", "after"]
"""before: before the plan is applied (where Argo CD or Flux applies it: before the merge). plan: its own actions."""


class HandoverStep(NamedTuple):
    """One step of a hand-over."""

    phase: Phase
    what: str
    command: str | None = None
    """None where there is nothing to type."""
    only: str | None = None
    """Who needs it; None: everybody."""


class Transfer(NamedTuple):
    """The steps that keep the pods of one workload running while its owner changes."""

    ref: WorkloadRef
    before: str
    after: str
    steps: tuple[HandoverStep, ...]
    cluster: Cluster | None = None


class Consequence(NamedTuple):
    """What one action does to the pods."""

    ref: WorkloadRef
    what: str
    cluster: Cluster | None = None
