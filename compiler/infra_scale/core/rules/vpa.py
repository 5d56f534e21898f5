"""Rules about VerticalPodAutoscalers."""

from collections.abc import Iterator, Sequence

from infra_scale.core.planning.actions import removed
from infra_scale.core.ruling.catalogue import Hit, Placed, Subject, merged, rule
from infra_scale.core.ruling.reservations import amount
from infra_scale.core.ruling.rollout_delta import block
from infra_scale.model.autoscaler import Resource
from infra_scale.model.capacity import Seen, Site
from infra_scale.model.pod import Scheduling
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.units import amount_text
from infra_scale.model.workload import BATCH

_LIMITATIONS = "kubernetes/autoscaler, vertical-pod-autoscaler/docs/known-limitations.md"
_API = "kubernetes/autoscaler, vertical-pod-autoscaler/docs/api.md"
_BOTH: tuple[Resource, ...] = ("cpu", "memory")
_EVICTING = ("Recreate", "InPlaceOrRecreate", "Auto")


@rule(
    "VPA-001",
    "error",
    why="One adds pods if most of the request is used, the other raises the request: they interfere with each other.",
    fix='set vpa.mode to "Off", or give vpa.controlledResources only the other resource',
    source=_LIMITATIONS,
)
def two_on_one_resource(subject: Subject) -> Iterator[Hit]:
    """A VPA that is not Off, and an HPA or KEDA trigger on the same resource; one of them may already run."""
    yield from merged(_competing(subject))


def _competing(subject: Subject) -> Iterator[Placed]:
    """Conflicts within the request, and with the running objects."""
    controls, own = _controls(subject), ("vpa", "controlledResources")
    for resource in controls:
        if other := _scaler_on(subject, resource):
            yield None, _both(subject, other, resource, own)
    for site in subject.sites:
        for resource in _running_controls(subject, site):
            if other := _scaler_on(subject, resource):
                yield site, _both(subject, other, resource, (block(subject),))
        if "cpu" in controls and _running_hpa_on_cpu(subject, site):
            yield site, _both(subject, "HPA", "cpu", own)


def _both(subject: Subject, other: str, resource: Resource, route: Route) -> Hit:
    return Hit(f"VPA and {other} both act on {resource} for {subject.workload.ref}", route)


def _controls(subject: Subject) -> tuple[Resource, ...]:
    """The resources that the requested VPA sets."""
    vpa = subject.workload.vpa
    return vpa.controlled if vpa and vpa.mode != "Off" else ()


def _running_controls(subject: Subject, site: Site) -> tuple[Resource, ...]:
    """The resources that a running VPA (not Off) sets, unless the request removes or replaces it."""
    vpa, workload = site.live.vpa if site.live else None, subject.workload
    if vpa is None or vpa.mode == "Off" or removed(workload, subject.request) == "vpa":
        return ()
    return () if workload.vpa and vpa.name == workload.ref.name else vpa.controlled


def _running_hpa_on_cpu(subject: Subject, site: Site) -> bool:
    """Whether an HPA on CPU runs there that the request neither removes nor replaces."""
    hpa = site.live.hpa if site.live else None
    stays = not subject.is_autoscaled and removed(subject.workload, subject.request) != "hpa"
    return hpa is not None and hpa.target_cpu is not None and stays


def _scaler_on(subject: Subject, resource: Resource) -> str:
    """The autoscaler of the pods by a resource; empty if there is none."""
    hpa, keda = subject.hpa, subject.keda
    if hpa and (hpa.target_cpu if resource == "cpu" else hpa.target_memory) is not None:
        return "HPA"
    return "KEDA" if keda and any(trigger.type == resource for trigger in keda.triggers) else ""


