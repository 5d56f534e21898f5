"""Findings and forecasts for one request from snapshots, prices, the date and all other requests.

Computed when they are shown, never part of a plan.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
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

if TYPE_CHECKING:  # loads the readers of snapshots and the packing of pods: only if a cluster has a file
    from datetime import date

    from infra_scale.core.forecast.outlook import Outlooks


class World(NamedTuple):
    """The inputs of findings of the world, forecasts and costs for all requests."""

    environment: Environment
    rules: Mapping[str, RulesInForce]
    """The rules in force for each target with a file, by its name; strict ones fire if they cannot be checked."""
    today: date | None
    outlooks: Outlooks | None = None
    """With everything that requests change; a refused one changes nothing. None if no cluster has a file."""
    refused: Collection[str] = ()
    """The paths of the refused requests, if there are `outlooks`."""
    with_refused: Callable[[], Outlooks] | None = None
    """The outlooks as if no request were refused, in which refused ones are judged."""
    findings: tuple[Finding, ...] = ()
    """Findings about the files of clusters."""

    def rules_of(self, target: Target) -> RulesInForce:
        """The rules in force for a target."""
        known = self.rules.get(target.name)
        return RulesInForce(target.policy, fails_closed=True) if known is None else known

    def outlooks_of(self, path: str) -> Outlooks | None:
        """The outlooks in which a request is judged."""
        return self.with_refused() if self.with_refused and path in self.refused else self.outlooks


class Shown(NamedTuple):
    """The findings and forecast that are shown for one request."""

    findings: frozenset[Finding]
    """Includes the pure findings that snapshots and prices do not refute, and all pure errors."""
    forecast: PlanForecast = NO_PLAN_FORECAST


def read_world(facts: Facts, environment: Environment, requests: Callable[[], Sequence[Reading]]) -> World:
    """Read the clusters. Their load depends on all `requests`, sorted by path and read only if there are snapshots."""
    targets = environment.targets
    rules = {name: RulesInForce(target.policy, fails_closed=True) for name, target in targets.by_name.items()}
    world = World(environment, rules, facts.today)
    if not facts.clusters:
        return world
    from infra_scale.core.compiling.refusals import refused_paths  # noqa: PLC0415 (likewise)
    from infra_scale.core.documents.clusters import read_clusters  # noqa: PLC0415 (only where a cluster has a file)
    from infra_scale.core.forecast.outlooks import outlooks  # noqa: PLC0415 (likewise)

    readings = requests()
    every = [reading.request for reading in readings if reading.request]
    names = {*targets.aimed_at(every), *_clusters(targets, facts.looks_at)}
    clusters, findings = read_clusters(facts.clusters, names, schemas=facts.schemas)
    has_snapshot = any(one.snapshot for one in clusters.facts.values())
    refused = refused_paths(readings, environment) if has_snapshot else frozenset()

    @cache
    def seen(left_out: Collection[str]) -> Outlooks:
        aimed = [environment.aimed(one) for one in every if one.path not in left_out]
        return outlooks(clusters, aimed, as_of=facts.as_of)._replace(now=facts.clock)

    return world._replace(
        outlooks=seen(refused), refused=refused, with_refused=lambda: seen(frozenset()), findings=findings
    )


def shown(one: CompiledRequest, reading: Reading, world: World) -> Shown:
    """The findings and forecast for a compiled request.

    A finding of the world replaces a pure one of the same rule at the same position. A pure error stays: it refused
    the request.
    """
    request = reading.request
    target = world.environment.targets.of(request) if request else None
    if request is None or target is None or not _adds(request, target, world):
        return Shown(one.findings)
    aimed = world.environment.aimed(request)
    seen = _forecast(aimed, world)
    found = [*_assessed(aimed, one, seen, world, world.rules_of(target))]
    for judged, judge in world.environment.judgements(request, target):
        of_judge = aimed._replace(target=judged)
        rules = RulesInForce(judged.policy, fails_closed=True)
        found += of_base(_assessed(of_judge, one, _forecast(of_judge, world), world, rules), judge)
    placed = tuple(reading.located(found))
    answered = {(finding.rule, finding.position) for finding in placed if finding.severity == "error"}
    refusals = (finding for finding in one.findings if finding.severity == "error")
    findings = strictest((*(one for one in refusals if (one.rule, one.position) not in answered), *placed))
    return Shown(findings, _of_plan(one.plan, aimed, seen) if one.plan else NO_PLAN_FORECAST)


def _adds(request: ScaleRequest, target: Target, world: World) -> bool:
    """Whether snapshots, prices or the date can add findings to the pure ones."""
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

    return forecast(aimed, world.outlooks_of(aimed.request.path) or NO_OUTLOOKS)


def _assessed(
    aimed: TargetedRequest, one: CompiledRequest, seen: Forecast, world: World, rules: RulesInForce
) -> tuple[Finding, ...]:
    context = RuleContext(aimed.bases, world.environment.manifests, seen, one.builds)
    return reassess(aimed, one.plan, rules=rules, context=context, today=world.today)


def _of_plan(plan: ScalePlan, aimed: TargetedRequest, seen: Forecast) -> PlanForecast:
    happens = consequences(plan.actions, aimed.request, aimed.bases, seen.running) if seen.running else ()
    return PlanForecast(seen.clusters, seen.cost, happens if happens != plan.consequences else ())


def _clusters(targets: Targets, names: frozenset[str]) -> set[str]:
    """The clusters of the targets with these names."""
    return {cluster.name for name in names if name in targets.by_name for cluster in targets.by_name[name].clusters}
