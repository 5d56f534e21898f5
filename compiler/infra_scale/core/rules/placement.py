"""Rules about whether the requested pods fit on the nodes.

Messages omit values that change with every snapshot or other plan: the forecast has the numbers.
"""

from collections.abc import Iterator

from infra_scale.core.capacity.filters import UNSPREAD, refusal
from infra_scale.core.capacity.packing.node_capacity import nodes_for, template_capacity
from infra_scale.core.capacity.rollout import fenceposts
from infra_scale.core.capacity.wording import TIMES, size_text
from infra_scale.core.ruling.catalogue import Hit, Placed, Subject, merged, rule
from infra_scale.core.ruling.rollout_delta import Move, cause, ceiling, moves, scaler_of
from infra_scale.core.ruling.unknown import unplaced
from infra_scale.model.pod import Scheduling
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import DoesNotFit, FitsAfterScaleup, FitsDependingOnOrder

_FIT = "kubernetes/pkg/scheduler/framework/plugins/noderesources/fit.go"
_PACKING = "infra.scale, a packing of the nodes of a snapshot, and a simulation of controllers and scheduler"
_GROW = "or let the pool grow; set its `max` in the snapshot if the autoscaler can do it"


@rule(
    "RES-010",
    "error",
    why="The scheduler needs a node with enough free capacity: a pod larger than every node stays Pending forever.",
    fix="request less, or add nodes of a larger type and capture the cluster again",
    source=f"{_FIT}, Unresolvable",
    needs="snapshot",
    unknown=unplaced,
)
def larger_than_any_node(subject: Subject) -> Iterator[Hit]:
    """One pod that is larger than any node that it may run on, including those that pools could add."""
    yield from merged(
        (move.site, Hit(f"pod of {subject.workload.ref} ({_size(move)}) fits no node type", cause(subject, move)))
        for move in moves(subject)
        if _is_too_large(move)
    )


@rule(
    "AVL-003",
    "error",
    why="With required anti-affinity on kubernetes.io/hostname, no two pods of the workload can share a node.",
    fix="request fewer replicas, make the anti-affinity a preference, or add nodes; "
    "set the `max` of their pool in the snapshot if the autoscaler can add some",
    source="Kubernetes docs, Assigning Pods to Nodes: inter-pod affinity and anti-affinity",
    needs="snapshot",
)
def too_few_nodes(subject: Subject) -> Iterator[Hit]:
    """More replicas than eligible nodes for pods that must not share one, including those that a rollout needs."""
    yield from merged(_crowded(subject))


