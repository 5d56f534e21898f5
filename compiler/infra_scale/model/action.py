"""The closed union of actions that a plan may hold.

Each has the context of its cluster; None if the target has no clusters.
"""

from typing import Literal, NamedTuple

from infra_scale.model.autoscaler import Hpa, Keda, Vpa
from infra_scale.model.quantity import Resources
from infra_scale.model.tagged import tagged
from infra_scale.model.workload import Cluster, WorkloadRef

DETECT = "${detect}"
"""Placeholder for a live value that is resolved when the plan is applied."""

Autoscaler = Literal["hpa", "vpa", "keda"]
AutoscalerKind = Literal["HorizontalPodAutoscaler", "VerticalPodAutoscaler", "ScaledObject"]
AUTOSCALER_KINDS: dict[Autoscaler, AutoscalerKind] = {
    "hpa": "HorizontalPodAutoscaler",
    "vpa": "VerticalPodAutoscaler",
    "keda": "ScaledObject",
}
"""The Kubernetes kind of each autoscaler."""
NOUNS: dict[Autoscaler, str] = {"hpa": "HPA", "vpa": "VPA", "keda": "ScaledObject"}
"""The short name of each autoscaler."""


@tagged
class ScaleWorkload(NamedTuple):
    """Set the number of replicas."""

    ref: WorkloadRef
    to: int
    cluster: Cluster | None = None
    before: int | None = None
    """The replicas in the manifests without our Component; None if they do not set any."""


@tagged
class ScaleJob(NamedTuple):
    """Set parallelism and suspend of a Job, or of the future runs of a CronJob."""

    ref: WorkloadRef
    parallelism: int | None
    suspend: bool | None
    cluster: Cluster | None = None


@tagged
class UpdateResources(NamedTuple):
    """Set requests and limits in the pod template."""

    ref: WorkloadRef
    container: str | None
    requests: Resources | None
    limits: Resources | None
    cluster: Cluster | None = None
    is_init: bool = False
    """Whether the container is among the init containers, as a sidecar is."""


@tagged
class ApplyHpa(NamedTuple):
    """Create or update the HorizontalPodAutoscaler with the workload's name."""

    ref: WorkloadRef
    hpa: Hpa
    cluster: Cluster | None = None


@tagged
class ApplyVpa(NamedTuple):
    """Create or update the VerticalPodAutoscaler with the workload's name."""

    ref: WorkloadRef
    vpa: Vpa
    cluster: Cluster | None = None


@tagged
class ApplyKeda(NamedTuple):
    """Create or update the KEDA ScaledObject with the workload's name."""

    ref: WorkloadRef
    keda: Keda
    cluster: Cluster | None = None


@tagged
class RemoveAutoscaler(NamedTuple):
    """Delete the previous owner of the workload: part of a hand-over."""

    ref: WorkloadRef
    autoscaler: Autoscaler
    cluster: Cluster | None = None


Action = ScaleWorkload | ScaleJob | UpdateResources | ApplyHpa | ApplyVpa | ApplyKeda | RemoveAutoscaler


def autoscaler_of(action: Action) -> Autoscaler | None:
    """The autoscaler that an action is about; None for one on the workload itself."""
    return action.autoscaler if isinstance(action, RemoveAutoscaler) else APPLIED.get(type(action))


APPLIED: dict[type, Autoscaler] = {ApplyHpa: "hpa", ApplyVpa: "vpa", ApplyKeda: "keda"}
"""The autoscaler that an action applies, by its class."""
