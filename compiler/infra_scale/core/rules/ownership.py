"""Rules about the ownership of spec.replicas: a change of owner must not scale down a running workload."""

from collections.abc import Iterator

from infra_scale.core.planning.ownership import after_of, field_leaves_git, minimum_of, running
from infra_scale.core.ruling.catalogue import Hit, Subject, rule
from infra_scale.model.names import quoted
from infra_scale.model.request import Handover
from infra_scale.model.workload import BATCH

_MIGRATING = "Kubernetes docs, Migrating Deployments and StatefulSets to horizontal autoscaling"
_TRANSFERRING = "Kubernetes docs, Server-Side Apply: transferring ownership"
_RECONCILING = "kubernetes/pkg/controller/podautoscaler/horizontal.go, reconcileAutoscaler"


@rule(
    "OWN-001",
    "error",
    why="When spec.replicas is removed from a manifest, the next apply sets its default, 1, and all other pods stop.",
    fix="add `handover: {from: replicas}` for the steps that prevent it; "
    "once it is done, delete spec.replicas from the manifest, and `handover` from the request",
    source=_MIGRATING,
)
def unannounced(subject: Subject) -> Iterator[Hit]:
    """An HPA or KEDA for a workload whose base manifest sets replicas above 1, without `handover`."""
    workload, base = subject.workload, subject.base
    if workload.handover or base is None or base.chart or not field_leaves_git(workload, subject.request, base):
        return
    where = quoted(base.replicas_path, "the base manifest")
    if unknown := base.why_unknown("replicas"):
        message = f"{where} sets replicas of {workload.ref}: removing them can leave 1 pod ({unknown})."
        yield Hit(message, (_block(subject),), "warning")
    elif base.replicas and base.replicas > 1:
        message = f"{where} sets {base.replicas} replicas for {workload.ref}: removing them can leave 1 pod."
        yield Hit(message, (_block(subject),))


@rule(
    "OWN-002",
    "error",
    why="Without the autoscaler, its last count has no owner: the next apply of a manifest with another count, a "
    "replace or a restore sets that count, or 1 if there is none.",
    fix="set the number of pods: `replicas: N`",
    source=_TRANSFERRING,
)
def unowned_after(subject: Subject) -> Iterator[Hit]:
    """A hand-over from an HPA or KEDA to nothing that sets spec.replicas."""
    handover, workload = subject.workload.handover, subject.workload
    if handover and handover.before in ("hpa", "keda") and after_of(workload, subject.request) == "unchanged":
        message = f"nothing sets the replicas of {workload.ref} after the hand-over from {handover.before}."
        yield Hit(message, ("handover", "from"))


@rule(
    "OWN-003",
    "error",
    why="An autoscaler can scale down to its minimum at once, before its metrics have settled.",
    fix="set min to the running count for the hand-over, and lower it in a separate request; "
    "or set `handover.replicas` if only one runs",
    source=f"{_RECONCILING}; KEDA docs, ScaledObject specification: cooldownPeriod",
)
def may_drop_to_one(subject: Subject) -> Iterator[Hit]:
    """A hand-over to an HPA or KEDA with min 0 or 1, while more pods run or their number is unknown."""
    handover, minimum = subject.workload.handover, minimum_of(subject.workload, subject.request)
    if not handover or minimum is None or minimum > 1 or _is_same(subject, handover):
        return
    count = _at_arrival(subject)
    if count is None and handover.before != "vpa":
        message = f"min {minimum} could scale {subject.workload.ref} down to it; the number of running pods is unknown."
        yield Hit(message, (_block(subject), "min"))
    elif count is not None and count > 1:
        message = f"min {minimum} could scale {subject.workload.ref} from {count} pods to {minimum}."
        yield Hit(message, (_block(subject), "min"))


@rule(
    "OWN-005",
    "warning",
    why="A new autoscaler has no history: it can scale down to its minimum at its first sync.",
    fix="set min to the running count for the hand-over, and lower it in a separate request",
    source=_RECONCILING,
)
def minimum_below_running(subject: Subject) -> Iterator[Hit]:
    """A hand-over to an HPA or KEDA whose min is above 1 and below the running count."""
    handover, minimum = subject.workload.handover, minimum_of(subject.workload, subject.request)
    count = _at_arrival(subject)
    if not handover or _is_same(subject, handover) or minimum is None or count is None:
        return
    if 1 < minimum < count:
        message = f"min {minimum} is below the {count} pods of {subject.workload.ref} that run at the hand-over."
        yield Hit(message, (_block(subject), "min"))


@rule(
    "OWN-006",
    "error",
    why="A hand-over keeps pods running; stop all of them, or all but one, in a separate request.",
    fix="request the running count, and lower it in a separate request; or set `handover.replicas` to it",
    source="infra.scale, docs/how-to-handover.md",
)
def stopped_by_hand_over(subject: Subject) -> Iterator[Hit]:
    """A hand-over with replicas 0 or 1, while more pods run or their number is unknown."""
    workload, replicas = subject.workload, subject.workload.replicas
    if not workload.handover or replicas is None or replicas > 1 or _is_same(subject, workload.handover):
        return
    count = running(workload, subject.base)
    if count is None and workload.handover.before != "vpa":
        yield Hit(f"replicas {replicas} for {workload.ref}: the number of running pods is unknown.", ("replicas",))
    elif count is not None and count > replicas:
        yield Hit(f"the hand-over of {workload.ref} would leave {replicas} of {count} pods.", ("replicas",))


@rule(
    "OWN-004",
    "error",
    why="A hand-over moves a field from one owner to another; here the owner does not change.",
    fix="delete `handover`, or fix its `from`",
    source="infra.scale, docs/how-to-handover.md",
)
def no_hand_over(subject: Subject) -> Iterator[Hit]:
    """A hand-over to the same owner, of a kind that has no replicas, or from a VPA without requests to take over."""
    handover, workload = subject.workload.handover, subject.workload
    if not handover:
        return
    if handover.before != "vpa" and workload.ref.kind in ("DaemonSet", *BATCH):
        message = f"{workload.ref.kind} has no replicas to hand over; {handover.before} cannot own {workload.ref}."
        yield Hit(message, ("handover", "from"))
    elif _is_same(subject, handover):
        yield Hit(f"{workload.ref} stays with {handover.before}: nothing is handed over.", ("handover", "from"))
    elif handover.before == "vpa" and workload.requests is None:
        message = f"{workload.ref} loses its VPA, and the request names no requests for its pods."
        yield Hit(message, ("handover", "from"))


def _is_same(subject: Subject, handover: Handover) -> bool:
    """Whether the owner does not change; a VPA with fixed replicas takes over their requests."""
    if handover.before == "vpa":
        return subject.workload.vpa is not None
    after = after_of(subject.workload, subject.request)
    if handover.before == "replicas" and subject.workload.vpa:
        return False
    return after == handover.before or (handover.before == "replicas" and after == "unchanged")


def _at_arrival(subject: Subject) -> int | None:
    """The number of pods when the autoscaler is created: the count of the plan, else the running one."""
    known = running(subject.workload, subject.base)
    stated = subject.workload.handover.replicas if subject.workload.handover else None
    replicas = subject.workload.replicas
    return replicas if stated is None and replicas is not None else known


def _block(subject: Subject) -> str:
    return "keda" if subject.keda else "hpa"
