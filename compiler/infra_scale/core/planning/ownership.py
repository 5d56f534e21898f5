"""Owner of spec.replicas before and after a plan, and the running count before it."""

from collections.abc import Iterable, Mapping

from infra_scale.model.manifest import Base
from infra_scale.model.ownership import Ownership, Setter
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload


def ownership(request: ScaleRequest, bases: Mapping[Route, Base | None]) -> tuple[Ownership, ...]:
    """Before and after, of each workload whose replicas the plan touches."""
    return tuple(_touched(request, bases))


def _touched(request: ScaleRequest, bases: Mapping[Route, Base | None]) -> Iterable[Ownership]:
    for workload in request.workloads:
        after, base = after_of(workload, request), bases.get(workload.key)
        if after == "replicas" and overwriters(workload.replicas, base):
            after = _scaler_of(base) or after
        if after != "unchanged":
            yield Ownership(workload.ref, before_of(workload, base), after, workload.cluster)


def before_of(workload: Workload, base: Base | None) -> Setter:
    """From the hand-over; else the autoscaler or the number in the manifests; else unknown."""
    stated = workload.handover.before if workload.handover else None
    if stated and stated != "vpa":
        return stated
    if scaler := _scaler_of(base):
        return scaler
    return "replicas" if sets_replicas(base) else "unknown"


def after_of(workload: Workload, request: ScaleRequest) -> Setter:
    """The request's autoscaler, if it has one: it overrides a number of replicas."""
    if request.keda_of(workload):
        return "keda"
    if request.hpa_of(workload):
        return "hpa"
    return "unchanged" if workload.replicas is None else "replicas"


def overwriters(replicas: int | None, base: Base | None) -> tuple[str, ...]:
    """The autoscalers of the manifests that would overwrite a fixed number: in Git it would conflict with them.

    An HPA ignores a workload with 0 replicas (ScalingDisabled); KEDA scales it up.
    """
    if base is None or replicas is None:
        return ()
    hpas = [f"HPA {name}" for name in base.hpas if replicas > 0]
    return (*hpas, *(f"ScaledObject {name}" for name in base.scaled_objects))


def is_scaled_by_base(base: Base | None) -> bool:
    """Whether the manifests have an autoscaler for the workload: then the number in them is not the running count."""
    return _scaler_of(base) is not None


def _scaler_of(base: Base | None) -> Setter | None:
    if base is None or not (base.hpas or base.scaled_objects):
        return None
    return "keda" if base.scaled_objects else "hpa"


def minimum_of(workload: Workload, request: ScaleRequest) -> int | None:
    """The minimum of the request's autoscaler; None if it has none."""
    autoscaler = request.keda_of(workload) or request.hpa_of(workload)
    return autoscaler.minimum if autoscaler else None


def field_leaves_git(workload: Workload, request: ScaleRequest, base: Base | None) -> bool:
    """Whether spec.replicas was in a manifest and is removed: then it can fall back to 1."""
    autoscaled = minimum_of(workload, request) is not None
    return autoscaled and (before_of(workload, base) == "replicas" or sets_replicas(base))


def sets_replicas(base: Base | None) -> bool:
    """Whether a manifest sets, or may set, spec.replicas: then a rendered patch can remove it."""
    return base is not None and (base.replicas is not None or bool(base.why_unknown("replicas")))


def running(workload: Workload, base: Base | None) -> int | None:
    """The number of running pods before the plan, from request and manifest.

    A number in a manifest only counts if no autoscaler has overridden it.
    """
    stated = workload.handover.replicas if workload.handover else None
    if stated is not None:
        return stated
    return base.replicas if base and before_of(workload, base) == "replicas" else None
