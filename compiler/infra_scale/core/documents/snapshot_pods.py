"""The pods of a snapshot, their node conditions, and the parts that they share with nodes: reader and writer."""

from typing import get_args

from infra_scale.core.documents.blocks import present
from infra_scale.core.reading.amounts import Reader, labels, requirement
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, truth, whole_number
from infra_scale.core.syntax.emitter import Inline, Node
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import (
    Amounts,
    Apart,
    Effect,
    Labels,
    Pod,
    PodContainer,
    Requirement,
    Scheduling,
    Spread,
    Taint,
    Toleration,
    Unmodelled,
)
from infra_scale.model.position import Route
from infra_scale.model.workload import CAPTURED, Kind, WorkloadRef

_KINDS: dict[str, Kind] = {kind: kind for kind in CAPTURED}
_EFFECTS: dict[str, Effect] = {effect: effect for effect in get_args(Effect)}
_UNMODELLED: tuple[Unmodelled, ...] = get_args(Unmodelled)

_Json = dict[str, Value]


def read_taint(written: _Json) -> Taint:
    """One taint of a node."""
    return Taint(text(written["key"]), optional_text(written.get("value")) or "", _EFFECTS[text(written["effect"])])


def read_pod(reader: Reader, written: _Json, route: Route) -> Pod:
    """A pod template."""
    level = mapping(written.get("resources"))
    return Pod(
        containers=_read_containers(reader, written, (*route, "containers")),
        init_containers=_read_containers(reader, written, (*route, "initContainers")),
        overhead=reader.amounts(written.get("overhead"), (*route, "overhead")),
        requests=reader.amounts(level.get("requests"), (*route, "resources", "requests")),
        limits=reader.amounts(level.get("limits"), (*route, "resources", "limits")),
        scheduling=read_scheduling(written),
        priority_class=optional_text(written.get("priorityClassName")),
        is_terminating=truth(written.get("activeDeadline", False)),
        has_cross_namespace_affinity=truth(written.get("crossNamespaceAffinity", False)),
    )


def _read_containers(reader: Reader, written: _Json, route: Route) -> tuple[PodContainer, ...]:
    items = sequence(written.get(str(route[-1])))
    return tuple(_read_container(reader, mapping(one), (*route, index)) for index, one in enumerate(items))


def _read_container(reader: Reader, written: _Json, route: Route) -> PodContainer:
    requests = reader.amounts(written.get("requests"), (*route, "requests"))
    limits = reader.amounts(written.get("limits"), (*route, "limits"))
    return PodContainer(
        text(written["name"]), requests, limits, "restartPolicy" in written, written.get("injected") is True
    )


def read_scheduling(written: _Json) -> Scheduling:
    """Conditions on nodes."""
    namespace = optional_text(written.get("namespace")) or ""
    return Scheduling(
        node_selector=labels(written.get("nodeSelector")),
        affinity=tuple(
            tuple(requirement(mapping(one), "key") for one in sequence(term))
            for term in sequence(written.get("nodeAffinity"))
        ),
        tolerations=tuple(_read_toleration(mapping(one)) for one in sequence(written.get("tolerations"))),
        is_alone_on_host=truth(written.get("antiAffinityHostname", False)),
        spread=tuple(_read_spread(mapping(one), namespace) for one in sequence(written.get("spread"))),
        apart=tuple(
            Apart(text(mapping(one)["topologyKey"]), _read_workloads(mapping(one).get("workloads"), namespace))
            for one in sequence(written.get("antiAffinity"))
        ),
        ports=tuple(text(one) for one in sequence(written.get("hostPorts"))),
        unmodelled=tuple(one for one in _UNMODELLED if one in sequence(written.get("unmodelled"))),
    )


def _read_spread(written: _Json, namespace: str) -> Spread:
    return Spread(
        text(written["topologyKey"]),
        whole_number(written["maxSkew"]),
        _read_workloads(written.get("workloads"), namespace),
        counts_own=truth(written.get("own", True)),
        honors_taints=written.get("nodeTaintsPolicy") == "Honor",
        ignores_affinity=written.get("nodeAffinityPolicy") == "Ignore",
        is_per_revision=truth(written.get("perRevision", False)),
    )


def _read_workloads(value: Value, namespace: str) -> tuple[WorkloadRef, ...]:
    """Each is written as Kind/name."""
    parts = (text(one).partition("/") for one in sequence(value))
    return tuple(WorkloadRef(_KINDS[kind], namespace, name) for kind, _, name in parts)


def _read_toleration(written: _Json) -> Toleration:
    effect = optional_text(written.get("effect"))
    return Toleration(
        key=optional_text(written.get("key")),
        operator="Exists" if written.get("operator") == "Exists" else "Equal",
        value=optional_text(written.get("value")) or "",
        effect=_EFFECTS[effect] if effect else None,
    )


def amounts_node(amounts: Amounts) -> Inline:
    """Quantities by resource, canonical."""
    return Inline((name, str(one)) for name, one in amounts)


def labels_node(labels: Labels) -> Inline:
    """Labels."""
    return Inline(labels)


def taint_nodes(taints: tuple[Taint, ...]) -> list[Node]:
    """Taints, one per line."""
    return [Inline(present({"key": one.key, "value": one.value, "effect": one.effect})) for one in taints]


def pod_node(pod: Pod) -> dict[str, Node]:
    """A pod template."""
    level = present({"requests": amounts_node(pod.requests), "limits": amounts_node(pod.limits)})
    return {
        "containers": [_container(one, is_init=False) for one in pod.containers],
        **present(
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
        "injected": one.is_injected or None,
    }
    return Inline({"name": one.name, **present(parts)})


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
    return Inline(topologyKey=one.topology_key, maxSkew=one.max_skew, **present(more))


def _workloads(refs: tuple[WorkloadRef, ...]) -> list[Node]:
    return [str(ref) for ref in refs]


def _requirement(one: Requirement) -> Inline:
    return Inline(key=one.key, operator=one.operator, **present({"values": list(one.values)}))


def _toleration(one: Toleration) -> Inline:
    operator = "Exists" if one.operator == "Exists" else None
    return Inline(present({"key": one.key, "operator": operator, "value": one.value, "effect": one.effect}))
