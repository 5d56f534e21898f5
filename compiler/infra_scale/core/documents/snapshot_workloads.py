"""The workloads of a snapshot: reader and writer."""

from infra_scale.core.documents.blocks import present
from infra_scale.core.documents.snapshot_pods import amounts_node, pod_node, read_pod, read_scheduling, scheduling_node
from infra_scale.core.reading.amounts import Reader, bound
from infra_scale.core.reading.values import mapping, optional_number, optional_text, sequence, text, truth, whole_number
from infra_scale.core.syntax.emitter import Inline, Node
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Pod, PodContainer
from infra_scale.model.position import Route
from infra_scale.model.snapshot import DisruptionBudget, LiveAutoscaler, LiveVpa, LiveWorkload, Strategy, Waiting
from infra_scale.model.workload import CAPTURED, Kind, WorkloadRef

_KINDS: dict[str, Kind] = {kind: kind for kind in CAPTURED}

_Json = dict[str, Value]


def read_workload(reader: Reader, written: _Json, route: Route) -> LiveWorkload:
    """One workload."""
    ref = WorkloadRef(_KINDS[text(written["kind"])], text(written["namespace"]), text(written["name"]))
    placement, pods = mapping(written.get("placement")), mapping(written.get("pods"))
    return LiveWorkload(
        ref=ref,
        replicas=whole_number(written["replicas"]),
        pod=read_pod(reader, written, route),
        strategy=_read_strategy(mapping(written.get("strategy"))),
        placement=tuple((node, whole_number(pods)) for node, pods in placement.items()),
        hpa=_read_autoscaler(written.get("hpa")),
        scaled_object=_read_autoscaler(written.get("scaledObject")),
        vpa=_read_vpa(written.get("vpa")),
        budgets=tuple(_read_budget(mapping(one)) for one in sequence(written.get("pdbs"))),
        is_parallel=written.get("podManagementPolicy") == "Parallel",
        drops_claims=written.get("whenScaled") == "Delete",
        is_paused=truth(written.get("paused", False)),
        is_suspended=truth(written.get("suspended", False)),
        resource_version=optional_text(written.get("resourceVersion")),
        generation=optional_number(written.get("generation")),
        existing=optional_number(pods.get("existing")),
        scheduled=optional_number(pods.get("scheduled")),
        controller=_read_controller(written.get("controller")),
        claims=reader.amounts(written.get("claims"), (*route, "claims")),
    )


def read_waiting(reader: Reader, written: _Json, route: Route) -> Waiting:
    """Pods without a node."""
    requests = reader.amounts(written.get("requests"), (*route, "requests"))
    pod = Pod((PodContainer("pod", requests),), scheduling=read_scheduling(written))
    return Waiting(whole_number(written["count"]), pod)


def _read_strategy(written: _Json) -> Strategy:
    surge, unavailable = bound(written.get("maxSurge")), bound(written.get("maxUnavailable"))
    partition = optional_number(written.get("partition"))
    return Strategy(optional_text(written.get("type")), surge, unavailable, partition)


def _read_autoscaler(value: Value) -> LiveAutoscaler | None:
    if value is None:
        return None
    written = mapping(value)
    target = optional_number(written.get("targetCPU"))
    others = tuple(map(text, sequence(written.get("otherMetrics"))))
    low, high = whole_number(written["min"]), whole_number(written["max"])
    return LiveAutoscaler(text(written["name"]), low, high, target, others)


def _read_controller(value: Value) -> tuple[str, str] | None:
    written = mapping(value)
    return (text(written["kind"]), text(written["name"])) if written else None


def _read_vpa(value: Value) -> LiveVpa | None:
    if value is None:
        return None
    written = mapping(value)
    vpa = LiveVpa(text(written["name"]), text(written["updateMode"]))
    if "controlledResources" not in written:
        return vpa
    named = {text(one) for one in sequence(written["controlledResources"])}
    return vpa._replace(controlled=tuple(one for one in vpa.controlled if one in named))


def _read_budget(written: _Json) -> DisruptionBudget:
    return DisruptionBudget(
        text(written["name"]), bound(written.get("minAvailable")), bound(written.get("maxUnavailable"))
    )


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
        **present(
            {"pods": Inline(present(pods)), "resourceVersion": live.resource_version, "generation": live.generation}
        ),
        **pod_node(live.pod),
        **present(
            {
                "strategy": Inline(present(strategy)),
                "placement": Inline(live.placement),
                "hpa": _autoscaler(live.hpa),
                "scaledObject": _autoscaler(live.scaled_object),
                "podManagementPolicy": "Parallel" if live.is_parallel else None,
                "whenScaled": "Delete" if live.drops_claims else None,
                "paused": live.is_paused or None,
                "suspended": live.is_suspended or None,
                "controller": _controller(live.controller),
                "claims": amounts_node(live.claims),
                "vpa": _vpa(live.vpa),
                "pdbs": [_budget(budget) for budget in live.budgets],
            }
        ),
    }


def _autoscaler(one: LiveAutoscaler | None) -> Inline | None:
    if one is None:
        return None
    metrics: dict[str, Node] = {"targetCPU": one.target_cpu, "otherMetrics": [*one.other_metrics]}
    return Inline(name=one.name, min=one.minimum, max=one.maximum, **present(metrics))


def _controller(one: tuple[str, str] | None) -> Inline | None:
    return Inline(kind=one[0], name=one[1]) if one else None


def _vpa(one: LiveVpa | None) -> Inline | None:
    if one is None:
        return None
    # The controlled resources are written unless they are all of them; an empty list is written, too.
    controlled: dict[str, Node] = (
        {} if one == LiveVpa(one.name, one.mode) else {"controlledResources": [*one.controlled]}
    )
    return Inline(name=one.name, updateMode=one.mode, **controlled)


def _budget(one: DisruptionBudget) -> Inline:
    bounds = {"minAvailable": _bound(one.min_available), "maxUnavailable": _bound(one.max_unavailable)}
    return Inline(name=one.name, **present(bounds))


def _bound(text: str | None) -> Node:
    """A number as a number, as the API writes it."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else text


def waiting_node(waiting: Waiting) -> dict[str, Node]:
    """Pods without a node."""
    requests = amounts_node(waiting.pod.containers[0].requests)
    return {"count": waiting.times, **present({"requests": requests, **scheduling_node(waiting.pod.scheduling)})}
