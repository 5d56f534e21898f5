"""A checked document to a ScaleRequest."""

from collections.abc import Iterable, Iterator

from infra_scale.core.reading.autoscalers import read_hpa, read_keda, read_vpa
from infra_scale.core.reading.quantities import Owner, read_resources
from infra_scale.core.reading.values import (
    mapping,
    optional_number,
    optional_text,
    optional_truth,
    sequence,
    text,
)
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document, Value
from infra_scale.model.finding import Finding
from infra_scale.model.names import request_id
from infra_scale.model.position import Route
from infra_scale.model.request import OWNERS, Autoscaling, Handover, ScaleRequest, Workload
from infra_scale.model.waiver import Waiver
from infra_scale.model.workload import KINDS, Kind, WorkloadRef

_KINDS: dict[str, Kind] = {kind: kind for kind in KINDS}

DEFAULT_NAMESPACE = "default"


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
        created_at=optional_text(written.get("createdAt")),
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
    own_namespace = optional_text(written.get("namespace")) or namespace
    ref = WorkloadRef(_KINDS[text(written.get("kind"))], own_namespace, text(written.get("name")))
    owner = Owner(path, ref)
    requests, in_requests = read_resources(written.get("requests"), (*route, "requests"), owner)
    limits, in_limits = read_resources(written.get("limits"), (*route, "limits"), owner)
    container = optional_text(written.get("container"))
    vpa, in_vpa = read_vpa(written.get("vpa"), (*route, "vpa"), owner, container)
    findings += in_requests + in_limits + in_vpa
    return Workload(
        ref=ref,
        route=route,
        replicas=optional_number(written.get("replicas")),
        parallelism=optional_number(written.get("parallelism")),
        suspend=optional_truth(written.get("suspend")),
        container=container,
        requests=requests,
        limits=limits,
        hpa=read_hpa(written["hpa"]) if "hpa" in written else None,
        vpa=vpa,
        keda=read_keda(written["keda"]) if "keda" in written else None,
        cluster=optional_text(written.get("cluster")),
        handover=_read_handover(mapping(written["handover"])) if "handover" in written else None,
        allow=tuple(_read_waiver(mapping(item)) for item in sequence(written.get("allow"))),
    )


def _read_handover(written: dict[str, Value]) -> Handover:
    return Handover(OWNERS[text(written["from"])], optional_number(written.get("replicas")))


def _read_waiver(written: dict[str, Value]) -> Waiver:
    from datetime import date  # noqa: PLC0415 (few requests have a waiver)

    return Waiver(text(written["rule"]), text(written["reason"]), date.fromisoformat(text(written["until"])))
