"""Rules about HorizontalPodAutoscalers: their bounds, and how far they may grow."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.model.autoscaler import Hpa
from infra_scale.model.capacity import Seen, Site
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import SCALABLE


@rule(
    "HPA-001",
    "note",
    why="The HPA sets the replicas to its maximum at its next sync, before it reads any metric.",
    fix="raise hpa.max, or request fewer replicas",
    source="the original infra.scale, Risk Detection; kubernetes/pkg/controller/podautoscaler/horizontal.go",
)
def replicas_above_maximum(subject: Subject) -> Iterator[Hit]:
    """Requested replicas > hpa.max."""
    workload, hpa = subject.workload, _in_order(subject)
    if hpa is None or workload.replicas is None:
        return
    replicas, maximum = workload.replicas, hpa.maximum
    if replicas > maximum:
        message = f"Requested replicas ({replicas}) > HPA max ({maximum}) for {workload.ref}; HPA will cap."
        yield Hit(message, ("replicas",))


@rule(
    "HPA-002",
    "warning",
    why="The HPA raises the replicas to its minimum at its next sync, so the requested count will not run.",
    fix="request at least hpa.min replicas, or lower hpa.min",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler",
)
def replicas_below_minimum(subject: Subject) -> Iterator[Hit]:
    """0 < requested replicas < hpa.min."""
    workload, hpa = subject.workload, _in_order(subject)
    if hpa is None or not workload.replicas:
        return
    replicas, minimum = workload.replicas, hpa.minimum
    if replicas < minimum:
        message = (
            f"Requested replicas ({replicas}) < HPA min ({minimum}) for {workload.ref}; HPA will raise to {minimum}."
        )
        yield Hit(message, ("replicas",))


def _in_order(subject: Subject) -> Hpa | None:
    """The HPA that will be applied, unless the API server refuses its bounds: then it has no effect."""
    hpa = subject.hpa
    return hpa if hpa and hpa.minimum <= hpa.maximum else None


@rule(
    "HPA-004",
    "warning",
    why="An HPA with equal bounds can neither add nor remove pods, but still sets the replicas.",
    fix="raise hpa.max, or set replicas and `autoscaling: none`",
    source="Polaris, hpaMaxAvailability",
)
def equal_bounds(subject: Subject) -> Iterator[Hit]:
    """hpa.min == hpa.max."""
    hpa, ref = subject.hpa, subject.workload.ref
    if hpa and hpa.minimum == hpa.maximum:
        yield Hit(f"HPA min == max ({hpa.maximum}) for {ref}; autoscaling has no effect.", ("hpa", "max"))


@rule(
    "HPA-013",
    "note",
    why="At low load one pod is left, and a node drain or a pod restart is an outage.",
    fix="set hpa.min to 2 or more if that matters",
    source="kube-score, horizontalpodautoscaler-replicas; Polaris, hpaMinAvailability",
)
def minimum_of_one(subject: Subject) -> Iterator[Hit]:
    """hpa.min == 1."""
    hpa = subject.hpa
    if hpa and hpa.minimum == 1:
        yield Hit(f"HPA min 1 for {subject.workload.ref}; no redundancy at low load.", ("hpa", "min"))


@rule(
    "HPA-003",
    "error",
    why="The API server refuses a HorizontalPodAutoscaler whose maxReplicas is below its minReplicas.",
    fix="raise hpa.max or lower hpa.min",
    source="kubernetes/pkg/apis/autoscaling/validation/validation.go",
)
def minimum_above_maximum(subject: Subject) -> Iterator[Hit]:
    """hpa.min > hpa.max."""
    workload = subject.workload
    if workload.hpa and workload.hpa.minimum > workload.hpa.maximum:
        low, high = workload.hpa.minimum, workload.hpa.maximum
        yield Hit(
            f"hpa.max ({high}) must be greater than or equal to hpa.min ({low}) for {workload.ref}", ("hpa", "max")
        )


@rule(
    "HPA-008",
    "error",
    why="An HPA acts through the scale subresource, which DaemonSets, Jobs and CronJobs do not have.",
    fix="delete `hpa`; a VerticalPodAutoscaler can size the pods",
    source="Kubernetes docs, Horizontal Pod Autoscaling: objects that can't be scaled",
)
def hpa_without_scale(subject: Subject) -> Iterator[Hit]:
    """An HPA that targets a DaemonSet, Job or CronJob."""
    workload = subject.workload
    kind = workload.ref.kind
    if workload.hpa and kind not in SCALABLE:
        yield Hit(f"{kind} has no scale subresource; HPA cannot target {workload.ref}.", ("hpa",))


@rule(
    "HPA-009",
    "error",
    why="minReplicas 0 needs the feature gate HPAScaleToZero and an Object or External metric; CPU is neither.",
    fix="set hpa.min to 1 or more",
    source="kubernetes/pkg/apis/autoscaling/validation/validation.go; KEP-2021",
)
def minimum_of_zero(subject: Subject) -> Iterator[Hit]:
    """hpa.min == 0."""
    workload = subject.workload
    if workload.hpa and workload.hpa.minimum == 0:
        yield Hit(f"hpa.min 0 is refused for a CPU metric on {workload.ref}", ("hpa", "min"))


@rule(
    "HPA-010",
    "error",
    why="An HPA whose workload has 0 replicas is inactive (ScalingDisabled) until the workload is scaled up manually.",
    fix="request at least hpa.min replicas, or set `autoscaling: none` to stop the workload",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go",
)
def zero_replicas_under_hpa(subject: Subject) -> Iterator[Hit]:
    """Replicas 0 together with an HPA."""
    workload = subject.workload
    scalable = workload.ref.kind in SCALABLE
    if subject.hpa and workload.replicas == 0 and scalable:
        yield Hit(f"replicas 0 disables the HPA for {workload.ref} until it is scaled up manually.", ("replicas",))


@rule(
    "HPA-014",
    "note",
    why="A request with autoscaling none applies no HPA; omitting it silently would hide that.",
    fix="delete `hpa`, or set `autoscaling: hpa`",
    source="the original infra.scale, Action Types: apply_hpa",
)
def hpa_ignored(subject: Subject) -> Iterator[Hit]:
    """An hpa block while autoscaling is none."""
    workload = subject.workload
    if workload.hpa and subject.hpa is None:
        yield Hit(f"hpa for {workload.ref} ignored: autoscaling is none.", ("hpa",))


@rule(
    "HPA-015",
    "warning",
    why="An autoscaler can grow to its maximum, whether or not nodes and quotas allow that many pods.",
    fix="check that nodes and quotas allow that many pods, or lower the maximum",
    source="infra.scale; our own threshold",
    thresholds={"threshold": 10},
)
def high_maximum(subject: Subject) -> Iterator[Hit]:
    """hpa.max or keda.max > 10, in a cluster without a snapshot to check whether that many fit."""
    scalers = (("HPA", "hpa", subject.hpa), ("KEDA", "keda", subject.keda))
    for name, key, scaler in scalers:
        if scaler and scaler.maximum > subject.thresholds["threshold"]:
            growth = f"{name} may grow {subject.workload.ref} to {scaler.maximum} replicas"
            hit = Hit(f"{growth} → not checked against capacity.", (key, "max"))
            yield from merged((site, hit) for site in subject.sites or (None,) if not _is_judged(site))


def _is_judged(site: Site | None) -> bool:
    """Whether a snapshot shows if the autoscaler's maximum fits."""
    if site is None or not isinstance(site.seen, Seen):
        return False
    outcome = site.seen.capacity.scenarios.get("hpaMax")
    return outcome is not None and not isinstance(outcome.verdict, Unknown)
