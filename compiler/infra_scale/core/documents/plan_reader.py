"""A committed plan.yaml, read back."""

from typing import NamedTuple

from infra_scale.core.documents.source import read_document
from infra_scale.core.reading.values import mapping, optional_text, sequence, text
from infra_scale.core.syntax.document import Value
from infra_scale.model.source import Source

_Node = dict[str, Value]


class CommittedPlan(NamedTuple):
    """What a plan.yaml says of workloads."""

    target: str
    request: str
    """Empty where it was made from flags."""
    kube_context: str | None
    """The context of the actions that name none."""
    actions: tuple[_Node, ...]
    """As they are written."""


def read_plan(path: str, content: bytes, *, schema: str) -> CommittedPlan | None:
    """What a plan.yaml says; None where the file is no plan that this version reads."""
    document, faults = read_document(Source(path, content, len(content)), schema=schema, limit=len(content))
    if document is None or faults:
        return None
    plan = mapping(document.value)
    metadata, context = mapping(plan["metadata"]), mapping(plan["context"])
    return CommittedPlan(
        text(metadata["target"]),
        optional_text(metadata.get("request")) or "",
        optional_text(context["kubeContext"]),
        tuple(mapping(action) for action in sequence(plan["actions"])),
    )
