"""Finding: one problem or remark about a user's file, with a total order."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal, NamedTuple

from infra_scale.model.position import Position, Route
from infra_scale.model.workload import WorkloadRef

if TYPE_CHECKING:  # few requests have a waiver
    from datetime import date


class Waiver(NamedTuple):
    """A waiver of a rule for a workload, until a date."""

    rule: str
    reason: str
    until: "date"
    """The last day."""


Severity = Literal["error", "warning", "note"]


class Finding(NamedTuple):
    """An error refuses the request; a warning and a note go into its plan."""

    rule: str
    """Id in the catalogue, such as REP-001; SCH-…, YML-… and FIL-… are syntax errors."""
    severity: Severity
    message: str
    path: str
    """File, from the root of the repository."""
    route: Route | None = None
    """The route of the value; None for the whole file, or if `position` is known."""
    on_key: bool = False
    """Whether it is about the key at `route` instead of its value."""
    help: str = ""
    """The fix; empty if the message has it."""
    workload: WorkloadRef | None = None
    position: Position | None = None
    waiver: Waiver | None = None
    """The waiver that makes it a note."""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: path, line, column, rule, message."""
        line, column = (self.position.line, self.position.column) if self.position else (0, 0)
        return (self.path, line, column, self.rule, self.message)


def has_error(findings: Iterable[Finding]) -> bool:
    """Whether one of the findings is an error."""
    return any(finding.severity == "error" for finding in findings)
