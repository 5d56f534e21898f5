"""A committed plan.yaml, read back."""

from infra_scale.core.reading.source import read_document
from infra_scale.core.reading.values import mapping, sequence
from infra_scale.core.syntax.document import Value
from infra_scale.model.source import Source


def read_actions(path: str, content: bytes, *, schema: str) -> tuple[dict[str, Value], ...] | None:
    """The actions of a plan.yaml, as it writes them; None where the file is no plan that this version reads."""
    document, faults = read_document(Source(path, content, len(content)), schema=schema, limit=len(content))
    if document is None or faults:
        return None
    return tuple(mapping(action) for action in sequence(mapping(document.value)["actions"]))
