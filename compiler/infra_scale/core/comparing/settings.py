"""The actions of a plan to the settings that a reviewer reads."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple, assert_never

from infra_scale.core.documents.blocks import hpa_node, keda_node, vpa_node
from infra_scale.core.syntax.emitter import Node
from infra_scale.model.action import (
    AUTOSCALER_KINDS,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    Autoscaler,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
    autoscaler_of,
)
from infra_scale.model.autoscaler import Hpa, Keda, trigger
from infra_scale.model.quantity import Quantity, QuantityError, Resources
from infra_scale.model.units import amount_text, is_bytes


class Key(NamedTuple):
    """The name of a setting."""

    object: str
    """Kind/name."""
    setting: str


def settings(actions: Sequence[Action]) -> dict[Key, str]:
    """The settings of actions for one workload in one cluster, in their order."""
    return {Key(_object(action), setting): value for action in actions for setting, value in _values(action)}


def triggers(actions: Sequence[Action]) -> dict[Key, str]:
    """The utilization above which an HPA adds pods, if the actions set it: 65 % of 500m and 10 % give 357m."""
    resized = [action for action in actions if isinstance(action, UpdateResources) and action.requests]
    requests = resized[-1].requests if resized else None
    container, cpu = resized[-1].container if resized else None, requests.cpu if requests else None
    name = f"CPU trigger of {container}" if container else "CPU trigger"
    return {
        Key(_object(action), name): f"{trigger(cpu.milli(), action.hpa.target_cpu)}m"
        for action in actions
        if isinstance(action, ApplyHpa) and action.hpa.container in (None, container)
        if cpu is not None and action.hpa.target_cpu is not None
    }


def _object(action: Action) -> str:
    autoscaler = autoscaler_of(action)
    return f"{AUTOSCALER_KINDS[autoscaler]}/{action.ref.name}" if autoscaler else str(action.ref)


def _values(action: Action) -> Iterator[tuple[str, str]]:
    match action:
        case ScaleWorkload():
            yield "replicas", str(action.to)
        case ScaleJob(_, parallelism, suspend):
            pairs = {"parallelism": parallelism, "suspend": suspend}
            yield from ((name, str(value).lower()) for name, value in pairs.items() if value is not None)
        case UpdateResources(_, container, requests, limits):
            where = f" of {container}" if container else ""
            yield from _amounts(requests, f"request{where}")
            yield from _amounts(limits, f"limit{where}")
        case ApplyHpa(_, hpa):
            yield from (_replicas(hpa), *_named("hpa", hpa_node(hpa)))
        case ApplyVpa(_, vpa):
            yield from _named("vpa", vpa_node(vpa))
        case ApplyKeda(_, keda):
            yield from (_replicas(keda), *_named("keda", keda_node(keda)))
        case RemoveAutoscaler():
            yield "object", "removed"
        case _:
            assert_never(action)


def _replicas(scaler: Hpa | Keda) -> tuple[str, str]:
    return "replicas", f"{scaler.minimum} to {scaler.maximum}"


def _amounts(resources: Resources | None, noun: str) -> Iterator[tuple[str, str]]:
    pairs = (("cpu", resources.cpu), ("memory", resources.memory)) if resources else ()
    return ((f"{name} {noun}", amount_text(name, amount)) for name, amount in pairs if amount is not None)


def _named(autoscaler: Autoscaler, block: Mapping[str, Node]) -> Iterator[tuple[str, str]]:
    for key, setting in _SETTINGS[autoscaler].items():
        if key in block:
            yield setting, f"{_flat(block[key])}{'%' if setting.startswith('target') else ''}"


_SETTINGS: dict[Autoscaler, dict[str, str]] = {
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
        "initialCooldownPeriod": "KEDA initial cooldown",
        "idle": "KEDA idle replicas",
        "restoreToOriginalReplicaCount": "KEDA restores replicas",
    },
}
"""Display names for the keys of each autoscaler, except its bounds."""


def _flat(value: Node) -> str:
    """A value on one line."""
    if isinstance(value, dict):
        return " ".join(f"{key}={_in_units(key, inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    return str(value)


def _in_units(resource: str, value: Node) -> str:
    """An amount in readable units; any other value unchanged."""
    if isinstance(value, str) and is_bytes(resource):
        with suppress(QuantityError):  # a KEDA trigger may have such a key with any text
            return amount_text(resource, Quantity.parse(value))
    return _flat(value)
