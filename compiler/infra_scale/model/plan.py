"""ScalePlan: the ordered actions with risks, notes and steps for the reviewer."""

from typing import NamedTuple

from infra_scale.model.action import Action
from infra_scale.model.finding import Finding
from infra_scale.model.names import object_name, plan_folder
from infra_scale.model.ownership import Consequence, Ownership, Transfer
from infra_scale.model.request import Autoscaling

FORMAT = 2
"""Version of the plan format, written as `generator: infra-scale/2`."""


class PlanMetadata(NamedTuple):
    """What a plan was made from and for."""

    target: str
    request: str
    """The id of the request; empty for one that was given as flags."""
    path: str
    """The request file; empty for one that was given as flags."""
    owner: str | None
    reason: str | None
    ticket: str | None
    created_at: str | None = None
    """The creation time in the request, if it has one: RFC 3339, UTC, milliseconds."""


class ScalePlan(NamedTuple):
    """The result of compiling one request for its target and the manifests. Nothing else decides about it."""

    metadata: PlanMetadata
    namespace: str
    """That of workloads which name none."""
    autoscaling: Autoscaling
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
    """Warnings and notes, in the order of the request's workloads, without their places in it."""
    ownership: tuple[Ownership, ...] = ()
    """The owner of the replicas before and after, for each workload whose replicas the plan touches."""
    transfers: tuple[Transfer, ...] = ()
    """The steps of each requested hand-over, by cluster."""

    @property
    def name(self) -> str:
        """The request's id as a Kubernetes object name; the target's name for a request that was given as flags."""
        return object_name(self.metadata.request) if self.metadata.request else self.metadata.target

    @property
    def folder(self) -> str:
        """The folder of its files, from the root of the repository."""
        return plan_folder(self.metadata.target, self.metadata.request)

    @property
    def risks(self) -> tuple[str, ...]:
        """The messages of warnings."""
        return tuple(f.message for f in self.findings if f.severity == "warning")

    @property
    def notes(self) -> tuple[str, ...]:
        """The messages of notes."""
        return tuple(f.message for f in self.findings if f.severity == "note")