@rule(
    "VPA-002",
    "warning",
    why="Auto is deprecated. It is an alias of Recreate, and may change in the future.",
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
    why="A VPA that is not Off sets the requests of every new pod to its recommendation.",
    fix='leave the request to the VPA within vpa.min and vpa.max, or set vpa.mode to "Off"',
    source=_API,
)
def overwritten(subject: Subject) -> Iterator[Hit]:
    """Requests for a resource that a VPA (not Off) controls, either the requested or a running one."""
    several = [(None, _controls(subject)), *((site, _running_controls(subject, site)) for site in subject.sites)]
    yield from merged((site, hit) for site, controls in several for hit in _set_again(subject, controls))


def _set_again(subject: Subject, controlled: Sequence[Resource]) -> Iterator[Hit]:
    workload = subject.workload
    both = [resource for resource in _BOTH if resource in controlled and amount(workload.requests, resource)]
    if both:
        noun = "request" if len(both) == 1 else "requests"
        yield Hit(f"VPA will overwrite the {' and '.join(both)} {noun} of {workload.ref}.", ("requests",))


@rule(
    "VPA-004",
    "warning",
    why="A VPA recommends by usage and ignores nodes and quotas: the pod may stay Pending.",
    fix="lower vpa.max below the largest node and the quota",
    source=_LIMITATIONS,
)
def maximum_out_of_reach(subject: Subject) -> Iterator[Hit]:
    """vpa.max above the capacity of the largest node, or above a ResourceQuota of the namespace."""
    vpa = subject.workload.vpa
    if vpa and vpa.maximum and vpa.mode != "Off":
        yield from merged(_out_of_reach(subject, vpa.maximum))


def _out_of_reach(subject: Subject, maximum: Resources) -> Iterator[Placed]:
    for site in subject.sites:
        for resource in _BOTH:
            most = amount(maximum, resource)
            route = ("vpa", "max", _key(maximum, resource))
            for holder in _smaller(subject, site, resource, most) if most else ():
                high = amount_text(resource, most) if most else ""
                yield site, Hit(f"vpa.max {resource} {high} of {subject.workload.ref} is more than {holder}", route)


def _smaller(subject: Subject, site: Site, resource: Resource, most: Quantity) -> Iterator[str]:
    """The node or quota that is too small for the amount."""
    from infra_scale.core.capacity.packing.node_capacity import exceeds_every_node  # noqa: PLC0415 (only beside a snapshot)
    from infra_scale.core.capacity.quota import charge  # noqa: PLC0415 (only beside a snapshot)

    if not isinstance(site.seen, Seen):
        return
    snapshot, live, load = site.seen.snapshot, site.seen.live, site.seen.capacity.load
    scheduling = live.pod.scheduling if live else Scheduling()
    if exceeds_every_node(snapshot, scheduling, resource, most):
        yield "any node has"
    for quota in snapshot.namespace(subject.workload.ref.namespace).quotas:
        bounds = [hard for name, hard in quota.hard if name in (resource, f"requests.{resource}")]
        if load and charge(quota, load.pod) and any(hard < most for hard in bounds):
            yield f"ResourceQuota {quota.name} admits in all"


@rule(
    "VPA-005",
    "error",
    why="A VerticalPodAutoscaler with maxAllowed below minAllowed is refused.",
    fix="raise vpa.max or lower vpa.min",
    source="kubernetes/autoscaler, vertical-pod-autoscaler/pkg/admission-controller/resource/vpa/handler.go",
)
def minimum_above_maximum(subject: Subject) -> Iterator[Hit]:
    """vpa.min > vpa.max, for cpu or memory."""
    vpa = subject.workload.vpa
    if vpa is None:
        return
    for resource in _BOTH:
        low, high = amount(vpa.minimum, resource), amount(vpa.maximum, resource)
        if low is not None and high is not None and low > high:
            bounds = f"{amount_text(resource, low)} exceeds vpa.max {amount_text(resource, high)}"
            message = f"vpa.min {resource} {bounds} for {subject.workload.ref}"
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
        yield Hit(f"VPA mode {vpa.mode} evicts pods of {workload.ref} during their work.", ("vpa", "mode"))


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
