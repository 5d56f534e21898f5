"""Rules about the change from the running to the requested state: its size and its side effects."""

from collections.abc import Iterator
from fractions import Fraction

from infra_scale.core.capacity.wording import TIMES
from infra_scale.core.planning.actions import removed
from infra_scale.core.ruling.catalogue import HERE, Hit, Placed, Subject, merged, rule
from infra_scale.core.ruling.rollout_delta import Move, block, moves
from infra_scale.model.pod import Pod
from infra_scale.model.position import Route
from infra_scale.model.quantity import Quantity
from infra_scale.model.units import amount_text
from infra_scale.model.workload import SCALABLE

_HUNDRED = 100


@rule(
    "REP-004",
    "warning",
    why="The remaining pods get the whole load at once, and the caches of the others are lost.",
    fix="scale down in several steps, or make sure that the rest can handle the load",
    source="infra.scale; our own thresholds",
    thresholds={"percent": 50, "pods": 10},
    needs="snapshot",
)
def large_scale_in(subject: Subject) -> Iterator[Hit]:
    """Fewer than half of the running pods, or more than 10 fewer; not for a StatefulSet, nor down to 0."""
    yield from merged(_scaled_in(subject))


def _scaled_in(subject: Subject) -> Iterator[Placed]:
    most_percent, most_pods = subject.thresholds["percent"], subject.thresholds["pods"]
    for move in moves(subject):
        before, after, gone = move.before, move.after, move.before - move.after
        is_large = gone * _HUNDRED > most_percent * before or gone > most_pods
        if after and is_large and move.live.ref.kind in ("Deployment", "ReplicaSet"):
            share = round(Fraction(gone * _HUNDRED, before))
            message = f"Scale-in {before}→{after} for {subject.workload.ref} removes {share}% of pods at once."
            yield move.site, Hit(message, _count_route(subject, "max"))


@rule(
    "REP-005",
    "warning",
    why="Many pods that start at once load the registry, the nodes and their dependencies.",
    fix="make sure that databases and other services can handle that many clients; scale up in several steps",
    source="infra.scale; our own threshold",
    thresholds={"factor": 3},
    needs="snapshot",
)
def large_scale_out(subject: Subject) -> Iterator[Hit]:
    """More than 3 times the running pods."""
    yield from merged(_scaled_out(subject))


