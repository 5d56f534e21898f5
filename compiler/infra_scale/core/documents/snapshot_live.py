"""The workloads of a snapshot, from a document that its schema accepts."""

from typing import get_args

from infra_scale.core.reading.amounts import Reader, bound, labels, requirement
from infra_scale.core.reading.values import mapping, optional_number, optional_text, sequence, text, truth, whole_number
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Apart, Effect, Pod, PodContainer, Scheduling, Spread, Taint, Toleration, Unmodelled
from infra_scale.model.position import Route
from infra_scale.model.snapshot import DisruptionBudget, LiveAutoscaler, LiveVpa, LiveWorkload, Strategy, Waiting
from infra_scale.model.workload import KINDS, Kind, WorkloadRef

_KINDS: dict[str, Kind] = {kind: kind for kind in KINDS}
EFFECTS: dict[str, Effect] = {
    "NoSchedule": "NoSchedule",
    "PreferNoSchedule": "PreferNoSchedule",
    "NoExecute": "NoExecute",
}
_UNMODELLED: tuple[Unmodelled, ...] = get_args(Unmodelled)

_Json = dict[str, Value]


def read_workload(reader: Reader, written: _Json, route: Route) -> LiveWorkload:
    """One workload."""
    ref = WorkloadRef(_KINDS[text(written["kind"])], text(written["namespace"]), text(written["name"]))
    placement, pods = mapping(written.get("placement")), mapping(written.get("pods"))
    return LiveWorkload(
        ref=ref,
        replicas=whole_number(written["replicas"]),
        pod=_pod(reader, written, route),
        strategy=_strategy(mapping(written.get("strategy"))),
        placement=tuple((node, whole_number(pods)) for node, pods in placement.items()),
        hpa=_autoscaler(written.get("hpa")),
        scaled_object=_autoscaler(written.get("scaledObject")),
        vpa=_vpa(written.get("vpa")),
        budgets=tuple(_budget(mapping(one)) for one in sequence(written.get("pdbs"))),
        is_parallel=written.get("podManagementPolicy") == "Parallel",
        drops_claims=written.get("whenScaled") == "Delete",
        is_paused=truth(written.get("paused", False)),
        is_suspended=truth(written.get("suspended", False)),
        resource_version=optional_text(written.get("resourceVersion")),
        generation=optional_number(written.get("generation")),
        existing=optional_number(pods.get("existing")),
        scheduled=optional_number(pods.get("scheduled")),
    )


def read_taint(written: _Json) -> Taint:
    """One taint of a node."""
    return Taint(text(written["key"]), optional_text(written.get("value")) or "", EFFECTS[text(written["effect"])])


def read_waiting(reader: Reader, written: _Json, route: Route) -> Waiting:
    """Pods without a node."""
    requests = reader.amounts(written.get("requests"), (*route, "requests"))
    pod = Pod((PodContainer("pod", requests),), scheduling=_scheduling(written))
    return Waiting(whole_number(written["count"]), pod)


def _pod(reader: Reader, written: _Json, route: Route) -> Pod:
    level = mapping(written.get("resources"))
    return Pod(
        containers=_containers(reader, written, (*route, "containers")),
        init_containers=_containers(reader, written, (*route, "initContainers")),
        overhead=reader.amounts(written.get("overhead"), (*route, "overhead")),
        requests=reader.amounts(level.get("requests"), (*route, "resources", "requests")),
        limits=reader.amounts(level.get("limits"), (*route, "resources", "limits")),
        scheduling=_scheduling(written),
        priority_class=optional_text(written.get("priorityClassName")),
        is_terminating=truth(written.get("activeDeadline", False)),
        has_cross_namespace_affinity=truth(written.get("crossNamespaceAffinity", False)),
    )


def _containers(reader: Reader, written: _Json, route: Route) -> tuple[PodContainer, ...]:
    items = sequence(written.get(str(route[-1])))
    return tuple(_container(reader, mapping(one), (*route, index)) for index, one in enumerate(items))


def _container(reader: Reader, written: _Json, route: Route) -> PodContainer:
    requests = reader.amounts(written.get("requests"), (*route, "requests"))
    limits = reader.amounts(written.get("limits"), (*route, "limits"))
    return PodContainer(text(written["name"]), requests, limits, "restartPolicy" in written)


def _scheduling(written: _Json) -> Scheduling:
    namespace = optional_text(written.get("namespace")) or ""
    return Scheduling(
        node_selector=labels(written.get("nodeSelector")),
        affinity=tuple(
            tuple(requirement(mapping(one), "key") for one in sequence(term))
            for term in sequence(written.get("nodeAffinity"))
        ),
        tolerations=tuple(_toleration(mapping(one)) for one in sequence(written.get("tolerations"))),
        is_alone_on_host=truth(written.get("antiAffinityHostname", False)),
        spread=tuple(_spread(mapping(one), namespace) for one in sequence(written.get("spread"))),
        apart=tuple(
            Apart(text(mapping(one)["topologyKey"]), _workloads(mapping(one).get("workloads"), namespace))
            for one in sequence(written.get("antiAffinity"))
        ),
        ports=tuple(text(one) for one in sequence(written.get("hostPorts"))),
        unmodelled=tuple(one for one in _UNMODELLED if one in sequence(written.get("unmodelled"))),
    )


def _spread(written: _Json, namespace: str) -> Spread:
    return Spread(
        text(written["topologyKey"]),
        whole_number(written["maxSkew"]),
        _workloads(written.get("workloads"), namespace),
        counts_own=truth(written.get("own", True)),
        honors_taints=written.get("nodeTaintsPolicy") == "Honor",
        ignores_affinity=written.get("nodeAffinityPolicy") == "Ignore",
        is_per_revision=truth(written.get("perRevision", False)),
    )


def _workloads(value: Value, namespace: str) -> tuple[WorkloadRef, ...]:
    """Each is written as Kind/name."""
    parts = (text(one).partition("/") for one in sequence(value))
    return tuple(WorkloadRef(_KINDS[kind], namespace, name) for kind, _, name in parts)


def _toleration(written: _Json) -> Toleration:
    effect = optional_text(written.get("effect"))
    return Toleration(
        key=optional_text(written.get("key")),
        operator="Exists" if written.get("operator") == "Exists" else "Equal",
        value=optional_text(written.get("value")) or "",
        effect=EFFECTS[effect] if effect else None,
    )


def _strategy(written: _Json) -> Strategy:
    surge, unavailable = bound(written.get("maxSurge")), bound(written.get("maxUnavailable"))
    partition = optional_number(written.get("partition"))
    return Strategy(optional_text(written.get("type")), surge, unavailable, partition)


def _autoscaler(value: Value) -> LiveAutoscaler | None:
    if value is None:
        return None
    written = mapping(value)
    target = optional_number(written.get("targetCPU"))
    return LiveAutoscaler(text(written["name"]), whole_number(written["min"]), whole_number(written["max"]), target)


def _vpa(value: Value) -> LiveVpa | None:
    if value is None:
        return None
    written = mapping(value)
    vpa = LiveVpa(text(written["name"]), text(written["updateMode"]))
    if "controlledResources" not in written:
        return vpa
    named = {text(one) for one in sequence(written["controlledResources"])}
    return vpa._replace(controlled=tuple(one for one in vpa.controlled if one in named))


def _budget(written: _Json) -> DisruptionBudget:
    return DisruptionBudget(
        text(written["name"]), bound(written.get("minAvailable")), bound(written.get("maxUnavailable"))
    )
