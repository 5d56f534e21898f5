"""Finding: one thing that a user should know about what they wrote, and its total order."""

from typing import Literal, NamedTuple

from infra_scale.model.position import Position, Route
from infra_scale.model.waiver import Waiver
from infra_scale.model.workload import WorkloadRef

Severity = Literal["error", "warning", "note"]


class Finding(NamedTuple):
    """An error refuses the request; a warning and a note go into its plan."""

    rule: str
    """Id in the catalogue, such as REP-001; SCH-…, YML-… and FIL-… are faults of form."""
    severity: Severity
    message: str
    path: str
    """File, from the root of the repository."""
    route: Route | None = None
    """The value it is about; None where the file as a whole is, or `position` is already known."""
    on_key: bool = False
    """Whether it is about the key at `route` and not about its value."""
    help: str = ""
    """What to do about it; empty where the message says it."""
    workload: WorkloadRef | None = None
    position: Position | None = None
    waiver: Waiver | None = None
    """What allows it: then it is a note, whatever the rule says."""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: path, line, column, rule, message."""
        line, column = (self.position.line, self.position.column) if self.position else (0, 0)
        return (self.path, line, column, self.rule, self.message)
