"""requests/**/*.yaml: reader, which reads the valid parts of an invalid file, and writer."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.documents.blocks import (
    hpa_node,
    keda_node,
    read_hpa,
    read_keda,
    read_vpa,
    resources_node,
    vpa_node,
)
from infra_scale.core.documents.source import at_positions
from infra_scale.core.reading.quantities import Owner, read_resources
from infra_scale.core.reading.values import (
    mapping,
    optional_number,
    optional_text,
    optional_truth,
    sequence,
    text,
)
from infra_scale.core.schema.check import check
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.core.syntax.scalars import Value
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.autoscaler import Vpa
from infra_scale.model.finding import Finding, Waiver
from infra_scale.model.names import request_id
from infra_scale.model.position import Position, Route
from infra_scale.model.quantity import Resources
from infra_scale.model.request import OWNERS, Autoscaling, Handover, ScaleRequest, Workload
from infra_scale.model.source import Source
from infra_scale.model.workload import KINDS, Kind, WorkloadRef

_KINDS: dict[str, Kind] = {kind: kind for kind in KINDS}

DEFAULT_NAMESPACE = "default"


class Reading(NamedTuple):
    """The result of reading a request file."""

    path: str
    document: Document | None
    """None if the text is not YAML."""
    request: ScaleRequest | None
    """The whole request if `findings` is empty, else its valid workloads."""
    findings: tuple[Finding, ...]
    """Input errors, each with its position."""
    is_pasted: bool = False
    """Whether the file contains something other than a request; its only finding explains how to convert it."""

    def locate(self, finding: Finding) -> Finding:
        """The finding with its position in this file."""
        return self.document.locate(finding) if self.document else finding

    def located(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """Findings; those about this file with their positions."""
        return (self.locate(finding) if finding.path == self.path else finding for finding in findings)

    def position(self, route: Route) -> Position | None:
        """The position of the value at `route` in this file."""
        return self.document.position(route) if self.document else None

    def aimed_at(self, targets: Iterable[str]) -> tuple[Finding, ...]:
        """The findings; a command in them names an existing target."""
        if not self.is_pasted:
            return self.findings
        from infra_scale.core.reading.pasted import with_target  # noqa: PLC0415 (only for a faulty file)

        return tuple(with_target(finding, sorted(targets)) for finding in self.findings)

    @property
    def target(self) -> str | None:
        """The target that the file names, even if the rest of it is invalid."""
        value = self.document.value if self.document else None
        target = value.get("target") if isinstance(value, dict) else None
        return target if isinstance(target, str) else None


def read_request(source: Source, *, schema: str) -> Reading:
    """Bytes to a request: YAML, then the JSON Schema with text `schema`, then the quantities."""
    document, unreadable = parse(source)
    violations = check(document, schema) if document else ()
    if document and violations and (split := _split_item(document)):
        violations = (split,)
    if (unreadable or violations) and (pasted := _pasted(source, unreadable)):
        return Reading(source.path, None, None, (pasted,), is_pasted=True)
    if document is None:
        return Reading(source.path, None, None, unreadable)
    # An unknown key is an error, but the rest of its workload can be read, unless it replaces a required key.
    faulty = [
        violation.route
        for violation in violations
        if violation.route is not None and not (violation.rule == "SCH-002" and violation.on_key)
    ]
    if len(violations) >= limits.MAX_VIOLATIONS:  # there may be more, and a value that was not checked is not read
        return Reading(source.path, document, None, at_positions(document, unreadable, violations))
    request, of_quantities = request_of(document, faulty=faulty)
    return Reading(source.path, document, request, at_positions(document, unreadable, (*violations, *of_quantities)))


def _split_item(document: Document) -> Finding | None:
    """A workload with a dash before each key: one mistake, reported once instead of one missing key per item."""
    items = document.value.get("workloads") if isinstance(document.value, dict) else None
    if not isinstance(items, list) or len(items) < len(("kind", "name")):
        return None
    keys = [next(iter(item)) for item in items if isinstance(item, dict) and len(item) == 1]
    if len(keys) < len(items) or len({*keys}) < len(keys) or keys[:2] not in (["kind", "name"], ["name", "kind"]):
        return None
    message = f"`- {keys[1]}` starts another workload: a workload has one dash, before its first key"
    help = f"write `{keys[1]}:` and the keys after it below `{keys[0]}:`, without `- `"
    return Finding("SCH-003", "error", message, document.path, route=("workloads", 1), help=help)


def _pasted(source: Source, unreadable: tuple[Finding, ...]) -> Finding | None:
    """The finding for other content than a request, which may have several documents."""
    if any(finding.rule in _NOT_READ for finding in unreadable):
        return None
    from infra_scale.core.reading.pasted import pasted_finding  # noqa: PLC0415 (only for a faulty file)

    return pasted_finding(source)


_NOT_READ = frozenset({"YML-001", "YML-002", "YML-003", "YML-004"})
"""Rules that report an unreadable file: size, encoding, characters, syntax."""


def request_of(document: Document, *, faulty: Iterable[Route] = ()) -> tuple[ScaleRequest | None, tuple[Finding, ...]]:
    """The readable part of the request in a document, and the errors of its quantities (QTY-…).

    Values that the schema refuses (`faulty`) are omitted, so that the rules can check the rest. None if nothing can be
    read. It can be planned only if nothing is faulty and there is no finding.
    """
    refused = tuple(faulty)
    if not isinstance(document.value, dict) or len(refused) >= limits.MAX_VIOLATIONS:
        return None, ()  # with so many, there may be more that were not counted
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


_COMMENTS = {
    "target": "The target environment, defined in ops/targets/<target>.yaml.",
    "owner": "Owner, reason and ticket: shown to the reviewer.",
    "reason": "The reason: shown to the reviewer.",
    "workloads": "The desired state. Omit replicas, requests, limits or hpa to leave them unchanged.",
}


def write_request(request: ScaleRequest) -> str:
    """The text of a request file: modeline, comments, canonical order."""
    top: dict[str, Node] = {
        "target": request.target,
        "namespace": request.namespace,
        "autoscaling": request.autoscaling,
        "owner": request.owner,
        "reason": request.reason,
        "ticket": request.ticket,
        "createdAt": request.created_at,
        "workloads": [_workload_node(workload, request.namespace) for workload in request.workloads],
    }
    up = "../" * request.path.count("/")
    lines = [f"# yaml-language-server: $schema={up}schemas/scale-request.schema.json\n"]
    written = _stated(top)
    for key, value in written.items():
        if key in _COMMENTS and not (key == "reason" and "owner" in written):
            lines.append(f"\n# {_COMMENTS[key]}\n")
        lines.append(yaml_text({key: value}))
    return "".join(lines)


def _workload_node(workload: Workload, namespace: str) -> dict[str, Node]:
    ref = workload.ref
    return {
        "kind": ref.kind,
        "name": ref.name,
        **_stated(
            {
                "namespace": None if ref.namespace == namespace else ref.namespace,
                "cluster": workload.cluster,
                "replicas": workload.replicas,
                "parallelism": workload.parallelism,
                "suspend": workload.suspend,
                "container": workload.container,
                "requests": _resources_node(workload.requests),
                "limits": _resources_node(workload.limits),
                "hpa": hpa_node(workload.hpa) if workload.hpa else None,
                "vpa": _vpa_node(workload.vpa) if workload.vpa else None,
                "keda": keda_node(workload.keda) if workload.keda else None,
                "handover": _handover_node(workload.handover) if workload.handover else None,
                "allow": [{**one._asdict(), "until": one.until.isoformat()} for one in workload.allow] or None,
            }
        ),
    }


def _stated(nodes: Mapping[str, Node]) -> dict[str, Node]:
    return {key: node for key, node in nodes.items() if node is not None}


def _resources_node(resources: Resources | None) -> dict[str, Node] | None:
    """Requests or limits, with the request's key for memory."""
    written = resources_node(resources)
    if resources is None or written is None:
        return None
    return {resources.memory_key if key == "mem" else key: amount for key, amount in written.items()}


def _vpa_node(vpa: Vpa) -> dict[str, Node]:
    """A `vpa` block; it uses the container of the workload."""
    bounds = {"min": _resources_node(vpa.minimum), "max": _resources_node(vpa.maximum)}
    return vpa_node(vpa._replace(container=None)) | _stated(bounds)


def _handover_node(handover: Handover) -> dict[str, Node]:
    return {"from": handover.before, **_stated({"replicas": handover.replicas})}
