"""Two plans to the semantic difference that a reviewer reads."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.model.quantity import Quantity, QuantityError

_HUNDRED = 100

Action = Mapping[str, object]
"""An action as plan.yaml writes it."""
_Key = tuple[str, str, str]


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
    said = (Difference(*key, old.get(key), new.get(key)) for key in keys if old.get(key) != new.get(key))
    return (*said, *_moved_triggers(before, after))


def _moved_triggers(before: Sequence[Action], after: Sequence[Action]) -> Iterator[Difference]:
    """From which use on an HPA adds pods, where both plans say it of one container: 65 % of 500m is 325m."""
    old, new = dict(_triggers(before)), dict(_triggers(after))
    for key, value in new.items():
        if old.get(key, value) != value:
            yield Difference(*key, old[key], value)


def _triggers(actions: Sequence[Action]) -> Iterator[tuple[_Key, str]]:
    requests = {
        _place(action): (action.get("container"), _mapping(action["requests"]).get("cpu"))
        for action in actions
        if "requests" in action
    }
    for action in actions:
        hpa = _mapping(action.get("hpa"))
        container, cpu = requests.get(_place(action), (None, None))
        trigger = _trigger(hpa.get("targetCPU"), cpu)
        if trigger and hpa.get("container", container) == container:
            setting = f"CPU trigger of {container}" if container else "CPU trigger"
            yield _key(action, setting), trigger


def _trigger(percent: object, cpu: object) -> str | None:
    """The share of a CPU request, in thousandths; None for what is none: a committed plan may hold anything."""
    try:
        request = Quantity.parse(cpu) if isinstance(cpu, str) else None
    except QuantityError:
        return None
    return f"{request.milli() * percent // _HUNDRED}m" if request and isinstance(percent, int) else None


def _key(action: Action, setting: str) -> _Key:
    where = f" in {action['context']}" if "context" in action else ""
    return (str(action["namespace"]), f"{action['kind']}/{action['name']}{where}", setting)


def _place(action: Action) -> tuple[object, ...]:
    return (action["namespace"], action["name"], action.get("context"))


def _settings(actions: Sequence[Action]) -> Iterator[tuple[_Key, str]]:
    for action in actions:
        yield from ((_key(action, setting), value) for setting, value in _values(action))


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
