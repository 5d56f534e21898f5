"""The @rule decorator: what a rule is, declared beside the function that checks it.

Id, severity, rationale, fix, source and thresholds stand in one place: documentation and tests derive from them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple

from infra_scale.model.autoscaler import Hpa, Keda
from infra_scale.model.capacity import NO_FORECAST, Forecast, Site
from infra_scale.model.cost import Cost
from infra_scale.model.finding import Severity
from infra_scale.model.manifest import Absence, Base, Overruling
from infra_scale.model.policy import Strictness
from infra_scale.model.position import Route
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.target import Target


class Subject(NamedTuple):
    """What a rule looks at: one workload, and what is known around it."""

    workload: Workload
    request: ScaleRequest
    target: Target
    base: Base | None = None
    """What the repository's manifests say of the workload; None where they were not looked at, or do not have it."""
    thresholds: Mapping[str, int] = {}
    """Those of the rule in force for the target, by name."""
    environment: Forecast = NO_FORECAST
    """What snapshots and prices tell of the whole request."""
    overrulings: tuple[Overruling, ...] = ()
    """What overlays change of the workload after our Component, also where its base is not known."""
    absence: Absence | None = None
    """That the manifests are known not to have the workload."""
    unread: tuple[str, ...] = ()
    """The first few manifests of the target that could not be read or followed."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """The workload in each cluster that it is for; none where no cluster of the target has a snapshot."""
        return self.environment.sites.get(self.workload.route, ())

    @property
    def cost(self) -> Cost | None:
        """Of the whole request; None where nobody has named prices."""
        return self.environment.cost

    @property
    def hpa(self) -> Hpa | None:
        """The HPA that will be applied; None where there is none or autoscaling is none."""
        return self.request.hpa_of(self.workload)

    @property
    def keda(self) -> Keda | None:
        """The ScaledObject that will be applied; None where there is none or autoscaling is none."""
        return self.request.keda_of(self.workload)

    @property
    def is_autoscaled(self) -> bool:
        """Whether something else than the request sets spec.replicas."""
        return self.hpa is not None or self.keda is not None


class Hit(NamedTuple):
    """A rule that fires: what to say, and which value of the workload it is about."""

    message: str
    route: Route
    severity: Severity | None = None
    """Where it is as sure or as harmless as the rule is not everywhere; a target's policy has the last word."""
    help: str = ""
    """What to do, where that is more than the rule can know."""


Check = Callable[[Subject], Iterator[Hit]]
Needed = Literal["snapshot", "prices"]
"""What a rule goes by besides requests, targets and manifests."""


class Entry(NamedTuple):
    """What the catalogue says about an id that findings carry."""

    id: str
    severity: Strictness
    """off: only where a target's policy turns it on."""
    trigger: str
    """What fires it."""
    why: str
    fix: str
    """What to do; empty where the finding says it."""
    source: str
    thresholds: Mapping[str, int] = {}
    """What a target's policy can set, by name."""
    needs: Needed | None = None
    """Without it, the rule is silent, unless a policy makes it strict."""


def error_entry(id: str, trigger: str, why: str, fix: str, source: str) -> Entry:
    """The entry of something that refuses a request, wherever it is checked."""
    return Entry(id, "error", trigger, why, fix, source)


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
    thresholds: Mapping[str, int]
    """Its bounds by name, where a target's policy does not set them."""
    is_on: bool
    """Whether it is in force without a word of the target's policy."""
    needs: Needed | None
    """See Entry."""
    unknown: Check | None = None
    """Why it could not be checked; None: where snapshots do not show the workload."""

    @property
    def strictness(self) -> Strictness:
        """Its severity without a word of the target's policy."""
        return self.severity if self.is_on else "off"

    @property
    def entry(self) -> Entry:
        """What there is to say about it."""
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
    """Make a rule of the check of one workload, whose docstring says what fires it."""

    def register(check: Check) -> Rule:
        return Rule(id, severity, check.__doc__ or "", why, fix, source, check, thresholds or {}, is_on, needs, unknown)

    return register
