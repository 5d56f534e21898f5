"""Who sets spec.replicas before a plan and after it, and how many pods run until then."""

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
        after = after_of(workload, request)
        if after != "unchanged":
            yield Ownership(workload.ref, before_of(workload, bases.get(workload.route)), after, workload.cluster)


def before_of(workload: Workload, base: Base | None) -> Setter:
    """What the hand-over says; else `replicas` where the base manifest sets them; else nobody knows."""
    stated = workload.handover.before if workload.handover else None
    if stated and stated != "vpa":
        return stated
    return "replicas" if sets_replicas(base) else "unknown"


def after_of(workload: Workload, request: ScaleRequest) -> Setter:
    """An autoscaler, where the request has one: it overrules a number beside it."""
    if request.keda_of(workload):
        return "keda"
    if request.hpa_of(workload):
        return "hpa"
    return "unchanged" if workload.replicas is None else "replicas"


def minimum_of(workload: Workload, request: ScaleRequest) -> int | None:
    """The fewest pods that the autoscaler of the request may leave; None where it has none."""
    autoscaler = request.keda_of(workload) or request.hpa_of(workload)
    return autoscaler.minimum if autoscaler else None


def field_leaves_git(workload: Workload, request: ScaleRequest, base: Base | None) -> bool:
    """Whether spec.replicas stood in a manifest and goes: the moment at which it can fall back to 1."""
    autoscaled = minimum_of(workload, request) is not None
    return autoscaled and (before_of(workload, base) == "replicas" or sets_replicas(base))


def sets_replicas(base: Base | None) -> bool:
    """Whether a manifest is known to set spec.replicas: where it is, a rendered patch can take them out."""
    return base is not None and base.replicas is not None


def running(workload: Workload, base: Base | None) -> int | None:
    """How many pods run before the plan, as far as request and manifest say it.

    A number in a manifest says it only where no autoscaler has overruled it.
    """
    stated = workload.handover.replicas if workload.handover else None
    if stated is not None:
        return stated
    return base.replicas if base and before_of(workload, base) == "replicas" else None
