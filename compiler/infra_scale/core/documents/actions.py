"""The actions of a plan: reader and writer. An action on an autoscaler names the autoscaler, not the workload."""

from collections.abc import Callable
from typing import assert_never

from infra_scale.core.documents.blocks import (
    hpa_node,
    keda_node,
    present,
    read_hpa,
    read_keda,
    read_vpa,
    resources_node,
    vpa_node,
)
from infra_scale.core.reading.quantities import Owner, read_resources
from infra_scale.core.reading.values import mapping, optional_text, text, truth, whole_number
from infra_scale.core.syntax.emitter import Node
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.action import (
    AUTOSCALER_KINDS,
    DETECT,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    Autoscaler,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.quantity import Resources
from infra_scale.model.workload import Cluster, WorkloadRef

_Json = dict[str, Value]
_REMOVALS: dict[str, Autoscaler] = {"remove_hpa": "hpa", "remove_vpa": "vpa", "remove_keda": "keda"}


def action_node(action: Action, default: str | None) -> dict[str, Node]:
    """An item of `actions`; it names its context if that is not the default one."""
    ref = action.ref
    verb, kind, values = _verb_and_values(action)
    node: dict[str, Node] = {"action": verb, "kind": kind, "name": ref.name, "namespace": ref.namespace}
    if action.cluster and action.cluster.context != default:
        node["context"] = action.cluster.context
    return node | values


def read_action(written: _Json, ref: WorkloadRef, cluster: Cluster | None) -> Action:
    """An item of `actions` on a workload. Raises ValueError for an invalid quantity or an unknown block."""
    verb = text(written["action"])
    reader = _READERS.get(verb)
    return reader(written, ref, cluster) if reader else RemoveAutoscaler(ref, _REMOVALS[verb], cluster)


def _verb_and_values(action: Action) -> tuple[str, str, dict[str, Node]]:
    kind = action.ref.kind
    match action:
        case ScaleWorkload(_, to, _, before):
            return "scale_workload", kind, {"from": _from(before), "to": to, "reason": "requested_scale"}
        case ScaleJob():
            return "scale_job", kind, {**_job_values(action), "reason": "requested_scale"}
        case UpdateResources(_, container, requests, limits, _, is_init):
            parts: dict[str, Node] = {
                "container": container,
                "initContainer": is_init or None,
                "requests": resources_node(requests),
                "limits": resources_node(limits),
            }
            return "update_resources", kind, present(parts)
        case ApplyHpa(_, hpa):
            return "apply_hpa", AUTOSCALER_KINDS["hpa"], {"hpa": hpa_node(hpa)}
        case ApplyVpa(_, vpa):
            return "apply_vpa", AUTOSCALER_KINDS["vpa"], {"vpa": vpa_node(vpa)}
        case ApplyKeda(_, keda):
            return "apply_keda", AUTOSCALER_KINDS["keda"], {"keda": keda_node(keda)}
        case RemoveAutoscaler(_, autoscaler):
            return f"remove_{autoscaler}", AUTOSCALER_KINDS[autoscaler], {"reason": "handover"}
        case _:
            assert_never(action)


def _from(before: int | None) -> Node:
    return DETECT if before is None else before


def _job_values(action: ScaleJob) -> dict[str, Node]:
    values = {"parallelism": action.parallelism, "suspend": action.suspend}
    return {key: {"from": DETECT, "to": to} for key, to in values.items() if to is not None}


def _read_scale(written: _Json, ref: WorkloadRef, cluster: Cluster | None) -> Action:
    before = written["from"]
    return ScaleWorkload(ref, whole_number(written["to"]), cluster, None if before == DETECT else whole_number(before))


def _read_job(written: _Json, ref: WorkloadRef, cluster: Cluster | None) -> Action:
    parallelism, suspend = mapping(written.get("parallelism")), mapping(written.get("suspend"))
    return ScaleJob(
        ref,
        whole_number(parallelism["to"]) if parallelism else None,
        truth(suspend["to"]) if suspend else None,
        cluster,
    )


def _read_resources(written: _Json, ref: WorkloadRef, cluster: Cluster | None) -> Action:
    requests, limits = (_resources(written.get(key), ref) for key in ("requests", "limits"))
    is_init = truth(written.get("initContainer", False))
    return UpdateResources(ref, optional_text(written.get("container")), requests, limits, cluster, is_init)


def _resources(value: Value, ref: WorkloadRef) -> Resources | None:
    resources, findings = read_resources(value, (), Owner("", ref))
    if findings:
        raise ValueError(findings[0].message)
    return resources


def _read_vpa(written: _Json, ref: WorkloadRef, cluster: Cluster | None) -> Action:
    block = written["vpa"]
    vpa, findings = read_vpa(block, (), Owner("", ref), optional_text(mapping(block).get("container")))
    if vpa is None or findings:
        raise ValueError(block)
    return ApplyVpa(ref, vpa, cluster)


_READERS: dict[str, Callable[[_Json, WorkloadRef, Cluster | None], Action]] = {
    "scale_workload": _read_scale,
    "scale_job": _read_job,
    "update_resources": _read_resources,
    "apply_hpa": lambda written, ref, cluster: ApplyHpa(ref, read_hpa(written["hpa"]), cluster),
    "apply_vpa": _read_vpa,
    "apply_keda": lambda written, ref, cluster: ApplyKeda(ref, read_keda(written["keda"]), cluster),
}
