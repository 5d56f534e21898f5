"""Do snapshots of the clusters exist, and are they recent enough?"""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.capacity.freshness import Freshness, is_ahead, staleness
from infra_scale.core.documents.clusters import Clusters, read_clusters
from infra_scale.core.documents.target import valid_targets
from infra_scale.model.names import prices_path
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.target import Target
from infra_scale.model.time import in_seconds
from infra_scale.usecases.checks.answer import Answer, Folder, Ok, Problem
from infra_scale.usecases.environment import context_of, facts_of


def snapshots(place: Folder) -> Answer:
    """Can capacity be checked for every cluster of a target, if it can for one?"""
    with closing(WorkTree(place.root)) as tree:
        context = context_of(tree)
        facts = facts_of(tree, context.targets, now=place.now)
    targets = valid_targets(context.targets, schema=context.schemas.target)
    names = {cluster.name for target in targets for cluster in target.clusters}
    clusters, findings = read_clusters(facts.clusters, names, schemas=facts.schemas)
    if findings:
        return Problem("error", f"{findings[0].path}: {findings[0].message}", "infra-scale validate")
    seen = {name: facts.snapshot for name, facts in clusters.facts.items() if facts.snapshot}
    faults = [*_missing(targets, seen), *_old(targets, seen, place.now), *_ahead(clusters, place.now)]
    if faults:
        message, fix = faults[0]
        count = f"; the first of {len(faults)}" if len(faults) > 1 else ""
        return Problem("warning", f"{message}{count}", fix)
    if not seen:
        return Ok("no cluster has a snapshot: capacity is not checked")
    several = f"snapshots of {len(seen)} clusters are"
    return Ok(f"the {several if len(seen) != 1 else 'snapshot of 1 cluster is'} recent enough")


def _missing(targets: tuple[Target, ...], seen: dict[str, ClusterSnapshot]) -> Iterator[tuple[str, str]]:
    for target in targets:
        names = [cluster.name for cluster in target.clusters]
        for name in names if seen.keys() & names else ():
            if name not in seen:
                yield f"{name} has no snapshot, but other clusters of {target.name} have one", _again(name)


def _old(targets: tuple[Target, ...], seen: dict[str, ClusterSnapshot], now: datetime) -> Iterator[tuple[str, str]]:
    for target in targets:
        for cluster in target.clusters:
            snapshot = seen.get(cluster.name)
            why = staleness(snapshot.captured_at, Freshness(now, target.max_age)) if snapshot else None
            if snapshot and why:
                captured = in_seconds(snapshot.captured_at)
                yield f"{cluster.name}: {why.reason}; it was captured at {captured}", _again(cluster.name)


def _ahead(clusters: Clusters, now: datetime) -> Iterator[tuple[str, str]]:
    """Data with a date in the future."""
    for name, facts in clusters.facts.items():
        if facts.snapshot and is_ahead(facts.snapshot.captured_at, now):
            captured = in_seconds(facts.snapshot.captured_at)
            yield f"{name}: the capture time of the snapshot, {captured}, is in the future", _again(name)
        if facts.sheet and facts.sheet.effective_from > now.date():
            day = facts.sheet.effective_from
            yield (
                f"{name}: its prices are effective from {day}, but costs already use them",
                f"edit {prices_path(name)}",
            )


def _again(cluster: str) -> str:
    return f"infra-scale snapshot {cluster}"
