"""Rules about HorizontalPodAutoscalers."""

from collections.abc import Iterator

from infra_scale.core.rules.catalogue import Hit, rule
from infra_scale.model.request import ScaleRequest, Workload


@rule(
    "HPA-001",
    "note",
    why="The HPA sets the replicas to its maximum at its next sync, before it reads any metric.",
    fix="raise hpa.max, or ask for fewer replicas",
    source="the original infra.scale, Risk Detection; kubernetes/pkg/controller/podautoscaler/horizontal.go",
)
def replicas_above_maximum(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """Requested replicas > hpa.max."""
    if workload.hpa is None or workload.replicas is None or request.autoscaling != "hpa":
        return
    replicas, maximum = workload.replicas, workload.hpa.maximum
    if replicas > maximum:
        message = f"Requested replicas ({replicas}) > HPA max ({maximum}) for {workload.ref}; HPA will cap."
        yield Hit(message, ("replicas",))


@rule(
    "HPA-003",
    "error",
    why="The API server refuses a HorizontalPodAutoscaler whose maxReplicas is below its minReplicas.",
    fix="raise hpa.max or lower hpa.min",
    source="kubernetes/pkg/apis/autoscaling/validation/validation.go",
)
def minimum_above_maximum(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """hpa.min > hpa.max."""
    del request
    if workload.hpa and workload.hpa.minimum > workload.hpa.maximum:
        low, high = workload.hpa.minimum, workload.hpa.maximum
        yield Hit(
            f"hpa.max ({high}) must be greater than or equal to hpa.min ({low}) for {workload.ref}", ("hpa", "max")
        )


@rule(
    "HPA-008",
    "error",
    why="An HPA acts through the scale subresource, which a DaemonSet does not have.",
    fix="delete `hpa`; a VerticalPodAutoscaler can size a DaemonSet's pods",
    source="Kubernetes docs, Horizontal Pod Autoscaling: objects that can't be scaled",
)
def hpa_on_daemonset(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """An HPA that targets a DaemonSet."""
    del request
    if workload.ref.kind == "DaemonSet" and workload.hpa:
        yield Hit(f"DaemonSet has no scale subresource; HPA cannot target {workload.ref}.", ("hpa",))


@rule(
    "HPA-009",
    "error",
    why="minReplicas 0 needs the feature gate HPAScaleToZero and an Object or External metric; CPU is neither.",
    fix="set hpa.min to 1 or more",
    source="kubernetes/pkg/apis/autoscaling/validation/validation.go; KEP-2021",
)
def minimum_of_zero(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """hpa.min == 0."""
    del request
    if workload.hpa and workload.hpa.minimum == 0:
        yield Hit(f"hpa.min 0 is refused for a CPU metric on {workload.ref}", ("hpa", "min"))


@rule(
    "HPA-010",
    "error",
    why="An HPA whose workload has 0 replicas is inactive (ScalingDisabled) until somebody scales the workload up.",
    fix="ask for at least hpa.min replicas, or set `autoscaling: none` to stop the workload",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go",
)
def zero_replicas_under_hpa(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """Replicas 0 together with an HPA."""
    if workload.hpa and workload.replicas == 0 and request.autoscaling == "hpa" and workload.ref.kind != "DaemonSet":
        yield Hit(f"replicas 0 disables the HPA for {workload.ref} until it is scaled up manually.", ("replicas",))


@rule(
    "HPA-014",
    "note",
    why="A request with autoscaling none applies no HPA; leaving it out silently would hide that.",
    fix="delete `hpa`, or set `autoscaling: hpa`",
    source="the original infra.scale, Action Types: apply_hpa",
)
def hpa_ignored(workload: Workload, request: ScaleRequest) -> Iterator[Hit]:
    """An hpa block while autoscaling is none."""
    if workload.hpa and request.autoscaling == "none":
        yield Hit(f"hpa for {workload.ref} ignored: autoscaling is none.", ("hpa",))
