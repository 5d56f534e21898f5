"""Rules about VerticalPodAutoscalers."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.core.rules.reservations import amount
from infra_scale.model.autoscaler import Resource
from infra_scale.model.resources import Resources
from infra_scale.model.workload import BATCH

_LIMITATIONS = "kubernetes/autoscaler, vertical-pod-autoscaler/docs/known-limitations.md"
_API = "kubernetes/autoscaler, vertical-pod-autoscaler/docs/api.md"
_BOTH: tuple[Resource, ...] = ("cpu", "memory")
_EVICTING = ("Recreate", "InPlaceOrRecreate", "Auto")


@rule(
    "VPA-001",
    "error",
    why="One adds pods where much of the request is used, the other raises the request: each misleads the other.",
    fix='set vpa.mode to "Off", or give vpa.controlledResources only the other resource',
    source=_LIMITATIONS,
)
def two_on_one_resource(subject: Subject) -> Iterator[Hit]:
    """A VPA that is not Off, and an HPA or KEDA trigger, on the same of cpu and memory."""
    vpa = subject.workload.vpa
    if vpa is None or vpa.mode == "Off":
        return
    for resource in _BOTH:
        other = _scaler_on(subject, resource)
        if other and resource in vpa.controlled:
            message = f"VPA and {other} both act on {resource} for {subject.workload.ref}"
            yield Hit(message, ("vpa", "controlledResources"))


def _scaler_on(subject: Subject, resource: Resource) -> str:
    """What scales the pods by a resource; empty where nothing does."""
    hpa, keda = subject.hpa, subject.keda
    if hpa and (hpa.target_cpu if resource == "cpu" else hpa.target_memory) is not None:
        return "HPA"
    return "KEDA" if keda and any(trigger.type == resource for trigger in keda.triggers) else ""


@rule(
    "VPA-002",
    "warning",
    why="Auto is deprecated. It does what Recreate does, and may one day do something else.",
    fix="write Recreate or InPlaceOrRecreate",
    source=_API,
)
def automatic(subject: Subject) -> Iterator[Hit]:
    """vpa.mode Auto."""
    if subject.workload.vpa and subject.workload.vpa.mode == "Auto":
        yield Hit(f"VPA mode Auto of {subject.workload.ref} is deprecated.", ("vpa", "mode"))


@rule(
    "VPA-003",
    "warning",
    why="A VPA that is not Off sets the requests of every new pod to what it recommends.",
    fix='leave the request to the VPA within vpa.min and vpa.max, or set vpa.mode to "Off"',
    source=_API,
)
def overwritten(subject: Subject) -> Iterator[Hit]:
    """Requests for a resource that a VPA which is not Off controls."""
    workload, vpa = subject.workload, subject.workload.vpa
    if vpa is None or vpa.mode == "Off":
        return
    both = [resource for resource in _BOTH if resource in vpa.controlled and amount(workload.requests, resource)]
    if both:
        noun = "request" if len(both) == 1 else "requests"
        yield Hit(f"VPA will overwrite the {' and '.join(both)} {noun} of {workload.ref}.", ("requests",))


@rule(
    "VPA-005",
    "error",
    why="A VerticalPodAutoscaler is refused whose maxAllowed is below its minAllowed.",
    fix="raise vpa.max or lower vpa.min",
    source="kubernetes/autoscaler, vertical-pod-autoscaler/pkg/admission-controller/resource/vpa/handler.go",
)
def minimum_above_maximum(subject: Subject) -> Iterator[Hit]:
    """vpa.min > vpa.max, of cpu or of memory."""
    vpa = subject.workload.vpa
    if vpa is None:
        return
    for resource in _BOTH:
        low, high = amount(vpa.minimum, resource), amount(vpa.maximum, resource)
        if low is not None and high is not None and low > high:
            message = f"vpa.min {resource} {low} exceeds vpa.max {high} for {subject.workload.ref}"
            yield Hit(message, ("vpa", "min", _key(vpa.minimum, resource)))


@rule(
    "VPA-006",
    "warning",
    why="The VPA's updater evicts pods to resize them. A Job starts an evicted pod again, from its beginning.",
    fix="set vpa.mode to Initial, which sizes new pods only",
    source=_API,
)
def job_interrupted(subject: Subject) -> Iterator[Hit]:
    """A VPA that evicts (Recreate, InPlaceOrRecreate, Auto) for a Job or CronJob."""
    workload, vpa = subject.workload, subject.workload.vpa
    if vpa and vpa.mode in _EVICTING and workload.ref.kind in BATCH:
        yield Hit(f"VPA mode {vpa.mode} evicts pods of {workload.ref} in the middle of their work.", ("vpa", "mode"))


@rule(
    "VPA-007",
    "warning",
    why="A bound on a resource that the VPA does not set has no effect.",
    fix="delete the bound, or add the resource to vpa.controlledResources",
    source=_API,
)
def bound_on_nothing(subject: Subject) -> Iterator[Hit]:
    """vpa.min or vpa.max of a resource that is not among vpa.controlledResources."""
    vpa = subject.workload.vpa
    if vpa is None:
        return
    for bound, resources in (("min", vpa.minimum), ("max", vpa.maximum)):
        for resource in _BOTH:
            if resource not in vpa.controlled and amount(resources, resource) is not None:
                message = (
                    f"vpa.{bound} {resource} of {subject.workload.ref} has no effect: the VPA does not control it."
                )
                yield Hit(message, ("vpa", bound, _key(resources, resource)))


def _key(resources: Resources | None, resource: Resource) -> str:
    return "cpu" if resource == "cpu" or resources is None else resources.memory_key
