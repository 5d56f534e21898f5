"""ScalePlan to plan.yaml, byte for byte stable."""

import re
from typing import assert_never

import yaml

from infra_scale.core.render.generated import yaml_header
from infra_scale.model.action import DETECT, Action, ApplyHpa, ScaleWorkload, UpdateResources
from infra_scale.model.finding import Finding
from infra_scale.model.plan import FORMAT, ScalePlan
from infra_scale.model.request import Resources

API_VERSION = "infra.scale/v1"

_Node = None | int | str | list["_Node"] | dict[str, "_Node"]

# What some YAML version reads as anything but text, beyond what PyYAML (1.1) would: 1.2 exponents and octals, and y/n.
_READ_OTHERWISE = re.compile(
    r"[-+]?\.?[0-9][0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?|[-+]?0[xob][0-9a-fA-F_]+|[yYnN]|\$\{.*\}", re.ASCII
)


def plan_yaml(plan: ScalePlan, *, created_at: str) -> str:
    """The text of plan.yaml; `created_at` is RFC 3339 in UTC with milliseconds."""
    document = _document(plan, created_at)
    body = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=2**31
    )
    return yaml_header(plan.request) + body


def _document(plan: ScalePlan, created_at: str) -> dict[str, _Node]:
    document: dict[str, _Node] = {
        "apiVersion": API_VERSION,
        "kind": "ScalePlan",
        "metadata": _metadata(plan, created_at),
        "context": {"kubeContext": plan.kube_context, "namespace": plan.request.namespace},
        "assumptions": {"autoscaling": plan.request.autoscaling},
        "actions": [_action(action) for action in plan.actions],
        "rollbackHints": list(plan.rollback_hints),
        "risks": list(plan.risks),
        "notes": list(plan.notes),
    }
    if plan.findings:
        document["findings"] = [_finding(finding) for finding in plan.findings]
    return document


def _metadata(plan: ScalePlan, created_at: str) -> dict[str, _Node]:
    request = plan.request
    metadata: dict[str, _Node] = {
        "name": plan.name,
        "annotations": {"config.kubernetes.io/local-config": "true"},
        "createdAt": created_at,
        "target": request.target,
        **({"request": request.path} if request.id else {}),
        "generator": f"infra-scale/{FORMAT}",
    }
    said = {"owner": request.owner, "reason": request.reason, "ticket": request.ticket}
    return metadata | {key: value for key, value in said.items() if value}


def _action(action: Action) -> dict[str, _Node]:
    ref = action.ref
    named: dict[str, _Node] = {"kind": ref.kind, "name": ref.name, "namespace": ref.namespace}
    match action:
        case ScaleWorkload(_, to):
            return {"action": "scale_workload", **named, "from": DETECT, "to": to, "reason": "requested_scale"}
        case UpdateResources(_, container, requests, limits):
            parts: dict[str, _Node] = {
                "container": container,
                "requests": _resources(requests),
                "limits": _resources(limits),
            }
            return {"action": "update_resources", **named, **{key: part for key, part in parts.items() if part}}
        case ApplyHpa(_, hpa):
            named["kind"] = "HorizontalPodAutoscaler"
            bounds: _Node = {"min": hpa.minimum, "max": hpa.maximum, "targetCPU": hpa.target_cpu}
            return {"action": "apply_hpa", **named, "hpa": bounds}
        case _:
            assert_never(action)


def _resources(resources: Resources | None) -> dict[str, _Node] | None:
    if resources is None:
        return None
    pairs = {"cpu": resources.cpu, "mem": resources.memory}
    return {name: str(quantity) for name, quantity in pairs.items() if quantity is not None}


def _finding(finding: Finding) -> dict[str, _Node]:
    written: dict[str, _Node] = {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
    }
    if finding.workload:
        written["workload"] = dict(finding.workload._asdict())
    return written


class _Dumper(yaml.SafeDumper):
    """Lists indented below their key, double quotes where quotes are needed, never an alias."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002 (PyYAML's signature)
        del indentless
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True

    def choose_scalar_style(self) -> str:
        style: str = super().choose_scalar_style()
        return '"' if style == "'" else style


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    quoted = "\n" in text or _READ_OTHERWISE.fullmatch(text) is not None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if quoted else None)


_Dumper.add_representer(str, _represent_text)
