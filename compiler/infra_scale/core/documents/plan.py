"""plan.yaml: reader and writer. The same plan always gives the same bytes."""

import re
from collections.abc import Callable, Iterable
from typing import get_args

from infra_scale.core.documents.actions import action_node, read_action
from infra_scale.core.documents.blocks import present
from infra_scale.core.documents.header import yaml_header
from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.values import mapping, optional_text, sequence, text
from infra_scale.core.syntax.emitter import Node, yaml_text
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.action import Action
from infra_scale.model.finding import Finding, Waiver
from infra_scale.model.names import request_id
from infra_scale.model.ownership import Consequence, HandoverStep, Ownership, Phase, Setter, Transfer
from infra_scale.model.plan import FORMAT, PlanMetadata, ScalePlan
from infra_scale.model.source import Source
from infra_scale.model.workload import KINDS, Cluster, Kind, WorkloadRef

API_VERSION = "infra.scale/v1"

_Json = dict[str, Value]
_KINDS: dict[str, Kind] = {kind: kind for kind in KINDS}
_SETTERS: dict[str, Setter] = {setter: setter for setter in get_args(Setter)}
_PHASES: dict[str, Phase] = {phase: phase for phase in get_args(Phase)}
_CONSEQUENCE = re.compile(r"(\w+)/([a-z0-9.-]+)(?: in [^ ]+)?: (.*)", re.DOTALL)


def write_plan(plan: ScalePlan) -> str:
    """The text of plan.yaml."""
    return yaml_header(plan.metadata) + yaml_text(plan_document(plan))


def plan_document(plan: ScalePlan) -> dict[str, Node]:
    """The content of plan.yaml as plain values."""
    return {
        "apiVersion": API_VERSION,
        "kind": "ScalePlan",
        "metadata": _metadata_node(plan),
        "context": {"kubeContext": plan.kube_context, "namespace": plan.namespace},
        "assumptions": {"autoscaling": plan.autoscaling},
        "actions": [action_node(action, plan.kube_context) for action in plan.actions],
        "rollbackHints": [*plan.rollback_hints],
        "risks": [*plan.risks],
        "notes": [*plan.notes],
        "consequences": [*consequence_lines(plan.consequences, plan.kube_context)],
        **present(
            {
                "preparations": [*plan.preparations],
                "ownership": [_ownership_node(owner) for owner in plan.ownership],
                "handover": [_transfer_node(transfer, plan.kube_context) for transfer in plan.transfers],
                "findings": [_finding_node(finding) for finding in plan.findings],
            }
        ),
    }


def consequence_lines(consequences: Iterable[Consequence], default: str | None) -> list[str]:
    """One line for each action, with its context if that is not the default one."""
    return [f"{one.ref}{_elsewhere(one.cluster, default)}: {one.what}" for one in consequences]


def read_plan(source: Source, *, schema: str, clusters: Iterable[Cluster] = ()) -> ScalePlan | None:
    """The plan in a plan.yaml; None if this version does not write such a plan."""
    document, faults = read_document(source, schema=schema, limit=len(source.content))
    if document is None or faults:
        return None
    return plan_of(mapping(document.value), clusters)


def plan_of(written: _Json, clusters: Iterable[Cluster] = ()) -> ScalePlan | None:
    """The plan in plain values; None if they are not a plan.

    `clusters` are those of its target; one that the target does not have is named as its context.
    """
    by_context = {cluster.context: cluster for cluster in clusters}

    def cluster_of(context: str | None) -> Cluster | None:
        return by_context.get(context) or Cluster(context, context, 0) if context else None

    try:
        return _read(written, cluster_of)
    except (KeyError, TypeError, ValueError, OverflowError):  # a schema cannot express these dependencies
        return None


_ClusterOf = Callable[[str | None], Cluster | None]


