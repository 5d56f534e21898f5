"""The parts of a request that plans repeat, as both write them."""

from collections.abc import Mapping

from infra_scale.core.syntax.emitter import Node
from infra_scale.model.autoscaler import Behavior, Hpa, Keda, ScalingRules, Trigger, Vpa
from infra_scale.model.quantity import Resources


def said(nodes: Mapping[str, Node]) -> dict[str, Node]:
    """Those that say something."""
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
        **said(
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
    return said({key: _rules_node(rule) if rule else None for key, rule in rules.items()})


def vpa_node(vpa: Vpa) -> dict[str, Node]:
    """A `vpa` block."""
    return said(
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
        **said(
            {
                "pollingInterval": keda.polling,
                "cooldownPeriod": keda.cooldown,
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
        **said({"name": trigger.name, "metricType": trigger.metric_type}),
        "metadata": dict(trigger.metadata),
        **({"authenticationRef": {"kind": known[0], "name": known[1]}} if known else {}),
    }


def _rules_node(rules: ScalingRules) -> dict[str, Node]:
    policies: list[Node] = [
        {"type": policy.type, "value": policy.value, "periodSeconds": policy.period} for policy in rules.policies
    ]
    return said({"stabilizationWindowSeconds": rules.window, "selectPolicy": rules.select, "policies": policies})
