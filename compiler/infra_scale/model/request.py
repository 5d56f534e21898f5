"""ScaleRequest and its parts: what a team asked for."""

from typing import Literal, NamedTuple, get_args

from infra_scale.model.autoscaler import Hpa, Keda, Vpa
from infra_scale.model.position import Route
from infra_scale.model.resources import Resources
from infra_scale.model.waiver import Waiver
from infra_scale.model.workload import WorkloadRef

Autoscaling = Literal["hpa", "none"]


Owner = Literal["replicas", "hpa", "keda", "vpa"]
"""Who can set spec.replicas (or, for vpa, the requests of the pods)."""
OWNERS: dict[str, Owner] = {owner: owner for owner in get_args(Owner)}


class Handover(NamedTuple):
    """A workload that changes its owner."""

    before: Owner
    replicas: int | None
    """How many pods run before it, where the request says so."""


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
    vpa: Vpa | None = None
    keda: Keda | None = None
    cluster: str | None = None
    """The only cluster of the target that is meant; None: all of them."""
    handover: Handover | None = None
    allow: tuple[Waiver, ...] = ()


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
    created_at: str | None = None
    """When it was first written, where it states that: RFC 3339, UTC, milliseconds."""

    def hpa_of(self, workload: Workload) -> Hpa | None:
        """The HPA that a workload gets; None where none was asked for, or autoscaling is none."""
        return workload.hpa if self.autoscaling == "hpa" else None

    def keda_of(self, workload: Workload) -> Keda | None:
        """The ScaledObject that a workload gets; None where none was asked for, or autoscaling is none."""
        return workload.keda if self.autoscaling == "hpa" else None
