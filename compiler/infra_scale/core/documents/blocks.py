"""Blocks that requests and plans share: reader and writer of resources and autoscalers."""

from collections.abc import Mapping
from typing import Literal, get_args

from infra_scale.core.reading.quantities import Owner, read_resources
from infra_scale.core.reading.values import (
    mapping,
    optional_number,
    optional_text,
    optional_truth,
    sequence,
    text,
    whole_number,
)
from infra_scale.core.syntax.emitter import Node
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.autoscaler import (
    Behavior,
    Fallback,
    Hpa,
    Keda,
    Resource,
    ScalingPolicy,
    ScalingRules,
    Trigger,
    UpdateMode,
    Vpa,
)
from infra_scale.model.finding import Finding
from infra_scale.model.position import Route
from infra_scale.model.quantity import Resources

DEFAULT_MINIMUM = 1
"""Kubernetes' own default of minReplicas (autoscaling/v2)."""
DEFAULT_TARGET_CPU = 80
"""Kubernetes' own default metric: 80 % CPU utilization (autoscaling/v2)."""
DEFAULT_MODE: UpdateMode = "Off"
"""Only recommends. Kubernetes' own default, Recreate, evicts pods: a request must select it."""
DEFAULT_KEDA_MINIMUM = 0
"""KEDA's own default of minReplicaCount."""

_MODES: dict[str, UpdateMode] = {mode: mode for mode in get_args(UpdateMode)}
_RESOURCES: dict[str, Resource] = {"cpu": "cpu", "memory": "memory"}
_VALUES: dict[str, Literal["RequestsAndLimits", "RequestsOnly"]] = {
    "RequestsAndLimits": "RequestsAndLimits",
    "RequestsOnly": "RequestsOnly",
}
_SELECT: dict[str, Literal["Max", "Min", "Disabled"]] = {"Max": "Max", "Min": "Min", "Disabled": "Disabled"}


def read_hpa(value: Value) -> Hpa:
    """An `hpa` block; its CPU target has Kubernetes' default unless it names another metric."""
    written = mapping(value)
    memory = optional_number(written.get("targetMemory"))
    cpu = optional_number(written.get("targetCPU"))
    return Hpa(
        minimum=whole_number(written.get("min", DEFAULT_MINIMUM)),
        maximum=whole_number(written["max"]),
        target_cpu=DEFAULT_TARGET_CPU if cpu is None and memory is None else cpu,
        target_memory=memory,
        container=optional_text(written.get("container")),
        behavior=_read_behavior(mapping(written["behavior"])) if "behavior" in written else None,
    )


def read_vpa(value: Value, route: Route, owner: Owner, container: str | None) -> tuple[Vpa | None, list[Finding]]:
    """A `vpa` block at `route` for a container, and the errors of its quantities (QTY-…)."""
    if value is None:
        return None, []
    written = mapping(value)
    minimum, in_minimum = read_resources(written.get("min"), (*route, "min"), owner)
    maximum, in_maximum = read_resources(written.get("max"), (*route, "max"), owner)
    values = optional_text(written.get("controlledValues"))
    controlled = tuple(_RESOURCES[text(name)] for name in sequence(written.get("controlledResources")))
    vpa = Vpa(
        mode=_MODES[optional_text(written.get("mode")) or DEFAULT_MODE],
        minimum=minimum,
        maximum=maximum,
        controlled=controlled or ("cpu", "memory"),
        values=_VALUES[values] if values else None,
        container=container,
    )
    return vpa, in_minimum + in_maximum


def read_keda(value: Value) -> Keda:
    """A `keda` block."""
    written = mapping(value)
    return Keda(
        minimum=whole_number(written.get("min", DEFAULT_KEDA_MINIMUM)),
        maximum=whole_number(written["max"]),
        triggers=tuple(_read_trigger(mapping(item)) for item in sequence(written["triggers"])),
        polling=optional_number(written.get("pollingInterval")),
        cooldown=optional_number(written.get("cooldownPeriod")),
        fallback=_read_fallback(mapping(written["fallback"])) if "fallback" in written else None,
        idle=optional_number(written.get("idle")),
        initial_cooldown=optional_number(written.get("initialCooldownPeriod")),
        restores=optional_truth(written.get("restoreToOriginalReplicaCount")),
    )


