"""Requirements on other pods: selectors of anti-affinity and spread constraints to matching workloads.

A snapshot has no pod labels, so selectors are evaluated while the cluster is captured.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.filters import HOSTNAME
from infra_scale.core.capture.pods import SeenPod
from infra_scale.core.capture.selectors import selects
from infra_scale.core.capture.templates import crosses_namespaces, required
from infra_scale.core.capture.workloads import Live
from infra_scale.core.reading.values import mapping, sequence, text, whole_number
from infra_scale.core.syntax.scalars import Value
from infra_scale.model.pod import Apart, Scheduling, Spread, Unmodelled
from infra_scale.model.workload import WorkloadRef

_REVISIONS = ("pod-template-hash", "controller-revision-hash")
"""Labels that differ between the old and the new pods of a rollout."""


class PodMatches(NamedTuple):
    """All pods that a selector may match."""

    live: Sequence[Live]
    loose: Sequence[SeenPod]
    """Pods that belong to no workload of the snapshot."""


def scheduling_of(live: Live, candidates: PodMatches) -> Scheduling:
    """The conditions of a workload's pods, with those on other pods. Raises TypeError and ValueError."""
    scheduling = live.workload.pod.scheduling
    apart, anti = _anti_affinity(live, candidates)
    spread, unspread = _spreads(live, candidates)
    alone = Apart(HOSTNAME, (live.workload.ref,))
    unmodelled: set[Unmodelled] = {*scheduling.unmodelled, *anti, *unspread}
    return scheduling._replace(
        is_alone_on_host=alone in apart,
        apart=tuple(sorted(apart - {alone})),
        spread=tuple(sorted(spread)),
        unmodelled=tuple(sorted(unmodelled)),
    )


def _anti_affinity(live: Live, candidates: PodMatches) -> tuple[set[Apart], set[Unmodelled]]:
    apart: set[Apart] = set()
    own = live.workload.ref
    is_followed = not _is_avoided(live, candidates)
    for term in required(live.spec, "podAntiAffinity"):
        key, selector = text(term.get("topologyKey")), term.get("labelSelector")
        others = [ref for ref in _matched(live, candidates, selector) if ref != own]
        if selects(selector, live.labels):
            apart.add(Apart(key, (own,)))
        if others:
            apart.add(Apart(key, tuple(others)))
        is_plain = not (crosses_namespaces(term) or term.get("mismatchLabelKeys") or term.get("matchLabelKeys"))
        is_followed = is_followed and is_plain and not _matches_loose(own.namespace, candidates, selector)
    return apart, set() if is_followed else {"podAntiAffinity"}


def _is_avoided(live: Live, candidates: PodMatches) -> bool:
    """Whether pods that no workload of the snapshot accounts for keep away from these, or those of other namespaces."""
    own = live.workload.ref
    loose = (
        (one.thing.namespace == own.namespace, term)
        for one in candidates.loose
        for term in required(one.thing.spec, "podAntiAffinity")
    )
    others = (
        (False, term)
        for one in candidates.live
        if one.workload.ref != own
        for term in required(one.spec, "podAntiAffinity")
        if crosses_namespaces(term)
    )
    return any(
        (is_here or crosses_namespaces(term)) and selects(term.get("labelSelector"), live.labels)
        for terms in (loose, others)
        for is_here, term in terms
    )


def _spreads(live: Live, candidates: PodMatches) -> tuple[set[Spread], set[Unmodelled]]:
    spreads: set[Spread] = set()
    is_followed = True
    for written in map(mapping, sequence(live.spec.get("topologySpreadConstraints"))):
        if written.get("whenUnsatisfiable", "DoNotSchedule") != "DoNotSchedule":
            continue
        selector, keys = written.get("labelSelector"), [text(key) for key in sequence(written.get("matchLabelKeys"))]
        matched = set(_matched(live, candidates, selector, alike=[key for key in keys if key not in _REVISIONS]))
        spreads.add(
            Spread(
                text(written.get("topologyKey")),
                whole_number(written.get("maxSkew")),
                tuple(sorted(matched - {live.workload.ref})),
                counts_own=selects(selector, live.labels),
                honors_taints=written.get("nodeTaintsPolicy") == "Honor",
                ignores_affinity=written.get("nodeAffinityPolicy") == "Ignore",
                is_per_revision=any(key in _REVISIONS for key in keys),
            )
        )
        is_plain = (written.get("minDomains") or 1) == 1
        is_followed = is_followed and is_plain and not _matches_loose(live.workload.ref.namespace, candidates, selector)
    return spreads, set() if is_followed else {"topologySpread"}


def _matched(
    live: Live, candidates: PodMatches, selector: Value, *, alike: Iterable[str] = ()
) -> Iterator[WorkloadRef]:
    """The workloads of the same namespace that a selector matches, sorted; with the labels of `live` in `alike`."""
    keys = tuple(alike)
    found = (
        one.workload.ref
        for one in candidates.live
        if one.workload.ref.namespace == live.workload.ref.namespace
        and selects(selector, one.labels)
        and all(one.labels.get(key) == live.labels.get(key) for key in keys)
    )
    yield from sorted(found)


def _matches_loose(namespace: str, candidates: PodMatches, selector: Value) -> bool:
    return any(one.thing.namespace == namespace and selects(selector, _labels(one)) for one in candidates.loose)


def _labels(pod: SeenPod) -> Mapping[str, Value]:
    return pod.thing.labels
