"""The whole job as one pure function: files and facts in, findings and files out."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from infra_scale.core.assessment import Assessed, assess
from infra_scale.core.forecast.demands import Aimed
from infra_scale.core.forecast.outlook import NO_OUTLOOKS, Outlooks, outlooks
from infra_scale.core.forecast.request import forecast
from infra_scale.core.planning.conflicts import conflicts
from infra_scale.core.reading.clusters import read_clusters
from infra_scale.core.reading.files import request_files
from infra_scale.core.reading.manifests import Manifests, read_manifests
from infra_scale.core.reading.source import Reading, read_source
from infra_scale.core.reading.target import Targets, read_targets
from infra_scale.core.render.generated import COMPONENT_FILE, is_namespace_file
from infra_scale.core.render.kustomize import rendered
from infra_scale.core.render.namespaces import Namespaces, asked_folders, known_folders, namespaces
from infra_scale.core.render.tree import (
    Tree,
    committed_scalers,
    contents,
    in_the_way,
    newer,
    obsolete,
    parting,
    render,
    strangers,
)
from infra_scale.core.rules.departures import departed
from infra_scale.core.rules.judge import rules_in_force
from infra_scale.core.rules.known import Known
from infra_scale.core.rules.listing import Totals, listed, totals_of
from infra_scale.core.rules.policy import policy_findings
from infra_scale.core.rules.waivers import expired
from infra_scale.core.schema.catalogue import Schemas
from infra_scale.model.finding import Finding
from infra_scale.model.names import RENDERED, plan_folder
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found
from infra_scale.model.target import Target


class Context(NamedTuple):
    """Everything beside the requests that decides about a plan."""

    schemas: Schemas
    now: str
    """createdAt of a plan that is new or says something new: RFC 3339, UTC, milliseconds."""
    targets: tuple[Found, ...] = ()
    """What lies in ops/targets/; nothing: every target name is known."""
    generated: tuple[Found, ...] = ()
    """What lies below ops/plans/infra-scale/ and ops/rendered/infra-scale/."""
    untracked: tuple[Found, ...] = ()
    """What also lies there, where `generated` is what git has of it: never to be overwritten unless we wrote it."""
    scope: Scope = Scope()
    manifests: tuple[Found, ...] = ()
    """What lies in the folders that targets name as `manifests`."""
    clusters: tuple[Found, ...] = ()
    """What lies in ops/clusters/."""
    as_of: str | None = None
    """The moment to judge the age of snapshots by, RFC 3339; None: nobody asks."""


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
    totals: Totals = Totals(0, 0, 0, exact=True)
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
    judged = _with_departures(_judged(found, context), context)
    made = _generated(judged, context)
    readings = judged.readings
    asked = {path for path, reading in readings.items() if context.scope.has_request(path, reading.target)}
    unasked = readings.keys() - asked
    said = [f for f in judged.of_requests if f.path not in unasked and context.scope.has_path(f.path)]
    said += [*judged.of_others, *made.findings]
    everything = _in_order(said, readings)
    misnamed = {path for path in judged.misnamed if context.scope.has_path(path)}
    return Compilation(
        requests=len(asked | misnamed),
        plans=made.plans,
        findings=tuple(listed(everything)),
        files=made.files,
        obsolete=made.obsolete,
        totals=totals_of(everything),
        outlooks=judged.outlooks,
        targets=judged.targets.by_name,
    )


class _Judged(NamedTuple):
    """What was read, and what was found in it."""

    readings: Mapping[str, Reading]
    paths: frozenset[str]
    """Everything below requests/."""
    misnamed: frozenset[str]
    targets: Targets
    assessed: Mapping[str, Assessed]
    of_requests: tuple[Finding, ...]
    of_others: tuple[Finding, ...]
    """About targets, policies, manifests, clusters, and plans of requests that are gone."""
    outlooks: Outlooks
    joined: Mapping[str, str]
    """A kustomization in the manifests that joins each Component of ours, by the folder of that."""

    @property
    def requests(self) -> list[ScaleRequest]:
        """What could be read, also in part."""
        return [reading.request for reading in self.readings.values() if reading.request]


class _Generated(NamedTuple):
    """What the generated tree should hold, and what is wrong with the one that is there."""

    plans: tuple[ScalePlan, ...]
    files: Mapping[str, bytes]
    obsolete: tuple[str, ...]
    findings: tuple[Finding, ...]


def _judged(found: Sequence[Found], context: Context) -> _Judged:
    sources, misnamed = request_files(found)
    targets, of_targets = read_targets(context.targets, schema=context.schemas.target)
    of_policies = (*policy_findings(targets), *targets.without_manifests(context.manifests))
    targets = targets.without(of_policies)
    manifests, of_manifests = read_manifests(context.manifests)
    readings = {source.path: read_source(source, schema=context.schemas.request) for source in sources}
    requests = [reading.request for reading in readings.values() if reading.request]
    clusters, of_clusters = read_clusters(context.clusters, targets.aimed_at(requests), schemas=context.schemas)
    aimed = [_aimed(request, targets, manifests) for request in requests]
    future = outlooks(clusters, aimed, as_of=context.as_of)
    assessed = _assessed(aimed, targets, (manifests, future))
    of_requests = [*misnamed, *_of_form(readings), *chain.from_iterable(one.findings for one in assessed.values())]
    of_requests += chain.from_iterable(targets.unknown(request) for request in requests)
    of_requests += _expired(requests, targets, today=context.now[:10])
    of_requests += _collisions(requests, targets, readings)
    return _Judged(
        readings,
        frozenset(item.path for item in found),
        frozenset(finding.path for finding in misnamed),
        targets,
        assessed,
        tuple(of_requests),
        (*of_targets, *of_policies, *of_manifests, *of_clusters),
        future,
        manifests.overlays.joined,
    )


def _with_departures(judged: _Judged, context: Context) -> _Judged:
    """The same with what is to be said of autoscalers that the committed plans still have."""
    requests = {request.path: request for request in judged.requests}
    scalers = committed_scalers(context.generated, unread=judged.paths - requests.keys(), scope=context.scope)
    bases = {path: one.bases for path, one in judged.assessed.items()}
    policies = {name: target.policy for name, target in judged.targets.by_name.items()}
    lost = tuple(departed(scalers, requests, bases, policies))
    of_requests = (finding for finding in lost if finding.path in judged.paths)
    of_plans = (finding for finding in lost if finding.path not in judged.paths)
    return judged._replace(of_requests=(*judged.of_requests, *of_requests), of_others=(*judged.of_others, *of_plans))


def _generated(judged: _Judged, context: Context) -> _Generated:
    """The files of what was asked for, and what goes; what belongs to other or refused requests stays as it is."""
    committed = contents(context.generated)
    lying = (*context.generated, *context.untracked)
    too_new = newer(committed)
    refused = {finding.path for finding in judged.of_requests if finding.severity == "error"} | too_new.keys()
    aimed = [(request, judged.targets.of(request)) for request in judged.requests if request.path not in refused]
    valid = [(request, target) for request, target in aimed if target]
    wanted: dict[str, dict[str, bytes]] = {}
    planned: list[ScalePlan] = []
    for request, target in valid:
        plan, _, bases = judged.assessed[request.path]
        if plan and context.scope.has_request(request.path, request.target):
            planned.append(plan)
            wanted[plan.folder] = render(plan, committed, now=context.now) | rendered(plan, target, bases)
    taken = in_the_way(lying, wanted)
    plans = tuple(plan for plan in planned if plan.folder not in taken)
    files = {path: content for plan in plans for path, content in wanted[plan.folder].items()}
    settled = {request.path for request, target in valid if plan_folder(target.name, request.id) not in taken}
    unplanned = (judged.paths | too_new.keys()) - settled
    gone = obsolete(committed, files, unplanned=unplanned, scope=context.scope)
    shared = _namespaces(judged, context.scope, plans, (files, committed, gone), prunes=not unplanned)
    blocked = in_the_way(lying, {path: [path] for path in shared.files})
    files |= {path: content for path, content in shared.files.items() if path not in blocked}
    faults = (*too_new.values(), *taken.values(), *blocked.values())
    left = strangers(context.generated, besides={finding.path for finding in faults})
    gone = (*gone, *shared.obsolete)
    return _Generated(plans, files, gone, (*faults, *left, *parting(gone, judged.joined)))


def _namespaces(
    judged: _Judged,
    scope: Scope,
    plans: Iterable[ScalePlan],
    trees: tuple[Tree, Tree, Collection[str]],
    *,
    prunes: bool,
) -> Namespaces:
    """The Components of namespaces, where `trees` are the files to write, the committed ones, and those to delete."""
    written, committed, gone = trees
    targets = judged.targets.by_name
    held = {path: content for path, content in committed.items() if path.startswith(f"{RENDERED}/")}
    for path in gone:
        held.pop(path, None)
    asked = asked_folders(scope, (plan.request for plan in plans), targets, gone)
    prunes = prunes and not judged.targets.invalid
    kept = (
        folder for folder in judged.joined if is_namespace_file(path := f"{folder}/{COMPONENT_FILE}") and path in held
    )
    return namespaces(written, held, known_folders(judged.requests, targets, kept), asked, prunes=prunes)


def _aimed(request: ScaleRequest, targets: Targets, manifests: Manifests) -> Aimed:
    """A request with its target and what the manifests say of its workloads."""
    target = targets.of(request) or Target(request.target, ())
    return Aimed(request, target, {one.route: manifests.of(target, one.ref) for one in request.workloads})


def _assessed(everything: Iterable[Aimed], targets: Targets, around: tuple[Manifests, Outlooks]) -> dict[str, Assessed]:
    """What became of each request by its path; one whose target is not known is judged by the rules alone."""
    manifests, future = around
    rules = {name: rules_in_force(target.policy) for name, target in targets.by_name.items()}
    assessed: dict[str, Assessed] = {}
    for one in everything:
        request, target, bases = one
        known = Known(bases, manifests, forecast(one, future))
        result = assess(request, target, rules=rules.get(request.target), known=known)
        if targets.of(request) is None:
            result = Assessed(None, tuple(_certain(result.findings, request, targets)))
        assessed[request.path] = result
    return assessed


def _certain(findings: Iterable[Finding], request: ScaleRequest, targets: Targets) -> Iterator[Finding]:
    """What can be said although the target is not known: it may have rules of its own that are waived.

    What a refused target would have made of a warning or a note is not known either.
    """
    for finding in findings:
        is_lenient = finding.severity != "error" and request.target in targets.invalid
        if not finding.rule.startswith("WVR-") and not is_lenient:
            yield finding


def _expired(requests: Iterable[ScaleRequest], targets: Targets, *, today: str) -> Iterator[Finding]:
    for request in requests:
        target = targets.of(request)
        if target and any(workload.allow for workload in request.workloads):
            yield from expired(request, target.policy, today=today)


def _of_form(readings: Mapping[str, Reading]) -> Iterator[Finding]:
    return chain.from_iterable(reading.findings for reading in readings.values())


def _collisions(
    requests: Iterable[ScaleRequest], targets: Targets, readings: Mapping[str, Reading]
) -> Iterator[Finding]:
    clusters = {target.name: target for request in requests if (target := targets.of(request))}
    for conflict in conflicts(requests, clusters):
        places = {place.key: readings[place.request.path].position(place.route) for place in conflict.places}
        yield from conflict.findings(places)


def _in_order(findings: Iterable[Finding], readings: Mapping[str, Reading]) -> tuple[Finding, ...]:
    """Each finding once, at its position, in the total order."""
    located = {readings[f.path].locate(f) if f.path in readings else f for f in findings}
    return tuple(sorted(located, key=lambda finding: finding.order))
