"""Rules about HorizontalPodAutoscalers: their bounds, and who else sets the replicas."""

from collections.abc import Iterator

from infra_scale.core.planning.ownership import overwriters
from infra_scale.core.rules.catalogue import Hit, Subject, rule
from infra_scale.model.action import AUTOSCALER_KINDS, Autoscaler
from infra_scale.model.names import quoted
from infra_scale.model.workload import SCALABLE


@rule(
    "HPA-001",
    "note",
    why="The HPA sets the replicas to its maximum at its next sync, before it reads any metric.",
    fix="raise hpa.max, or ask for fewer replicas",
    source="the original infra.scale, Risk Detection; kubernetes/pkg/controller/podautoscaler/horizontal.go",
)
def replicas_above_maximum(subject: Subject) -> Iterator[Hit]:
    """Requested replicas > hpa.max."""
    workload, hpa = subject.workload, subject.hpa
    if hpa is None or workload.replicas is None:
        return
    replicas, maximum = workload.replicas, hpa.maximum
    if replicas > maximum:
        message = f"Requested replicas ({replicas}) > HPA max ({maximum}) for {workload.ref}; HPA will cap."
        yield Hit(message, ("replicas",))


@rule(
    "HPA-002",
    "warning",
    why="The HPA raises the replicas to its minimum at its next sync, so the request is not what will run.",
    fix="ask for at least hpa.min replicas, or lower hpa.min",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler",
)
def replicas_below_minimum(subject: Subject) -> Iterator[Hit]:
    """0 < requested replicas < hpa.min."""
    workload, hpa = subject.workload, subject.hpa
    if hpa is None or not workload.replicas:
        return
    replicas, minimum = workload.replicas, hpa.minimum
    if replicas < minimum:
        message = (
            f"Requested replicas ({replicas}) < HPA min ({minimum}) for {workload.ref}; HPA will raise to {minimum}."
        )
        yield Hit(message, ("replicas",))


@rule(
    "HPA-004",
    "warning",
    why="An HPA between equal bounds can neither add nor remove a pod, and owns the replicas all the same.",
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
    why="At low load one pod is left, and a node that is drained or a pod that restarts is an outage.",
    fix="set hpa.min to 2 or more where that matters",
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
    why="An HPA whose workload has 0 replicas is inactive (ScalingDisabled) until somebody scales the workload up.",
    fix="ask for at least hpa.min replicas, or set `autoscaling: none` to stop the workload",
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
    why="A request with autoscaling none applies no HPA; leaving it out silently would hide that.",
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
    why="An autoscaler grows to its maximum by itself, whether or not nodes and quotas hold that many pods.",
    fix="check that they do, or lower the maximum",
    source="infra.scale; the bound is ours",
    thresholds={"threshold": 10},
)
def high_maximum(subject: Subject) -> Iterator[Hit]:
    """hpa.max or keda.max > 10."""
    scalers = (("HPA", "hpa", subject.hpa), ("KEDA", "keda", subject.keda))
    for name, key, scaler in scalers:
        if scaler and scaler.maximum > subject.thresholds["threshold"]:
            growth = f"{name} may grow {subject.workload.ref} to {scaler.maximum} replicas"
            yield Hit(f"{growth} → not checked against capacity.", (key, "max"))


@rule(
    "HPA-011",
    "warning",
    why="Two autoscalers over the same pods stop each other, or each undoes what the other has done.",
    fix="delete the other one from the manifests, or leave the workload to it",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go, AmbiguousSelector; KEDA's validating webhook",
)
def second_autoscaler(subject: Subject) -> Iterator[Hit]:
    """An HPA or ScaledObject of another name in the base manifests, for a workload that gets hpa or keda."""
    workload = subject.workload
    mine = "HPA" if subject.hpa else "ScaledObject"
    others = _others(subject)
    if others:
        names = f"{mine} {workload.ref.name}, {', '.join(others)}"
        number = "two" if len(others) == 1 else str(len(others) + 1)
        message = (
            f"{workload.ref} would be managed by {number} autoscalers ({names}); both may stop (AmbiguousSelector)."
        )
        yield Hit(message, ("hpa",) if subject.hpa else ("keda",))