def _crowded(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        if move.adds and move.load.pod.scheduling.is_alone_on_host and move.live.ref.kind != "DaemonSet":
            nodes, surge = _eligible(move.snapshot, move.load.pod.scheduling), _needed_surge(move)
            if move.after + surge > nodes:
                wanted = f"{_counted(move.after, 'replica')} of {subject.workload.ref}"
                rolling = f" and {surge} more during its rollout" if move.after <= nodes else ""
                message = f"only {_counted(nodes, 'eligible node')} for {wanted}{rolling}"
                yield move.site, Hit(message, cause(subject, move))


def _eligible(snapshot: ClusterSnapshot, scheduling: Scheduling) -> int:
    """The number of eligible nodes for such a pod, including those that pools could add."""
    return nodes_for(snapshot, scheduling) + sum(
        max(0, pool.most - pool.current)
        for pool in snapshot.pools
        if (capacity := template_capacity(pool))
        and refusal(scheduling, capacity.labels, capacity.taints, is_unschedulable=False) is None
    )


def _needed_surge(move: Move) -> int:
    """The pods that a rolling update has to start before it may stop one; the rest of a larger surge may wait."""
    more = min(1, move.load.counts["surge"] - move.after)
    return more if more and not fenceposts(move.live.strategy, move.after).unavailable else 0


@rule(
    "AVL-004",
    "warning",
    why="With whenUnsatisfiable DoNotSchedule, a pod waits if it would exceed maxSkew. A domain without free capacity "
    "then blocks all others.",
    fix="raise maxSkew, use ScheduleAnyway, or add capacity in the full domain",
    source="Kubernetes docs, Pod Topology Spread Constraints",
    needs="snapshot",
    unknown=unplaced,
)
def not_spreadable(subject: Subject) -> Iterator[Hit]:
    """A topology spread constraint (DoNotSchedule) that keeps some pods from nodes with free capacity."""
    yield from merged(_unspread(subject))


def _unspread(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        verdict, spreads = move.capacity.requested, move.load.pod.scheduling.spread
        reasons = [one.reason for one in verdict.shortages] if isinstance(verdict, DoesNotFit) else []
        if move.adds and spreads and UNSPREAD in reasons:
            rules = ", ".join(f"maxSkew {one.max_skew} on {one.topology_key}" for one in spreads)
            message = f"topology spread of {subject.workload.ref} ({rules}) leaves some pods Pending"
            yield move.site, Hit(message, cause(subject, move))


@rule(
    "CAP-001",
    "warning",
    why="Pods without a node stay Pending, and a rollout that waits for them does not finish.",
    fix=f"request fewer or smaller pods, {_GROW}",
    source=f"{_FIT}; {_PACKING}",
    needs="snapshot",
    unknown=unplaced,
)
def does_not_fit(subject: Subject) -> Iterator[Hit]:
    """Not all requested pods fit, even with every node pool at its maximum."""
    yield from merged(
        (move.site, Hit(f"{_pods(subject, move)} → {_pending(verdict)}", cause(subject, move)))
        for move in moves(subject)
        if move.adds and isinstance(verdict := move.capacity.requested, DoesNotFit) and _is_about_room(move, verdict)
    )


def _is_about_room(move: Move, verdict: DoesNotFit) -> bool:
    """Whether no other rule reports the reason: pods that are too large, over a quota, or not accepted."""
    is_said = verdict.is_too_large or verdict.cause == "refused"
    return not is_said and not (verdict.cause == "quota" and move.capacity.quota_faults)


def _pending(verdict: DoesNotFit) -> str:
    if verdict.cause == "rollout":
        return "does not fit (rollout stalls): new pods do not fit while old ones run, and too few of these may stop"
    if verdict.is_proven:
        return "does not fit: some pods would stay Pending"
    return "no placement was found for all: some pods may stay Pending"


@rule(
    "CAP-007",
    "warning",
    why="The scheduler chooses the best node for each pod without looking ahead: small pods on every node can leave no "
    "space for a large one, and pods that already wait may use capacity that becomes free.",
    fix=f"apply the workloads with the largest pods first, request fewer or smaller pods, {_GROW}",
    source="kubernetes/pkg/scheduler: schedule_one.go, noderesources/least_allocated.go; infra.scale, simulation of it",
    needs="snapshot",
)
def depends_on_order(subject: Subject) -> Iterator[Hit]:
    """All pods fit in some orders of scheduling, but not in others."""
    yield from merged(
        (
            move.site,
            Hit(f"{_pods(subject, move)} → fits depending on which pods are scheduled first", cause(subject, move)),
        )
        for move in moves(subject)
        if move.adds and isinstance(move.capacity.requested, FitsDependingOnOrder)
    )


@rule(
    "CAP-002",
    "warning",
    why="Some pods are Pending until the new nodes are ready, and whether the cloud has such nodes is unknown.",
    fix="grow the pool in advance if the delay matters",
    source="kubernetes/autoscaler, cluster-autoscaler FAQ; infra.scale, first fit over the template of each pool",
    needs="snapshot",
    unknown=unplaced,
)
def fits_after_scaleup(subject: Subject) -> Iterator[Hit]:
    """All pods fit only after node pools have grown, within their bounds."""
    yield from merged(_grown(subject))


def _grown(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        verdict = move.capacity.requested
        if move.adds and isinstance(verdict, FitsAfterScaleup):
            names = [growth.pool for growth in verdict.growth]
            pools = f"{'pool' if len(names) == 1 else 'pools'} {', '.join(names)}"
            message = f"{_pods(subject, move)} → fits only after scale-up of {pools}"
            yield move.site, Hit(message, cause(subject, move))


@rule(
    "CAP-003",
    "warning",
    why="At its maximum, the autoscaler starts pods that stay Pending, when the service needs them most.",
    fix=f"lower the maximum, {_GROW}",
    source=_PACKING,
    needs="snapshot",
    unknown=unplaced,
)
def maximum_does_not_fit(subject: Subject) -> Iterator[Hit]:
    """The maximum of the autoscaler does not fit, with every node pool and all other autoscalers at theirs."""
    yield from merged(_beyond(subject))


def _beyond(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        outcome = move.capacity.scenarios.get("hpaMax")
        if not (move.reaches and outcome and outcome.is_own and isinstance(outcome.verdict, DoesNotFit)):
            continue
        is_said = outcome.verdict.cause in ("quota", "refused")  # by QUO-003, or of fewer pods
        if not is_said and not isinstance(
            move.capacity.requested, DoesNotFit
        ):  # else CAP-001 reports it for fewer pods
            scaler = scaler_of(subject, move)
            at_most = f"{subject.workload.ref} at {scaler} max {outcome.replicas}"
            stop = f"{scaler} will stop below it in practice with Pending pods"
            yield move.site, Hit(f"{at_most} → does not fit; {stop}", ceiling(subject, move))


@rule(
    "CAP-005",
    "note",
    why="The scheduler can place a pod without requests on any node, even a full one: whether it can run there is "
    "unknown.",
    fix="set requests",
    source=f"{_FIT}: a request of zero always fits",
    needs="snapshot",
)
def nothing_requested(subject: Subject) -> Iterator[Hit]:
    """Pods without a cpu or memory request, if more are started or their template changes."""
    message = f"{subject.workload.ref} has no requests → whether its pods fit is unknown"
    yield from merged(
        (move.site, Hit(message, cause(subject, move)))
        for move in moves(subject)
        if move.is_news and not any(one for name, one in move.capacity.size if name in ("cpu", "memory"))
    )


def _is_too_large(move: Move) -> bool:
    """Whether a new pod is larger than any node."""
    at_most = move.capacity.scenarios.get("hpaMax")
    verdicts = [move.capacity.requested] if move.adds else []
    verdicts += [at_most.verdict] if move.reaches and at_most else []
    return any(isinstance(verdict, DoesNotFit) and verdict.is_too_large for verdict in verdicts)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _pods(subject: Subject, move: Move) -> str:
    """The pods in words; with their number only if the request sets it, because the running number changes."""
    workload = subject.workload
    is_said = workload.replicas is not None or workload.parallelism is not None
    return f"{workload.ref} {f'{move.after} {TIMES} ' if is_said else ''}({_size(move)})"


def _size(move: Move) -> str:
    return size_text(move.capacity.size)
