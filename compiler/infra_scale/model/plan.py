"""ScalePlan: the ordered actions and everything that a reviewer must know about them."""

from typing import NamedTuple

from infra_scale.model.action import Action
from infra_scale.model.finding import Finding
from infra_scale.model.names import object_name, plan_folder
from infra_scale.model.ownership import Consequence, Ownership, Transfer
from infra_scale.model.request import Autoscaling, ScaleRequest

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
    """When the request was first written, where it states that: RFC 3339, UTC, milliseconds."""


def metadata_of(request: ScaleRequest) -> PlanMetadata:
    """The metadata of the plan of a request."""
    path = request.path if request.id else ""
    return PlanMetadata(
        request.target, request.id, path, request.owner, request.reason, request.ticket, request.created_at
    )


class ScalePlan(NamedTuple):
    """What one request compiles to, given its target and the manifests: nothing else decides about it."""

    metadata: PlanMetadata
    namespace: str
    """That of workloads which name none."""
    autoscaling: Autoscaling
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
    """Warnings and notes, in the order of the request's workloads, without their places in it."""
    ownership: tuple[Ownership, ...] = ()
    """Who sets the replicas before and after, of each workload whose replicas the plan touches."""
    transfers: tuple[Transfer, ...] = ()
    """The steps of each hand-over that the request asks for, cluster by cluster."""

    @property
    def name(self) -> str:
        """The request's id as a Kubernetes object name; the target's name for a request that was given as flags."""
        return object_name(self.metadata.request) if self.metadata.request else self.metadata.target

    @property
    def folder(self) -> str:
        """Where its files belong, from the root of the repository."""
        return plan_folder(self.metadata.target, self.metadata.request)

    @property
    def risks(self) -> tuple[str, ...]:
        """The messages of warnings."""
        return tuple(f.message for f in self.findings if f.severity == "warning")

    @property
    def notes(self) -> tuple[str, ...]:
        """The messages of notes."""
        return tuple(f.message for f in self.findings if f.severity == "note")
