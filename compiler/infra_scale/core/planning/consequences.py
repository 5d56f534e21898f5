"""Actions to one line each on what happens to pods when they are carried out (kubernetes.md §2.5)."""

from typing import assert_never

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
from infra_scale.model.workload import Kind

_RESOURCES: dict[Kind, str] = {
    "Deployment": "every pod is replaced by a rolling update",
    "StatefulSet": "every pod is restarted, one at a time, from the last to the first",
    "DaemonSet": "the pod of every node is replaced, unless the update strategy is OnDelete",
    "ReplicaSet": "running pods keep what they have; only new ones get it",
    "Job": "refused while the Job exists",
    "CronJob": "future runs only; a run that has begun keeps what it has",
}

_OF_VPA: dict[UpdateMode, str] = {
    "Off": "no restart; it only recommends",
    "Initial": "no restart; new pods get what it recommends",
    "Recreate": "evicts pods whose requests are off, and sets them anew",
    "InPlaceOrRecreate": "resizes running pods where it can, and evicts the others",
    "Auto": "evicts pods whose requests are off, and sets them anew",
}

_OF_REMOVAL: dict[Autoscaler, str] = {
    "hpa": "no restart; the replicas stay what the HPA set last",
    "vpa": "no restart; running pods keep their requests, new ones get those of the template",
    "keda": "no restart; the replicas stay what KEDA set last",
}


def consequence(action: Action) -> str:
    """What an action does to the pods, as far as it is known without looking at the cluster."""
    return f"{action.ref}: {_what(action)}"


def _what(action: Action) -> str:
    match action:
        case ScaleWorkload():
            return _of_replicas(action)
        case ScaleJob():
            return _of_job(action)
        case UpdateResources(ref, _, _, _):
            return _RESOURCES[ref.kind]
        case ApplyHpa(_, hpa):
            return f"no restart; from now on the HPA sets the replicas, between {hpa.minimum} and {hpa.maximum}"
        case ApplyVpa(_, vpa):
            return _OF_VPA[vpa.mode]
        case ApplyKeda(_, keda):
            return f"no restart; from now on KEDA sets the replicas, between {keda.minimum} and {keda.maximum}"
        case RemoveAutoscaler(_, autoscaler):
            return _OF_REMOVAL[autoscaler]
        case _:
            assert_never(action)


def _of_replicas(action: ScaleWorkload) -> str:
    stateful = action.ref.kind == "StatefulSet"
    if action.to == 0:
        return "every pod stops" + ("; its volumes stay" if stateful else "")
    order = " one at a time, in their order," if stateful else ""
    return f"pods start or stop{order} until {action.to} run; none is restarted"


def _of_job(action: ScaleJob) -> str:
    if action.ref.kind == "CronJob":
        return "future runs only; a run that has begun goes on"
    if action.suspend:
        return "its active pods are deleted, and none starts until it is resumed"
    return "pods start again" if action.parallelism is None else f"pods start or stop until {action.parallelism} work"
