"""A checked document to a ScaleRequest."""

from collections.abc import Iterable, Iterator

from infra_scale.core.reading.quantities import Owner, read_resources
from infra_scale.core.reading.values import mapping, optional_text, sequence, text, truth, whole_number
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document, Value
from infra_scale.model.finding import Finding
from infra_scale.model.names import request_id
from infra_scale.model.position import Route
from infra_scale.model.request import Autoscaling, Hpa, ScaleRequest, Workload
from infra_scale.model.workload import KINDS, Kind, WorkloadRef

_KINDS: dict[str, Kind] = {kind: kind for kind in KINDS}

DEFAULT_NAMESPACE = "default"
DEFAULT_MINIMUM = 1
"""Kubernetes' own default of minReplicas (autoscaling/v2)."""
DEFAULT_TARGET_CPU = 80
"""Kubernetes' own default metric: 80 % CPU utilization (autoscaling/v2)."""


def read_request(
    document: Document, *, faulty: Iterable[Route] = ()
) -> tuple[ScaleRequest | None, tuple[Finding, ...]]:
    """The request in a document, as far as it can be read, and what is wrong with its quantities (QTY-…).

    What the schema refuses (`faulty`) is left out, so that the rules can look at the rest. None where nothing can be
    read. It is a request to plan only when nothing is faulty and nothing was found.
    """
    refused = tuple(faulty)
    if not isinstance(document.value, dict) or len(refused) >= limits.MAX_VIOLATIONS:
        return None, ()  # with so many, there are others that nobody has counted
    routes = frozenset(route[:3] if route[0] == "workloads" else route[:1] for route in refused if route)
    written = _without(document.value, (), routes)
    namespace = optional_text(written.get("namespace")) or DEFAULT_NAMESPACE
    findings: list[Finding] = []
    workloads = tuple(
        _read_workload(workload, route, document.path, namespace, findings)
        for route, workload in _workloads(sequence(written.get("workloads")), routes)
    )
    autoscaling: Autoscaling = "none" if written.get("autoscaling") == "none" else "hpa"
    request = ScaleRequest(
        path=document.path,
        id=request_id(document.path) or "",
        target=optional_text(written.get("target")) or "",
        namespace=namespace,
        autoscaling=autoscaling,
        owner=optional_text(written.get("owner")),
        reason=optional_text(written.get("reason")),
        ticket=optional_text(written.get("ticket")),
        workloads=workloads,
    )
    return request, tuple(findings)


def _workloads(items: list[Value], faulty: frozenset[Route]) -> Iterator[tuple[Route, dict[str, Value]]]:
    for index, value in enumerate(items):
        route = ("workloads", index)
        if isinstance(value, dict):
            workload = _without(value, route, faulty)
            if "kind" in workload and "name" in workload:
                yield route, workload


def _without(written: dict[str, Value], route: Route, faulty: frozenset[Route]) -> dict[str, Value]:
    return {key: value for key, value in written.items() if (*route, key) not in faulty}


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
        parallelism=None if written.get("parallelism") is None else whole_number(written["parallelism"]),
        suspend=None if written.get("suspend") is None else truth(written["suspend"]),
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
