"""Rules about KEDA's ScaledObjects."""

from collections import Counter
from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Placed, Subject, merged, rule
from infra_scale.core.ruling.reservations import Wanted, lacking, listed
from infra_scale.model.autoscaler import Keda, Resource, Trigger
from infra_scale.model.position import Route
from infra_scale.model.workload import SCALABLE

_WEBHOOK = "kedacore/keda, apis/keda/v1alpha1/scaledobject_webhook.go"
_RESOURCES: dict[str, Resource] = {"cpu": "cpu", "memory": "memory"}
"""Triggers that Kubernetes measures instead of KEDA."""


@rule(
    "KEDA-001",
    "error",
    why="KEDA creates its own HPA, and refuses a workload that another HPA manages.",
    fix="keep one of the two; to move from the HPA to KEDA, write `handover: {from: hpa}` instead of `hpa`",
    source=f"{_WEBHOOK}, verifyHpas",
)
def hpa_and_keda(subject: Subject) -> Iterator[Hit]:
    """hpa and keda for one workload, or keda with a running HPA that is not handed over to KEDA."""
    if subject.hpa and subject.keda:
        yield Hit(f"{subject.workload.ref} has hpa and keda; KEDA refuses workloads that an HPA manages.", ("keda",))
    elif subject.keda:
        yield from merged(_managed(subject))


def _managed(subject: Subject) -> Iterator[Placed]:
    ref, handover = subject.workload.ref, subject.workload.handover
    is_handed_over = handover is not None and handover.before == "hpa"
    for site in subject.sites:
        hpa = site.live.hpa if site.live else None
        if hpa and not is_handed_over:
            yield (
                site,
                Hit(f"{ref} is managed by HPA {hpa.name}; KEDA refuses workloads that an HPA manages.", ("keda",)),
            )
        elif hpa and hpa.name != ref.name:
            message = f"{ref} is managed by HPA {hpa.name}; the hand-over gives KEDA an HPA named {ref.name} only."
            yield site, Hit(message, ("handover", "from"))


@rule(
    "KEDA-002",
    "error",
    why="Without pods, cpu and memory cannot be measured, so no pod would ever start: KEDA refuses it.",
    fix="set keda.min to 1 or more, or add a trigger that is active without pods",
    source=f"{_WEBHOOK}, verifyCPUMemoryScalers",
)
def nothing_to_wake_it(subject: Subject) -> Iterator[Hit]:
    """keda.min 0 with cpu and memory triggers only."""
    keda = subject.workload.keda
    if keda and keda.minimum == 0 and all(trigger.type in _RESOURCES for trigger in keda.triggers):
        yield Hit(
            f"keda.min 0 of {subject.workload.ref}: cpu and memory triggers alone cannot scale from 0.", ("keda", "min")
        )


@rule(
    "KEDA-003",
    "warning",
    why="KEDA refuses a cpu or memory trigger if a container has no request for it, and no LimitRange sets one.",
    fix="set the request (a limit alone counts as one), or name a container that has it in metadata.containerName",
    source=f"{_WEBHOOK}, verifyCPUMemoryScalers",
)
def trigger_on_nothing(subject: Subject) -> Iterator[Hit]:
    """A cpu or memory trigger and a container without that request: an error if manifest or snapshot show it."""
    keda, ref = subject.keda, subject.workload.ref
    if keda is None or ref.kind not in SCALABLE:
        return
    for index, trigger in enumerate(keda.triggers):
        if resource := _RESOURCES.get(trigger.type):
            container = dict(trigger.metadata).get("containerName")
            found = lacking(subject, Wanted(resource, container, sidecars=False))
            route: Route = ("keda", "triggers", index, "type")
            said = f"KEDA scales {ref} by {resource}"
            yield from merged(
                (site, _refused(said, resource, names, route)) for site, names in found if names is None or names
            )


def _refused(said: str, resource: Resource, names: tuple[str, ...] | None, route: Route) -> Hit:
    if names is None:
        return Hit(f"{said}; whether every container has a {resource} request is not known here.", route)
    message = f"{said} but {listed(names)} no {resource} request; KEDA refuses it."
    return Hit(message, route, severity="error")


