"""A plan carried out step by step: controllers, quotas and the scheduler, until nothing moves any more.

A packing finds out whether a placement exists. Whether the cluster reaches it is another question: a rollout starts new
pods before it stops old ones, and the scheduler takes the best node for each pod without looking ahead. Each run is one
possible order of events; `simulated` makes several, because the real order is unknown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity, takes
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.simulation.controllers import Controller
from infra_scale.core.capacity.simulation.quota_usage import Line
from infra_scale.core.capacity.simulation.scheduling import Scheduler, Scoring
from infra_scale.core.capacity.simulation.ties import Ties
from infra_scale.model.capacity import Load
from infra_scale.model.verdict import Scenario
from infra_scale.model.workload import WorkloadRef

_STEPS = 3
"""Of the controllers of one workload, before the next one has its turn."""
_MOST_ROUNDS = 20_000
"""Controllers end long before; this only bounds what a hostile snapshot can ask for."""


class Order(NamedTuple):
    """One order of events."""

    is_reversed: bool = False
    """Whether workloads act from the last to the first."""
    by_size: int = 0
    """1: those with the largest pods first, -1: those with the smallest."""
    is_interleaved: bool = False
    """Whether the pods of all workloads are scheduled in turn, and not those of one workload after another."""
    prefers_last: bool = False
    """Which of nodes and pods that are alike come first."""
    waiting_first: bool = True
    """Whether pods that wait already are scheduled before new ones."""
    one_by_one: bool = False
    """Whether the change of a workload is applied only once that of the one before it has come to rest."""
    scoring: Scoring = Scoring()
    last: int | None = None
    """The number of the planned workload whose pods have a turn only where no other pod has a place."""
    seed: int | None = None
    """Steps of controllers and scheduler in any order, always the same for one seed."""

    def ties(self) -> Ties:
        """Which of several that are alike comes first."""
        return Ties(prefers_last=self.prefers_last, seed=self.seed)


class Ending(NamedTuple):
    """What a run leaves of one workload."""

    missing: int
    """Pods that have no node, or are not as they should be."""
    on_new: int
    """Pods on nodes that pools have added."""
    growth: Mapping[str, int]
    """The added nodes that have pods of it, by pool."""
    refused_by: Line | None
    """The quota that refused its last pod."""
    is_refused: bool
    """Whether the API server accepts no pod of the new template."""
    has_old: bool
    """Whether pods are left that should have been replaced."""


class Member(NamedTuple):
    """One workload that takes part."""

    ref: WorkloadRef
    load: Load | None
    """None: nothing is planned for it."""
    controller: Controller
    is_waiting: bool = False
    """Whether it represents Pending pods of other workloads."""


class Growing(NamedTuple):
    """A pool that may add nodes."""

    name: str
    capacity: NodeCapacity
    most: int


class Given(NamedTuple):
    """What holds for a whole run."""

    pools: Sequence[Growing]
    order: Order
    ties: Ties


class Run:
    """One order of events over one cluster."""

    def __init__(self, state: ClusterState, members: Sequence[Member], given: Given, looks: int) -> None:
        self.state = state
        self._members = members
        self._pools, self._order, self._ties = given
        self._scheduler = Scheduler(state, looks, given.ties, given.order.scoring)
        self._added: dict[str, int] = {}
        self._useless: set[tuple[str, WorkloadRef]] = set()
        """Pools whose nodes a workload has no use for."""
        self._settled: set[WorkloadRef] = set()
        planned = [member.ref for member in members if member.load]
        self._last = planned[given.order.last % len(planned)] if given.order.last is not None and planned else None
        self._unchanged: set[WorkloadRef] = set()
        """Planned workloads whose change is not applied yet."""

    @property
    def added(self) -> dict[str, int]:
        """How many nodes of each pool have pods that were placed here."""
        return self._on_added(self.state.all_groups())

    def _on_added(self, groups: Iterable[PodGroup]) -> dict[str, int]:
        used = {index for group in groups for index in group.nodes if self.state.capacities[index].is_new}
        return dict(Counter(self.state.capacities[index].pool or "" for index in sorted(used)))

    @property
    def looks_left(self) -> int:
        """What is left of the budget."""
        return self._scheduler.looks_left

    def run(self) -> None:
        """Go on until nothing moves. Raises OutOfLooks."""
        members = self._ordered()
        for unchanged in self._stages(members):
            self._unchanged = unchanged
            for _ in range(_MOST_ROUNDS):
                if not self._round(members) and not self._grow(members):
                    break

    def _stages(self, members: Sequence[Member]) -> Iterator[set[WorkloadRef]]:
        """What is not applied yet, from stage to stage."""
        planned = [member.ref for member in self._ties.shuffled(members) if member.load]
        for number in range(1, len(planned) if self._order.one_by_one else 0):
            yield set(planned[number:])
        yield set()

    def _round(self, members: Sequence[Member]) -> bool:
        """Everything that may happen, once; workloads in which nothing can happen any more are left out from now on."""
        active = [member for member in members if member.ref not in self._settled]
        if self._order.seed is not None:
            moved = self._round_at_random(active)
        elif self._order.is_interleaved:
            groups = [group for member in active for group in member.controller.groups]
            moves = [member.controller.act() for member in active if member.ref not in self._unchanged]
            moved = self._schedule_in_turn(groups) or any(moves)
        else:
            moves = [self._go_on(member) for member in active]
            moved = any(moves)
        self._settled.update(member.ref for member in active if member.controller.is_settled)
        return moved

    def _go_on(self, member: Member) -> bool:
        """One workload: a step of its controller, the pods that it starts or stops for it, and their nodes."""
        moves = [member.controller.act() for _ in range(0 if member.ref in self._unchanged else _STEPS)]
        return self._schedule(member.controller.groups) or any(moves)

    def _round_at_random(self, members: Sequence[Member]) -> bool:
        """Each controller and the scheduler as often, one step at a time."""
        groups = [group for member in members for group in member.controller.groups]
        acting = [member for member in members if member.ref not in self._unchanged]
        steps = [step for member in acting for step in member.controller.steps()]
        steps += [partial(self._schedule_any, groups)] * max(2, len(steps))
        moves = [step() for step in self._ties.shuffled(steps)]
        return any(moves)

    def _schedule_any(self, groups: Sequence[PodGroup]) -> bool:
        """One pod: mostly that which has waited longest."""
        waiting = [group for group in groups if group.waits]
        if self._ties.is_usual():
            waiting.sort(key=lambda group: min((*group.arrivals, *group.pinned.values())))
        else:
            waiting = self._ties.shuffled(waiting)
        if self._last is not None:
            waiting.sort(key=lambda group: group.template.ref == self._last)
        return any(self._scheduler.schedule(group, 1) for group in waiting)

    def scale(self, scenario: Scenario) -> None:
        """Autoscalers set other numbers of pods."""
        for member in self._members:
            if member.load:
                member.controller.scale(member.load.counts[scenario])
        self._settled.clear()

    def ending(self, member: Member, lines: Sequence[Line]) -> Ending:
        """How it ended for one workload."""
        groups = member.controller.groups
        line = next((one.refused_by for one in groups[::-1] if one.refused_by is not None), None)
        return Ending(
            member.controller.missing,
            sum(pods for group in groups for index, pods in group.nodes.items() if self.state.capacities[index].is_new),
            self._on_added(groups),
            lines[line] if line is not None else None,
            groups[1].template.is_refused,
            groups[0].existing > 0,
        )

    def _ordered(self) -> list[Member]:
        order = self._order
        sign = -1 if order.is_reversed else 1
        numbered = list(enumerate(self._members))

        def key(item: tuple[int, Member]) -> tuple[bool, int, int]:
            number, member = item
            size = dict(member.controller.new.template.size)
            return member.is_waiting != order.waiting_first, -order.by_size * size.get("cpu", 0), sign * number

        return [member for _, member in sorted(numbered, key=key)]

    def _schedule(self, groups: Sequence[PodGroup]) -> bool:
        done = [self._scheduler.schedule(group, group.existing) for group in groups if group.waits]
        return any(done)

    def _schedule_in_turn(self, groups: Sequence[PodGroup]) -> bool:
        waiting = [group for group in groups if group.waits]
        moved = False
        while waiting:
            waiting = [group for group in waiting if self._scheduler.schedule(group, 1)]
            moved = moved or bool(waiting)
            waiting = [group for group in waiting if group.waits]
        return moved

    def _grow(self, members: Sequence[Member]) -> bool:
        """Add nodes for pods that wait, one at a time; a node that takes none of them is of no use to that workload."""
        done = [
            self._grow_for(group)
            for member in members
            for group in (member.controller.groups if member.load else ())
            if group.pending
        ]
        return any(done)

    def _grow_for(self, group: PodGroup) -> bool:
        grown = bool(self._scheduler.schedule(group, group.pending))
        for pool in self._pools:
            key = (pool.name, group.template.ref)
            if key in self._useless or not takes(pool.capacity, group.template.scheduling, group.template.size):
                continue
            while group.pending and (count := self._added.get(pool.name, 0)) < pool.most:
                self._added[pool.name] = count + 1
                self.state.add(pool.capacity._replace(id=f"{pool.name}+{count + 1}"))
                if not self._scheduler.schedule(group, group.pending):
                    self._useless.add(key)
                    break
                grown = True
        return grown


def variants(pods: int, nodes: int, members: int) -> Iterator[Order]:
    """The orders to try: many where there is little to do."""
    yield Order()
    yield Order(is_reversed=True, prefers_last=True, waiting_first=False)
    work = max(1, pods * min(nodes, _SCANNED))
    if members > 1 and work <= _LITTLE_WORK:
        yield Order(is_interleaved=True, prefers_last=True)
        yield Order(is_reversed=True, is_interleaved=True, waiting_first=False)
        yield Order(by_size=1)
        yield Order(by_size=-1, prefers_last=True, waiting_first=False)
        yield Order(one_by_one=True)
        yield Order(one_by_one=True, is_reversed=True, prefers_last=True)
    runs = min(_MOST_RUNS if members > 1 else _FEW_RUNS, _RANDOM_WORK // work)
    yield from map(_random_order, range(runs))


def further_variants(pods: int, nodes: int, members: int) -> Iterator[Order]:
    """More orders, where pods compete: another one may be left out."""
    work = max(1, pods * min(nodes, _SCANNED))
    runs = min(_MORE_RUNS, _RANDOM_WORK // work) if members > 1 else 0
    yield from (_random_order(_MOST_RUNS + number) for number in range(runs))


def _random_order(seed: int) -> Order:
    """Plans are applied at once or one after another; and schedulers may be configured otherwise."""
    last = seed // 2 if seed % 2 else None
    return Order(seed=seed, last=last, one_by_one=seed % 3 == 1, scoring=_SCORINGS.get(seed % 5, Scoring()))


_SCORINGS = {3: Scoring(balances=False, spreads=False), 4: Scoring(spreads=False)}


_SCANNED = 100
_LITTLE_WORK, _RANDOM_WORK = 60_000, 6_000
"""Pods times nodes."""
_MOST_RUNS, _MORE_RUNS, _FEW_RUNS = 24, 72, 4
"""In any order: where several workloads move, where they compete, and where it is one."""