def _read_behavior(written: dict[str, Value]) -> Behavior:
    up, down = (_read_rules(mapping(written[key])) if key in written else None for key in ("scaleUp", "scaleDown"))
    return Behavior(up, down)


def _read_rules(written: dict[str, Value]) -> ScalingRules:
    select = optional_text(written.get("selectPolicy"))
    return ScalingRules(
        window=optional_number(written.get("stabilizationWindowSeconds")),
        select=_SELECT[select] if select else None,
        policies=tuple(_read_policy(mapping(item)) for item in sequence(written.get("policies"))),
    )


def _read_policy(written: dict[str, Value]) -> ScalingPolicy:
    kind: Literal["Pods", "Percent"] = "Pods" if written["type"] == "Pods" else "Percent"
    return ScalingPolicy(kind, whole_number(written["value"]), whole_number(written["periodSeconds"]))


def _read_fallback(written: dict[str, Value]) -> Fallback:
    return Fallback(whole_number(written["failureThreshold"]), whole_number(written["replicas"]))


def _read_trigger(written: dict[str, Value]) -> Trigger:
    known = mapping(written.get("authenticationRef"))
    kind = optional_text(known.get("kind")) or "TriggerAuthentication"
    return Trigger(
        type=text(written["type"]),
        name=optional_text(written.get("name")),
        metric_type=optional_text(written.get("metricType")),
        metadata=tuple((key, text(value)) for key, value in mapping(written["metadata"]).items()),
        authentication=(kind, text(known["name"])) if known else None,
    )


def present(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """The entries that are neither None nor empty."""
    return {key: node for key, node in nodes.items() if node is not None and node not in ("", {}, [])}


def resources_node(resources: Resources | None) -> dict[str, Node] | None:
    """Requests or limits."""
    if resources is None:
        return None
    pairs = {"cpu": resources.cpu, "mem": resources.memory}
    return {name: str(quantity) for name, quantity in pairs.items() if quantity is not None}


def hpa_node(hpa: Hpa) -> dict[str, Node]:
    """An `hpa` block."""
    return {
        "min": hpa.minimum,
        "max": hpa.maximum,
        **present(
            {
                "targetCPU": hpa.target_cpu,
                "targetMemory": hpa.target_memory,
                "container": hpa.container,
                "behavior": behavior_node(hpa.behavior) if hpa.behavior else None,
            }
        ),
    }


def behavior_node(behavior: Behavior) -> dict[str, Node]:
    """A `behavior` block, as in autoscaling/v2."""
    rules = {"scaleUp": behavior.up, "scaleDown": behavior.down}
    return present({key: _rules_node(rule) if rule else None for key, rule in rules.items()})


def vpa_node(vpa: Vpa) -> dict[str, Node]:
    """A `vpa` block."""
    return present(
        {
            "mode": vpa.mode,
            "container": vpa.container,
            "min": resources_node(vpa.minimum),
            "max": resources_node(vpa.maximum),
            "controlledResources": list(vpa.controlled),
            "controlledValues": vpa.values,
        }
    )


def keda_node(keda: Keda) -> dict[str, Node]:
    """A `keda` block."""
    fallback = keda.fallback
    return {
        "min": keda.minimum,
        "max": keda.maximum,
        **present(
            {
                "idle": keda.idle,
                "pollingInterval": keda.polling,
                "cooldownPeriod": keda.cooldown,
                "initialCooldownPeriod": keda.initial_cooldown,
                "restoreToOriginalReplicaCount": keda.restores,
                "fallback": {"failureThreshold": fallback.failures, "replicas": fallback.replicas}
                if fallback
                else None,
                "triggers": [trigger_node(trigger) for trigger in keda.triggers],
            }
        ),
    }


def trigger_node(trigger: Trigger) -> dict[str, Node]:
    """A trigger, as in keda.sh/v1alpha1."""
    known = trigger.authentication
    return {
        "type": trigger.type,
        **present({"name": trigger.name, "metricType": trigger.metric_type}),
        "metadata": dict(trigger.metadata),
        **({"authenticationRef": {"kind": known[0], "name": known[1]}} if known else {}),
    }


def _rules_node(rules: ScalingRules) -> dict[str, Node]:
    policies: list[Node] = [
        {"type": policy.type, "value": policy.value, "periodSeconds": policy.period} for policy in rules.policies
    ]
    return present({"stabilizationWindowSeconds": rules.window, "selectPolicy": rules.select, "policies": policies})
