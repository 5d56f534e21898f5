"""ScaleRequest and its parts: what a team asked for."""

from typing import Literal, NamedTuple

from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity
from infra_scale.model.workload import WorkloadRef

Autoscaling = Literal["hpa", "none"]


class Resources(NamedTuple):
    """Requests or limits of one container; None where nothing was said."""

    cpu: Quantity | None
    """Cores."""
    memory: Quantity | None
    """Bytes."""
    memory_key: str = "mem"
    """How the request spells it (`mem` or `memory`), so that a rule can point at it."""


class Hpa(NamedTuple):
    """A HorizontalPodAutoscaler on CPU utilization."""

    minimum: int
    maximum: int
    target_cpu: int
    """Percent of the CPU request, averaged over the pods."""


class Workload(NamedTuple):
    """What is asked for one workload; None where nothing was said."""

    ref: WorkloadRef
    route: Route
    """Where it stands in the request, so that a rule can point into it."""
    replicas: int | None
    parallelism: int | None
    """Of a Job or CronJob: how many pods work at a time."""
    suspend: bool | None
    """Of a Job or CronJob: whether it is stopped."""
    container: str | None
    requests: Resources | None
    limits: Resources | None
    hpa: Hpa | None


class ScaleRequest(NamedTuple):
    """One request, read and checked."""

    path: str
    """The request file; what stands for it in findings where the request was given as flags."""
    id: str
    """Path below requests/ without its suffix; empty for a request that was given as flags."""
    target: str
    namespace: str
    autoscaling: Autoscaling
    owner: str | None
    reason: str | None
    ticket: str | None
    workloads: tuple[Workload, ...]
