"""Actions as text."""

from typing import NamedTuple, assert_never

from infra_scale.model.action import (
    AUTOSCALER_KINDS,
    DETECT,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.autoscaler import Hpa, Vpa
from infra_scale.model.plan import ScalePlan
from infra_scale.model.quantity import Resources
from infra_scale.model.units import amount_text


def action_words(plan: ScalePlan) -> list[tuple[str, str]]:
    """The actions of a plan and their objects; equal ones of several clusters are listed once."""
    contexts: dict[tuple[str, str], list[str]] = {}
    for action in plan.actions:
        contexts.setdefault(_words_of(action), []).extend([action.cluster.context] if action.cluster else [])
    usual = [plan.kube_context] if plan.kube_context else []
    return [
        (verb, words if names in ([], usual) else f"{words} in {', '.join(names)}")
        for (verb, words), names in contexts.items()
    ]


def _words_of(action: Action) -> tuple[str, str]:
    match action:
        case ScaleWorkload(ref, to, _, before):
            return "Scale", f"{ref} → replicas: {to} (from {DETECT if before is None else f'{before} in Git'})"
        case ScaleJob(ref, parallelism, suspend):
            said = [] if parallelism is None else [f"parallelism: {parallelism} (from {DETECT})"]
            said += [] if suspend is None else [f"suspend: {str(suspend).lower()} (from {DETECT})"]
            return "Scale", f"{ref} → {', '.join(said)}"
        case UpdateResources():
            return "Resources", f"{action.ref} ({_resources_words(action)})"
        case ApplyHpa(ref, hpa):
            return "HPA", f"{ref.name} ({hpa_words(hpa)})"
        case ApplyVpa(ref, vpa):
            return "VPA", f"{ref.name} ({_vpa_words(vpa)})"
        case ApplyKeda(ref, keda):
            triggers = ",".join(trigger.type for trigger in keda.triggers)
            return "KEDA", f"{ref.name} (min:{keda.minimum} max:{keda.maximum} triggers:{triggers})"
        case RemoveAutoscaler(ref, autoscaler):
            return "Remove", f"{AUTOSCALER_KINDS[autoscaler]}/{ref.name}"
        case _:
            assert_never(action)


def hpa_words(hpa: Hpa) -> str:
    """The form of the original CLI, followed by our additions."""
    targets = (("cpu", hpa.target_cpu), ("memory", hpa.target_memory))
    said = [f"min:{hpa.minimum}", f"max:{hpa.maximum}", *(f"{name}:{value}%" for name, value in targets if value)]
    said += [f"container:{hpa.container}"] if hpa.container else []
    said += ["behavior"] if hpa.behavior else []
    return " ".join(said)


def _vpa_words(vpa: Vpa) -> str:
    bounds = (_words("min", vpa.minimum), _words("max", vpa.maximum))
    said = [f"mode:{vpa.mode}", *(bound for bound in bounds if bound), f"controls: {' '.join(vpa.controlled)}"]
    return "; ".join(said)


def _resources_words(action: UpdateResources) -> str:
    parts = [
        f"container: {action.container}" if action.container else "",
        _words("requests", action.requests),
        _words("limits", action.limits),
    ]
    return "; ".join(part for part in parts if part)


def _words(name: str, resources: Resources | None) -> str:
    if resources is None:
        return ""
    pairs = (("cpu", resources.cpu), ("mem", resources.memory))
    return f"{name}: {' '.join(f'{key}={amount_text(key, one)}' for key, one in pairs if one is not None)}"


class Happening(NamedTuple):
    """The effect on one workload, and the clusters with the same effect."""

    namespace: str
    workload: str
    """Kind/name, and the contexts if they differ from the plan's."""
    what: str

    @property
    def line(self) -> str:
        """It on one line."""
        return f"{self.workload}: {self.what}"


def happenings(plan: ScalePlan) -> list[Happening]:
    """Group equal effects of several clusters."""
    contexts: dict[tuple[str, str, str], list[str]] = {}
    for one in plan.consequences:
        key = (one.ref.namespace, str(one.ref), one.what)
        contexts.setdefault(key, []).extend([one.cluster.context] if one.cluster else [])
    return [
        Happening(namespace, f"{ref}{_elsewhere(names, plan)}", what)
        for (namespace, ref, what), names in contexts.items()
    ]


def _elsewhere(names: list[str], plan: ScalePlan) -> str:
    usual = [plan.kube_context] if plan.kube_context else []
    return "" if names in ([], usual) else f" in {', '.join(names)}"
