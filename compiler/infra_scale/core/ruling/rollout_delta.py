"""The change of a workload from the running to the requested state, from snapshots."""

from collections.abc import Iterator
from typing import NamedTuple

from infra_scale.core.ruling.catalogue import Subject
from infra_scale.model.capacity import Load, Seen, Site, WorkloadCapacity
from infra_scale.model.pod import Pod
from infra_scale.model.position import Route
from infra_scale.model.snapshot import ClusterSnapshot, LiveWorkload


class Move(NamedTuple):
    """A workload in one cluster with known pods before and after."""

    site: Site
    snapshot: ClusterSnapshot
    live: LiveWorkload
    capacity: WorkloadCapacity
    load: Load
    template: Pod
    """Its pods before, with defaults of LimitRanges; `load.pod` are those after."""

    @property
    def before(self) -> int:
        """The number of running pods; for a CronJob, of pods per run."""
        return self.live.replicas if self.live.ref.kind == "CronJob" else self.load.before

    @property
    def after(self) -> int:
        """The requested number, within the bounds of the autoscaler."""
        return self.load.counts["requested"]

    @property
    def is_resized(self) -> bool:
        """Whether the pod template changes."""
        return self.load.pod != self.template

    @property
    def adds(self) -> bool:
        """Whether it starts pods. A request that is already applied starts none.

        Pods that wait for a node do not run: fewer replicas may still be more than the running ones.
        """
        grows = self.after != self.before and self.after > min(self.before, self.load.scheduled)
        return self.after > 0 and (grows or self.is_resized)

    @property
    def reaches(self) -> bool:
        """Whether its autoscaler may start more pods than before."""
        scaler = self.live.hpa or self.live.scaled_object
        most = max(self.before, scaler.maximum if scaler else 0)
        return self.load.counts["hpaMax"] > most or (self.is_resized and self.load.has_bounds)

    @property
    def is_news(self) -> bool:
        """Whether there are new pods to admit or place."""
        return self.adds or self.reaches


def moves(subject: Subject) -> Iterator[Move]:
    """The workload in each cluster whose snapshot has it, if its container is known."""
    for site in subject.sites:
        if move := move_at(site):
            yield move


def move_at(site: Site | None) -> Move | None:
    """The workload in one cluster; None if data is missing."""
    seen = site.seen if site else None
    if site is None or not isinstance(seen, Seen):
        return None
    load = seen.capacity.load
    if seen.live is None or load is None or load.template is None:
        return None
    return Move(site, seen.snapshot, seen.live, seen.capacity, load, load.template)


def cause(subject: Subject, move: Move) -> Route:
    """The value of the request that increases the pods, or changes their template."""
    workload = subject.workload
    counts = {"replicas": workload.replicas, "parallelism": workload.parallelism, "suspend": workload.suspend}
    said = [key for key, value in counts.items() if value is not None]
    if move.after > move.before and said:
        return (said[0],)
    if move.is_resized:
        return ("requests",) if workload.requests else ("limits",)
    return (block(subject), "min" if move.after > move.before else "max")


def ceiling(subject: Subject, move: Move) -> Route:
    """The value of the request with the maximum of the autoscaler."""
    return (block(subject), "max") if subject.is_autoscaled else cause(subject, move)


def scaler_of(subject: Subject, move: Move) -> str:
    """The name of the autoscaler that may start more pods."""
    is_keda = subject.keda or (not subject.hpa and move.live.scaled_object)
    return "KEDA" if is_keda else "HPA"


def block(subject: Subject) -> str:
    """The key of the requested autoscaler."""
    return "keda" if subject.keda else "hpa"
