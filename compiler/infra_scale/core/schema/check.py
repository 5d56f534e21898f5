"""Validates a document against its JSON Schema: fast acceptance, or all errors."""

from infra_scale.core.schema.accept import acceptor
from infra_scale.core.syntax.document import Document
from infra_scale.model.finding import Finding


def check(document: Document, schema: str) -> tuple[Finding, ...]:
    """All violations (SCH-…) of the JSON Schema with text `schema`, in document order of jsonschema.

    At most 100; then FIL-004 reports that the rest was not checked.
    """
    if acceptor(schema)(document.value):
        return ()
    from infra_scale.core.schema.violations import violations  # noqa: PLC0415 (jsonschema: slow to import, rarely needed)

    return violations(document, schema)
