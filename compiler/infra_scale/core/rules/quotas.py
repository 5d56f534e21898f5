"""Rules about ResourceQuotas and LimitRanges."""

from collections.abc import Iterator
from typing import TypeVar

from infra_scale.core.ruling.catalogue import Hit, Placed, Subject, merged, rule
from infra_scale.core.ruling.rollout_delta import Move, cause, ceiling, moves, scaler_of
from infra_scale.model.capacity import Bound, HpaMaxExceeded, MustSpecify, QuotaExceeded, QuotaFault, RolloutRefused

_QUOTA = "kubernetes/staging/src/k8s.io/apiserver/pkg/admission/plugin/resourcequota; quota/v1/evaluator/core/pods.go"
_LIMITS = "kubernetes/plugin/pkg/admission/limitranger/admission.go"

_Fault = TypeVar("_Fault", bound=QuotaFault)


@rule(
    "QUO-001",
    "error",
    why="The API server refuses the pods above the quota: the workload never reaches the planned number.",
    fix="request less, or have the quota raised and capture the cluster again",
    source=_QUOTA,
    needs="snapshot",
)
def quota_exceeded(subject: Subject) -> Iterator[Hit]:
    """A request that exceeds a ResourceQuota, together with all other plans of the namespace."""
    yield from merged(_exceeded(subject, QuotaExceeded))


@rule(
    "QUO-002",
    "warning",
    why="A rolling update starts new pods while old ones still run: if the quota refuses too many, it never finishes. "
    "maxSurge 0 does not help: a terminating pod counts until it is gone, and its replacement is refused until then.",
    fix="have the quota raised for the rollout, or change the number of pods and their size in separate requests; "
    "the strategy Recreate works too, with downtime",
    source=f"{_QUOTA}; kubernetes/pkg/controller/deployment/recreate.go waits until the old pods are gone",
    needs="snapshot",
)
def surge_exceeded(subject: Subject) -> Iterator[Hit]:
    """A ResourceQuota that allows the final pods, but not those during the rollout, which stalls."""
    yield from merged(_exceeded(subject, RolloutRefused))


@rule(
    "QUO-003",
    "warning",
    why="The autoscaler cannot start pods above the quota, whatever its maximum.",
    fix="lower the maximum, or have the quota raised",
    source=_QUOTA,
    needs="snapshot",
)
def maximum_exceeded(subject: Subject) -> Iterator[Hit]:
    """The maximum of the autoscaler exceeds a ResourceQuota."""
    yield from merged(
        (move.site, Hit(f"{scaler_of(subject, move)} {fault.text}", ceiling(subject, move)))
        for move in moves(subject)
        for fault in _faults(move, HpaMaxExceeded)
        if move.reaches
    )


@rule(
    "QUO-004",
    "error",
    why="If a quota counts a request or a limit, the API server refuses pods with a container without one.",
    fix="set it for each of these containers; a LimitRange can set a default",
    source=f"{_QUOTA}, Constraints",
    needs="snapshot",
)
def not_specified(subject: Subject) -> Iterator[Hit]:
    """A container without a request or limit that a ResourceQuota of the namespace requires."""
    yield from merged(
        (move.site, Hit(f"failed quota: {fault.quota}: {fault.text}", cause(subject, move)))
        for move in moves(subject)
        for fault in _faults(move, MustSpecify)
        if move.is_news
    )


def _exceeded(subject: Subject, kind: type[QuotaExceeded | RolloutRefused]) -> Iterator[Placed]:
    """The quotas that a plan with more pods exceeds."""
    for move in moves(subject):
        for fault in _faults(move, kind) if move.adds else ():
            yield move.site, Hit(fault.text, cause(subject, move))


def _faults(move: Move, kind: type[_Fault]) -> Iterator[_Fault]:
    return (fault for fault in move.capacity.quota_faults if isinstance(fault, kind))


@rule(
    "LIM-001",
    "error",
    why="The API server refuses pods whose requests are below the minimum of a LimitRange.",
    fix="request at least the minimum",
    source=_LIMITS,
    needs="snapshot",
)
def below_minimum(subject: Subject) -> Iterator[Hit]:
    """A container or pod below the minimum of a LimitRange."""
    yield from merged(_limited(subject, "minimum"))


@rule(
    "LIM-002",
    "error",
    why="The API server refuses pods whose limits are above the maximum of a LimitRange, or that have none.",
    fix="set a limit of at most the maximum",
    source=_LIMITS,
    needs="snapshot",
)
def above_maximum(subject: Subject) -> Iterator[Hit]:
    """A container or pod above the maximum of a LimitRange."""
    yield from merged(_limited(subject, "maximum"))


@rule(
    "LIM-003",
    "error",
    why="The API server refuses pods whose limit is too many times their request.",
    fix="bring request and limit closer together",
    source=_LIMITS,
    needs="snapshot",
)
def above_ratio(subject: Subject) -> Iterator[Hit]:
    """A container or pod above the largest ratio of limit to request of a LimitRange."""
    yield from merged(_limited(subject, "ratio"))


def _limited(subject: Subject, bound: Bound) -> Iterator[Placed]:
    for move in moves(subject):
        for fault in move.capacity.limit_faults if move.is_news else ():
            if fault.bound == bound:
                whose = f"container {fault.container} of " if fault.container else ""
                message = f"LimitRange {fault.limit_range}: {fault.text} for {whose}{subject.workload.ref}"
                yield move.site, Hit(message, cause(subject, move))


@rule(
    "QUO-005",
    "warning",
    why="Each new pod of a StatefulSet needs its volume claims: if a quota refuses one, the StatefulSet stops there.",
    fix="request fewer replicas, or have the quota raised and capture the cluster again",
    source="kubernetes/pkg/quota/v1/evaluator/core/persistent_volume_claims.go",
    needs="snapshot",
)
def claims_exceeded(subject: Subject) -> Iterator[Hit]:
    """Further pods of a StatefulSet whose volume claims exceed a ResourceQuota, unless earlier pods left theirs."""
    yield from merged(_claimed(subject))


def _claimed(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        added, claims = move.after - move.before, dict(move.live.claims)
        for quota in move.snapshot.namespace(move.live.ref.namespace).quotas if added > 0 else ():
            used = dict(quota.used)
            for name, hard in quota.hard:
                needed = claims[name] * added if name in claims and not quota.scopes else None
                total = needed + used[name] if needed and name in used else needed
                if needed and total and total > hard:
                    more = f"the volume claims of {added} more {'pod' if added == 1 else 'pods'}"
                    message = f"ResourceQuota {quota.name}: {name} {total} > hard {hard} with {more} of {move.live.ref}"
                    yield move.site, Hit(message, cause(subject, move))
