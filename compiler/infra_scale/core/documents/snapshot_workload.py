"""One workload of a snapshot, and the small parts that nodes have as well."""

from infra_scale.core.documents.request_nodes import said
from infra_scale.core.syntax.emitter import Inline, Node
from infra_scale.model.pod import (
    Amounts,
    Apart,
    Labels,
    Pod,
    PodContainer,
    Requirement,
    Scheduling,
    Spread,
    Taint,
    Toleration,
)
from infra_scale.model.snapshot import DisruptionBudget, LiveAutoscaler, LiveVpa, LiveWorkload
from infra_scale.model.workload import WorkloadRef


def workload_node(live: LiveWorkload) -> dict[str, Node]:
    """A live workload."""
    strategy = {
        "type": live.strategy.type,
        "maxSurge": _bound(live.strategy.max_surge),
        "maxUnavailable": _bound(live.strategy.max_unavailable),
        "partition": live.strategy.partition,
    }
    pods = {"existing": live.existing, "scheduled": live.scheduled}
    return {
        "kind": live.ref.kind,
        "namespace": live.ref.namespace,
        "name": live.ref.name,
        "replicas": live.replicas,
        **said({"pods": Inline(said(pods)), "resourceVersion": live.resource_version, "generation": live.generation}),
        **_pod(live.pod),
        **said(
            {
                "strategy": Inline(said(strategy)),
                "placement": Inline(live.placement),
                "hpa": _autoscaler(live.hpa),
                "scaledObject": _autoscaler(live.scaled_object),
                "podManagementPolicy": "Parallel" if live.is_parallel else None,
                "whenScaled": "Delete" if live.drops_claims else None,
                "paused": live.is_paused or None,
                "suspended": live.is_suspended or None,
                "vpa": _vpa(live.vpa),
                "pdbs": [_budget(budget) for budget in live.budgets],
            }
        ),
    }


def amounts_node(amounts: Amounts) -> Inline:
    """Quantities by resource, canonical."""
    return Inline((name, str(one)) for name, one in amounts)


def labels_node(labels: Labels) -> Inline:
    """Labels."""
    return Inline(labels)


def taint_nodes(taints: tuple[Taint, ...]) -> list[Node]:
    """Taints, one a line."""
    return [Inline(said({"key": one.key, "value": one.value, "effect": one.effect})) for one in taints]


def _pod(pod: Pod) -> dict[str, Node]:
    level = said({"requests": amounts_node(pod.requests), "limits": amounts_node(pod.limits)})
    return {
        "containers": [_container(one, is_init=False) for one in pod.containers],
        **said(
            {
                "initContainers": [_container(one, is_init=True) for one in pod.init_containers],
                "resources": Inline(level),
                "overhead": amounts_node(pod.overhead),
                **scheduling_node(pod.scheduling),
                "priorityClassName": pod.priority_class,
                "activeDeadline": pod.is_terminating or None,
                "crossNamespaceAffinity": pod.has_cross_namespace_affinity or None,
            }
        ),
    }


def _container(one: PodContainer, *, is_init: bool) -> Inline:
    parts: dict[str, Node] = {
        "requests": amounts_node(one.requests),
        "limits": amounts_node(one.limits),
        "restartPolicy": "Always" if is_init and one.is_sidecar else None,
    }
    return Inline({"name": one.name, **said(parts)})


def scheduling_node(scheduling: Scheduling) -> dict[str, Node]:
    """Conditions on nodes."""
    affinity: list[Node] = [[_requirement(one) for one in term] for term in scheduling.affinity]
    return {
        "nodeSelector": labels_node(scheduling.node_selector),
        "nodeAffinity": affinity,
        "tolerations": [_toleration(one) for one in scheduling.tolerations],
        "antiAffinityHostname": scheduling.is_alone_on_host or None,
        "antiAffinity": [_apart(one) for one in scheduling.apart],
        "spread": [_spread(one) for one in scheduling.spread],
        "hostPorts": [*scheduling.ports],
        "unmodelled": [*scheduling.unmodelled],
    }


def _apart(one: Apart) -> Inline:
    return Inline(topologyKey=one.topology_key, workloads=_workloads(one.workloads))


def _spread(one: Spread) -> Inline:
    more: dict[str, Node] = {
        "workloads": _workloads(one.others),
        "own": None if one.counts_own else False,
        "nodeTaintsPolicy": "Honor" if one.honors_taints else None,
        "nodeAffinityPolicy": "Ignore" if one.ignores_affinity else None,
        "perRevision": one.is_per_revision or None,
    }
    return Inline(topologyKey=one.topology_key, maxSkew=one.max_skew, **said(more))


def _workloads(refs: tuple[WorkloadRef, ...]) -> list[Node]:
    return [str(ref) for ref in refs]


def _requirement(one: Requirement) -> Inline:
    return Inline(key=one.key, operator=one.operator, **said({"values": list(one.values)}))


def _toleration(one: Toleration) -> Inline:
    operator = "Exists" if one.operator == "Exists" else None
    return Inline(said({"key": one.key, "operator": operator, "value": one.value, "effect": one.effect}))


def _autoscaler(one: LiveAutoscaler | None) -> Inline | None:
    if one is None:
        return None
    return Inline(name=one.name, min=one.minimum, max=one.maximum, **said({"targetCPU": one.target_cpu}))


def _vpa(one: LiveVpa | None) -> Inline | None:
    if one is None:
        return None
    # What it controls is said where it is not everything: also that it is nothing.
    controlled: dict[str, Node] = (
        {} if one == LiveVpa(one.name, one.mode) else {"controlledResources": [*one.controlled]}
    )
    return Inline(name=one.name, updateMode=one.mode, **controlled)


def _budget(one: DisruptionBudget) -> Inline:
    bounds = {"minAvailable": _bound(one.min_available), "maxUnavailable": _bound(one.max_unavailable)}
    return Inline(name=one.name, **said(bounds))


def _bound(text: str | None) -> Node:
    """A number as a number, as the API writes it."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else text
