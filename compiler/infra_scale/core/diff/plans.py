"""Two plans to the semantic difference that a reviewer reads."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

Action = Mapping[str, object]
"""An action as plan.yaml writes it."""


class Difference(NamedTuple):
    """One setting of one object that a plan changes."""

    namespace: str
    object: str
    """Kind/name."""
    setting: str
    before: str | None
    """What the plan on the base asks for; None where it says nothing, and the live value is not known."""
    after: str | None
    """None where the new plan says nothing any more; the cluster keeps what it has."""


def differences(before: Sequence[Action], after: Sequence[Action]) -> tuple[Difference, ...]:
    """What `after` asks for differently, in its own order; then what it no longer says."""
    old, new = dict(_settings(before)), dict(_settings(after))
    keys = [*new, *(key for key in old if key not in new)]
    return tuple(Difference(*key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))


_Key = tuple[str, str, str]


def _settings(actions: Sequence[Action]) -> Iterator[tuple[_Key, str]]:
    for action in actions:
        for setting, value in _values(action):
            where = f" in {action['context']}" if "context" in action else ""
            yield (str(action["namespace"]), f"{action['kind']}/{action['name']}{where}", setting), value


def _values(action: Action) -> Iterator[tuple[str, str]]:
    if "to" in action:
        yield "replicas", str(action["to"])
    for setting in ("parallelism", "suspend"):
        if wanted := _mapping(action.get(setting)):
            yield setting, str(wanted["to"]).lower()
    container = f" of {action['container']}" if "container" in action else ""
    for kind, noun in (("requests", "request"), ("limits", "limit")):
        for resource, quantity in _mapping(action.get(kind)).items():
            yield f"{'memory' if resource == 'mem' else resource} {noun}{container}", str(quantity)
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
        return " ".join(f"{key}={_flat(inner)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_flat, value))
    return str(value)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
