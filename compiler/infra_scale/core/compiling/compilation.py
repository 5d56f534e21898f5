"""The result of a compile that keeps all plans."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.compiling.environment import Environment, environment_of
from infra_scale.core.documents.target import NO_TARGETS
from infra_scale.core.evaluation.summary import FindingCounts
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import NO_PLAN_FORECAST, PlanForecast
from infra_scale.model.plan import ScalePlan
from infra_scale.model.target import Target

if TYPE_CHECKING:  # loaded only where a cluster has a snapshot or prices
    from infra_scale.core.forecast.outlook import Outlooks


class Compilation(NamedTuple):
    """Plans, findings, and the content of the generated tree."""

    requests: int
    """How many request files are in scope."""
    plans: tuple[ScalePlan, ...]
    """The plans of the valid requests in scope, sorted by the path of the request."""
    findings: tuple[Finding, ...]
    """All findings that are shown, in their total order; at most 50 for one file, and one that counts the rest."""
    errors: tuple[Finding, ...]
    """The pure findings, which refuse requests, in the same form."""
    files: Mapping[str, bytes]
    """The files of `plans`, and the rendered Components of their workloads and of the known namespaces."""
    obsolete: tuple[str, ...]
    """Generated files whose request is gone, or now compiles to another place."""
    totals: FindingCounts = FindingCounts(0, 0, 0, exact=True)
    outlooks: "Outlooks | None" = None
    """The load of each cluster by all requests together, whatever the scope."""
    environment: Environment = environment_of(NO_TARGETS)
    forecasts: Mapping[str, PlanForecast] = {}
    """Capacity and cost of each plan, by the path of its request."""

    @property
    def targets(self) -> Mapping[str, Target]:
        """The valid targets, by name."""
        return self.environment.targets.by_name

    @property
    def is_valid(self) -> bool:
        """Whether no request in scope was refused."""
        return not self.errors

    def forecast(self, plan: ScalePlan) -> PlanForecast:
        """Capacity and cost of one plan."""
        return self.forecasts.get(plan.metadata.path, NO_PLAN_FORECAST)


NOTHING_COMPILED = Compilation(requests=0, plans=(), findings=(), errors=(), files={}, obsolete=())
