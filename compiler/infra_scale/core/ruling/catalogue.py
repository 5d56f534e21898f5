"""The @rule decorator: declares a rule at the function that checks it.

Id, severity, rationale, fix, source and thresholds are in one place: documentation and tests derive from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple

from infra_scale.model.autoscaler import Hpa, Keda
from infra_scale.model.capacity import NO_FORECAST, Forecast, Site
from infra_scale.model.cost import Cost
from infra_scale.model.finding import Severity
from infra_scale.model.manifest import NO_BASES, NO_FAULTS, Absence, Base, Bases, Fault, Faults
from infra_scale.model.policy import Strictness
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.target import Target

if TYPE_CHECKING:  # a request without manifests loads nothing that reads them
    from infra_scale.core.manifests.workloads import Manifests

from collections.abc import Iterable, Sequence


class Subject(NamedTuple):
    """Input of a rule: one workload and its context."""

    workload: Workload
    request: ScaleRequest
    target: Target
    base: Base | None = None
    """The workload in the repository's manifests; None if they were not read, or do not have it."""
    thresholds: Mapping[str, int] = {}
    """The rule's thresholds in force for the target, by name."""
    forecast: Forecast = NO_FORECAST
    """Data of snapshots and prices for the whole request."""
    absence: Absence | None = None
    """Why the manifests do not show the workload; None if they do, or if the target names none."""
    faults: tuple[Fault, ...] = ()
    """Why our Component of the workload does not reach its builds, or breaks one."""
    unread: tuple[str, ...] = ()
    """The first few manifests of the target that could not be read or followed."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """The workload in each of its clusters; empty if no cluster of the target has a snapshot."""
        return self.forecast.sites.get(self.workload.key, ())

    @property
    def cost(self) -> Cost | None:
        """The cost of the whole request; None if no prices are configured."""
        return self.forecast.cost

    @property
    def hpa(self) -> Hpa | None:
        """The HPA that will be applied; None if there is none or autoscaling is none."""
        return self.request.hpa_of(self.workload)

    @property
    def keda(self) -> Keda | None:
        """The ScaledObject that will be applied; None if there is none or autoscaling is none."""
        return self.request.keda_of(self.workload)

    @property
    def is_autoscaled(self) -> bool:
        """Whether spec.replicas is set by anything other than the request."""
        return self.hpa is not None or self.keda is not None


class Hit(NamedTuple):
    """A firing of a rule: the message, and the value of the workload."""

    message: str
    route: Route
    severity: Severity | None = None
    """A different severity in this case; a target's policy takes precedence."""
    help: str = ""
    """A more specific fix than the rule's."""


Check = Callable[[Subject], Iterator[Hit]]
Needed = Literal["snapshot", "prices"]
"""Data that a rule needs besides requests, targets and manifests."""


class Entry(NamedTuple):
    """The catalogue entry of a finding's id."""

    id: str
    severity: Strictness
    """off: only if a target's policy enables it."""
    trigger: str
    """Its trigger."""
    why: str
    fix: str
    """The fix; empty if the finding has it."""
    source: str
    thresholds: Mapping[str, int] = {}
    """Thresholds that a target's policy can set, by name."""
    needs: Needed | None = None
    """Without this data, the rule is silent, unless a policy makes it strict."""


def error_entry(id: str, trigger: str, why: str, fix: str, source: str) -> Entry:
    """The entry of a check that refuses a request."""
    return Entry(id, "error", trigger, why, fix, source)


class Rule(NamedTuple):
    """A rule about workloads."""

    id: str
    severity: Severity
    trigger: str
    """Its trigger."""
    why: str
    fix: str
    """The fix, shown below the finding."""
    source: str
    check: Check
    thresholds: Mapping[str, int]
    """Its default thresholds by name."""
    is_on: bool
    """Whether it is on by default."""
    needs: Needed | None
    """See Entry."""
    unknown: Check | None = None
    """Why it could not be checked; None: the workload is not in the snapshots."""

    @property
    def strictness(self) -> Strictness:
        """Its default severity."""
        return self.severity if self.is_on else "off"

    @property
    def entry(self) -> Entry:
        """Its documentation."""
        return Entry(
            self.id, self.strictness, self.trigger, self.why, self.fix, self.source, self.thresholds, self.needs
        )


def rule(  # noqa: PLR0913 (a declaration, by keyword)
    id: str,
    severity: Severity,
    *,
    why: str,
    fix: str,
    source: str,
    thresholds: Mapping[str, int] | None = None,
    is_on: bool = True,
    needs: Needed | None = None,
    unknown: Check | None = None,
) -> Callable[[Check], Rule]:
    """Declare the check of one workload as a rule; its docstring describes the trigger."""

    def register(check: Check) -> Rule:
        return Rule(id, severity, check.__doc__ or "", why, fix, source, check, thresholds or {}, is_on, needs, unknown)

    return register


class RuleContext(NamedTuple):
    """Context of one request."""

    bases: Bases = NO_BASES
    """The workloads in the repository's manifests, by route."""
    manifests: Manifests | None = None
    forecast: Forecast = NO_FORECAST
    builds: Faults = NO_FAULTS
    """The faults of the builds with its rendered Components, once there are any."""


NO_CONTEXT = RuleContext()


Placed = tuple[Site | None, Hit]
"""A hit and its cluster; None if it is about all clusters."""

HERE = "\0"
"""Placeholder for the names in a message; without it they are appended."""
_NAMED = 5
"""At most this many names are listed; the rest is counted."""


def merged(found: Iterable[Placed]) -> Iterator[Hit]:
    """The hits, each with the names of its clusters."""
    places: dict[Hit, list[str]] = {}
    for site, hit in found:
        places.setdefault(hit, []).append(site.cluster.name if site and site.where else "")
    for hit, names in places.items():
        yield hit._replace(message=_at(hit.message, _where(names)))


def _where(names: Sequence[str]) -> str:
    if not all(names):
        return ""
    more = len(names) - _NAMED
    return f" in {', '.join(names[:_NAMED])}" + (f" and {more} more" if more > 0 else "")


def _at(message: str, where: str) -> str:
    if HERE in message:
        return message.replace(HERE, where)
    return f"{message[:-1]}{where}." if message.endswith(".") else f"{message}{where}"