@rule(
    "KEDA-004",
    "error",
    why="A ScaledObject acts through the scale subresource, which DaemonSets, Jobs and CronJobs do not have.",
    fix="delete `keda`",
    source="KEDA docs, Scaling Deployments, StatefulSets and Custom Resources",
)
def keda_without_scale(subject: Subject) -> Iterator[Hit]:
    """keda for a DaemonSet, Job or CronJob."""
    ref = subject.workload.ref
    if subject.workload.keda and ref.kind not in SCALABLE:
        yield Hit(f"{ref.kind} has no scale subresource; KEDA cannot target {ref}.", ("keda",))


@rule(
    "KEDA-005",
    "error",
    why="KEDA refuses a ScaledObject whose maxReplicaCount is below its minReplicaCount.",
    fix="raise keda.max or lower keda.min",
    source="kedacore/keda, apis/keda/v1alpha1/scaledobject_types.go, CheckReplicaCountBoundsAreValid",
)
def minimum_above_maximum(subject: Subject) -> Iterator[Hit]:
    """keda.min > keda.max."""
    keda = subject.workload.keda
    if keda and keda.minimum > keda.maximum:
        bounds = f"keda.max ({keda.maximum}) must be greater than or equal to keda.min ({keda.minimum})"
        yield Hit(f"{bounds} for {subject.workload.ref}", ("keda", "max"))


@rule(
    "KEDA-012",
    "error",
    why="KEDA refuses an idleReplicaCount that is not below its minReplicaCount, and the HPA supports only 0.",
    fix="set keda.idle to 0, and keda.min to 1 or more",
    source="kedacore/keda, apis/keda/v1alpha1/scaledobject_types.go, CheckReplicaCountBoundsAreValid",
)
def idle_not_below_minimum(subject: Subject) -> Iterator[Hit]:
    """keda.idle >= keda.min; a warning for another number than 0 below it."""
    keda, ref = subject.workload.keda, subject.workload.ref
    if keda is None:
        return
    if keda.idle is not None and keda.idle >= keda.minimum:
        yield Hit(f"keda.idle ({keda.idle}) must be less than keda.min ({keda.minimum}) for {ref}", ("keda", "idle"))
    elif keda.idle:
        message = f"keda.idle ({keda.idle}) of {ref} is not 0, the only number that KEDA's documentation supports"
        yield Hit(message, ("keda", "idle"), severity="warning")


@rule(
    "KEDA-006",
    "error",
    why="A fallback replaces an average that KEDA reads itself; Kubernetes reads cpu and memory.",
    fix="delete `fallback`, or add a trigger whose metricType is AverageValue (the default)",
    source="kedacore/keda, apis/keda/v1alpha1/scaledobject_types.go, CheckFallbackValid",
)
def fallback_for_nothing(subject: Subject) -> Iterator[Hit]:
    """keda.fallback without a trigger, other than cpu and memory, of metricType AverageValue."""
    keda = subject.workload.keda
    if keda and keda.fallback and not any(map(_can_fall_back, keda.triggers)):
        message = f"keda.fallback of {subject.workload.ref} has no trigger to replace"
        yield Hit(message, ("keda", "fallback"))


def _can_fall_back(trigger: Trigger) -> bool:
    return trigger.type not in _RESOURCES and trigger.metric_type in (None, "AverageValue")


@rule(
    "KEDA-007",
    "error",
    why="The ScaledObject has its workload's name, which is used in a label and, after keda-hpa-, in an HPA's name.",
    fix="give the workload a shorter name: at most 54 characters",
    source=f"{_WEBHOOK}, verifyName",
)
def name_too_long(subject: Subject) -> Iterator[Hit]:
    """keda for a workload whose name is longer than 63 characters; a warning from 55, which only newer KEDA refuses."""
    workload = subject.workload
    length = len(workload.ref.name)
    if workload.keda and length > _LABEL:
        yield Hit(f"the name of {workload.ref} has {length} characters; KEDA takes at most {_LABEL}", ("name",))
    elif workload.keda and length + len(_PREFIX) > _LABEL:
        message = f"the HPA {_PREFIX}{workload.ref.name} of KEDA has {length + len(_PREFIX)} characters"
        yield Hit(f"{message}; newer versions take at most {_LABEL}", ("name",), severity="warning")


