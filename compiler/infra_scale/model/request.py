"""ScaleRequest and its parts."""

from typing import Literal, NamedTuple, get_args

from infra_scale.model.autoscaler import Hpa, Keda, Vpa
from infra_scale.model.finding import Waiver
from infra_scale.model.position import Route
from infra_scale.model.quantity import Resources
from infra_scale.model.workload import WorkloadRef

Autoscaling = Literal["hpa", "none"]


Owner = Literal["replicas", "hpa", "keda", "vpa"]
"""Who can set spec.replicas (or, for vpa, the requests of the pods)."""
OWNERS: dict[str, Owner] = {owner: owner for owner in get_args(Owner)}


class Handover(NamedTuple):
    """A workload that changes its owner."""

    before: Owner
    replicas: int | None
    """The number of running pods before it, if the request states it."""


class Workload(NamedTuple):
    """The requested settings of one workload; None: not set."""

    ref: WorkloadRef
    route: Route
    """Its route in the request, for findings."""
    replicas: int | None
    parallelism: int | None
    """Of a Job or CronJob: the parallelism."""
    suspend: bool | None
    """Of a Job or CronJob: whether it is suspended."""
    container: str | None
    requests: Resources | None
    limits: Resources | None
    hpa: Hpa | None
    vpa: Vpa | None = None
    keda: Keda | None = None
    cluster: str | None = None
    """The selected cluster; None: all of the target."""
    handover: Handover | None = None
    allow: tuple[Waiver, ...] = ()
    is_variant: bool = False
    """Whether it is one of several of a requested workload, because the manifests of its clusters differ."""

    @property
    def key(self) -> Route:
        """The route, different for each variant."""
        return (*self.route, self.cluster or "") if self.is_variant else self.route


class ScaleRequest(NamedTuple):
    """One request, read and checked."""

    path: str
    """The request file; a placeholder in findings for a request given as flags."""
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
    """Its creation time, if it has one: RFC 3339, UTC, milliseconds."""

    def hpa_of(self, workload: Workload) -> Hpa | None:
        """The HPA of a workload; None if not requested, or if autoscaling is none."""
        return workload.hpa if self.autoscaling == "hpa" else None

    def keda_of(self, workload: Workload) -> Keda | None:
        """The ScaledObject of a workload; None if not requested, or if autoscaling is none."""
        return workload.keda if self.autoscaling == "hpa" else None
