"""Checks and files across requests: conflicts, orphaned autoscalers, Components of namespaces, obsolete files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple

from infra_scale.core.compiling.base_policy import strictest_setting
from infra_scale.core.compiling.environment import Environment
from infra_scale.core.documents.header import COMPONENT_FILE, is_namespace_file, is_release_file
from infra_scale.core.documents.planned_scalers import PlannedScaler
from infra_scale.core.documents.request import Reading
from infra_scale.core.documents.target import Targets
from infra_scale.core.generated.namespaces import listed_folders, namespaces, releases, selected_folders
from infra_scale.core.generated.record import records
from infra_scale.core.generated.tree import committed_scalers, component_warnings, contents, obsolete
from infra_scale.core.generated.unexpected import in_the_way, unexpected
from infra_scale.core.planning.conflicts import conflicts
from infra_scale.core.rules.orphaned_autoscalers import RULE, departed
from infra_scale.model.finding import Finding
from infra_scale.model.names import RENDERED
from infra_scale.model.source import Found
from infra_scale.model.target import Target


class Planned(NamedTuple):
    """Data about all requests of a run that other generated files depend on."""

    unplanned: Set[str]
    """Paths of requests that are refused or unreadable: their generated files stay unchanged."""
    components: Iterable[tuple[str, str]]
    """Namespace and name of each workload's Component that the run writes."""
    named: Iterable[str]
    """The folders of the namespaces in all requests, including refused ones."""
    planned: Iterable[str]
    """The folders of the namespaces of the plans that the run makes."""
    owns: Callable[[str], bool] = lambda _: False
    """Whether a file is in a folder of a request of this part of the run."""
    parts: Mapping[str, bytes] = {}
    """The values of workloads of Helm releases that the run makes, by path."""


class Shared(NamedTuple):
    """The changes besides the files of single requests."""

    files: Mapping[str, bytes]
    """The Components of namespaces."""
    obsolete: tuple[str, ...]
    """Generated files whose request is gone, or now compiles to another place."""
    findings: tuple[Finding, ...]
    scalers: tuple[PlannedScaler, ...] = ()
    """The autoscalers of plans that are deleted, or that no request of the run wants."""
    unexpected: tuple[Found, ...] = ()
    """Files that no compile of the repository writes, including those that Git ignores."""
    unverified: tuple[str, ...] = ()
    """Generated files that stay although their content cannot be computed: their requests are refused or unreadable."""


def orphaned_autoscalers(
    scalers: Iterable[PlannedScaler], readings: Mapping[str, Reading], environment: Environment
) -> set[Finding]:
    """The findings about autoscalers of earlier plans that no request has any more, at their positions.

    `readings` are those of all requests that are `concerned`, sorted by path.
    """
    requests = {path: reading.request for path, reading in readings.items() if reading.request}
    bases = {path: environment.aimed(request).bases for path, request in requests.items()}
    policies = {name: target.policy for name, target in environment.targets.by_name.items()}
    if (base := environment.base) is not None:
        policies = {
            name: strictest_setting(RULE, target, base, default="warning")
            for name, target in environment.targets.by_name.items()
        }
    orphaned = departed(scalers, requests, bases, policies)
    return {readings[finding.path].locate(finding) if finding.path in readings else finding for finding in orphaned}


def conflict_findings(readings: Mapping[str, Reading], targets: Targets) -> Iterator[Finding]:
    """The findings about requests in conflict, at their positions."""
    requests = [reading.request for reading in readings.values() if reading.request]
    clusters = {target.name: target for request in requests if (target := targets.of(request))}
    for conflict in conflicts(requests, clusters):
        places = {place.key: readings[place.request.path].position(place.route) for place in conflict.places}
        for finding in conflict.findings(places):
            yield readings[finding.path].locate(finding)


def shared_files(
    planned: Planned, left: Sequence[Found], environment: Environment, *, present: Sequence[Found], faults: Set[str]
) -> Shared:
    """The rest of the generated tree.

    `left` are the existing files that no request of the run generates; `present` includes files that Git does not
    track. Paths in `faults` are already reported.
    """
    held, targets = contents(left), environment.targets.by_name
    joined = environment.manifests.joined(targets.values()) if environment.manifests else {}
    gone = obsolete(held, unplanned=planned.unplanned, scope=environment.scope)
    going = gone
    if environment.scope.shard:
        mine, going = (
            set(gone),
            obsolete(held, unplanned=planned.unplanned, scope=environment.scope._replace(shard=None)),
        )
        gone = tuple(path for path in going if path in mine or planned.owns(path))
    staying = {path: content for path, content in held.items() if path.startswith(f"{RENDERED}/")}
    for path in going:
        staying.pop(path, None)
    selected = selected_folders(environment.scope, planned.planned, targets, gone)
    prunes = not planned.unplanned and not environment.targets.invalid
    shared = namespaces(
        planned.components,
        staying,
        frozenset([*listed_folders(targets.values()), *planned.named, *_kept(joined, staying)]),
        selected,
        prunes=prunes,
    ).with_more(releases(planned.parts, staying, _releases_kept(joined, staying, targets), selected, prunes=prunes))
    blocked = in_the_way(present, {path: [path] for path in shared.files})
    besides = faults | {finding.path for finding in blocked.values()} | {*records(held)}
    leaving, own = (*gone, *shared.obsolete), [*_own(left, planned, environment)]
    doubtful = unexpected(own, besides=besides)
    known = besides | {*leaving, *shared.files, *(item.path for item in doubtful)}
    return Shared(
        {path: content for path, content in shared.files.items() if path not in blocked},
        leaving,
        (*blocked.values(), *component_warnings(leaving, joined)),
        tuple(_scalers(left, planned, environment)),
        doubtful,
        tuple(sorted(item.path for item in own if item.path not in known)),
    )


def _kept(joined: Iterable[str], staying: Mapping[str, bytes]) -> Iterator[str]:
    """The namespaces whose Component is still used by manifests."""
    for folder in joined:
        path = f"{folder}/{COMPONENT_FILE}"
        if is_namespace_file(path) and path in staying:
            yield folder


def _releases_kept(joined: Iterable[str], staying: Mapping[str, bytes], targets: Mapping[str, Target]) -> Iterator[str]:
    """The releases that keep their file without a request: manifests join it, or the target lists its values files."""
    yield from (
        folder for folder in joined if is_release_file(path := f"{folder}/{COMPONENT_FILE}") and path in staying
    )
    if any(target.helm for target in targets.values()):
        from infra_scale.core.render.releases import values_folders  # noqa: PLC0415 (only for targets with charts)

        yield from values_folders(targets.values())


def _scalers(left: Sequence[Found], planned: Planned, environment: Environment) -> Iterator[PlannedScaler]:
    """The autoscalers of plans that no request generates; in a shard, those of its own current or former requests."""
    shard = environment.scope.shard
    for scaler in committed_scalers(left, unread=planned.unplanned, scope=environment.scope._replace(shard=None)):
        if shard is None or shard.has(scaler.request):
            yield scaler


def _own(left: Sequence[Found], planned: Planned, environment: Environment) -> Iterator[Found]:
    """What this part of the run reports: files of its own requests, and its part of the rest."""
    shard = environment.scope.shard
    for item in left:
        if shard is None or planned.owns(item.path) or shard.has(item.path.rpartition("/")[0]):
            yield item
