"""ScalePlan to plan.yaml, byte for byte stable."""

from typing import assert_never

from infra_scale.core.render.generated import yaml_header
from infra_scale.core.render.yaml_text import Node, yaml_text
from infra_scale.model.action import DETECT, Action, ApplyHpa, ScaleJob, ScaleWorkload, UpdateResources
from infra_scale.model.finding import Finding
from infra_scale.model.plan import FORMAT, ScalePlan
from infra_scale.model.request import Resources

API_VERSION = "infra.scale/v1"


def plan_yaml(plan: ScalePlan, *, created_at: str) -> str:
    """The text of plan.yaml; `created_at` is RFC 3339 in UTC with milliseconds."""
    return yaml_header(plan.request) + yaml_text(_document(plan, created_at))


def action_nodes(plan: ScalePlan) -> tuple[dict[str, Node], ...]:
    """The actions as plan.yaml writes them."""
    return tuple(_action(action) for action in plan.actions)


def _document(plan: ScalePlan, created_at: str) -> dict[str, Node]:
    document: dict[str, Node] = {
        "apiVersion": API_VERSION,
        "kind": "ScalePlan",
        "metadata": _metadata(plan, created_at),
        "context": {"kubeContext": plan.kube_context, "namespace": plan.request.namespace},
        "assumptions": {"autoscaling": plan.request.autoscaling},
        "actions": list(action_nodes(plan)),
        "rollbackHints": list(plan.rollback_hints),
        "risks": list(plan.risks),
        "notes": list(plan.notes),
    }
    document["consequences"] = list(plan.consequences)
    if plan.findings:
        document["findings"] = [_finding(finding) for finding in plan.findings]
    return document


def _metadata(plan: ScalePlan, created_at: str) -> dict[str, Node]:
    request = plan.request
    metadata: dict[str, Node] = {
        "name": plan.name,
        "annotations": {"config.kubernetes.io/local-config": "true"},
        "createdAt": created_at,
        "target": request.target,
        **({"request": request.path} if request.id else {}),
        "generator": f"infra-scale/{FORMAT}",
    }
    said = {"owner": request.owner, "reason": request.reason, "ticket": request.ticket}
    return metadata | {key: value for key, value in said.items() if value}


def _action(action: Action) -> dict[str, Node]:
    ref = action.ref
    named: dict[str, Node] = {"kind": ref.kind, "name": ref.name, "namespace": ref.namespace}
    match action:
        case ScaleWorkload(_, to):
            return {"action": "scale_workload", **named, "from": DETECT, "to": to, "reason": "requested_scale"}
        case ScaleJob(_, parallelism, suspend):
            wanted: dict[str, int | None] = {"parallelism": parallelism, "suspend": suspend}
            values: dict[str, Node] = {
                key: {"from": DETECT, "to": value} for key, value in wanted.items() if value is not None
            }
            return {"action": "scale_job", **named, **values, "reason": "requested_scale"}
        case UpdateResources(_, container, requests, limits):
            parts: dict[str, Node] = {
                "container": container,
                "requests": resources_node(requests),
                "limits": resources_node(limits),
            }
            return {"action": "update_resources", **named, **{key: part for key, part in parts.items() if part}}
        case ApplyHpa(_, hpa):
            named["kind"] = "HorizontalPodAutoscaler"
            bounds: Node = {"min": hpa.minimum, "max": hpa.maximum, "targetCPU": hpa.target_cpu}
            return {"action": "apply_hpa", **named, "hpa": bounds}
        case _:
            assert_never(action)


def resources_node(resources: Resources | None) -> dict[str, Node] | None:
    """Requests or limits as plans and requests write them."""
    if resources is None:
        return None
    pairs = {"cpu": resources.cpu, "mem": resources.memory}
    return {name: str(quantity) for name, quantity in pairs.items() if quantity is not None}


def _finding(finding: Finding) -> dict[str, Node]:
    written: dict[str, Node] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
    }
    if finding.workload:
        written["workload"] = dict(finding.workload._asdict())
    return written
