"""The actions of a plan to the settings that a reviewer reads."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from infra_scale.model.autoscaler import trigger
from infra_scale.model.quantity import Quantity, QuantityError
from infra_scale.model.units import amount_text, is_bytes

Action = Mapping[str, object]
"""An action as plan.yaml writes it; a committed one may be of another version."""


class Key(NamedTuple):
    """What is set."""

    object: str
    """Kind/name."""
    setting: str


def settings(actions: Sequence[Action]) -> dict[Key, str]:
    """What actions for one workload in one cluster set, in their order."""
    return {Key(_object(action), setting): value for action in actions for setting, value in _values(action)}


def triggers(actions: Sequence[Action]) -> dict[Key, str]:
    """From which use on an HPA adds pods, where the actions say it of one container: 65 % of 500m and 10 %, 357m."""
    requests = [
        (action.get("container"), _mapping(action["requests"]).get("cpu")) for action in actions if "requests" in action
    ]
    container, cpu = requests[-1] if requests else (None, None)
    name = f"CPU trigger of {container}" if container else "CPU trigger"
    found: dict[Key, str] = {}
    for action in actions:
        hpa = _mapping(action.get("hpa"))
        trigger = _trigger(hpa.get("targetCPU"), cpu)
        if trigger and hpa.get("container", container) == container:
            found[Key(_object(action), name)] = trigger
    return found


def _trigger(percent: object, cpu: object) -> str | None:
    """Of a CPU request, in thousandths; None for what is none: a committed plan may hold anything."""
    try:
        request = Quantity.parse(cpu) if isinstance(cpu, str) else None
    except QuantityError:
        return None
    return f"{trigger(request.milli(), percent)}m" if request and isinstance(percent, int) else None


def _object(action: Action) -> str:
    return f"{action['kind']}/{action['name']}"


def _values(action: Action) -> Iterator[tuple[str, str]]:
    if "to" in action:
        yield "replicas", str(action["to"])
    for setting in ("parallelism", "suspend"):
        if wanted := _mapping(action.get(setting)):
            yield setting, str(wanted["to"]).lower()
    container = f" of {action['container']}" if "container" in action else ""
    for kind, noun in (("requests", "request"), ("limits", "limit")):
        for resource, quantity in _mapping(action.get(kind)).items():
            yield f"{'memory' if resource == 'mem' else resource} {noun}{container}", _in_units(resource, quantity)
    yield from _of_autoscalers(action)


def _of_autoscalers(action: Action) -> Iterator[tuple[str, str]]:
    for block, names in _SETTINGS.items():
        wanted = _mapping(action.get(block))
        if "max" in wanted and block != "vpa":
            yield "replicas", f"{wanted['min']} to {wanted['max']}"
        for key, setting in names.items():
            if key in wanted:
                yield setting, f"{_flat(wanted[key])}{'%' if setting.startswith('target') else ''}"
    if str(action["action"]).startswith("remove_"):
        yield "object", "removed"


_SETTINGS = {
    "hpa": {
        "targetCPU": "target CPU",
        "targetMemory": "target memory",
        "container": "HPA container",
        "behavior": "HPA behavior",
    },
    "vpa": {
        "mode": "VPA mode",
        "container": "VPA container",
        "min": "VPA min",
        "max": "VPA max",
        "controlledResources": "VPA resources",
        "controlledValues": "VPA values",
    },
    "keda": {
        "triggers": "KEDA triggers",
        "fallback": "KEDA fallback",
        "pollingInterval": "KEDA polling interval",
        "cooldownPeriod": "KEDA cooldown",
    },
}
"""What people call the keys of each autoscaler, beside its bounds."""


def _flat(value: object) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return " ".join(f"{key}={_in_units(key, inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    return str(value)


def _in_units(resource: str, value: object) -> str:
    """An amount as people read it; anything else that a committed plan may hold, as it is."""
    if isinstance(value, str) and is_bytes(resource):
        with suppress(QuantityError):
            return amount_text(resource, Quantity.parse(value))
    return _flat(value)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
