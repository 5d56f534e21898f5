"""Rules about the metrics and the scaling behavior of HorizontalPodAutoscalers."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Subject, merged, rule
from infra_scale.core.ruling.reservations import Wanted, lacking, listed
from infra_scale.model.autoscaler import Resource, ScalingRules
from infra_scale.model.position import Route
from infra_scale.model.workload import SCALABLE


@rule(
    "HPA-005",
    "warning",
    why="Utilization is a percentage of the request: if one container has no request, the pod has no utilization.",
    fix="set the request (a limit alone counts as one), or name a container that has it as hpa.container",
    source="kubernetes/pkg/controller/podautoscaler/replica_calculator.go, calculatePodRequests",
)
def utilization_of_nothing(subject: Subject) -> Iterator[Hit]:
    """A container without a request for the HPA's resource: an error if manifest or snapshot show it."""
    hpa, ref = subject.hpa, subject.workload.ref
    if hpa is None or ref.kind not in SCALABLE:
        return
    targets: tuple[tuple[Resource, str, str, int | None], ...] = (
        ("cpu", "targetCPU", "CPU", hpa.target_cpu),
        ("memory", "targetMemory", "memory", hpa.target_memory),
    )
    for resource, key, word, target in targets:
        found = lacking(subject, Wanted(resource, hpa.container)) if target is not None else ()
        said = f"HPA for {ref} targets {word} utilization"
        yield from merged(
            (site, _unmeasured(said, resource, names, ("hpa", key))) for site, names in found if names is None or names
        )


def _unmeasured(said: str, resource: Resource, names: tuple[str, ...] | None, route: Route) -> Hit:
    if names is None:
        return Hit(f"{said}; whether every container has a {resource} request is not known here.", route)
    lack = f"{listed(names)} no {resource} request; HPA cannot compute utilization."
    return Hit(f"{said} but {lack}", route, severity="error")


@rule(
    "HPA-006",
    "warning",
    why="Above 100 %, every pod exceeds its request before a pod is added; below 20 %, most of it is idle.",
    fix="use a target between 50 and 80, unless measurements support another",
    source="Kubernetes docs, Horizontal Pod Autoscaling: algorithm details; our own thresholds",
    thresholds={"above": 100, "below": 20, "near": 90},
)
def unusual_target(subject: Subject) -> Iterator[Hit]:
    """hpa.targetCPU > 100 or < 20; a note from 91 to 100."""
    hpa, ref = subject.hpa, subject.workload.ref
    if hpa is None or hpa.target_cpu is None:
        return
    target = hpa.target_cpu
    if target > subject.thresholds["above"]:
        message = f"targetCPU {target}% for {ref}: pods use more than they request before the HPA adds one."
        yield Hit(message, ("hpa", "targetCPU"))
    elif target > subject.thresholds["near"]:
        message = f"targetCPU {target}% for {ref}: little is left for a burst until another pod is ready."
        yield Hit(message, ("hpa", "targetCPU"), severity="note")
    elif target < subject.thresholds["below"]:
        yield Hit(f"targetCPU {target}% for {ref}: most of the requested CPU stays idle.", ("hpa", "targetCPU"))


@rule(
    "HPA-017",
    "error",
    why="The API server refuses a HorizontalPodAutoscaler whose behavior is out of range.",
    fix="write a number within the range",
    source="kubernetes/pkg/apis/autoscaling/validation/validation.go, validateScalingRules",
)
def behavior_out_of_range(subject: Subject) -> Iterator[Hit]:
    """A stabilization window above 3600 s, a period of 0 or above 1800 s, or a policy value of 0."""
    hpa = subject.workload.hpa
    if hpa is None or hpa.behavior is None:
        return
    for name, rules in (("scaleUp", hpa.behavior.up), ("scaleDown", hpa.behavior.down)):
        for route, value, low, high in _bounded(rules) if rules else ():
            if not low <= value <= high:
                steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
                key = f"behavior.{name}{''.join(steps)}"
                bounds = f"from {low} to {high}" if high < _MOST else f"at least {low}"
                message = f"{key} of {subject.workload.ref} is {value}; it has to be {bounds}"
                yield Hit(message, ("hpa", "behavior", name, *route))


_MOST = 2**31 - 1


def _bounded(rules: ScalingRules) -> Iterator[tuple[Route, int, int, int]]:
    """The route of a number, the number, and its bounds."""
    if rules.window is not None:
        yield ("stabilizationWindowSeconds",), rules.window, 0, 3600
    for index, policy in enumerate(rules.policies):
        yield ("policies", index, "value"), policy.value, 1, _MOST
        yield ("policies", index, "periodSeconds"), policy.period, 1, 1800
