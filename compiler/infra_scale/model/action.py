"""The closed union of actions that a plan may hold.

Each names the cluster that it is for; None where the target names none.
"""

from typing import Literal, NamedTuple

from infra_scale.model.autoscaler import Hpa, Keda, Vpa
from infra_scale.model.resources import Resources
from infra_scale.model.target import Cluster
from infra_scale.model.workload import WorkloadRef

DETECT = "${detect}"
"""Stands for a live value that is resolved when the plan is applied."""

Autoscaler = Literal["hpa", "vpa", "keda"]
AUTOSCALER_KINDS: dict[Autoscaler, str] = {
    "hpa": "HorizontalPodAutoscaler",
    "vpa": "VerticalPodAutoscaler",
    "keda": "ScaledObject",
}
"""What kind of object each is in the cluster."""
NOUNS: dict[Autoscaler, str] = {"hpa": "HPA", "vpa": "VPA", "keda": "ScaledObject"}
"""What people call each autoscaler."""


class ScaleWorkload(NamedTuple):
    """Set the number of replicas."""

    ref: WorkloadRef
    to: int
    cluster: Cluster | None = None
    before: int | None = None
    """The replicas in the manifests without our Component; None where they do not set them."""


class ScaleJob(NamedTuple):
    """Set how many pods of a Job work at a time and whether it is stopped; of a CronJob, for future runs."""

    ref: WorkloadRef
    parallelism: int | None
    suspend: bool | None
    cluster: Cluster | None = None


class UpdateResources(NamedTuple):
    """Set requests and limits in the pod template."""

    ref: WorkloadRef
    container: str | None
    requests: Resources | None
    limits: Resources | None
    cluster: Cluster | None = None
    is_init: bool = False
    """Whether the container is among the init containers, as a sidecar is."""


class ApplyHpa(NamedTuple):
    """Create or update the HorizontalPodAutoscaler that bears the workload's name."""

    ref: WorkloadRef
    hpa: Hpa
    cluster: Cluster | None = None


class ApplyVpa(NamedTuple):
    """Create or update the VerticalPodAutoscaler that bears the workload's name."""

    ref: WorkloadRef
    vpa: Vpa
    cluster: Cluster | None = None


class ApplyKeda(NamedTuple):
    """Create or update the ScaledObject of KEDA that bears the workload's name."""

    ref: WorkloadRef
    keda: Keda
    cluster: Cluster | None = None


class RemoveAutoscaler(NamedTuple):
    """Delete the autoscaler that owned the workload before: part of a hand-over."""

    ref: WorkloadRef
    autoscaler: Autoscaler
    cluster: Cluster | None = None


Action = ScaleWorkload | ScaleJob | UpdateResources | ApplyHpa | ApplyVpa | ApplyKeda | RemoveAutoscaler
