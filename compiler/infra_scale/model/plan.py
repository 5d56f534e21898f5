"""ScalePlan: the ordered actions with risks, notes and steps for the reviewer."""

from typing import NamedTuple

from infra_scale.model.action import Action
from infra_scale.model.finding import Finding
from infra_scale.model.names import object_name, plan_folder
from infra_scale.model.ownership import Consequence, Ownership, Transfer
from infra_scale.model.request import ScaleRequest

FORMAT = 2
"""Version of the plan format, written as `generator: infra-scale/2`."""


class ScalePlan(NamedTuple):
    """The result of compiling one request for its target and the manifests. Nothing else decides about it."""

    request: ScaleRequest
    kube_context: str | None
    """None if the target has no clusters."""
    actions: tuple[Action, ...]
    rollback_hints: tuple[str, ...]
    """Commands, in the order to run them."""
    preparations: tuple[str, ...]
    """Commands that save the files for the rollback, to run before the plan is applied."""
    consequences: tuple[Consequence, ...]
    """Effects of the actions on the pods, in the same order."""
    findings: tuple[Finding, ...]
    """Warnings and notes, in the order of the request's workloads."""
    ownership: tuple[Ownership, ...] = ()
    """Who sets the replicas before and after, of each workload whose replicas the plan touches."""
    transfers: tuple[Transfer, ...] = ()
    """The steps of each requested hand-over, by cluster."""

    @property
    def name(self) -> str:
        """The request's id as a Kubernetes object name; the target's name for a request that was given as flags."""
        return object_name(self.request.id) if self.request.id else self.request.target

    @property
    def folder(self) -> str:
        """The folder of its files, from the root of the repository."""
        return plan_folder(self.request.target, self.request.id)

    @property
    def risks(self) -> tuple[str, ...]:
        """The messages of warnings."""
        return tuple(f.message for f in self.findings if f.severity == "warning")

    @property
    def notes(self) -> tuple[str, ...]:
        """The messages of notes."""
        return tuple(f.message for f in self.findings if f.severity == "note")
