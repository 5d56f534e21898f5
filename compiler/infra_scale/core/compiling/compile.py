"""The whole job as one pure function: files and facts in, findings and files out."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.compiling.context import Context
from infra_scale.core.compiling.environment import Environment, read_environment
from infra_scale.core.compiling.fold import Joined, Standing, collisions, departures, join
from infra_scale.core.compiling.request import CompiledRequest, compile_request
from infra_scale.core.documents.request import read_request
from infra_scale.core.evaluation.summary import FindingCounts, counts_of, listed
from infra_scale.core.forecast.outlook import NO_OUTLOOKS, Outlooks
from infra_scale.core.generated.namespaces import components
from infra_scale.core.generated.tree import contents, newer
from infra_scale.core.generated.unexpected import in_the_way, unexpected_findings
from infra_scale.core.planning.conflicts import Suspicion
from infra_scale.core.reading.files import request_files
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from infra_scale.model.source import Found
from infra_scale.model.target import Target

__all__ = ["Compilation", "Context", "compile"]


class Compilation(NamedTuple):
    """The result: what to say, and what the generated tree should hold."""

    requests: int
    """How many request files were asked for."""
    plans: tuple[ScalePlan, ...]
    """The plans of the valid requests that were asked for, sorted by the path of the request."""
    findings: tuple[Finding, ...]
    """The findings in their total order; of one file at most 50, and one that counts the rest."""
    files: Mapping[str, bytes]
    """The files of `plans`, and the rendered Components of their workloads and of the namespaces that are known."""
    obsolete: tuple[str, ...]
    """Generated files whose request is gone, or now compiles to another place."""
    totals: FindingCounts = FindingCounts(0, 0, 0, exact=True)
    outlooks: Outlooks = NO_OUTLOOKS
    """What each cluster holds of all requests together, whatever was asked for."""
    targets: Mapping[str, Target] = {}
    """The valid ones, by name."""

    @property
    def is_valid(self) -> bool:
        """Whether nothing that was asked for was refused."""
        return all(finding.severity != "error" for finding in self.findings)


def compile(found: Sequence[Found], context: Context) -> Compilation:
    """Compile what lies below requests/.

    Whatever a user can write there ends in plans or findings, never in an exception.
    """
    sources, misnamed = request_files(found)
    readings = {source.path: read_request(source, schema=context.schemas.request) for source in sources}
    environment = read_environment(
        context, lambda: [reading.request for reading in readings.values() if reading.request]
    )
    committed = contents(context.generated)
    pieces = [compile_request(reading, environment, committed.get) for reading in readings.values()]
    suspicion = Suspicion()
    for one in pieces:
        suspicion.add(one.path, one.claims)
    colliding = collisions({path: readings[path] for path in sorted(suspicion.paths)}, environment.targets)
    lost = [scaler for one in pieces for scaler in one.lost]
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
    everything = sorted(said, key=lambda finding: finding.order)
    files = {path: content for one in kept for path, content in one.files.items()}
    return Compilation(
        requests=len(pieces) - len(unasked) + len({f.path for f in misnamed if context.scope.has_path(f.path)}),
        plans=tuple(one.plan for one in kept if one.plan),
        findings=tuple(listed(everything)),
        files={**files, **made.files},
        obsolete=made.obsolete,
        totals=counts_of(everything),
        outlooks=environment.outlooks,
        targets=environment.targets.by_name,
    )


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
