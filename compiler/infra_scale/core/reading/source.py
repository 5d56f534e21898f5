"""One source file, read as far as it can be read."""

from typing import NamedTuple

from infra_scale.core.reading.request import read_request
from infra_scale.core.schema.check import check
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position, Route
from infra_scale.model.request import ScaleRequest
from infra_scale.model.source import Source


class Reading(NamedTuple):
    """What a request file turned out to be."""

    path: str
    document: Document | None
    """None where the text is no YAML."""
    request: ScaleRequest | None
    """None where it is no valid request; then `findings` has an error."""
    findings: tuple[Finding, ...]
    """Faults of form, each with its position."""

    def locate(self, finding: Finding) -> Finding:
        """The finding with its position in this file."""
        return self.document.locate(finding) if self.document else finding

    def position(self, route: Route) -> Position | None:
        """The place of the value at `route` in this file."""
        return self.document.position(route) if self.document else None

    @property
    def target(self) -> str | None:
        """The target that the file names, even where the rest of it is wrong."""
        value = self.document.value if self.document else None
        target = value.get("target") if isinstance(value, dict) else None
        return target if isinstance(target, str) else None


def read_source(source: Source, *, schema: str) -> Reading:
    """Bytes to a request: YAML, then the JSON Schema with text `schema`, then the quantities."""
    document, faults = read_document(source, schema=schema)
    if document is None or faults:
        return Reading(source.path, document, None, faults)
    request, found = read_request(document)
    return Reading(source.path, document, request, tuple(document.locate(finding) for finding in found))


def read_document(source: Source, *, schema: str) -> tuple[Document | None, tuple[Finding, ...]]:
    """Bytes to a document, with every fault of form at its position; the document may be used where there is none."""
    document, unreadable = parse(source)
    if document is None:
        return None, unreadable
    refused = {finding.position for finding in unreadable}
    violations = (document.locate(finding) for finding in check(document, schema))
    # A value that could not be read is not judged a second time for what it became.
    return document, (*unreadable, *(finding for finding in violations if finding.position not in refused))
