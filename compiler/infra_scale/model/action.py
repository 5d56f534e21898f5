"""The closed union of actions that a plan may hold."""

from typing import NamedTuple

from infra_scale.model.request import Hpa, Resources
from infra_scale.model.workload import WorkloadRef

DETECT = "${detect}"
"""Stands for a live value that is resolved when the plan is applied."""


class ScaleWorkload(NamedTuple):
    """Set the number of replicas."""

    ref: WorkloadRef
    to: int


class ScaleJob(NamedTuple):
    """Set how many pods of a Job work at a time and whether it is stopped; of a CronJob, for future runs."""

    ref: WorkloadRef
    parallelism: int | None
    suspend: bool | None


class UpdateResources(NamedTuple):
    """Set requests and limits in the pod template."""

    ref: WorkloadRef
    container: str | None
    requests: Resources | None
    limits: Resources | None


class ApplyHpa(NamedTuple):
    """Create or update the HorizontalPodAutoscaler that bears the workload's name."""

    ref: WorkloadRef
    hpa: Hpa


Action = ScaleWorkload | ScaleJob | UpdateResources | ApplyHpa
