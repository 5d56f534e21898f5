"""One file: YAML, checked against its JSON Schema."""

from infra_scale.core.schema.check import check
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.finding import Finding
from infra_scale.model.source import Source


def read_document(
    source: Source, *, schema: str, limit: int = limits.MAX_BYTES, off_is_false: bool = False
) -> tuple[Document | None, tuple[Finding, ...]]:
    """Bytes to a document, and the errors of form with their positions; the document can be used if there are none.

    With `off_is_false`, a plain `off` is false, as in YAML 1.1: for formats where the text `off` means the same.
    """
    document, unreadable = parse(source, limit=limit, off_is_false=off_is_false)
    if document is None:
        return None, unreadable
    return document, at_positions(document, unreadable, check(document, schema))


def at_positions(
    document: Document, unreadable: tuple[Finding, ...], violations: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """All findings; a value that could not be read is reported once, not again for its replacement."""
    refused = {finding.position for finding in unreadable}
    located = (document.locate(violation) for violation in violations)
    return (*unreadable, *(finding for finding in located if finding.position not in refused))
