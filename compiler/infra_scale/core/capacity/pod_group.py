"""PodGroup: the pods of one workload with the same template, during a simulation."""

from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from infra_scale.core.capacity.amounts import Size
from infra_scale.model.pod import Scheduling
from infra_scale.model.workload import WorkloadRef


class Template(NamedTuple):
    """The properties that all pods of a group share."""

    ref: WorkloadRef
    size: Size
    scheduling: Scheduling
    is_new: bool
    """Whether it is the template of a plan."""
    charges: tuple[tuple[int, int], ...] = ()
    """The charge of one pod to each quota line: the number of the line, and the amount in nano."""
    is_refused: bool = False
    """Whether the API server refuses every such pod."""


class PodGroup:
    """Pods with a node, pods that wait for one, and the desired number."""

    def __init__(self, template: Template, wanted: int = 0) -> None:
        self.template = template
        self.wanted = wanted
        """The desired number of the group's controller."""
        self.nodes: dict[int, int] = {}
        """Pods by the index of their node."""
        self.leaving: dict[int, int] = {}
        """Terminating pods, which still use capacity, by the index of their node."""
        self.elsewhere = 0
        """Pods on an unknown node."""
        self.pending = 0
        self.arrivals: deque[int] = deque()
        """The creation times of the waiting pods, oldest first."""
        self.pinned: dict[int, int] = {}
        """Creation times of pods that wait for one specific node, as those of a DaemonSet, by its index."""
        self.scheduled = 0
        self.refused_by: int | None = None
        """The quota line that last refused a pod."""
        self.tried: tuple[int, int] | None = None
        """The state of the cluster in which no pending pod fitted."""
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
        """Make a pending pod wait for one node."""
        self.pending -= 1
        self.pinned[index] = self.arrivals.pop()

    def unpin(self, index: int) -> None:
        """Make the pod for a node wait like any other."""
        self.arrivals.appendleft(self.pinned.pop(index))
        self.pending += 1

    def adopt(self, nodes: Mapping[int, int], scheduled: int, pending: int) -> None:
        """Add existing pods; of `scheduled`, those not in `nodes` are on unknown nodes."""
        self.nodes = dict(nodes)
        self.scheduled = max(scheduled, sum(nodes.values()))
        self.elsewhere = self.scheduled - sum(nodes.values())
        self.pending = pending
        self.arrivals.extend([0] * pending)
