"""Owners of a workload's replicas, and hand-overs between them."""

from typing import Literal, NamedTuple

from infra_scale.model.workload import Cluster, WorkloadRef

Setter = Literal["replicas", "hpa", "keda", "unchanged", "unknown"]
"""replicas: a fixed number in Git. unchanged: as before the plan. unknown: neither in request nor manifest."""


class Ownership(NamedTuple):
    """Who sets spec.replicas of a workload before and after a plan."""

    ref: WorkloadRef
    before: Setter
    after: Setter
    cluster: str | None = None
    """The cluster that the request selects; None: all of the target."""


Phase = Literal["before", "plan", "after"]
"""before: before the plan is applied (where Argo CD or Flux applies it: before the merge). plan: its own actions."""


class HandoverStep(NamedTuple):
    """One step of a hand-over."""

    phase: Phase
    what: str
    command: str | None = None
    """None if there is no command."""
    only: str | None = None
    """The tools that need it; None: all."""


class Transfer(NamedTuple):
    """The steps that keep the pods of one workload running while its owner changes."""

    ref: WorkloadRef
    before: str
    after: str
    steps: tuple[HandoverStep, ...]
    cluster: Cluster | None = None


class Consequence(NamedTuple):
    """The effect of one action on the pods."""

    ref: WorkloadRef
    what: str
    cluster: Cluster | None = None
