"""Whether a workload is healthy after a write: our own rule, judged on one read of the object and its pods.

Neither `kubectl rollout status` nor the health of an Argo CD application is a verdict: a change of replicas does not
renew the progress deadline (kubernetes#78678), and an autoscaler that grows makes an application Degraded
(argo-cd#6287). Fields: API reference of apps/v1, batch/v1, autoscaling/v2, core/v1.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from infra_scale.core.executing.fields import conditions, count_at, is_after, value_at
from infra_scale.core.executing.pods import delays, faults, is_new, is_out_of_memory, name_of
from infra_scale.core.executing.writes import Object
from infra_scale.model.run import Json, RunStep
from infra_scale.model.tagged import tagged

METRICS_GRACE = timedelta(minutes=3)
"""How long an autoscaler may have no metrics after a change."""
FLOOR_GRACE = timedelta(seconds=30)
"""How long fewer pods than the floor may be available."""


class Observation(NamedTuple):
    """One read of the cluster."""

    item: Object
    """The workload or autoscaler."""
    pods: tuple[Object, ...]
    """The pods of the workload."""
    events: tuple[str, ...]
    """Messages of FailedCreate events of the workload since the write."""
    at: datetime


class Expectation(NamedTuple):
    """What was written, and what held before."""

    step: RunStep
    since: datetime
    """The time of the write."""
    was_active: bool = True
    """For an HPA: whether it could compute a number of replicas before the write."""


@tagged
class Healthy(NamedTuple):
    """The write took effect, and the pods are available."""

    progress: str


@tagged
class Waiting(NamedTuple):
    """Not healthy yet; it may become so by itself."""

    progress: str
    reason: str = ""


@tagged
class Unhealthy(NamedTuple):
    """It does not become healthy by itself."""

    reason: str


Health = Healthy | Waiting | Unhealthy


def health(expected: Expectation, seen: Observation) -> Health:
    """The health of an object after a write."""
    failure = next(_failures(expected, seen), None)
    if failure:
        return Unhealthy(failure)
    kind = expected.step.ref.kind
    if kind == "StatefulSet":
        return _stateful_set(expected, seen)
    rule = _RULES.get(kind)
    return rule(seen) if rule else Healthy("accepted")


def health_now(kind: str, item: Object) -> Health:
    """The health of an object that nothing was written to."""
    rule = _RULES.get(kind)
    return rule(Observation(item, (), (), _EPOCH)) if rule else Healthy("accepted")


_EPOCH = datetime.fromtimestamp(0, UTC)


def floor(item: Object) -> int:
    """The pods that have to stay available while a workload changes: as many as were, less maxUnavailable."""
    available = count_at(item, "/status/availableReplicas")
    return max(0, min(available, _wanted(item)) - _max_unavailable(item))


def is_below_floor(seen: Observation, least: int) -> bool:
    """Whether fewer pods are available than have to be, or than are wanted now if those are fewer."""
    return count_at(seen.item, "/status/availableReplicas") < min(least, _wanted(seen.item))


def _replica_set(seen: Observation) -> Health:
    return _counted(seen, ("readyReplicas", "availableReplicas"), _wanted(seen.item))


def _rollout(seen: Observation) -> Health:
    """Argo Rollouts: `status.phase` (pkg/apis/rollouts/v1alpha1/types.go); its observedGeneration is a text."""
    wanted, available = _wanted(seen.item), count_at(seen.item, "/status/availableReplicas")
    phase, message = value_at(seen.item, "/status/phase"), value_at(seen.item, "/status/message")
    generations = (value_at(seen.item, path) for path in ("/status/observedGeneration", "/metadata/generation"))
    is_current = len(set(map(str, generations))) == 1
    progress = f"{available}/{wanted} ready"
    if is_current and phase == "Degraded":
        return Unhealthy(f"Degraded: {message or ''}")
    is_done = is_current and phase == "Healthy" and available == wanted
    return Healthy(progress) if is_done else Waiting(progress, f"{phase or 'Progressing'}: {message or ''}")


def _daemon_set(seen: Observation) -> Health:
    return _counted(seen, ("updatedNumberScheduled", "numberAvailable"), _wanted(seen.item))


def _deployment(seen: Observation) -> Health:
    return _counted(seen, ("updatedReplicas", "replicas", "availableReplicas"), _wanted(seen.item))


def _stateful_set(expected: Expectation, seen: Observation) -> Health:
    wanted = _wanted(seen.item)
    if expected.step.action != "update_resources":
        return _counted(seen, ("readyReplicas",), wanted, least=True)
    partition = count_at(seen.item, "/spec/updateStrategy/rollingUpdate/partition")
    updated = count_at(seen.item, "/status/updatedReplicas")
    if value_at(seen.item, "/spec/updateStrategy/type") == "OnDelete":
        return _counted(seen, ("readyReplicas",), wanted, least=True)
    goal = max(0, wanted - partition)
    if updated < goal:
        return Waiting(f"{updated}/{goal} updated")
    return _counted(seen, ("readyReplicas",), wanted, least=True)


def _counted(seen: Observation, names: tuple[str, ...], wanted: int, *, least: bool = False) -> Health:
    """Healthy if the controller has seen the object, and every count of the status is the wanted one."""
    counts = [count_at(seen.item, f"/status/{name}") for name in names]
    progress = f"{counts[-1]}/{wanted} ready"
    is_current = count_at(seen.item, "/status/observedGeneration") >= count_at(seen.item, "/metadata/generation")
    if is_current and all(count >= wanted if least else count == wanted for count in counts):
        return Healthy(progress)
    return Waiting(progress, "; ".join(dict.fromkeys(delays(seen.pods))))


def _job(seen: Observation) -> Health:
    active = value_at(seen.item, "/status/active")
    count = len(active) if isinstance(active, list) else count_at(seen.item, "/status/active")
    if seen.item.get("kind") == "Job" and value_at(seen.item, "/spec/suspend") is True and count:
        return Waiting(f"{count} active")
    return Healthy(f"{count} active")


def _hpa(seen: Observation) -> Health:
    replicas = count_at(seen.item, "/status/currentReplicas")
    least, most = count_at(seen.item, "/spec/minReplicas") or 1, count_at(seen.item, "/spec/maxReplicas")
    progress = f"{replicas} replicas, {least} to {most} allowed"
    if _condition(seen.item, "AbleToScale") == "False":
        return Waiting(progress, _reason(seen.item, "AbleToScale"))
    if not least <= replicas <= most:
        return Waiting(progress)
    return Healthy(progress)


_RULES: dict[str, Callable[[Observation], Health]] = {
    "Deployment": _deployment,
    "ReplicaSet": _replica_set,
    "Rollout": _rollout,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "CronJob": _job,
    "HorizontalPodAutoscaler": _hpa,
}


def _failures(expected: Expectation, seen: Observation) -> Iterator[str]:
    """The reasons why it does not become healthy by itself."""
    yield from _of_conditions(expected, seen)
    yield from seen.events
    new = [pod for pod in seen.pods if is_new(pod, expected.since)]
    for pod in new:
        yield from faults(pod, seen.at)
    if expected.step.action == "update_resources":
        yield from (f"{name_of(pod)} was killed: out of memory" for pod in new if is_out_of_memory(pod))


def _of_conditions(expected: Expectation, seen: Observation) -> Iterator[str]:
    item, kind = seen.item, expected.step.ref.kind
    if _condition(item, "ReplicaFailure") == "True":
        yield _reason(item, "ReplicaFailure")
    is_overdue = value_at(conditions(item).get("Progressing"), "/reason") == "ProgressDeadlineExceeded"
    if is_overdue and is_after(_changed_at(item, "Progressing"), expected.since):
        yield _reason(item, "Progressing")
    if kind == "Job" and _condition(item, "Failed") == "True" and is_after(_changed_at(item, "Failed"), expected.since):
        yield _reason(item, "Failed")
    is_late = seen.at - expected.since > METRICS_GRACE
    is_blind = kind == "HorizontalPodAutoscaler" and _condition(item, "ScalingActive") == "False"
    if is_blind and is_late and expected.was_active:
        yield _reason(item, "ScalingActive")


def _condition(item: Object, name: str) -> Json:
    return conditions(item).get(name, {}).get("status")


def _reason(item: Object, name: str) -> str:
    condition = conditions(item).get(name, {})
    return f"{condition.get('reason', name)}: {condition.get('message', '')}"


def _changed_at(item: Object, name: str) -> Json:
    condition = conditions(item).get(name, {})
    return condition.get("lastUpdateTime") or condition.get("lastTransitionTime")


def _wanted(item: Object) -> int:
    """Read each time: an autoscaler may move the goal."""
    if item.get("kind") == "DaemonSet":
        return count_at(item, "/status/desiredNumberScheduled")
    count = value_at(item, "/spec/replicas")
    return count if isinstance(count, int) else 1


def _max_unavailable(item: Object) -> int:
    """maxUnavailable of the rolling update, a percentage rounded down; all pods for Recreate."""
    if value_at(item, "/spec/strategy/type") == "Recreate":
        return _wanted(item)
    paths = ("/spec/strategy/rollingUpdate/maxUnavailable", "/spec/updateStrategy/rollingUpdate/maxUnavailable")
    most = next((found for path in paths if (found := value_at(item, path)) is not None), None)
    if isinstance(most, str) and most.endswith("%") and most[:-1].isdecimal():
        return _wanted(item) * int(most[:-1]) // 100
    if isinstance(most, int):
        return most
    return _wanted(item) // 4 if item.get("kind") == "Deployment" else 1
