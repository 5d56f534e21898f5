"""The @rule decorator: what a rule is, declared beside the function that checks it.

Id, severity, rationale, fix and source stand in one place, so that documentation and tests derive from them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from infra_scale.model.finding import Severity
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload


class Hit(NamedTuple):
    """A rule that fires: what to say, and which value of the workload it is about."""

    message: str
    route: Route


Check = Callable[[Workload, ScaleRequest], Iterator[Hit]]


class Entry(NamedTuple):
    """What the catalogue says about an id that findings carry."""

    id: str
    severity: Severity
    trigger: str
    """What fires it."""
    why: str
    fix: str
    """What to do; empty where the finding says it."""
    source: str


class Rule(NamedTuple):
    """A rule about workloads."""

    id: str
    severity: Severity
    trigger: str
    """What fires it."""
    why: str
    fix: str
    """What to do, shown below the finding."""
    source: str
    check: Check

    @property
    def entry(self) -> Entry:
        """What there is to say about it."""
        return Entry(self.id, self.severity, self.trigger, self.why, self.fix, self.source)


def rule(id: str, severity: Severity, *, why: str, fix: str, source: str) -> Callable[[Check], Rule]:
    """Make a rule of the check of one workload, whose docstring says what fires it."""

    def register(check: Check) -> Rule:
        return Rule(id, severity, check.__doc__ or "", why, fix, source, check)

    return register