_LABEL = 63
_PREFIX = "keda-hpa-"


@rule(
    "KEDA-008",
    "note",
    why="A request with autoscaling none applies no ScaledObject; omitting it silently would hide that.",
    fix="delete `keda`, or set `autoscaling: hpa`",
    source="infra.scale, as for an HPA",
)
def keda_ignored(subject: Subject) -> Iterator[Hit]:
    """A keda block while autoscaling is none."""
    if subject.workload.keda and subject.keda is None:
        yield Hit(f"keda for {subject.workload.ref} ignored: autoscaling is none.", ("keda",))


@rule(
    "KEDA-009",
    "note",
    why="KEDA's HPA sets the replicas to a number within its bounds at its next sync, so another number will run.",
    fix="request replicas between keda.min and keda.max, or omit `replicas`",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler",
)
def replicas_outside(subject: Subject) -> Iterator[Hit]:
    """Requested replicas < keda.min or > keda.max."""
    keda, replicas = subject.keda, subject.workload.replicas
    if keda is None or replicas is None or keda.minimum > keda.maximum:
        return
    held = min(max(replicas, keda.minimum), keda.maximum)
    if held != replicas:
        bound = f"{'<' if replicas < held else '>'} KEDA {'min' if replicas < held else 'max'} ({held})"
        message = f"Requested replicas ({replicas}) {bound} for {subject.workload.ref}; KEDA will set {held}."
        yield Hit(message, ("replicas",))


@rule(
    "KEDA-010",
    "error",
    why="KEDA refuses a ScaledObject with two triggers of the same name.",
    fix="rename one of them",
    source="kedacore/keda, apis/keda/v1alpha1/scaletriggers_types.go, ValidateTriggers",
)
def trigger_named_twice(subject: Subject) -> Iterator[Hit]:
    """Two keda.triggers with the same name."""
    keda = subject.workload.keda
    names = Counter(trigger.name for trigger in keda.triggers if trigger.name) if keda else Counter[str]()
    for name in (name for name, count in names.items() if count > 1):
        yield Hit(f"several triggers of {subject.workload.ref} are named {name}", _last(keda, name))


def _last(keda: Keda | None, name: str) -> tuple[str | int, ...]:
    """The index of the last trigger with this name."""
    found = [index for index, trigger in enumerate(keda.triggers) if trigger.name == name] if keda else []
    return ("keda", "triggers", found[-1], "name") if found else ("keda",)


@rule(
    "KEDA-011",
    "error",
    why="Only cpu and memory have a utilization, and they support only utilization and average.",
    fix="for cpu and memory write Utilization or AverageValue; for others AverageValue or Value",
    source="kedacore/keda, pkg/scalers/scaler.go, GetMetricTargetType; pkg/scalers/cpu_memory_scaler.go",
)
def metric_type_not_taken(subject: Subject) -> Iterator[Hit]:
    """metricType Utilization for a trigger other than cpu and memory, or Value or none for these."""
    keda = subject.workload.keda
    for index, trigger in enumerate(keda.triggers if keda else ()):
        found = trigger.metric_type
        if trigger.type in _RESOURCES:
            taken = found in ("Utilization", "AverageValue") or (found is None and "type" in dict(trigger.metadata))
        else:
            taken = found != "Utilization"
        if not taken:
            message = f"the {trigger.type} trigger of {subject.workload.ref} takes no metricType {found}"
            missing = f"the {trigger.type} trigger of {subject.workload.ref} has no metricType"
            yield Hit(message if found else missing, ("keda", "triggers", index, "metricType"))
