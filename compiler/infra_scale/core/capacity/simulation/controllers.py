"""What controllers do with the pods of a workload, step by step, until nothing is left to do.

Source: pkg/controller: deployment/rolling.go, deployment/sync.go, replicaset/replica_set.go and
statefulset/stateful_set_control.go.
DaemonSets are in daemon.py. Pods count as available as soon as they have a node.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.rollout import Fenceposts
from infra_scale.core.capacity.simulation.ties import Ties


class Controller:
    """A workload with pods of the old and of the new template."""

    def __init__(self, state: ClusterState, old: PodGroup, new: PodGroup, desired: int) -> None:
        self.state, self.old, self.new, self.desired = state, old, new, desired
        self.ties = Ties()
        """Which of several pods that are alike goes first."""

    @property
    def groups(self) -> tuple[PodGroup, PodGroup]:
        """Old and new pods."""
        return self.old, self.new

    def act(self) -> bool:
        """Do what is to be done now; False where that is nothing."""
        raise NotImplementedError

    def begin(self, ties: Ties) -> None:
        """Take over the pods that exist."""
        self.ties = ties

    def steps(self) -> list[Callable[[], bool]]:
        """What may happen by itself, in any order."""
        return [self.act]

    def scale(self, desired: int) -> None:
        """Another number of pods is wanted."""
        self.desired = desired

    @property
    def missing(self) -> int:
        """How many pods have no node, or are not as they should be."""
        return max(0, self.desired - self.new.scheduled)

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do: there are as many pods as there should be, and each has a node."""
        return False

    def reconcile(self, group: PodGroup) -> bool:
        """Bring a ReplicaSet to the number that it should have."""
        more = group.wanted - group.existing
        if more > 0:
            return self.state.create(group, more) > 0
        if more < 0:
            self._stop(group, -more)
        return more < 0

    def _stop(self, group: PodGroup, pods: int) -> None:
        """Delete pods in the order of ActivePodsWithRanks: without a node first, then where most of the workload are.

        The order among those that are left is that of their age, which is unknown. A pod on a node that is not known
        goes before the others: it makes no room.
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
            self.state.delete(group, index, gone)
            pods -= gone


class Replicas(Controller):
    """A ReplicaSet or a Job: pods that exist stay as they are, only further ones have the new template."""

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.old.scheduled + self.new.scheduled == self.desired and not (self.old.waits or self.new.waits)

    def act(self) -> bool:
        """Start or stop pods."""
        self.old.wanted = min(self.old.existing, self.desired)
        self.new.wanted = self.desired - self.old.wanted
        return any(self.reconcile(group) for group in self.groups)

    @property
    def missing(self) -> int:
        """How many pods have no node."""
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
        self._scale_first()

    def scale(self, desired: int) -> None:
        """A Deployment that is scaled scales the ReplicaSet that has pods before it goes on rolling (sync.go)."""
        self.desired = desired
        self._scale_first()

    def act(self) -> bool:
        """One step: of a ReplicaSet, or of the Deployment once they have done what it asked for."""
        return any(self.reconcile(group) for group in self.groups) or self._decide()

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.old.existing == self.old.wanted == 0 and self.new.scheduled == self.new.existing == self.desired

    def steps(self) -> list[Callable[[], bool]]:
        """The Deployment and each ReplicaSet have controllers of their own."""
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
        elif self.old.existing == 0 and self.new.wanted != self.desired:
            self.new.wanted = self.desired
        else:
            return False
        return True

    def _start_new(self) -> bool:
        """NewRSNewReplicas: never more than are wanted, so that a surge of 2 for one pod is one."""
        if self.new.wanted >= self.desired:
            is_more = self.new.wanted > self.desired
            self.new.wanted = self.desired
            return is_more
        capacity = self.desired + self._fenceposts(self.desired).surge - self.old.wanted - self.new.wanted
        more = min(capacity, self.desired - self.new.wanted)
        self.new.wanted += max(0, more)
        return more > 0

    def _stop_old(self) -> bool:
        """Old pods without a node first (cleanupUnhealthyReplicas), then as many as enough others are available for."""
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


class Ordinal(NamedTuple):
    """One numbered pod of a StatefulSet."""

    is_new: bool
    node: int | None
    """None: it waits for one."""


class StatefulPlan(NamedTuple):
    """How a StatefulSet starts and replaces pods."""

    is_parallel: bool
    rolls: bool
    """Whether pods are replaced without being deleted by hand."""
    partition: int
    unavailable: int


class StatefulSet(Controller):
    """A StatefulSet: numbered pods, in order unless it is Parallel. It deletes a pod before it makes the new one."""

    def __init__(
        self, state: ClusterState, groups: tuple[PodGroup, PodGroup], desired: int, plan: StatefulPlan
    ) -> None:
        super().__init__(state, *groups, desired)
        self._plan = plan
        self._pods: dict[int, Ordinal] = {}

    def begin(self, ties: Ties) -> None:
        """Number the pods that exist: which node has which is not known, nor which of a Parallel set wait."""
        self.ties = ties
        places: list[Ordinal] = []
        waiting: list[Ordinal] = []
        for group in self.groups:
            is_new = group is self.new
            for index in sorted(group.nodes, key=ties.rank):
                places += [Ordinal(is_new, index)] * group.nodes[index]
            places += [Ordinal(is_new, _ELSEWHERE)] * group.elsewhere
            waiting += [Ordinal(is_new, None)] * group.pending
        in_parallel = waiting if self._plan.is_parallel else []
        places = ties.shuffled([*places, *in_parallel]) + (waiting if not in_parallel else [])
        self._pods = dict(enumerate(places))
        for group in self.groups:
            group.on_bind = partial(self._bound, group is self.new)

    @property
    def missing(self) -> int:
        """Pods below the partition may be of either template; so may all where they are replaced by hand."""
        return sum(not self._is_done(number) for number in range(self.desired))

    def act(self) -> bool:
        """Start what is missing, then stop what is too much, then replace what is old."""
        return self._start() or self._stop_last() or self._replace()

    def _bound(self, is_new: bool, index: int) -> None:  # noqa: FBT001 (partial gives it)
        """The first pod of that template without a node has one."""
        number = min(number for number, pod in self._pods.items() if pod.node is None and pod.is_new == is_new)
        self._pods[number] = Ordinal(is_new, index)

    def _is_done(self, number: int) -> bool:
        pod = self._pods.get(number)
        if pod is None or pod.node is None:
            return False
        return pod.is_new or not self._plan.rolls or number < self._plan.partition

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return not self.missing and len(self._pods) == self.desired

    def _start(self) -> bool:
        started = False
        for number in range(self.desired):
            pod = self._pods.get(number)
            if pod is None:
                is_new = not self._plan.rolls or number >= self._plan.partition
                if not self.state.create(self.new if is_new else self.old, 1):
                    return started
                self._pods[number] = Ordinal(is_new, None)
                started = True
            if not self._plan.is_parallel and self._pods[number].node is None:
                return started
        return started

    def _stop_last(self) -> bool:
        beyond = [number for number in self._pods if number >= self.desired]
        if not beyond or not self._may_go_on():
            return False
        for number in beyond if self._plan.is_parallel else (max(beyond),):
            self._delete(number)
        return True

    def _replace(self) -> bool:
        if not self._plan.rolls or not self._may_go_on():
            return False
        numbers = range(self.desired)
        waiting = sum(number not in self._pods or self._pods[number].node is None for number in numbers)
        old = [number for number in numbers[::-1] if (pod := self._pods.get(number)) and not pod.is_new]
        old = [number for number in old if number >= self._plan.partition]
        gone = old[: max(0, self._plan.unavailable - waiting)]
        for number in gone:
            self._delete(number)
        return bool(gone)

    def _may_go_on(self) -> bool:
        """In order, nothing is stopped or replaced while a pod that is wanted has no node."""
        wanted = (self._pods.get(number) for number in range(self.desired))
        return self._plan.is_parallel or all(pod is not None and pod.node is not None for pod in wanted)

    def _delete(self, number: int) -> None:
        pod = self._pods.pop(number)
        group = self.new if pod.is_new else self.old
        if pod.node is None:
            self.state.delete_pending(group, 1)
        else:
            self.state.delete(group, None if pod.node == _ELSEWHERE else pod.node)


_ELSEWHERE = -1
"""The index of a node that is not known."""
