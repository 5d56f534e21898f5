"""PodGroup: the pods of one workload that have one template, while a plan is simulated."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from infra_scale.core.capacity.amounts import Size
from infra_scale.model.pod import Scheduling
from infra_scale.model.workload import WorkloadRef


class Template(NamedTuple):
    """What the pods of a group have in common."""

    ref: WorkloadRef
    size: Size
    scheduling: Scheduling
    is_new: bool
    """Whether it is the template that a plan asks for."""
    charges: tuple[tuple[int, int], ...] = ()
    """What one pod takes of each line of a quota: the number of the line, and how much in nano."""
    is_refused: bool = False
    """Whether the API server accepts no such pod at all."""


class PodGroup:
    """Pods that have a node, pods that wait for one, and how many there should be."""

    def __init__(self, template: Template, wanted: int = 0) -> None:
        self.template = template
        self.wanted = wanted
        """What the controller of the group asks for."""
        self.nodes: dict[int, int] = {}
        """Pods by the index of their node."""
        self.leaving: dict[int, int] = {}
        """Deleted pods that have not ended yet and hold their room, by the index of their node."""
        self.elsewhere = 0
        """Pods that have a node; which one is unknown."""
        self.pending = 0
        self.arrivals: deque[int] = deque()
        """When the pods that wait were created, oldest first."""
        self.pinned: dict[int, int] = {}
        """Pods that wait for one node only, as those of a DaemonSet do, by its index: when they were created."""
        self.scheduled = 0
        self.refused_by: int | None = None
        """The line of a quota that refused a pod last."""
        self.tried: tuple[int, int] | None = None
        """The state of the cluster in which no pending pod had a place."""
        self.on_bind: Callable[[int], None] | None = None
        """Called for each pod that gets a node."""

    @property
    def existing(self) -> int:
        """All pods."""
        return self.scheduled + self.pending + len(self.pinned)

    @property
    def waits(self) -> bool:
        """Whether a pod has no node."""
        return self.pending > 0 or bool(self.pinned)

    def pin(self, index: int) -> None:
        """Have a pending pod wait for one node."""
        self.pending -= 1
        self.pinned[index] = self.arrivals.pop()

    def unpin(self, index: int) -> None:
        """Have the pod for a node wait as any other."""
        self.arrivals.appendleft(self.pinned.pop(index))
        self.pending += 1

    def adopt(self, nodes: Mapping[int, int], scheduled: int, pending: int) -> None:
        """Take over pods that exist already; of `scheduled`, those that are not in `nodes` are somewhere."""
        self.nodes = dict(nodes)
        self.scheduled = max(scheduled, sum(nodes.values()))
        self.elsewhere = self.scheduled - sum(nodes.values())
        self.pending = pending
        self.arrivals.extend([0] * pending)
