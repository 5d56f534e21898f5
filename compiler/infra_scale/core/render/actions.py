"""Actions in words."""

from typing import assert_never

from infra_scale.model.action import DETECT, Action, ApplyHpa, ScaleJob, ScaleWorkload, UpdateResources
from infra_scale.model.request import Resources


def action_words(action: Action) -> tuple[str, str]:
    """What an action does, and to what."""
    match action:
        case ScaleWorkload(ref, to):
            return "Scale", f"{ref} → replicas: {to} (from {DETECT})"
        case ScaleJob(ref, parallelism, suspend):
            wanted = {"parallelism": parallelism, "suspend": None if suspend is None else str(suspend).lower()}
            said = (f"{key}: {value} (from {DETECT})" for key, value in wanted.items() if value is not None)
            return "Scale", f"{ref} → {', '.join(said)}"
        case UpdateResources(ref, container, requests, limits):
            parts = [
                f"container: {container}" if container else "",
                _words("requests", requests),
                _words("limits", limits),
            ]
            return "Resources", f"{ref} ({'; '.join(part for part in parts if part)})"
        case ApplyHpa(ref, hpa):
            return "HPA", f"{ref.name} (min:{hpa.minimum} max:{hpa.maximum} cpu:{hpa.target_cpu}%)"
        case _:
            assert_never(action)


def _words(name: str, resources: Resources | None) -> str:
    if resources is None:
        return ""
    pairs = (("cpu", resources.cpu), ("mem", resources.memory))
    return f"{name}: {' '.join(f'{key}={quantity}' for key, quantity in pairs if quantity is not None)}"