def _scaled_out(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        before, after = move.before, move.after
        if before and after > subject.thresholds["factor"] * before:
            tenths = round(Fraction(after * 10, before))
            factor = f"{tenths // 10}.{tenths % 10}".removesuffix(".0")
            hit = Hit(f"Scale-out {TIMES}{factor} for {subject.workload.ref}", _count_route(subject, "min"))
            yield move.site, hit


@rule(
    "KIND-003",
    "warning",
    why="A StatefulSet stops the pods with the highest numbers first, and each has its own data.",
    fix="make sure that the data of these pods is stored elsewhere, or no longer needed",
    source="Kubernetes docs, StatefulSets: PersistentVolumeClaim retention, whenScaled",
    needs="snapshot",
)
def stateful_scale_in(subject: Subject) -> Iterator[Hit]:
    """Fewer pods of a StatefulSet than are running."""
    yield from merged(_stopped(subject))


def _stopped(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        before, after = move.before, move.after
        if move.live.ref.kind == "StatefulSet" and after < before:
            one = after == before - 1
            pods = f"pod {after} stops" if one else f"pods {after}..{before - 1} stop"
            claims = f"{'its' if one else 'their'} PVCs are {'deleted' if move.live.drops_claims else 'kept'}"
            message = f"{subject.workload.ref} {before}→{after}: {pods}; {claims}"
            yield move.site, Hit(message, _count_route(subject, "max"))


@rule(
    "KIND-004",
    "warning",
    why="With podManagementPolicy OrderedReady each pod waits until the one before it is ready.",
    fix="allow time for it, or set podManagementPolicy to Parallel when the StatefulSet is created",
    source="Kubernetes docs, StatefulSets: OrderedReady Pod Management; our own threshold",
    thresholds={"pods": 3},
    needs="snapshot",
)
def one_after_another(subject: Subject) -> Iterator[Hit]:
    """More than 3 additional pods of a StatefulSet that starts them in order."""
    yield from merged(_in_order(subject))


def _in_order(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        more = move.after - move.before
        is_ordered = move.live.ref.kind == "StatefulSet" and not move.live.is_parallel
        if is_ordered and more > subject.thresholds["pods"]:
            start = f"sequential start: ~{more} {TIMES} readiness"
            message = f"{subject.workload.ref} {move.before}→{move.after}: {start}"
            yield move.site, Hit(message, _count_route(subject, "min"))


def _count_route(subject: Subject, bound: str) -> Route:
    """The value with the requested number of pods; `bound` is that of an autoscaler."""
    workload = subject.workload
    if workload.replicas is not None:
        return ("replicas",)
    return ("parallelism",) if workload.parallelism is not None else (block(subject), bound)


@rule(
    "RES-005",
    "warning",
    why="A container that uses more memory than its limit is killed, and it starts again with the same need.",
    fix="check first how much memory the container uses at its peak",
    source="KEP-1287, Memory Limit Decreases",
    needs="snapshot",
)
def memory_limit_lowered(subject: Subject) -> Iterator[Hit]:
    """limits.mem below the limit of the running container."""
    limits = subject.workload.limits
    if limits is not None and limits.memory is not None:
        yield from merged(_lowered(subject, ("limits", limits.memory_key)))


def _lowered(subject: Subject, route: Route) -> Iterator[Placed]:
    for move in moves(subject):
        after = _memory_limits(move.load.pod)
        for name, old in _memory_limits(move.template).items():
            new = after.get(name, old)
            if new < old:
                fall = f"{amount_text('memory', old)}→{amount_text('memory', new)}"
                said = f"Memory limit of {subject.workload.ref} lowered {fall}"
                yield move.site, Hit(f"{said}; OOMKill risk if usage exceeds it.", route)


def _memory_limits(pod: Pod) -> dict[str, Quantity]:
    several = (*pod.containers, *pod.init_containers)
    return {one.name: limit for one in several if (limit := dict(one.limits).get("memory"))}


@rule(
    "HPA-016",
    "warning",
    why="Utilization is a percentage of the request: with another request, the same load is another percentage. "
    "Within its tolerance of 10 %, the HPA does not change the replicas.",
    fix="make sure that the load allows it, or adjust hpa.targetCPU",
    source="Kubernetes docs, Horizontal Pod Autoscaling: algorithm details",
    needs="snapshot",
)
def utilization_rescaled(subject: Subject) -> Iterator[Hit]:
    """A changed cpu request under a running HPA on CPU, if it moves utilization out of the HPA's tolerance."""
    yield from merged(_rescaled(subject))


_TOLERANCE = Fraction(1, 10)


def _rescaled(subject: Subject) -> Iterator[Placed]:
    for move in moves(subject):
        before, after = _cpu(subject, move.template), _cpu(subject, move.load.pod)
        targets = _targets(subject, move)
        if targets and before and after and before != after:
            ratio = Fraction(before.nano * targets[0], after.nano * targets[1])
            if abs(ratio - 1) > _TOLERANCE:
                said = f"CPU request change {before}→{after} rescales measured utilization"
                moved = f"HPA may move to ~{round(ratio * _HUNDRED)}% of the replicas of {subject.workload.ref}."
                yield move.site, Hit(f"{said}; {moved}", ("requests",) if subject.workload.requests else ("limits",))


def _targets(subject: Subject, move: Move) -> tuple[int, int] | None:
    """The HPA's CPU targets before and after, in percent of the request; None if it does not use CPU."""
    before = move.live.hpa.target_cpu if move.live.hpa else None
    if subject.hpa:
        after = subject.hpa.target_cpu
    else:
        stays = not subject.keda and removed(subject.workload, subject.request) != "hpa"
        after = before if stays else None
    return (before, after) if before and after else None


def _cpu(subject: Subject, pod: Pod) -> Quantity | None:
    """The HPA's divisor: the requests of all containers of the pod, or of the container that it measures."""
    level = dict(pod.requests).get("cpu")
    container = subject.hpa.container if subject.hpa else None
    running = (*pod.containers, *(one for one in pod.init_containers if one.is_sidecar))
    amounts = [dict(one.requests).get("cpu") for one in running if container in (None, one.name)]
    if level is not None and container is None:
        return level
    known = [one for one in amounts if one is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(amounts) else None


@rule(
    "HPA-018",
    "warning",
    why="The planned HPA replaces the running one: the replicas no longer follow the metrics that it lacks.",
    fix="keep the HPA in its manifest and request no `hpa`, or make sure that the planned metrics are enough",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go, computeReplicasForMetrics",
    needs="snapshot",
)
def metrics_lost(subject: Subject) -> Iterator[Hit]:
    """The running HPA has other metrics than the planned one."""
    yield from merged(_lost(subject))


def _lost(subject: Subject) -> Iterator[Placed]:
    hpa = subject.hpa
    for site in subject.sites if hpa else ():
        running = site.live.hpa if site.live else None
        kept = ("Resource/memory", "ContainerResource/memory") if hpa and hpa.target_memory is not None else ()
        lost = [one for one in running.other_metrics if one not in kept] if running else []
        if lost:
            named = ", ".join(lost)
            message = f"the running HPA of {subject.workload.ref} also has other metrics, which the planned one lacks"
            yield site, Hit(f"{message}{HERE}: {named}", ("hpa",))


@rule(
    "HPA-019",
    "warning",
    why="An HPA whose workload has 0 replicas is inactive (ScalingDisabled) until the workload is scaled up.",
    fix="request `replicas` as well, at least hpa.min",
    source="kubernetes/pkg/controller/podautoscaler/horizontal.go",
    needs="snapshot",
)
def inactive_at_zero(subject: Subject) -> Iterator[Hit]:
    """An HPA without `replicas` for a workload that runs with 0."""
    yield from merged(_at_zero(subject))


def _at_zero(subject: Subject) -> Iterator[Placed]:
    for site in subject.sites if subject.hpa and subject.workload.replicas is None else ():
        if site.live and site.live.replicas == 0 and site.live.ref.kind in SCALABLE:
            message = f"{subject.workload.ref} has 0 replicas{HERE}: its HPA stays inactive until it is scaled up."
            yield site, Hit(message, ("hpa",))


@rule(
    "OWN-008",
    "warning",
    why="The operator of that object sets the fields of what it controls to its own values again.",
    fix="change the replicas and resources in the object that is named",
    source="Kubernetes docs, Owners and Dependents; the docs of the operator",
    needs="snapshot",
)
def of_an_operator(subject: Subject) -> Iterator[Hit]:
    """A workload that another object controls."""
    yield from merged(_controlled(subject))


def _controlled(subject: Subject) -> Iterator[Placed]:
    for site in subject.sites:
        if site.live and site.live.controller:
            by = "/".join(site.live.controller)
            message = f"{subject.workload.ref} is controlled by {by}{HERE}, which can set its fields again."
            yield site, Hit(message, ("name",))
