"""A ScaleRequest to the file that a person would have written: modeline, comments, canonical order."""

from infra_scale.core.documents.request_nodes import hpa_node, resources_node
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.model.request import ScaleRequest, Workload

_COMMENTS = {
    "target": "Which environment: ops/targets/<target>.yaml says what is behind it.",
    "owner": "Who asks, why, and where it was discussed: the reviewer sees it.",
    "reason": "Why: the reviewer sees it.",
    "workloads": "What should be. Replicas, requests, limits and hpa: leave out what stays as it is.",
}


def request_yaml(request: ScaleRequest, *, path: str) -> str:
    """The text of the request file at `path` (from the root of the repository) that says what `request` says."""
    top: dict[str, Node] = {
        "target": request.target,
        "namespace": request.namespace,
        "autoscaling": request.autoscaling,
        "owner": request.owner,
        "reason": request.reason,
        "ticket": request.ticket,
        "createdAt": request.created_at,
        "workloads": [_workload(workload) for workload in request.workloads],
    }
    up = "../" * path.count("/")
    lines = [f"# yaml-language-server: $schema={up}schemas/scale-request.schema.json\n"]
    written = {key: value for key, value in top.items() if value is not None}
    for key, value in written.items():
        if key in _COMMENTS and not (key == "reason" and "owner" in written):
            lines.append(f"\n# {_COMMENTS[key]}\n")
        lines.append(yaml_text({key: value}))
    return "".join(lines)


def _workload(workload: Workload) -> dict[str, Node]:
    written: dict[str, Node] = {"kind": workload.ref.kind, "name": workload.ref.name}
    if workload.replicas is not None:
        written["replicas"] = workload.replicas
    parts: dict[str, Node] = {
        "parallelism": workload.parallelism,
        "suspend": workload.suspend,
        "container": workload.container,
        "requests": resources_node(workload.requests),
        "limits": resources_node(workload.limits),
    }
    written |= {key: part for key, part in parts.items() if part is not None}
    if workload.hpa:
        written["hpa"] = hpa_node(workload.hpa)
    return written
