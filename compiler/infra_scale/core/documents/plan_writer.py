"""ScalePlan to plan.yaml, byte for byte stable."""

from typing import assert_never

from infra_scale.core.documents.consequences import lines
from infra_scale.core.documents.handover import ownership_node, transfer_node
from infra_scale.core.documents.header import yaml_header
from infra_scale.core.documents.request_nodes import hpa_node, keda_node, resources_node, said, vpa_node
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.model.action import (
    AUTOSCALER_KINDS,
    DETECT,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.finding import Finding
from infra_scale.model.plan import FORMAT, ScalePlan

API_VERSION = "infra.scale/v1"


def plan_yaml(plan: ScalePlan) -> str:
    """The text of plan.yaml."""
    return yaml_header(plan.request) + yaml_text(plan_document(plan))


def action_nodes(plan: ScalePlan) -> tuple[dict[str, Node], ...]:
    """The actions as plan.yaml writes them."""
    return tuple(_action(action, plan.kube_context) for action in plan.actions)


def plan_document(plan: ScalePlan) -> dict[str, Node]:
    """What plan.yaml says, as plain values."""
    document: dict[str, Node] = {
        "apiVersion": API_VERSION,
        "kind": "ScalePlan",
        "metadata": _metadata(plan),
        "context": {"kubeContext": plan.kube_context, "namespace": plan.request.namespace},
        "assumptions": {"autoscaling": plan.request.autoscaling},
        "actions": list(action_nodes(plan)),
        "rollbackHints": list(plan.rollback_hints),
        "risks": list(plan.risks),
        "notes": list(plan.notes),
    }
    document["consequences"] = list(lines(plan))
    if plan.ownership:
        document["ownership"] = [ownership_node(owner) for owner in plan.ownership]
    if plan.transfers:
        document["handover"] = [transfer_node(transfer, plan.kube_context) for transfer in plan.transfers]
    if plan.findings:
        document["findings"] = [_finding(finding) for finding in plan.findings]
    return document


def _metadata(plan: ScalePlan) -> dict[str, Node]:
    request = plan.request
    metadata: dict[str, Node] = {
        "name": plan.name,
        "annotations": {"config.kubernetes.io/local-config": "true"},
        **said({"createdAt": request.created_at}),
        "target": request.target,
        **({"request": request.path} if request.id else {}),
        "generator": f"infra-scale/{FORMAT}",
    }
    return metadata | said({"owner": request.owner, "reason": request.reason, "ticket": request.ticket})


def _action(action: Action, default: str | None) -> dict[str, Node]:
    ref = action.ref
    verb, kind, values = _verb_and_values(action)
    node: dict[str, Node] = {"action": verb, "kind": kind, "name": ref.name, "namespace": ref.namespace}
    if action.cluster and action.cluster.context != default:
        node["context"] = action.cluster.context
    return node | values


def _verb_and_values(action: Action) -> tuple[str, str, dict[str, Node]]:
    kind = action.ref.kind
    match action:
        case ScaleWorkload(_, to, _, before):
            return (
                "scale_workload",
                kind,
                {"from": _known(before), "to": to, "reason": "requested_scale"},
            )
        case ScaleJob():
            return "scale_job", kind, {**_job_values(action), "reason": "requested_scale"}
        case UpdateResources(_, container, requests, limits):
            parts: dict[str, Node] = {
                "container": container,
                "requests": resources_node(requests),
                "limits": resources_node(limits),
            }
            return "update_resources", kind, said(parts)
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


def _known(before: int | None) -> Node:
    return DETECT if before is None else before


def _job_values(action: ScaleJob) -> dict[str, Node]:
    values: dict[str, Node] = {}
    if action.parallelism is not None:
        values["parallelism"] = {"from": DETECT, "to": action.parallelism}
    if action.suspend is not None:
        values["suspend"] = {"from": DETECT, "to": action.suspend}
    return values


def _finding(finding: Finding) -> dict[str, Node]:
    written: dict[str, Node] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
    }
    if finding.workload:
        written["workload"] = dict(finding.workload._asdict())
    if finding.waiver:
        written["waived"] = {"reason": finding.waiver.reason, "until": finding.waiver.until.isoformat()}
    return written
