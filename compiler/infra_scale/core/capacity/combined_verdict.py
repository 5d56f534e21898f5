"""What simulations and the packing say together: a yes only where every order of events places every pod."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.packing.node_capacity import template_capacity
from infra_scale.core.capacity.packing.pack import insufficient
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.pod_rules import PodRules
from infra_scale.core.capacity.scenario_verdict import Judged, daemons_of, growth, packable, unmodelled
from infra_scale.core.capacity.simulation.ending import Ending
from infra_scale.core.capacity.simulation.orders import Effort, Order
from infra_scale.core.capacity.simulation.quota_usage import Line
from infra_scale.core.capacity.simulation.run import Given, Growing, Member, Run
from infra_scale.core.capacity.simulation.scheduling import OutOfLooks
from infra_scale.core.capacity.simulation.workloads import RunInput
from infra_scale.model.capacity import Load
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import (
    DoesNotFit,
    Fits,
    FitsAfterScaleup,
    FitsDependingOnOrder,
    Growth,
    Scenario,
    Shortage,
    Unknown,
    Verdict,
)
from infra_scale.model.workload import WorkloadRef

_MOST_LOOKS = 1_500_000
"""At nodes, in all runs together: about a second."""
_MANY, _OFTEN = 256, 4
"""After so many runs in which every end was seen so often, few more would end otherwise."""


class Simulated:
    """All runs of one scenario, and what they say of each workload."""

    def __init__(self, run_input: RunInput, planned: Sequence[Load], path: Sequence[Scenario]) -> None:
        """`path`: the scenarios that follow each other; the last one is judged."""
        self._cast, self._path = run_input, path
        self._pools = tuple(_pools(run_input.snapshot, planned))
        self._restarting = [load.ref for load in planned if load.restarts]
        self.wanted: dict[WorkloadRef, int] = {}
        """Pods that want a place at the beginning."""
        self._endings: dict[WorkloadRef, list[Ending]] = {load.ref: [] for load in planned}
        self._added: dict[str, int] = {}
        self._ends: Counter[object] = Counter()
        """How many runs ended with the same pods on the same nodes."""
        self._stuck: dict[WorkloadRef, tuple[ClusterState, PodGroup]] = {}
        """The end of the first run in which some pods of a workload have no place."""
        self._shortages: dict[tuple[object, ...], tuple[Shortage, ...]] = {}
        rules = [one.load.pod.scheduling for one in run_input.participants]
        self._is_witnessed = all(packable(one) == one and not one.ports for one in rules)
        """Whether the packing follows all rules, so that its placement is one."""
        self.is_complete = self._run_all(planned)
        """Whether there was time for all runs."""

    @property
    def growth(self) -> tuple[Growth, ...]:
        """The nodes that pools add in the run that needs most of them."""
        return growth(self._cast.snapshot, self._added)

    def all_placed(self) -> bool:
        """Whether every pod has a place in every run."""
        return not any(ending.missing for endings in self._endings.values() for ending in endings)

    def quota_of(self, ref: WorkloadRef) -> Line | None:
        """The quota that holds up a workload, where one does so in every run."""
        endings = self._endings[ref]
        held = [one.refused_by for one in endings if one.missing and one.refused_by]
        return held[0] if held and len(held) == len(endings) else None

    def verdict(self, load: Load, judged: Judged, wanted: int) -> Verdict:
        """On one workload, of which so many pods want a place."""
        endings = self._endings[load.ref]
        missing = [min(ending.missing, wanted) for ending in endings]
        if not self.is_complete or not endings:
            return Unknown("too many pods for a simulation of the scheduler") if wanted else Fits(0)
        if not any(missing):
            return self._fits(load, judged, endings, wanted)
        is_decided = all(missing) and judged.is_proven and not judged.has_all()
        if load.pod.scheduling.unmodelled and not is_decided:
            return unmodelled(load)
        if all(missing):
            verdict = self._does_not_fit(load, judged, endings[missing.index(min(missing))], wanted)
            if verdict.cause != "room" or not self._may_be_placed(judged):
                return verdict
        return FitsDependingOnOrder(wanted - max(missing), wanted)

    def _may_be_placed(self, judged: Judged) -> bool:
        """Whether the placement of the packing is one: not where it has the room of old pods that no run could stop."""
        stalled = (ref for ref in self._restarting if all(one.missing and one.has_old for one in self._endings[ref]))
        return judged.has_all() and self._is_witnessed and not any(True for _ in stalled)

    def _fits(self, load: Load, judged: Judged, endings: Sequence[Ending], wanted: int) -> Verdict:
        if (unknown := judged.why_unknown(load, wanted)) is not None:
            return unknown
        most = max(endings, key=lambda ending: ending.grown_for)
        if most.grown_for and wanted:
            return FitsAfterScaleup(max(0, wanted - most.grown_for), wanted, growth(self._cast.snapshot, most.growth))
        return Fits(max(wanted, judged.placeable(load)))

    def _does_not_fit(self, load: Load, judged: Judged, best: Ending, wanted: int) -> DoesNotFit:
        verdict = judged.does_not_fit(load, wanted - min(best.missing, wanted), wanted, ())
        if best.is_refused:
            return verdict._replace(cause="refused", exhausted=(), is_proven=True)
        if best.refused_by:
            return verdict._replace(cause="quota", quota=best.refused_by.quota.name, exhausted=(), is_proven=True)
        verdict = verdict._replace(shortages=self._short_of(load))
        if load.restarts and best.has_old and judged.has_place_for(load.ref):
            return verdict._replace(cause="rollout", exhausted=(), is_proven=True)
        return verdict

    def _run_all(self, planned: Sequence[Load]) -> bool:
        """Follow some orders, then those that are the worst for a workload, then many where a call was close."""
        moving = [load for load in planned if not load.is_at_rest]
        pods = sum(max(load.counts[self._path[-1]], load.before) for load in moving)
        effort = Effort(pods, len(self._cast.capacities), len(self._cast.participants))
        looks = self._run_each(effort.usual_orders(), _MOST_LOOKS)
        is_complete = looks > 0
        looks = self._run_each(effort.random_orders(), looks)
        for number, load in enumerate(planned):
            looks = self._run_each(effort.adverse_orders(number) if self._is_placed(load.ref) else (), looks)
        self._run_each(takewhile(lambda _: self._is_close(), effort.further_orders()), looks)
        return is_complete

    def _is_placed(self, ref: WorkloadRef) -> bool:
        """Whether a workload has a place in every run so far."""
        return not any(ending.missing for ending in self._endings[ref])

    def _is_close(self) -> bool:
        """Whether more runs may show something else.

        A workload has a place in every run so far, and in one of them there is no room for one pod more; and an end
        was seen so rarely that others may not have been seen yet (as Good and Turing estimate it).
        """
        may_differ = sum(self._ends.values()) < _MANY or min(self._ends.values()) < _OFTEN
        return may_differ and any(
            self._is_placed(ref) and not all(ending.has_spare for ending in endings)
            for ref, endings in self._endings.items()
        )

    def _run_each(self, orders: Iterable[Order], looks: int) -> int:
        """The remaining budget; 0 if it is spent."""
        for order in orders if looks else ():
            ties = order.ties()
            state = self._cast.state(ties)
            members = self._cast.members(state, ties)
            run = Run(state, members, Given(self._pools, order, ties), looks)
            try:
                self._run(run, members)
            except OutOfLooks:
                return 0
            looks = run.looks_left
            self._note(run, [member for member in members if member.load])
        return looks

    def _run(self, run: Run, members: Sequence[Member]) -> None:
        for scenario in self._path:
            if scenario != "requested":
                run.scale(scenario)
            if scenario == self._path[0]:
                for member in members:
                    if member.load:
                        most = max(member.controller.missing, self.wanted.get(member.ref, 0))
                        self.wanted[member.ref] = most
            run.run()

    def _note(self, run: Run, members: Sequence[Member]) -> None:
        self._ends[tuple(tuple(sorted(group.nodes.items())) for group in run.state.all_groups())] += 1
        for member in members:
            ending = run.ending(member, self._cast.lines)
            self._endings[member.ref].append(ending)
            if ending.missing:
                self._stuck.setdefault(member.ref, (run.state, member.controller.new))
        for pool, count in run.added.items():
            self._added[pool] = max(count, self._added.get(pool, 0))

    def _short_of(self, load: Load) -> tuple[Shortage, ...]:
        """Why the nodes that are there take no further pod."""
        state, group = self._stuck[load.ref]
        rules = PodRules(state, group)
        key = (id(state), group.template.size, group.template.scheduling, None if rules.is_empty else load.ref)
        if key not in self._shortages:
            self._shortages[key] = shortages_of(state, group, rules)
        return self._shortages[key]


def shortages_of(state: ClusterState, group: PodGroup, rules: PodRules) -> tuple[Shortage, ...]:
    """Why nodes take no further pod, most frequent reason first; nodes that would take one are left out."""
    needs = state.needs(group.template.size)
    reasons: dict[str, list[str]] = {}
    for index, capacity in enumerate(state.capacities):
        row = state.free[index]
        lacking = tuple(state.resources[resource] for resource, one in needs if row[resource] < one)
        reason = state.refusal(group.template.scheduling, index) or insufficient(lacking) or rules.refusal(index)
        if reason and not capacity.is_new:
            reasons.setdefault(reason, []).append(capacity.id)
    most_first = sorted(reasons.items(), key=lambda entry: (-len(entry[1]), entry[0]))
    return tuple(Shortage(reason, tuple(nodes)) for reason, nodes in most_first)


def _pools(snapshot: ClusterSnapshot, planned: Sequence[Load]) -> Iterator[Growing]:
    daemons = daemons_of(planned)
    for pool in sorted(snapshot.pools, key=lambda pool: pool.name):
        if (capacity := template_capacity(pool, daemons)) and pool.most > pool.current:
            yield Growing(pool.name, capacity, pool.most - pool.current)
