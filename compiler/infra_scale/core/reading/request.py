"""A checked document to a ScaleRequest."""

from infra_scale.core.reading.quantities import Owner, read_resources
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, whole_number
from infra_scale.core.syntax.document import Document, Value
from infra_scale.model.finding import Finding
from infra_scale.model.names import request_id
from infra_scale.model.position import Route
from infra_scale.model.request import Autoscaling, Hpa, ScaleRequest, Workload
from infra_scale.model.workload import Kind, WorkloadRef

_KINDS: dict[str, Kind] = {
    "Deployment": "Deployment",
    "StatefulSet": "StatefulSet",
    "ReplicaSet": "ReplicaSet",
    "DaemonSet": "DaemonSet",
}

DEFAULT_NAMESPACE = "default"
DEFAULT_MINIMUM = 1
"""Kubernetes' own default of minReplicas (autoscaling/v2)."""
DEFAULT_TARGET_CPU = 80
"""Kubernetes' own default metric: 80 % CPU utilization (autoscaling/v2)."""


def read_request(document: Document) -> tuple[ScaleRequest | None, tuple[Finding, ...]]:
    """The request in a document that its schema accepts; None with findings (QTY-…) where a quantity is wrong."""
    written = mapping(document.value)
    namespace = optional_text(written.get("namespace")) or DEFAULT_NAMESPACE
    autoscaling: Autoscaling = "none" if written.get("autoscaling") == "none" else "hpa"
    findings: list[Finding] = []
    workloads = tuple(
        _read_workload(mapping(value), ("workloads", index), document.path, namespace, findings)
        for index, value in enumerate(sequence(written.get("workloads")))
    )
    if findings:
        return None, tuple(findings)
    request = ScaleRequest(
        path=document.path,
        id=request_id(document.path) or "",
        target=text(written.get("target")),
        namespace=namespace,
        autoscaling=autoscaling,
        owner=optional_text(written.get("owner")),
        reason=optional_text(written.get("reason")),
        ticket=optional_text(written.get("ticket")),
        workloads=workloads,
    )
    return request, ()


def _read_workload(
    written: dict[str, Value], route: Route, path: str, namespace: str, findings: list[Finding]
) -> Workload:
    ref = WorkloadRef(_KINDS[text(written.get("kind"))], namespace, text(written.get("name")))
    owner = Owner(path, ref)
    requests, in_requests = read_resources(written.get("requests"), (*route, "requests"), owner)
    limits, in_limits = read_resources(written.get("limits"), (*route, "limits"), owner)
    findings += in_requests + in_limits
    return Workload(
        ref=ref,
        route=route,
        replicas=None if written.get("replicas") is None else whole_number(written["replicas"]),
        container=optional_text(written.get("container")),
        requests=requests,
        limits=limits,
        hpa=_read_hpa(written["hpa"]) if "hpa" in written else None,
    )


def _read_hpa(value: Value) -> Hpa:
    written = mapping(value)
    return Hpa(
        minimum=whole_number(written.get("min", DEFAULT_MINIMUM)),
        maximum=whole_number(written["max"]),
        target_cpu=whole_number(written.get("targetCPU", DEFAULT_TARGET_CPU)),
    )
