"""One line per action on its effect on pods (kubernetes.md §2.5)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, assert_never

from infra_scale.core.planning.actions import workload_of
from infra_scale.core.planning.arithmetic import triggers
from infra_scale.core.planning.before import Before
from infra_scale.core.planning.ownership import minimum_of, overwriters
from infra_scale.core.planning.rollout import pods_of, restart
from infra_scale.model.action import (
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    Autoscaler,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.autoscaler import UpdateMode
from infra_scale.model.manifest import Base, Bases
from infra_scale.model.ownership import Consequence
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.snapshot import LiveWorkload
from infra_scale.model.workload import WorkloadRef

_EVICTS = "evicts pods whose requests differ, within PodDisruptionBudgets; their replacements get its recommendation"
_OF_VPA: dict[UpdateMode, str] = {
    "Off": "no restart; it only recommends",
    "Initial": "no restart; new pods get its recommendation",
    "Recreate": _EVICTS,
    "InPlaceOrRecreate": f"resizes running pods where possible, else it {_EVICTS}",
    "Auto": _EVICTS,
}

_OF_REMOVAL: dict[Autoscaler, str] = {
    "hpa": "no restart; the replicas stay as the HPA set them last",
    "vpa": "no restart; running pods keep their requests, new ones get those of the template",
    "keda": "no restart; the replicas stay as KEDA set them last, unless restoreToOriginalReplicaCount is true",
}


Running = Mapping[tuple[str, WorkloadRef], LiveWorkload]
"""The running state by cluster and workload, from snapshots."""
NOTHING_RUNS: Running = {}


def consequences(
    actions: Iterable[Action], request: ScaleRequest, bases: Bases, running: Running = NOTHING_RUNS
) -> tuple[Consequence, ...]:
    """The effects of the actions on the pods, from manifests and `running`, in order."""
    source = workload_of(request)
    found: list[Consequence] = []
    for action in actions:
        workload = source(action)
        live = running.get((action.cluster.name, workload.ref)) if action.cluster else None
        context = _Context(workload, request, Before(bases.get(workload.key), live))
        found.append(Consequence(action.ref, _what(action, context), action.cluster))
    return tuple(found)


class _Context(NamedTuple):
    """The inputs for the effect of one action."""

    workload: Workload
    request: ScaleRequest
    before: Before


def _what(action: Action, context: _Context) -> str:
    match action:
        case ScaleWorkload():
            return _of_replicas(action, context)
        case ScaleJob():
            return _of_job(action, context.before.base)
        case UpdateResources():
            return _of_resources(action, context)
        case ApplyHpa(_, hpa):
            bounds = _sets(context, f"between {hpa.minimum} and {hpa.maximum}")
            return "; ".join((bounds, *(one.words for one in triggers(context.workload, hpa, context.before))))
        case ApplyVpa(_, vpa):
            return _OF_VPA[vpa.mode]
        case ApplyKeda(_, keda):
            idle = "" if keda.idle is None else f", and {keda.idle} while no trigger is active"
            return f"no restart; from now on KEDA sets the replicas, between {keda.minimum} and {keda.maximum}{idle}"
        case RemoveAutoscaler(_, autoscaler):
            return _OF_REMOVAL[autoscaler]
        case _:
            assert_never(action)


def _sets(context: _Context, bounds: str) -> str:
    """Whether a new HPA is active: it ignores a workload with 0 replicas."""
    workload, (base, live) = context.workload, context.before
    known = live.replicas if live else base.replicas if base else None
    count = known if workload.replicas is None else workload.replicas
    if count == 0:
        return f"no restart; the HPA is inactive while there are 0 replicas, then it sets them, {bounds}"
    unless = "" if count else ", unless there are 0 (then it is inactive)"
    when = "from now on the HPA sets" if count else "the HPA sets"
    return f"no restart; {when} the replicas, {bounds}{unless}"


def _of_resources(action: UpdateResources, context: _Context) -> str:
    effect = context.before.change(action).effect
    if effect == "none":
        return "no restart; the template already has these requests and limits"
    if effect == "unclear":
        return "no restart if it runs with these requests and limits, as in its manifest"
    return restart(action.ref.kind, context.before, pods_of(*context))


def _of_replicas(action: ScaleWorkload, context: _Context) -> str:
    stateful = action.ref.kind == "StatefulSet"
    others = overwriters(action.to, context.before.base)
    if others and minimum_of(context.workload, context.request) is None:
        verb = "sets" if len(others) == 1 else "set"
        return f"not permanent: {' and '.join(others)} {verb} the replicas again at its next sync"
    if action.to == 0:
        return "every pod stops" + (f"; {_volumes(context.before)}" if stateful else "")
    order = _order(context.before) if stateful else ""
    return f"pods start or stop{order} until {action.to} run; none is restarted"


def _volumes(before: Before) -> str:
    """Effect on the volumes of deleted pods."""
    goes = before.live is not None and before.live.drops_claims
    return "their volume claims are deleted (whenScaled Delete)" if goes else "its volumes are kept"


def _order(before: Before) -> str:
    """How the pods of a StatefulSet start and stop."""
    if before.is_parallel:
        return " all at once (podManagementPolicy Parallel)"
    unless = " unless podManagementPolicy is Parallel," if before.is_parallel is None else ""
    return f" one at a time, in their order,{unless}"


def _of_job(action: ScaleJob, base: Base | None) -> str:
    if action.ref.kind == "CronJob":
        missed = f"; {_missed(base)}" if action.suspend is False else ""
        return f"future runs only; a started run continues{missed}"
    if action.suspend:
        return "its active pods are deleted, and none starts until it is resumed"
    return "pods start again" if action.parallelism is None else f"pods start or stop until {action.parallelism} run"


def _missed(base: Base | None) -> str:
    """The run that a CronJob starts when it is resumed: the latest one, if its deadline has not passed."""
    starts = "if it was suspended, its latest missed run starts at once"
    if base is None or base.why_unknown("startingDeadlineSeconds"):
        return f"{starts}, unless it is later than startingDeadlineSeconds"
    if base.starting_deadline is None:
        return f"{starts}, however late it is (no startingDeadlineSeconds)"
    return f"{starts} if it is at most {base.starting_deadline} s late (startingDeadlineSeconds)"
