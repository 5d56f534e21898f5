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
            yield (str(action["namespace"]), f"{action['kind']}/{action['name']}", setting), value


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
    if hpa := _mapping(action.get("hpa")):
        yield "replicas", f"{hpa['min']} to {hpa['max']}"
        yield "target CPU", f"{hpa['targetCPU']}%"


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
