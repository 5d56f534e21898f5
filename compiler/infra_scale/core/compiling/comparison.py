"""Two states of a repository to the changes for the clusters between them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from infra_scale.core.capacity.freshness import Freshness, staleness
from infra_scale.core.comparing.desired import DesiredState, running, wanted
from infra_scale.core.comparing.workloads import Pair, changes, pairs, requests
from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.forecast.cluster_total import picture
from infra_scale.core.forecast.outlook import NO_OUTLOOKS, Outlook
from infra_scale.model.comparison import ClusterPicture, Comparison, Level, PriceChange, Reach, Sheet, WorkloadChange
from infra_scale.model.finding import Finding
from infra_scale.model.prices import PriceSheet
from infra_scale.model.scope import Scope
from infra_scale.model.snapshot import LiveWorkload
from infra_scale.model.target import Target
from infra_scale.model.verdict import Unknown


def compare(before: Compilation, after: Compilation, scope: Scope, *, newest: datetime | None = None) -> Comparison:
    """The differences for the requests of a scope. Both sides must have compiled all of their requests.

    The load of a cluster includes everything that is planned for it, whatever the scope. If no time was given to judge
    the age of snapshots, those that are too old at the time of the `newest` commit are reported.
    """
    paired = [
        pair
        for pair in pairs(list(_wanted(before)), list(running_beside(_wanted(after), after)))
        if any(one and scope.has_request(one.request, one.target) for one in pair)
    ]
    changed = in_order(changes(paired))
    new, gone = _findings(before, after, scope), _findings(after, before, scope)
    reworded = {_subject(finding) for finding in new}
    return Comparison(
        changed,
        tuple(_aged(one, changed, after, newest) for one in pictures(changed, before, after)),
        requests(paired),
        tuple(_prices(changed, before, after)),
        new_findings=new,
        gone_findings=tuple(finding for finding in gone if _subject(finding) not in reworded),
        new_clusters=tuple(_reach(paired, after, before)),
        gone_clusters=tuple(_reach(paired, before, after)),
    )


def _reach(paired: Iterable[Pair], having: Compilation, without: Compilation) -> Iterator[Reach]:
    """The clusters that a target has on one side only, for targets that both sides have."""
    for name in dict.fromkeys(one.target for pair in paired for one in pair if one):
        if name in having.targets and name in without.targets:
            others = {one.name for one in without.targets[name].clusters}
            yield from (Reach(name, one.name) for one in having.targets[name].clusters if one.name not in others)


def _aged(
    picture: ClusterPicture, changed: Iterable[WorkloadChange], after: Compilation, newest: datetime | None
) -> ClusterPicture:
    """A cluster with the age of its snapshot, if that exceeds the `maxAge` of its target."""
    targets = [after.targets.get(one.target) for one in changed if one.cluster == picture.cluster]
    target = next(filter(None, targets), None)
    if newest is None or target is None or picture.captured_at is None:
        return picture
    old = staleness(picture.captured_at, Freshness(newest, target.max_age))
    return picture._replace(age=old.reason.removeprefix("the snapshot ") if old else "")


def in_order(changed: Iterable[WorkloadChange]) -> tuple[WorkloadChange, ...]:
    """Sorted by target; the order within a target is kept."""
    return tuple(sorted(changed, key=lambda change: change.target))


def _wanted(compilation: Compilation) -> Iterator[DesiredState]:
    for plan in compilation.plans:
        yield from wanted(plan, compilation.forecast(plan))


def running_beside(asked: Iterable[DesiredState], compilation: Compilation) -> Iterator[DesiredState]:
    """The same states, with the running settings if a recent snapshot shows them."""
    live: dict[tuple[str, str | None], Mapping[tuple[str, str], LiveWorkload]] = {}
    for one in asked:
        where = (one.target, one.place.cluster)
        if where not in live:
            outlook = _outlook(compilation, *where)
            shown = () if isinstance(outlook, Unknown) else outlook.snapshot.workloads
            live[where] = {(seen.ref.namespace, str(seen.ref)): seen for seen in shown}
        seen = live[where].get((one.place.namespace, one.place.workload))
        yield one._replace(running=running(seen)) if seen else one


def pictures(changed: Iterable[WorkloadChange], before: Compilation, after: Compilation) -> Iterator[ClusterPicture]:
    """Each cluster with changes, in the order of the changes; clusters that no target has any more are omitted."""
    touched: dict[str, tuple[str, set[str]]] = {}
    for change in changed:
        if change.cluster and _cluster_of(after, change.target, change.cluster):
            namespaces = touched.setdefault(change.cluster, (change.target, set()))[1]
            namespaces |= {change.namespace} if change.settings else set()
    for cluster, (target, namespaces) in touched.items():
        planned = [
            one
            for plan in after.plans
            for forecast in after.forecast(plan).capacity
            if forecast.cluster == cluster
            for one in forecast.workloads
        ]
        whole = picture(cluster, planned, _outlook(after, target, cluster), _outlook(before, target, cluster))
        yield whole._replace(levels=tuple(level for level in whole.levels if _is_shown(level, namespaces)))


def _is_shown(level: Level, namespaces: set[str]) -> bool:
    """Whether a level is shown: always for nodes; for a quota if it changes or its namespace has changes."""
    moves = level.after != (level.now if level.before is None else level.before)
    return not level.of or moves or level.of.partition("/")[0] in namespaces


def _outlook(compilation: Compilation, target: str, cluster: str | None) -> Outlook | Unknown:
    known = compilation.targets.get(target)
    if known is None or cluster is None:
        return Unknown("the target has no clusters")
    return (compilation.outlooks or NO_OUTLOOKS).of(known, cluster)


def _cluster_of(compilation: Compilation, target: str, cluster: str | None) -> Target | None:
    """The target, if it has the cluster."""
    known = compilation.targets.get(target)
    names = [one.name for one in known.clusters] if known else []
    return known if cluster in names or (cluster is None and not names) else None


def _prices(changed: Iterable[WorkloadChange], before: Compilation, after: Compilation) -> Iterator[PriceChange]:
    """The clusters whose price sheet changed: another sheet, or other amounts in the same one."""
    for target, cluster in dict.fromkeys((change.target, change.cluster) for change in changed):
        sides = [(side, _cluster_of(side, target, cluster)) for side in (before, after)]
        old, new = ((side.outlooks or NO_OUTLOOKS).sheet(known, cluster) if known else None for side, known in sides)
        if old and new and old != new:
            yield PriceChange(cluster, _sheet(old), _sheet(new))


def _sheet(sheet: PriceSheet | Unknown) -> Sheet | None:
    if isinstance(sheet, Unknown):
        return None
    return Sheet(sheet.name, sheet.effective_from.isoformat(), sheet.currency, sheet.source)


def _findings(without: Compilation, having: Compilation, scope: Scope) -> tuple[Finding, ...]:
    """Findings on one side only: those with the same message about the same workload are equal, whatever their line."""
    known = {_identity(finding) for finding in without.findings}
    targets = {plan.metadata.path: plan.metadata.target for plan in having.plans}
    return tuple(
        finding
        for finding in having.findings
        if _identity(finding) not in known and scope.has_request(finding.path, targets.get(finding.path))
    )


def _identity(finding: Finding) -> tuple[object, ...]:
    return *_subject(finding), finding.severity, finding.message


def _subject(finding: Finding) -> tuple[object, ...]:
    """Rule and workload: a finding with another message about the same subject is the same one, reworded."""
    return finding.rule, finding.workload or finding.path
