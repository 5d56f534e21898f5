"""ScalePlan: the ordered actions and everything that a reviewer must know about them."""

from typing import NamedTuple

from infra_scale.model.action import Action
from infra_scale.model.finding import Finding
from infra_scale.model.names import object_name, plan_folder
from infra_scale.model.ownership import Consequence, Ownership, Transfer
from infra_scale.model.request import ScaleRequest

FORMAT = 2
"""Version of the plan format, written as `generator: infra-scale/2`."""


class ScalePlan(NamedTuple):
    """What one request compiles to, given its target and the manifests: nothing else decides about it."""

    request: ScaleRequest
    kube_context: str | None
    """None when the target names no cluster."""
    actions: tuple[Action, ...]
    rollback_hints: tuple[str, ...]
    """Commands, in the order to run them."""
    preparations: tuple[str, ...]
    """Commands that save what those need, to run before the plan is applied."""
    consequences: tuple[Consequence, ...]
    """What each action does to the pods, in the order of the actions."""
    findings: tuple[Finding, ...]
    """Warnings and notes, in the order of the request's workloads."""
    ownership: tuple[Ownership, ...] = ()
    """Who sets the replicas before and after, of each workload whose replicas the plan touches."""
    transfers: tuple[Transfer, ...] = ()
    """The steps of each hand-over that the request asks for, cluster by cluster."""

    @property
    def name(self) -> str:
        """The request's id as a Kubernetes object name; the target's name for a request that was given as flags."""
        return object_name(self.request.id) if self.request.id else self.request.target

    @property
    def folder(self) -> str:
        """Where its files belong, from the root of the repository."""
        return plan_folder(self.request.target, self.request.id)

    @property
    def risks(self) -> tuple[str, ...]:
        """The messages of warnings."""
        return tuple(f.message for f in self.findings if f.severity == "warning")

    @property
    def notes(self) -> tuple[str, ...]:
        """The messages of notes."""
        return tuple(f.message for f in self.findings if f.severity == "note")
