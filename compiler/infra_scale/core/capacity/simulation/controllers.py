"""What controllers do with the pods of a workload, step by step, until every controller is idle.

Source: pkg/controller: deployment/rolling.go, deployment/sync.go and replicaset/replica_set.go.
StatefulSets are in stateful.py, DaemonSets in daemonset.py. Pods count as available as soon as they have a node.
"""

from collections.abc import Callable
from functools import partial

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.rollout import Fenceposts
from infra_scale.core.capacity.simulation.ties import Ties


class Controller:
    """A workload with pods of the old and of the new template."""

    def __init__(self, state: ClusterState, old: PodGroup, new: PodGroup, desired: int) -> None:
        self.state, self.old, self.new, self.desired = state, old, new, desired
        self.ties = Ties()
        """Breaks ties between identical pods."""

    @property
    def groups(self) -> tuple[PodGroup, PodGroup]:
        """Old and new pods."""
        return self.old, self.new

    def act(self) -> bool:
        """Take the next step; False if there is none."""
        raise NotImplementedError

    def begin(self, ties: Ties) -> None:
        """Adopt the existing pods."""
        self.ties = ties

    def apply(self) -> None:
        """Apply the change of the plan."""

    def keep(self) -> bool:
        """Reconcile before the change is applied: bring the pods of the template to the desired number."""
        return any(self.reconcile(group) for group in self.groups)

    def steps(self) -> list[Callable[[], bool]]:
        """Steps that are independent of each other, in any order."""
        return [self.act]

    def scale(self, desired: int) -> None:
        """Set the desired number of pods."""
        self.desired = desired

    @property
    def missing(self) -> int:
        """The number of pods without a node, or of the wrong template."""
        return max(0, self.desired - self.new.scheduled)

    @property
    def is_settled(self) -> bool:
        """Whether it is idle: the desired number of pods exists, and each has a node."""
        return False

    def reconcile(self, group: PodGroup) -> bool:
        """Bring a ReplicaSet to its desired number of pods."""
        more = group.wanted - group.existing
        if more > 0:
            return self.state.create(group, more) > 0
        if more < 0:
            self._stop(group, -more)
        return more < 0

    def _stop(self, group: PodGroup, pods: int) -> None:
        """Delete pods in the order of ActivePodsWithRanks: without a node first, then on nodes with the most of them.

        The rest is ordered by age, which is unknown. A pod on an unknown node is deleted first, because it frees no
        known capacity.
        """
        pods -= self.state.delete_pending(group, pods)
        unknown = min(pods, group.elsewhere)
        if unknown:
            self.state.delete(group, None, unknown)
            pods -= unknown
        ranks = {index: sum(one.nodes.get(index, 0) for one in self.groups) for index in group.nodes}
        for index in sorted(ranks, key=lambda index: (-ranks[index], self.ties.rank(index))):
            if pods <= 0:
                return
            gone = min(pods, group.nodes[index])
            self.state.stop(group, index, gone)
            pods -= gone


class Replicas(Controller):
    """A ReplicaSet or a Job: existing pods are kept, only additional ones have the new template."""

    @property
    def is_settled(self) -> bool:
        """Whether it is idle."""
        return self.old.scheduled + self.new.scheduled == self.desired and not (self.old.waits or self.new.waits)

    def act(self) -> bool:
        """Start or stop pods."""
        self.old.wanted = min(self.old.existing, self.desired)
        self.new.wanted = self.desired - self.old.wanted
        return any(self.reconcile(group) for group in self.groups)

    @property
    def missing(self) -> int:
        """The number of pods without a node."""
        return max(0, self.desired - self.old.scheduled - self.new.scheduled)


class Deployment(Controller):
    """A Deployment with a ReplicaSet of old and one of new pods."""

    def __init__(
        self,
        state: ClusterState,
        groups: tuple[PodGroup, PodGroup],
        desired: int,
        fenceposts: Callable[[int], Fenceposts],
        *,
        recreates: bool = False,
    ) -> None:
        super().__init__(state, *groups, desired)
        self._fenceposts, self._recreates = fenceposts, recreates

    def apply(self) -> None:
        """It is scaled first."""
        self._scale_first()

    def scale(self, desired: int) -> None:
        """A Deployment that is scaled scales the ReplicaSet that has pods before it goes on rolling (sync.go)."""
        self.desired = desired
        self._scale_first()

    def act(self) -> bool:
        """One step: of a ReplicaSet, or of the Deployment once they have reached their numbers."""
        return any(self.reconcile(group) for group in self.groups) or self._decide()

    @property
    def is_settled(self) -> bool:
        """Whether it is idle."""
        return self.old.existing == self.old.wanted == 0 and self.new.scheduled == self.new.existing == self.desired

    def steps(self) -> list[Callable[[], bool]]:
        """The Deployment and each ReplicaSet have separate controllers."""
        return [*(partial(self.reconcile, group) for group in self.groups), self._decide]

    def _decide(self) -> bool:
        return self._recreate() if self._recreates else self._start_new() or self._stop_old()

    def _scale_first(self) -> None:
        if self.old.wanted and not self.new.wanted:
            self.old.wanted = self.desired
        elif self.new.wanted and not self.old.wanted:
            self.new.wanted = self.desired

    def _recreate(self) -> bool:
        if self.old.wanted:
            self.old.wanted = 0
        elif not (self.old.existing or self.old.leaving) and self.new.wanted != self.desired:
            self.new.wanted = self.desired
        else:
            return False
        return True

    def _start_new(self) -> bool:
        """NewRSNewReplicas: never more than desired, so that a surge of 2 for one pod is one."""
        if self.new.wanted >= self.desired:
            is_more = self.new.wanted > self.desired
            self.new.wanted = self.desired
            return is_more
        capacity = self.desired + self._fenceposts(self.desired).surge - self.old.wanted - self.new.wanted
        more = min(capacity, self.desired - self.new.wanted)
        self.new.wanted += max(0, more)
        return more > 0

    def _stop_old(self) -> bool:
        """Old pods without a node first (cleanupUnhealthyReplicas), then as many as availability allows."""
        if self.old.wanted == 0:
            return False
        least = self.desired - min(self._fenceposts(self.desired).unavailable, self.desired)
        waiting = self.new.wanted - self.new.scheduled
        most = self.old.wanted + self.new.wanted - least - waiting
        if most <= 0:
            return False
        unhealthy = min(most, max(0, self.old.wanted - self.old.scheduled))
        self.old.wanted -= unhealthy
        spare = min(self.old.wanted, max(0, self.old.scheduled + self.new.scheduled - least))
        self.old.wanted -= spare
        return unhealthy + spare > 0
