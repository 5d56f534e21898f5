"""Wait until a workload is healthy after a write, and stays so."""

from datetime import datetime

from infra_scale.core.executing.fields import time_of, value_at
from infra_scale.core.executing.health import (
    FLOOR_GRACE,
    Expectation,
    Healthy,
    Observation,
    Unhealthy,
    health,
    is_below_floor,
)
from infra_scale.core.executing.pods import restarts
from infra_scale.core.executing.writes import Object
from infra_scale.model.run import RunStep
from infra_scale.model.step import ObjectRef
from infra_scale.usecases.applying.lock import Lock
from infra_scale.usecases.applying.session import POLL_SECONDS, Session

_LONGEST = 3600.0
"""Seconds: the limit for a StatefulSet that starts its pods one after another."""


class Watcher:
    """Watches the objects of one run."""

    def __init__(self, session: Session, lock: Lock) -> None:
        self._session, self._lock = session, lock

    def failure(self, number: int, step: RunStep, *, least: int) -> str:
        """Wait until the object of a step is healthy; why it does not become so, else nothing. Raises StoppedError.

        `least` pods have to stay available meanwhile.
        """
        clock, limit = self._session.clock, self._limit(step)
        until, below_since, progress = clock.monotonic() + limit, None, ""
        expected = Expectation(step, step.at or clock.now())
        while True:
            seen = self._observe(step)
            if seen is None:
                return "" if step.after is None else f"{step.ref.kind}/{step.ref.name} was deleted"
            below_since = self._below(seen, least, below_since)
            if below_since is not None and clock.monotonic() - below_since >= FLOOR_GRACE.total_seconds():
                return f"fewer than {least} pods were available for {FLOOR_GRACE.seconds} s"
            found = health(expected, seen)
            if isinstance(found, Unhealthy):
                return found.reason
            if found.progress != progress:
                progress = found.progress
                self._session.tell(number, "health", {"progress": progress})
            if isinstance(found, Healthy):
                return ""
            if clock.monotonic() >= until:
                reason = f": {found.reason}" if found.reason else ""
                return f"{progress} after {limit:g} s{reason}"
            self._wait()

    def bake(self, number: int, step: RunStep, *, least: int) -> str:
        """Watch a healthy object for a while; why it did not stay healthy, else nothing. Raises StoppedError."""
        clock = self._session.clock
        until, before = clock.monotonic() + self._session.limits.bake, None
        while True:
            failure = self.failure(number, step, least=least)
            seen = None if failure else self._observe(step)
            if failure or seen is None:
                return failure
            now = restarts(seen.pods)
            before = now if before is None else before
            if now > before:
                return f"its pods restarted {now - before} times after they were ready"
            if clock.monotonic() >= until:
                return ""
            self._wait()

    def _wait(self) -> None:
        self._session.clock.sleep(POLL_SECONDS)
        self._lock.keep()

    def _limit(self, step: RunStep) -> float:
        """Each pod of an OrderedReady StatefulSet has the time of a step."""
        pods = step.after if step.ref.kind == "StatefulSet" and isinstance(step.after, int) else 0
        already = step.before if isinstance(step.before, int) else 0
        return min(self._session.limits.step * max(1, pods - already), max(_LONGEST, self._session.limits.step))

    def _below(self, seen: Observation, least: int, since: float | None) -> float | None:
        if not is_below_floor(seen, least):
            return None
        return self._session.clock.monotonic() if since is None else since

    def _observe(self, step: RunStep) -> Observation | None:
        """One read; None if the object does not exist."""
        cluster, ref = self._session.cluster, step.ref
        item = self._session.patiently(lambda: cluster.read((ref,))).get(ref)
        if item is None:
            return None
        pods = self._pods(ref, item)
        return Observation(item, pods, self._refusals(ref, step.at), self._session.clock.now())

    def _pods(self, ref: ObjectRef, item: Object) -> tuple[Object, ...]:
        labels = value_at(item, "/spec/selector/matchLabels")
        if not isinstance(labels, dict) or not labels:
            return ()
        wanted = {key: str(text) for key, text in labels.items()}
        return tuple(self._session.patiently(lambda: self._session.cluster.pods(ref.namespace, wanted)))

    def _refusals(self, ref: ObjectRef, since: datetime | None) -> tuple[str, ...]:
        """Messages of pods that were refused; a Deployment has a condition for it, a StatefulSet only events."""
        if ref.kind not in ("StatefulSet", "DaemonSet", "Job"):
            return ()
        events = self._session.patiently(lambda: self._session.cluster.refusals(ref))
        return tuple(f"FailedCreate: {one.get('message')}" for one in events if _is_recent(one, since))


def _is_recent(event: Object, since: datetime | None) -> bool:
    times = (event.get("lastTimestamp"), event.get("eventTime"), value_at(event, "/series/lastObservedTime"))
    found = [time for time in map(time_of, times) if time is not None]
    return since is None or any(time >= since.replace(microsecond=0) for time in found)
