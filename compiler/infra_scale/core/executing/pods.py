"""Pods: why they are not ready, and what shows that they will not become so. Fields: API reference of core/v1."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from infra_scale.core.executing.fields import conditions, count_at, is_after, time_of, value_at
from infra_scale.core.executing.writes import Object
from infra_scale.model.run import Json

RESTARTS = 3
"""Restarts of a new pod that count as a failure."""
PULL_GRACE = timedelta(seconds=60)
"""How long an image may fail to be pulled: registries have short outages."""


def faults(pod: Object, at: datetime) -> Iterator[str]:
    """Why a new pod fails, at a time."""
    name, count = name_of(pod), _restarts(pod)
    for reason, message in _waiting_containers(pod):
        if reason == "CrashLoopBackOff":
            yield f"{name} crashes: {message or reason}"
        elif reason in ("ImagePullBackOff", "ErrImagePull") and _age(pod, at) > PULL_GRACE:
            yield f"{name} cannot pull its image: {message or reason}"
    if count >= RESTARTS:
        yield f"{name} restarted {count} times"


def delays(pods: Iterable[Object]) -> Iterator[str]:
    """Why pods are not ready yet."""
    for pod in pods:
        scheduled = conditions(pod).get("PodScheduled", {})
        if scheduled.get("status") == "False" and scheduled.get("reason") == "Unschedulable":
            yield f"Unschedulable: {scheduled.get('message', '')}"
        yield from (reason for reason, _ in _waiting_containers(pod) if reason not in ("ContainerCreating", ""))


def is_new(pod: Object, since: datetime) -> bool:
    """Whether a pod was created since a time, and is not on its way out."""
    is_leaving = value_at(pod, "/metadata/deletionTimestamp") is not None
    return not is_leaving and is_after(value_at(pod, "/metadata/creationTimestamp"), since)


def is_out_of_memory(pod: Object) -> bool:
    """Whether a container of a pod was killed for its memory."""
    paths = ("/state/terminated/reason", "/lastState/terminated/reason")
    return any(value_at(status, path) == "OOMKilled" for status in _container_statuses(pod) for path in paths)


def restarts(pods: Iterable[Object]) -> int:
    """All restarts of the containers of some pods."""
    return sum(_restarts(pod) for pod in pods)


def name_of(pod: Object) -> str:
    """A pod in a message."""
    return f"Pod/{value_at(pod, '/metadata/name')}"


def _waiting_containers(pod: Object) -> Iterator[tuple[str, str]]:
    for status in _container_statuses(pod):
        waiting = value_at(status, "/state/waiting")
        if isinstance(waiting, dict):
            yield str(waiting.get("reason") or ""), str(waiting.get("message") or "")


def _container_statuses(pod: Object) -> Iterator[Json]:
    for name in ("initContainerStatuses", "containerStatuses"):
        statuses = value_at(pod, f"/status/{name}")
        yield from statuses if isinstance(statuses, list) else ()


def _restarts(pod: Object) -> int:
    return sum(count_at(status, "/restartCount") for status in _container_statuses(pod))


def _age(pod: Object, at: datetime) -> timedelta:
    created = time_of(value_at(pod, "/metadata/creationTimestamp"))
    return at - created if created else timedelta(0)
