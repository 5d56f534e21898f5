"""Reasons why a rule could not be checked: missing data about a workload."""

from collections.abc import Iterator

from infra_scale.core.ruling.catalogue import Hit, Placed, Subject, merged
from infra_scale.core.ruling.rollout_delta import move_at, moves
from infra_scale.model.capacity import Seen, Site
from infra_scale.model.verdict import Unknown, no_snapshot

_CAPTURE = "capture the cluster: `infra-scale snapshot CLUSTER`"


def unseen(subject: Subject) -> Iterator[Hit]:
    """One hit for each reason why snapshots do not show the workload in its clusters."""
    yield from merged(_unseen(subject))


def unplaced(subject: Subject) -> Iterator[Hit]:
    """The same, plus each reason why it is unknown whether its pods fit."""
    yield from merged((*_unseen(subject), *_unplaced(subject)))


def not_checked(subject: Subject, reason: str, help: str) -> Hit:
    """The hit of a rule that could not be checked."""
    return Hit(f"{subject.workload.ref} could not be checked: {reason}", ("name",), help=help)


def _unseen(subject: Subject) -> Iterator[Placed]:
    sites = {site.cluster.name: site for site in subject.sites}
    clusters = subject.target.clusters_of(subject.workload.cluster)
    if not clusters:
        reason = f"target {subject.target.name} has no clusters"
        yield None, not_checked(subject, reason, "name its clusters, and capture them")
    for cluster in clusters:
        site = sites.get(cluster.name)
        reason = _why(site, subject) if site else no_snapshot(cluster.name).reason
        if reason:
            yield None if cluster.name in reason else site, not_checked(subject, reason, _CAPTURE)


def _why(site: Site, subject: Subject) -> str:
    """Empty if all inputs of rules are known."""
    if not isinstance(site.seen, Seen):
        return site.seen.reason
    if move_at(site):
        return ""
    verdict = site.seen.capacity.requested
    if isinstance(verdict, Unknown):
        return verdict.reason
    if site.seen.live is None:
        return f"{subject.workload.ref} is not in the snapshot of {site.cluster.name}"
    return "its pods are unknown"


def _unplaced(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        at_most = move.capacity.scenarios.get("hpaMax")
        verdicts = [move.capacity.requested] if move.adds else []
        verdicts += [at_most.verdict] if move.reaches and at_most else []
        for verdict in verdicts:
            if isinstance(verdict, Unknown):
                yield move.site, not_checked(subject, verdict.reason, "provide the data, or waive the rule")
