"""A plan applied step by step: controllers, quotas and the scheduler, until the cluster is stable.

A packing shows whether a placement exists. The cluster may not reach it: a rollout starts new pods before it stops old
ones, and the scheduler takes the best node for each pod without looking ahead. Each run is one possible order of
events; `simulated` makes several, because the real order is unknown.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import NamedTuple

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity, takes
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.simulation.controllers import Controller
from infra_scale.core.capacity.simulation.ending import Ending
from infra_scale.core.capacity.simulation.orders import Actor, Order
from infra_scale.core.capacity.simulation.quota_usage import Line
from infra_scale.core.capacity.simulation.scheduling import Scheduler
from infra_scale.core.capacity.simulation.ties import Ties
from infra_scale.model.capacity import Load
from infra_scale.model.verdict import Scenario
from infra_scale.model.workload import WorkloadRef

_STEPS = 3
"""Steps of the controllers of one workload before the next one's."""
_MOST_ROUNDS = 20_000
"""Controllers need far fewer; this only bounds the work for a hostile snapshot."""
_MOST_CHANCES = 8
_SOMETIMES = (False, False, False, False, True)
"""The probability that a change arrives before a step, if it may arrive at any time."""


class Member(NamedTuple):
    """One workload in the simulation."""

    ref: WorkloadRef
    load: Load | None
    """None: it is in no plan."""
    controller: Controller
    is_waiting: bool = False
    """Whether it represents Pending pods of other workloads."""


class Growing(NamedTuple):
    """A pool that may add nodes."""

    name: str
    capacity: NodeCapacity
    most: int