def _read(written: _Json, cluster_of: _ClusterOf) -> ScalePlan:
    metadata, context = mapping(written["metadata"]), mapping(written["context"])
    default = optional_text(context["kubeContext"])
    path = optional_text(metadata.get("request")) or ""
    lines = [_CONSEQUENCE.fullmatch(text(line)) for line in sequence(written.get("consequences"))]
    actions: list[Action] = []
    consequences: list[Consequence] = []
    for node, line in zip(map(mapping, sequence(written["actions"])), lines, strict=True):
        if line is None or line[2] != node["name"]:
            raise ValueError(node)
        ref = WorkloadRef(_KINDS[line[1]], text(node["namespace"]), line[2])
        actions.append(read_action(node, ref, cluster_of(optional_text(node.get("context")) or default)))
        consequences.append(Consequence(ref, line[3], actions[-1].cluster))
    return ScalePlan(
        metadata=PlanMetadata(
            text(metadata["target"]),
            request_id(path) or "" if path else "",
            path,
            *(optional_text(metadata.get(key)) for key in ("owner", "reason", "ticket", "createdAt")),
        ),
        namespace=text(context["namespace"]),
        autoscaling="none" if mapping(written["assumptions"])["autoscaling"] == "none" else "hpa",
        kube_context=default,
        actions=tuple(actions),
        rollback_hints=tuple(map(text, sequence(written["rollbackHints"]))),
        preparations=tuple(map(text, sequence(written.get("preparations")))),
        consequences=tuple(consequences),
        findings=tuple(_read_finding(mapping(one), path) for one in sequence(written.get("findings"))),
        ownership=tuple(_read_ownership(mapping(one)) for one in sequence(written.get("ownership"))),
        transfers=tuple(_read_transfer(mapping(one), cluster_of, default) for one in sequence(written.get("handover"))),
    )


def _metadata_node(plan: ScalePlan) -> dict[str, Node]:
    metadata = plan.metadata
    return {
        "name": plan.name,
        "annotations": {"config.kubernetes.io/local-config": "true"},
        **present({"createdAt": metadata.created_at}),
        "target": metadata.target,
        **present({"request": metadata.path}),
        "generator": f"infra-scale/{FORMAT}",
        **present({"owner": metadata.owner, "reason": metadata.reason, "ticket": metadata.ticket}),
    }


def _elsewhere(cluster: Cluster | None, default: str | None) -> str:
    return f" in {cluster.context}" if cluster and cluster.context != default else ""


def _ownership_node(owner: Ownership) -> dict[str, Node]:
    return {**_named(owner.ref), **present({"cluster": owner.cluster}), "before": owner.before, "after": owner.after}


def _read_ownership(written: _Json) -> Ownership:
    before, after = (_SETTERS[text(written[key])] for key in ("before", "after"))
    return Ownership(_ref(written), before, after, optional_text(written.get("cluster")))


def _transfer_node(transfer: Transfer, default: str | None) -> dict[str, Node]:
    context = transfer.cluster.context if transfer.cluster else None
    return {
        **_named(transfer.ref),
        **present({"context": None if context == default else context}),
        "from": transfer.before,
        "to": transfer.after,
        "steps": [_step_node(step) for step in transfer.steps],
    }


def _read_transfer(written: _Json, cluster_of: _ClusterOf, default: str | None) -> Transfer:
    return Transfer(
        _ref(written),
        text(written["from"]),
        text(written["to"]),
        tuple(_read_step(mapping(step)) for step in sequence(written["steps"])),
        cluster_of(optional_text(written.get("context")) or default),
    )


def _step_node(step: HandoverStep) -> dict[str, Node]:
    only, command = present({"only": step.only}), present({"command": step.command})
    return {"phase": step.phase, **only, "what": step.what, **command}


def _read_step(written: _Json) -> HandoverStep:
    command, only = (optional_text(written.get(key)) for key in ("command", "only"))
    return HandoverStep(_PHASES[text(written["phase"])], text(written["what"]), command, only)


def _finding_node(finding: Finding) -> dict[str, Node]:
    written: dict[str, Node] = {"rule": finding.rule, "severity": finding.severity, "message": finding.message}
    if finding.workload:
        written["workload"] = dict(finding.workload._asdict())
    if finding.waiver:
        written["waived"] = {"reason": finding.waiver.reason, "until": finding.waiver.until.isoformat()}
    return written


def _read_finding(written: _Json, path: str) -> Finding:
    rule, workload, waived = text(written["rule"]), mapping(written.get("workload")), mapping(written.get("waived"))
    return Finding(
        rule,
        "warning" if written["severity"] == "warning" else "note",
        text(written["message"]),
        path,
        workload=_ref(workload) if workload else None,
        waiver=_read_waiver(rule, waived) if waived else None,
    )


def _read_waiver(rule: str, written: _Json) -> Waiver:
    from datetime import date  # noqa: PLC0415 (few plans have a waiver)

    return Waiver(rule, text(written["reason"]), date.fromisoformat(text(written["until"])))


def _named(ref: WorkloadRef) -> dict[str, Node]:
    return {"kind": ref.kind, "name": ref.name, "namespace": ref.namespace}


def _ref(written: _Json) -> WorkloadRef:
    return WorkloadRef(_KINDS[text(written["kind"])], text(written["namespace"]), text(written["name"]))
