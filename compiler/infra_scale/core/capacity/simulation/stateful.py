"""StatefulSets: start, stop and replace numbered pods.

Source: pkg/controller/statefulset/stateful_set_control.go.
"""

from functools import partial
from typing import NamedTuple

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.simulation.controllers import Controller
from infra_scale.core.capacity.simulation.ties import Ties


class Ordinal(NamedTuple):
    """One numbered pod of a StatefulSet."""

    is_new: bool
    node: int | None
    """None: it is pending."""


class StatefulPlan(NamedTuple):
    """How a StatefulSet starts and replaces pods."""

    is_parallel: bool
    rolls: bool
    """Whether pods are replaced automatically, not only when deleted manually."""
    partition: int
    unavailable: int
    counts_waiting: bool | None = True
    """Whether pods without a node count as unavailable, as since 1.35; before, only the next one does.

    None: the version is unknown.
    """


class StatefulSet(Controller):
    """A StatefulSet: numbered pods, in order unless it is Parallel. It deletes a pod before it creates the new one."""

    def __init__(
        self, state: ClusterState, groups: tuple[PodGroup, PodGroup], desired: int, plan: StatefulPlan
    ) -> None:
        super().__init__(state, *groups, desired)
        self._plan = plan
        self._pods: dict[int, Ordinal] = {}
        self._counts_waiting = plan.counts_waiting

    def begin(self, ties: Ties) -> None:
        """Number the existing pods: their nodes are unknown, and so are the pending ones of a Parallel set."""
        self.ties = ties
        if self._counts_waiting is None:
            self._counts_waiting = ties.shuffled((True, False))[0]
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
        """Pods below the partition may have either template; with manual replacement, all may."""
        return sum(not self._is_done(number) for number in range(self.desired))

    def act(self) -> bool:
        """Start missing pods, then stop excess ones, then replace old ones."""
        return self._start() or self._stop_last() or self._replace()

    def _bound(self, is_new: bool, index: int) -> None:  # noqa: FBT001 (partial gives it)
        """Give a node to the first pod of that template without one."""
        number = min(number for number, pod in self._pods.items() if pod.node is None and pod.is_new == is_new)
        self._pods[number] = Ordinal(is_new, index)

    def _is_done(self, number: int) -> bool:
        pod = self._pods.get(number)
        if pod is None or pod.node is None:
            return False
        return pod.is_new or not self._plan.rolls or number < self._plan.partition

    @property
    def is_settled(self) -> bool:
        """Whether it is idle."""
        return not self.missing and len(self._pods) == self.desired

    def _start(self) -> bool:
        return self._start_all(self.desired, self._plan.partition if self._plan.rolls else 0)

    def keep(self) -> bool:
        """Start missing pods with the old template."""
        return self._start_all(self.old.wanted, self.old.wanted) or self._start_all(self.new.wanted, 0)

    def _start_all(self, count: int, old: int) -> bool:
        """This many pods, old ones first."""
        started = False
        for number in range(count):
            pod = self._pods.get(number)
            if pod is None:
                is_new = number >= old
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
        gone = self._replaced_now() if self._counts_waiting else self._replaced_in_turn()
        for number in gone:
            self._delete(number)
        return bool(gone)

    def _replaced_now(self) -> list[int]:
        numbers = range(self.desired)
        waiting = sum(number not in self._pods or self._pods[number].node is None for number in numbers)
        old = [number for number in numbers[::-1] if (pod := self._pods.get(number)) and not pod.is_new]
        old = [number for number in old if number >= self._plan.partition]
        return old[: max(0, self._plan.unavailable - waiting)]

    def _replaced_in_turn(self) -> list[int]:
        """The last old pod, with or without a node, unless a new one after it has no node."""
        for number in range(self.desired - 1, self._plan.partition - 1, -1):
            pod = self._pods.get(number)
            if pod and not pod.is_new:
                return [number]
            if pod is None or pod.node is None:
                return []
        return []

    def _may_go_on(self) -> bool:
        """In order: no pod is stopped or replaced while a desired pod has no node."""
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
"""The index of an unknown node."""
