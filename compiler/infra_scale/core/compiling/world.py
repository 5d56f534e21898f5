"""What snapshots, prices, the day and all requests together show of one request. Computed where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.compiling.base_policy import of_base, strictest
from infra_scale.core.compiling.compiled import CompiledRequest
from infra_scale.core.compiling.context import Facts
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.documents.request import Reading
from infra_scale.core.documents.target import Targets
from infra_scale.core.evaluation.assessment import reassess
from infra_scale.core.evaluation.rules import RulesInForce
from infra_scale.core.planning.consequences import consequences
from infra_scale.core.ruling.catalogue import RuleContext
from infra_scale.model.capacity import NO_FORECAST, Forecast
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import NO_PLAN_FORECAST, PlanForecast
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target, TargetedRequest

if TYPE_CHECKING:  # what reads snapshots and packs pods is loaded where a cluster has a file
    from datetime import date

    from infra_scale.core.forecast.outlook import Outlooks


class World(NamedTuple):
    """What findings of the world, forecasts and costs of every request are worked out from."""

    environment: Environment
    rules: Mapping[str, RulesInForce]
    """Those in force for each target with a file, by its name; strict ones fire where they cannot be checked."""
    today: date | None
    outlooks: Outlooks | None = None
    """None where no cluster has a file."""
    findings: tuple[Finding, ...] = ()
    """About the files of clusters."""

    def rules_of(self, target: Target) -> RulesInForce:
        """Those in force for a target."""
        known = self.rules.get(target.name)
        return RulesInForce(target.policy, fails_closed=True) if known is None else known


class Shown(NamedTuple):
    """What is shown of one request."""

    findings: frozenset[Finding]
    """With the pure ones that the world does not refute, and all pure errors."""
    forecast: PlanForecast = NO_PLAN_FORECAST


def read_world(facts: Facts, environment: Environment, requests: Callable[[], Sequence[ScaleRequest]]) -> World:
    """Read the clusters. What they can hold depends on all `requests` together: read only where there are snapshots.

    `requests` are sorted by path, and read as far as they can be.
    """
    targets = environment.targets
    rules = {name: RulesInForce(target.policy, fails_closed=True) for name, target in targets.by_name.items()}
    world = World(environment, rules, facts.today)
    if not facts.clusters:
        return world
    from infra_scale.core.documents.clusters import read_clusters  # noqa: PLC0415 (only where a cluster has a file)
    from infra_scale.core.forecast.demands import outlooks  # noqa: PLC0415 (likewise)

    every = requests()
    names = {*targets.aimed_at(every), *_clusters(targets, facts.looks_at)}
    clusters, findings = read_clusters(facts.clusters, names, schemas=facts.schemas)
    seen = outlooks(clusters, list(map(environment.aimed, every)), as_of=facts.as_of)
    return world._replace(outlooks=seen._replace(now=facts.clock), findings=findings)


def shown(one: CompiledRequest, reading: Reading, world: World) -> Shown:
    """What is shown of a request that was compiled.

    Where the world answers what a rule could only suspect, its answer counts. An error stays: it refused the request.
    """
    request = reading.request
    target = world.environment.targets.of(request) if request else None
    if request is None or target is None or not _adds(request, target, world):
        return Shown(one.findings)
    aimed = world.environment.aimed(request)
    seen = _forecast(aimed, world)
    found = [*_assessed(aimed, one.plan, seen, world, world.rules_of(target))]
    for judged, judge in world.environment.judgements(request, target):
        of_judge = aimed._replace(target=judged)
        rules = RulesInForce(judged.policy, fails_closed=True)
        found += of_base(_assessed(of_judge, one.plan, _forecast(of_judge, world), world, rules), judge)
    placed = tuple(reading.located(found))
    answered = {(finding.rule, finding.position) for finding in placed if finding.severity == "error"}
    refusals = (finding for finding in one.findings if finding.severity == "error")
    findings = strictest((*(one for one in refusals if (one.rule, one.position) not in answered), *placed))
    return Shown(findings, _of_plan(one.plan, aimed, seen) if one.plan else NO_PLAN_FORECAST)


def _adds(request: ScaleRequest, target: Target, world: World) -> bool:
    """Whether the world may show anything that the request, its target and the manifests do not."""
    return (
        target.prices is not None
        or (world.outlooks is not None and (world.outlooks.has_snapshot(target) or world.outlooks.has_prices(target)))
        or any(workload.allow for workload in request.workloads)
        or world.rules_of(target).has_strict
        or any(True for _ in world.environment.judgements(request, target))
    )


def _forecast(aimed: TargetedRequest, world: World) -> Forecast:
    if world.outlooks is None and aimed.target.prices is None:
        return NO_FORECAST
    from infra_scale.core.forecast.outlook import NO_OUTLOOKS  # noqa: PLC0415 (only with snapshots or prices)
    from infra_scale.core.forecast.request import forecast  # noqa: PLC0415 (likewise)

    return forecast(aimed, world.outlooks or NO_OUTLOOKS)


def _assessed(
    aimed: TargetedRequest, plan: ScalePlan | None, seen: Forecast, world: World, rules: RulesInForce
) -> tuple[Finding, ...]:
    context = RuleContext(aimed.bases, world.environment.manifests, seen)
    return reassess(aimed, plan, rules=rules, context=context, today=world.today)


def _of_plan(plan: ScalePlan, aimed: TargetedRequest, seen: Forecast) -> PlanForecast:
    happens = consequences(plan.actions, aimed.request, aimed.bases, seen.running) if seen.running else ()
    return PlanForecast(seen.clusters, seen.cost, happens if happens != plan.consequences else ())


def _clusters(targets: Targets, names: frozenset[str]) -> set[str]:
    """The clusters of the targets with these names."""
    return {cluster.name for name in names if name in targets.by_name for cluster in targets.by_name[name].clusters}
