"""The whole job as one pure function: files and facts in, findings and files out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.compiling.context import Context, Facts
from infra_scale.core.compiling.environment import Environment, read_environment
from infra_scale.core.compiling.fold import Joined, Standing, collisions, departures, join
from infra_scale.core.compiling.request import CompiledRequest, compile_request, lost_scalers
from infra_scale.core.compiling.world import World, read_world, shown
from infra_scale.core.documents.source import Reading, read_source
from infra_scale.core.evaluation.summary import FindingCounts, counts_of, listed
from infra_scale.core.forecast.outlook import NO_OUTLOOKS, Outlooks
from infra_scale.core.generated.namespaces import components
from infra_scale.core.generated.tree import contents, newer, plan_path
from infra_scale.core.generated.unexpected import in_the_way, unexpected_findings
from infra_scale.core.planning.conflicts import Suspicion
from infra_scale.core.reading.files import request_files
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import NO_PLAN_FORECAST, PlanForecast
from infra_scale.model.plan import ScalePlan
from infra_scale.model.source import Found
from infra_scale.model.target import Target

__all__ = ["Compilation", "Context", "Facts", "compile"]


class Compilation(NamedTuple):
    """The result: what to say, and what the generated tree should hold."""

    requests: int
    """How many request files were asked for."""
    plans: tuple[ScalePlan, ...]
    """The plans of the valid requests that were asked for, sorted by the path of the request."""
    findings: tuple[Finding, ...]
    """All that are shown, in their total order; of one file at most 50, and one that counts the rest."""
    errors: tuple[Finding, ...]
    """The pure ones, which refuse requests, likewise."""
    files: Mapping[str, bytes]
    """The files of `plans`, and the rendered Components of their workloads and of the namespaces that are known."""
    obsolete: tuple[str, ...]
    """Generated files whose request is gone, or now compiles to another place."""
    totals: FindingCounts = FindingCounts(0, 0, 0, exact=True)
    outlooks: Outlooks = NO_OUTLOOKS
    """What each cluster holds of all requests together, whatever was asked for."""
    targets: Mapping[str, Target] = {}
    """The valid ones, by name."""
    forecasts: Mapping[str, PlanForecast] = {}
    """What snapshots and prices show beside each plan, by the path of its request."""

    @property
    def is_valid(self) -> bool:
        """Whether no selected request was refused."""
        return not self.errors

    def forecast(self, plan: ScalePlan) -> PlanForecast:
        """What snapshots and prices show beside one plan."""
        return self.forecasts.get(plan.request.path, NO_PLAN_FORECAST)


def compile(found: Sequence[Found], context: Context, facts: Facts | None = None) -> Compilation:
    """Compile the files below requests/; with `facts`, work out what the world shows of each selected one, too.

    Whatever a user can write there ends in plans or findings, never in an exception.
    """
    sources, misnamed = request_files(found)
    readings = {source.path: read_source(source, schema=context.schemas.request) for source in sources}
    environment = read_environment(context)
    committed = contents(context.generated)
    pieces = [compile_request(reading, environment) for reading in readings.values()]
    world = _world(facts, environment, readings)
    views = {one.path: shown(one, readings[one.path], world) for one in pieces if one.is_asked} if world else {}
    suspicion = Suspicion()
    for one in pieces:
        suspicion.add(one.path, one.claims)
    colliding = collisions({path: readings[path] for path in sorted(suspicion.paths)}, environment.targets)
    lost = [
        scaler
        for one in pieces
        if one.plan
        for scaler in lost_scalers(one.plan, committed.get(plan_path(one.plan.folder)))
    ]
    departing = departures(lost, readings, environment) if lost else set()
    of_requests = [*misnamed, *(finding for one in pieces for finding in one.findings), *colliding, *departing]
    kept, made, faults = _generated(
        pieces,
        of_requests,
        (environment, context),
        {one.path for one in pieces} | {finding.path for finding in misnamed},
    )
    unasked = {one.path for one in pieces if not one.is_asked}
    said = {f for f in of_requests if f.path not in unasked and context.scope.has_path(f.path)}
    departing |= departures(made.scalers, readings, environment) if made.scalers else set()
    said |= {f for f in departing if context.scope.shard or f.path not in unasked}
    said = said.union(environment.findings, faults, made.findings, unexpected_findings(made.unexpected, "warning"))
    errors = sorted((one for one in said if one.severity == "error"), key=lambda finding: finding.order)
    for one in pieces if world else ():
        if one.is_asked:
            said = (said - one.findings) | views[one.path].findings
    everything = sorted(said.union(world.findings if world else ()), key=lambda finding: finding.order)
    files = {path: content for one in kept for path, content in one.files.items()}
    return Compilation(
        requests=len(pieces) - len(unasked) + len({f.path for f in misnamed if context.scope.has_path(f.path)}),
        plans=tuple(one.plan for one in kept if one.plan),
        findings=tuple(listed(everything)),
        errors=tuple(listed(errors)),
        files={**files, **made.files},
        obsolete=made.obsolete,
        totals=counts_of(everything),
        outlooks=world.outlooks if world else NO_OUTLOOKS,
        targets=environment.targets.by_name,
        forecasts={path: view.forecast for path, view in views.items()},
    )


def _world(facts: Facts | None, environment: Environment, readings: Mapping[str, Reading]) -> World | None:
    if facts is None:
        return None
    return read_world(facts, environment, lambda: [one.request for one in readings.values() if one.request])


def _generated(
    pieces: Iterable[CompiledRequest], said: Iterable[Finding], facts: tuple[Environment, Context], paths: set[str]
) -> tuple[list[CompiledRequest], Joined, tuple[Finding, ...]]:
    """The pieces whose files are to stand, the rest of the tree, and what is wrong with what lies in their place.

    What belongs to other or refused requests stays as it is.
    """
    environment, context = facts
    too_new = newer(contents(context.generated))
    refused = {finding.path for finding in said if finding.severity == "error"} | too_new.keys()
    valid = [one for one in pieces if one.folder is not None and one.path not in refused]
    taken = in_the_way(context.generated, {one.folder: one.files for one in valid if one.folder})
    standing = [one for one in valid if one.folder not in taken]
    kept = [one for one in standing if one.plan]
    wanted = {path for one in kept for path in one.files}
    faults = (*too_new.values(), *taken.values())
    made = join(
        Standing(
            (paths | too_new.keys()) - {one.path for one in standing},
            components(wanted),
            (folder for one in pieces for folder in one.namespaces),
            (folder for one in kept for folder in one.namespaces),
        ),
        [item for item in context.generated if item.path not in wanted],
        environment,
        lying=context.generated,
        faults={finding.path for finding in faults},
    )
    return kept, made, faults