class Given(NamedTuple):
    """The fixed inputs of a run."""

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
        state.is_graceful = given.order.seed is not None
        state.is_newest_first = given.order.queue == "newest"
        self._added: dict[str, int] = {}
        self._grown_for: Counter[WorkloadRef] = Counter()
        """Pods that were pending until pools had grown."""
        self._useless: set[tuple[str, WorkloadRef]] = set()
        """Pools whose nodes do not help a workload."""
        self._settled: set[WorkloadRef] = set()
        planned = [member.ref for member in members if member.load]
        self._last = planned[given.order.last % len(planned)] if given.order.last is not None and planned else None
        self._unchanged: set[WorkloadRef] = {member.ref for member in members}
        """Workloads whose change is not applied yet."""

    @property
    def added(self) -> dict[str, int]:
        """The number of nodes of each pool with pods that this run has placed."""
        return self._on_added(self.state.all_groups())

    def _on_added(self, groups: Iterable[PodGroup]) -> dict[str, int]:
        used = {index for group in groups for index in group.nodes if self.state.capacities[index].is_new}
        return dict(Counter(self.state.capacities[index].pool or "" for index in sorted(used)))

    @property
    def looks_left(self) -> int:
        """The remaining budget."""
        return self._scheduler.looks_left

    def run(self) -> None:
        """Run until the cluster is stable. Raises OutOfLooks."""
        members = self._ordered()
        later = self._begin(members)
        for _ in range(_MOST_ROUNDS):
            if self._order.applies == "any time" and self._ties.one_of(_SOMETIMES):
                later = self._apply(later, 1)
            if not self._round(members) and not self._end_one() and not self._grow(members):
                if not later:
                    break
                later = self._apply(later, 1)

    def _begin(self, members: Sequence[Member]) -> Sequence[Member]:
        """Apply the initial changes; returns the later ones."""
        unchanged = [member for member in members if member.ref in self._unchanged]
        self._apply([member for member in unchanged if not member.load], len(unchanged))
        planned = self._ties.shuffled([member for member in unchanged if member.load])
        return self._apply(planned, {"at once": len(planned), "one by one": 1, "any time": 0}[self._order.applies])

    def _apply(self, members: Sequence[Member], count: int) -> Sequence[Member]:
        """Apply this many changes; returns the later ones."""
        for member in members[:count]:
            member.controller.apply()
            self._unchanged.discard(member.ref)
        return members[count:]

    def _round(self, members: Sequence[Member]) -> bool:
        """One round of all possible steps; workloads that can take no more steps are dropped."""
        active = [member for member in members if member.ref not in self._settled]
        if self._order.seed is not None:
            moved = self._round_at_random(active)
        elif self._order.is_interleaved:
            groups = [group for member in active for group in member.controller.groups]
            moves = [self._act(member) for member in active]
            moved = self._schedule_in_turn(groups) or any(moves)
        else:
            moves = [self._go_on(member) for member in active]
            moved = any(moves)
        changed = (member for member in active if member.ref not in self._unchanged)
        self._settled.update(member.ref for member in changed if member.controller.is_settled)
        return moved

    def _go_on(self, member: Member) -> bool:
        """One workload: a step of its controller, and the nodes of the pods that it starts."""
        moves = [self._act(member) for _ in range(_STEPS)]
        return self._schedule(member.controller.groups) or any(moves)

    def _act(self, member: Member) -> bool:
        return member.controller.keep() if member.ref in self._unchanged else member.controller.act()

    def _steps(self, member: Member) -> list[Callable[[], bool]]:
        return [member.controller.keep] if member.ref in self._unchanged else member.controller.steps()

    def _round_at_random(self, members: Sequence[Member]) -> bool:
        """One step of the first actor that has one; or of each controller and as many of the others, in any order."""
        groups = [group for member in members for group in member.controller.groups]
        steps = [step for member in members for step in self._steps(member)]
        actors: dict[Actor, Callable[[], bool]] = {
            "controllers": partial(self._one, steps),
            "scheduler": partial(self._schedule_any, groups),
            "kubelet": self._end_one,
        }
        if self._order.is_adverse:
            return self._bind_worst(groups) or self._one([*steps, self._end_one]) or self._schedule_any(groups)
        if self._order.precedence:
            return any(actors[actor]() for actor in self._order.precedence)
        often = max(2, len(steps))
        return self._all([*steps, *[actors["scheduler"]] * often, *[actors["kubelet"]] * often])

    def _one(self, steps: Sequence[Callable[[], bool]]) -> bool:
        """The first that changes something, in any order: a controller may be slow."""
        return any(step() for step in self._ties.shuffled(steps))

    def _all(self, steps: Sequence[Callable[[], bool]]) -> bool:
        moves = [step() for step in self._ties.shuffled(steps)]
        return any(moves)

    def _end_one(self) -> bool:
        """Terminate one of the deleted pods."""
        count = len(self.state.leaving)
        if count:
            self.state.end(self._ties.first(range(count)))
        return count > 0

    def _schedule_any(self, groups: Sequence[PodGroup]) -> bool:
        """One pod: larger groups are more likely."""
        chances = [group for group in groups for _ in range(min(_MOST_CHANCES, group.pending + len(group.pinned)))]
        waiting = [*dict.fromkeys(self._ties.shuffled(chances))]
        match self._order.queue:
            case "oldest":
                waiting.sort(key=lambda group: min((*group.arrivals, *group.pinned.values())))
            case "newest":
                waiting.sort(key=lambda group: -max((*group.arrivals, *group.pinned.values())))
        if self._last is not None:
            waiting.sort(key=lambda group: group.template.ref == self._last)
        return any(self._scheduler.schedule(group, 1) for group in waiting)

    def _bind_worst(self, groups: Sequence[PodGroup]) -> bool:
        """The pod that takes the most capacity from the pods of the last workload; None if none does."""
        victims = [group.template for group in groups if group.template.ref == self._last and group.template.is_new]
        worst, most = None, 0
        for group in groups if victims else ():
            if group.pending and self._is_rival(group):
                index = self._scheduler.choice(group)
                taken = self.state.places_taken(victims[0], group.template, index) if index is not None else 0
                worst, most = (group, taken) if taken > most else (worst, most)
        return worst is not None and self._scheduler.schedule(worst, 1) > 0

    def _is_rival(self, group: PodGroup) -> bool:
        """Pods of another workload; in half of the orders without old ones, which free their capacity."""
        counts_old = bool(self._order.seed and self._order.seed % 2)
        return group.template.ref != self._last and (group.template.is_new or counts_old)

    def scale(self, scenario: Scenario) -> None:
        """Set the numbers of pods as autoscalers would."""
        for member in self._members:
            if member.load:
                member.controller.scale(member.load.counts[scenario])
        self._settled.clear()

    def ending(self, member: Member, lines: Sequence[Line]) -> Ending:
        """The result for one workload."""
        groups = member.controller.groups
        line = next((one.refused_by for one in groups[::-1] if one.refused_by is not None), None)
        return Ending(
            member.controller.missing,
            self._needing_growth(member),
            self._on_added(groups) or self.added,
            lines[line] if line is not None else None,
            groups[1].template.is_refused,
            groups[0].existing > 0,
            self._has_spare(member),
        )

    def _needing_growth(self, member: Member) -> int:
        """Pods that were pending until pools had grown, or would be without the nodes added for others."""
        groups = member.controller.groups
        on_added = sum(n for group in groups for index, n in group.nodes.items() if self.state.capacities[index].is_new)
        return max(self._grown_for[member.ref], on_added - self.state.places(groups[1].template) if on_added else 0)

    def _has_spare(self, member: Member) -> bool:
        new = member.controller.new
        if any(self.state.quota_room[line] < one for line, one in new.template.charges):
            return False
        return self._scheduler.has_spare(new)

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
        """Add nodes for pending pods, one at a time; a node that fits none of them does not help that workload."""
        done = [
            self._grow_for(group)
            for member in members
            for group in (member.controller.groups if member.load else ())
            if group.pending
        ]
        return any(done)

    def _grow_for(self, group: PodGroup) -> bool:
        placed = self._scheduler.schedule(group, group.pending) if self._added else 0
        for pool in self._pools:
            key = (pool.name, group.template.ref)
            if key in self._useless or not takes(pool.capacity, group.template.scheduling, group.template.size):
                continue
            while group.pending and (count := self._added.get(pool.name, 0)) < pool.most:
                self._added[pool.name] = count + 1
                self.state.add(pool.capacity._replace(id=f"{pool.name}+{count + 1}"))
                more = self._scheduler.schedule(group, group.pending)
                if not more:
                    self._useless.add(key)
                    break
                placed += more
        self._grown_for[group.template.ref] += placed
        return placed > 0
