"""One source file, read as far as it can be read."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.core.documents.request_reader import read_request
from infra_scale.core.schema.check import check
from infra_scale.core.syntax import limits
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
    """What could be read of it: the whole request where `findings` is empty, else the workloads that are in order."""
    findings: tuple[Finding, ...]
    """Faults of form, each with its position; all of them errors."""
    is_pasted: bool = False
    """Whether the file holds something else than a request, of which its only finding says how to make one."""

    def locate(self, finding: Finding) -> Finding:
        """The finding with its position in this file."""
        return self.document.locate(finding) if self.document else finding

    def position(self, route: Route) -> Position | None:
        """The place of the value at `route` in this file."""
        return self.document.position(route) if self.document else None

    def aimed_at(self, targets: Iterable[str]) -> tuple[Finding, ...]:
        """The findings; a command among them names a target that there is."""
        if not self.is_pasted:
            return self.findings
        from infra_scale.core.reading.pasted import with_target  # noqa: PLC0415 (only for a faulty file)

        return tuple(with_target(finding, sorted(targets)) for finding in self.findings)

    @property
    def target(self) -> str | None:
        """The target that the file names, even where the rest of it is wrong."""
        value = self.document.value if self.document else None
        target = value.get("target") if isinstance(value, dict) else None
        return target if isinstance(target, str) else None


def read_source(source: Source, *, schema: str) -> Reading:
    """Bytes to a request: YAML, then the JSON Schema with text `schema`, then the quantities."""
    document, unreadable = parse(source)
    violations = check(document, schema) if document else ()
    if document and violations and (split := _split_item(document)):
        violations = (split,)
    if (unreadable or violations) and (pasted := _pasted(source, unreadable)):
        return Reading(source.path, None, None, (pasted,), is_pasted=True)
    if document is None:
        return Reading(source.path, None, None, unreadable)
    # An unknown key is wrong, but hides nothing else in its workload, unless it stands for one that has to be there.
    faulty = [
        violation.route
        for violation in violations
        if violation.route is not None and not (violation.rule == "SCH-002" and violation.on_key)
    ]
    if (
        len(violations) >= limits.MAX_VIOLATIONS
    ):  # there may be others, and a value that is not known to be sound is not read
        return Reading(source.path, document, None, _at_positions(document, unreadable, violations))
    request, of_quantities = read_request(document, faulty=faulty)
    return Reading(source.path, document, request, _at_positions(document, unreadable, (*violations, *of_quantities)))


def _split_item(document: Document) -> Finding | None:
    """A workload whose keys each begin with a dash of their own: one mistake, whatever is missing from the items."""
    items = document.value.get("workloads") if isinstance(document.value, dict) else None
    if not isinstance(items, list) or len(items) < len(("kind", "name")):
        return None
    keys = [next(iter(item)) for item in items if isinstance(item, dict) and len(item) == 1]
    if len(keys) < len(items) or len({*keys}) < len(keys) or keys[:2] not in (["kind", "name"], ["name", "kind"]):
        return None
    message = f"`- {keys[1]}` starts another workload: all keys of a workload belong behind one dash"
    help = f"write `{keys[1]}:` below `{keys[0]}:`, without `- `, and what follows likewise"
    return Finding("SCH-003", "error", message, document.path, route=("workloads", 1), help=help)


def _pasted(source: Source, unreadable: tuple[Finding, ...]) -> Finding | None:
    """The finding for something else than a request, which may hold what only a request must not: several documents."""
    if any(finding.rule in _NOT_READ for finding in unreadable):
        return None
    from infra_scale.core.reading.pasted import pasted_finding  # noqa: PLC0415 (only for a faulty file)

    return pasted_finding(source)


_NOT_READ = frozenset({"YML-001", "YML-002", "YML-003", "YML-004"})
"""What says that there is nothing to look at: size, encoding, characters, syntax."""


def read_document(
    source: Source, *, schema: str, limit: int = limits.MAX_BYTES, off_is_false: bool = False
) -> tuple[Document | None, tuple[Finding, ...]]:
    """Bytes to a document, with every fault of form at its position; the document may be used where there is none.

    With `off_is_false`, a plain `off` is taken for false, as readers of YAML 1.1 do: where text `off` means the same.
    """
    document, unreadable = parse(source, limit=limit, off_is_false=off_is_false)
    if document is None:
        return None, unreadable
    return document, _at_positions(document, unreadable, check(document, schema))


def _at_positions(
    document: Document, unreadable: tuple[Finding, ...], violations: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """All of them; a value that could not be read is not judged a second time for what it became."""
    refused = {finding.position for finding in unreadable}
    located = (document.locate(violation) for violation in violations)
    return (*unreadable, *(finding for finding in located if finding.position not in refused))
