"""What a run on one cluster works with: the cluster, the time, and a watcher."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple, TypeVar

from infra_scale.errors import InfraScaleError
from infra_scale.model.run import Json
from infra_scale.model.workload import Cluster
from infra_scale.ports.cluster import LiveCluster

POLL_SECONDS = 2.0
RETRY_SECONDS = 120.0
"""How long the API server may not answer."""

EventName = Literal[
    "run_started",
    "lock_waiting",
    "locked",
    "lock_lost",
    "precondition",
    "step_intent",
    "step_written",
    "step_recovered",
    "health",
    "health_passed",
    "step_failed",
    "rollback_started",
    "step_undone",
    "run_finished",
]
_Result = TypeVar("_Result")


class RunEvent(NamedTuple):
    """Something that happened in a run."""

    at: datetime
    run: str
    cluster: str
    step: int
    """From 1; 0: the event is about no step."""
    event: EventName
    data: dict[str, Json]


class Clock(NamedTuple):
    """The time, and waiting."""

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    """Seconds."""
    sleep: Callable[[float], None]


class Limits(NamedTuple):
    """How long a run waits, in seconds."""

    step: float
    """For one step to become healthy, and for the lock."""
    bake: float
    """After the last step."""


class Means(NamedTuple):
    """How runs reach clusters and the time, and their watcher."""

    connect: Callable[[Cluster], LiveCluster]
    clock: Clock
    limits: Limits
    watch: Callable[[RunEvent], None]

    def tell(self, run: str, cluster: str, step: int, event: EventName, data: dict[str, Json]) -> None:
        """Report an event."""
        self.watch(RunEvent(self.clock.now(), run, cluster, step, event, data))

    def session(self, run: str, cluster: Cluster) -> "Session":
        """A run on one cluster."""

        def tell(step: int, event: EventName, data: dict[str, Json]) -> None:
            self.tell(run, cluster.name, step, event, data)

        return Session(self.connect(cluster), self.clock, self.limits, tell)


class StoppedError(InfraScaleError):
    """The run must not write any more: the API server does not answer, or the lock or the journal was lost."""


class Session(NamedTuple):
    """One run on one cluster."""

    cluster: LiveCluster
    clock: Clock
    limits: Limits
    tell: Callable[[int, EventName, dict[str, Json]], None]
    """Step (0: none), event and its data."""

    def patiently(self, ask: Callable[[], _Result]) -> _Result:
        """An answer of the API server, asked again for two minutes. Raises StoppedError."""
        until = self.clock.monotonic() + RETRY_SECONDS
        while True:
            try:
                return ask()
            except StoppedError:
                raise
            except InfraScaleError as error:
                if self.clock.monotonic() >= until:
                    message = f"the API server did not answer for two minutes: {error.message}"
                    raise StoppedError(message, hint="run the same command again: it goes on from here") from error
            self.clock.sleep(POLL_SECONDS)
