"""The turn of one cluster in a run: what happens under its lock, recorded in its journal."""

import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Literal

from infra_scale.core.executing.outcome import run_state
from infra_scale.core.executing.preconditions import Refusal
from infra_scale.errors import InfraScaleError
from infra_scale.model.run import Run, RunCluster
from infra_scale.model.workload import Cluster
from infra_scale.usecases.applying.cluster_run import ClusterRun
from infra_scale.usecases.applying.journal import Journal
from infra_scale.usecases.applying.lock import Lock, LockedError
from infra_scale.usecases.applying.session import Session, StoppedError

Result = tuple[Run, tuple[Refusal, ...]]
"""A run with one cluster only, and why it was refused."""


class Turn:
    """One cluster of a run."""

    def __init__(self, session: Session, run: Run) -> None:
        self.session = session
        self.run = run
        """The run as it was recorded last, with this cluster only."""

    def within_lock(self, namespaces: Iterable[str], work: Callable[[Lock], Result]) -> Result:
        """The result of `work` while the namespaces are locked, or of what keeps it from being done."""
        lock = Lock(self.session, f"{self.run.id} ({self.run.actor.name})", tuple(namespaces))
        try:
            lock.acquire()
            return work(lock)
        except LockedError as error:
            refusal = Refusal("APPLY-008", error.message, error.hint or "", is_later=True)
            return ended(self.run, "refused", refusal.message), (refusal,)
        except StoppedError as error:
            return ended(self.run, "stopped", error.message), ()
        except InfraScaleError as error:
            return ended(self.run, "unreachable", error.message), (unreachable(error),)
        finally:
            lock.release()

    def begin(self, journal: Journal, lock: Lock) -> ClusterRun:
        """Open the journal. Raises StoppedError."""

        def record(changed: RunCluster) -> None:
            self.run = self.run._replace(clusters=(changed,))
            journal.write(self.session, self.run)

        [part] = self.run.clusters
        record(part)
        return ClusterRun(self.session, lock, part, record=record)

    def close(self, journal: Journal, job: ClusterRun) -> Run:
        """Close the journal. Raises StoppedError."""
        reason = job.reason or self.run.reason
        closed = self.run._replace(clusters=(job.part,), state=run_state([job.part.state]), reason=reason)
        self.run = closed._replace(finished_at=self.session.clock.now())
        journal.write(self.session, self.run)
        return self.run


def blank(cluster: Cluster) -> RunCluster:
    """A cluster that nothing is known of yet."""
    return RunCluster(cluster.name, cluster.context, "", cluster.wave)


def ended(run: Run, state: Literal["refused", "stopped", "unreachable"], reason: str) -> Run:
    """A run whose only cluster has ended early."""
    [part] = run.clusters
    return run._replace(clusters=(part._replace(state=state),), reason=reason)


def unreachable(error: InfraScaleError) -> Refusal:
    """The refusal of a cluster that does not answer, or does not let us read."""
    return Refusal("APPLY-001", error.message, error.hint or "check whether kubectl reaches the cluster")


def new_id(started: datetime) -> str:
    """The id of a run."""
    return f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
