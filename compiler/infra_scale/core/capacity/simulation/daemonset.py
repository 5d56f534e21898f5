"""The DaemonSet controller: one pod on each eligible node, replaced a few at a time.

Source: pkg/controller/daemon/update.go and daemon_controller.go.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.simulation.controllers import Controller
from infra_scale.core.capacity.simulation.ties import Ties


class DaemonPlan(NamedTuple):
    """How a DaemonSet replaces its pods."""

    rolls: bool
    """Whether pods are replaced automatically, not only when deleted manually."""
    surge: int
    unavailable: int


class DaemonSet(Controller):
    """A DaemonSet; nodes that pools add already have its pods."""

    def __init__(
        self, state: ClusterState, groups: tuple[PodGroup, PodGroup], eligible: Iterable[int], plan: DaemonPlan
    ) -> None:
        self._eligible = tuple(eligible)
        super().__init__(state, *groups, len(self._eligible))
        self._plan = plan

    def scale(self, desired: int) -> None:
        """Ignored: a DaemonSet has no number of replicas."""

    def keep(self) -> bool:
        """Its pods wait for their nodes."""
        return False

    @property
    def missing(self) -> int:
        """The nodes without a pod of the current template."""
        return sum(not self._is_done(index) for index in self._eligible)

    @property
    def is_settled(self) -> bool:
        """Whether it is idle."""
        return not (self.missing or self.new.pinned) and not (self._plan.rolls and self.old.existing)

    def act(self) -> bool:
        """Start missing pods, then replace old ones."""
        started = [self._start(index) for index in self._eligible if not self._has(index)]
        return any(started) or (self._plan.rolls and (self._add() if self._plan.surge else self._replace()))

    def _start(self, index: int) -> bool:
        if not self.state.create(self.new, 1):
            return False
        self.new.pin(index)
        return True

    def _add(self) -> bool:
        """With a surge, a new pod starts beside the old one, which is deleted when the new one is scheduled."""
        done = [index for index in self._old() if index in self.new.nodes]
        for index in done:
            self.state.delete(self.old, index)
        capacity = self._plan.surge - len(self.new.pinned)
        started = [self._start(index) for index in [*self._old()][: max(0, capacity)] if index not in self.new.pinned]
        return bool(done) or any(started)

    def _replace(self) -> bool:
        capacity = self._plan.unavailable - sum(not self._runs(index) for index in self._eligible)
        gone = [*self._old()][: max(0, capacity)]
        for index in gone:
            self.state.delete(self.old, index)
        return bool(gone)

    def begin(self, ties: Ties) -> None:
        """Pending pods wait for the nodes without one; old ones are deleted immediately (update.go)."""
        self.ties = ties
        if self._plan.rolls:
            self.state.delete_pending(self.old, self.old.pending)
        lacking = [index for index in self._eligible if not self._has(index)]
        for index in lacking[: self.new.pending]:
            self.new.pin(index)

    def _has(self, index: int) -> bool:
        return index in self.new.pinned or self._runs(index)

    def _runs(self, index: int) -> bool:
        return index in self.new.nodes or index in self.old.nodes

    def _is_done(self, index: int) -> bool:
        return index in self.new.nodes or (not self._plan.rolls and index in self.old.nodes)

    def _old(self) -> Iterator[int]:
        """The nodes with an old pod, in the order in which they are replaced."""
        return iter(sorted(self.old.nodes, key=self.ties.rank))