def _others(subject: Subject) -> list[str]:
    """The autoscalers in the base manifests that would compete with the requested one."""
    base, handover = subject.base, subject.workload.handover
    if base is None or not subject.is_autoscaled:
        return []
    leaving = handover.before if handover else None
    own = subject.workload.ref.name
    hpas = [name for name in base.hpas if leaving != "hpa" and not (subject.hpa and name == own)]
    scaled = [name for name in base.scaled_objects if leaving != "keda" and not (subject.keda and name == own)]
    return [*(f"HPA {name}" for name in hpas), *(f"ScaledObject {name}" for name in scaled)]


@rule(
    "HPA-007",
    "warning",
    why="The autoscaler sets the replicas again at its next sync, and a number in Git would set them back: so none is "
    "rendered. Only 0 lasts, beside an HPA: it leaves the workload alone from then on.",
    fix="ask for hpa or keda instead; or take it out of the manifests, with a `handover` that names it",
    source="Kubernetes docs, Horizontal Pod Autoscaling: migrating Deployments and StatefulSets",
)
def fixed_replicas_beside_autoscaler(subject: Subject) -> Iterator[Hit]:
    """Replicas for a workload that gets neither hpa nor keda, and has one in the base manifests."""
    base, workload = subject.base, subject.workload
    if base is None or workload.replicas is None or subject.is_autoscaled:
        return
    if others := overwriters(workload.replicas, base):
        left_out = ", so none is rendered" if subject.target.clusters else ""
        overwritten = f"a fixed replica count will be overwritten{left_out}"
        yield Hit(f"{workload.ref} is autoscaled by {', '.join(others)}; {overwritten}.", ("replicas",))
    elif base.hpas:
        names = ", ".join(f"HPA {name}" for name in base.hpas)
        yield Hit(f"replicas 0 disables {names} for {workload.ref} until it is scaled up manually.", ("replicas",))


@rule(
    "HPA-012",
    "warning",
    why="Whenever the manifest is applied it sets the replicas back, and the autoscaler sets them anew.",
    fix="delete the line there; while the autoscaler runs, applying the manifest without it changes nothing",
    source="kube-score, deployment-targeted-by-hpa-does-not-have-replicas-configured; Argo CD, best practices",
)
def replicas_in_base(subject: Subject) -> Iterator[Hit]:
    """spec.replicas in the base manifest of a workload that gets hpa or keda, where no Component takes it out."""
    base, is_rendered = subject.base, bool(subject.target.clusters)
    if base and base.replicas is not None and subject.is_autoscaled and not is_rendered:
        file = quoted(base.path, "the base manifest")
        scaler = "HPA" if subject.hpa else "KEDA"
        route = ("hpa",) if subject.hpa else ("keda",)
        message = f"Remove spec.replicas of {subject.workload.ref} from {file}; Git and {scaler} will fight over it."
        yield Hit(message, route)


@rule(
    "MAN-003",
    "error",
    why="kustomize refuses two objects of one kind and name, so nothing of the application could be built any more.",
    fix="delete the autoscaler from the base: infra.scale renders it from now on",
    source="kustomize: may not add resource with an already registered id",
)
def autoscaler_in_base(subject: Subject) -> Iterator[Hit]:
    """hpa, vpa or keda for a workload whose base has that autoscaler under its name, on a target with clusters."""
    base, workload = subject.base, subject.workload
    if base is None or not subject.target.clusters or base.name != workload.ref.name:
        return
    wanted: tuple[tuple[Autoscaler, object], ...] = (
        ("hpa", subject.hpa),
        ("vpa", workload.vpa),
        ("keda", subject.keda),
    )
    for key, block in wanted:
        if block and AUTOSCALER_KINDS[key] in base.autoscalers:
            yield Hit(f"the base of {workload.ref} has a {AUTOSCALER_KINDS[key]} of this name already", (key,))
