"""The scheduler's choice: the feasible node with the best score.

Scores follow the default plugins roughly: NodeResourcesFit (LeastAllocated), NodeResourcesBalancedAllocation and the
default constraints of PodTopologySpread. Preferred rules and images are not followed. In large clusters the scheduler
scores only some of the nodes (percentageOfNodesToScore), and so does this.
"""

from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

from infra_scale.core.capacity.cluster_state import ClusterState, Needs
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.core.capacity.pod_rules import PodRules
from infra_scale.core.capacity.simulation.ties import Ties

_ZONE = "topology.kubernetes.io/zone"
_ALL_NODES = 100
"""Up to this many nodes, the scheduler scores all of them (minFeasibleNodesToFind)."""
_FEW_NODES = 30
"""The number of feasible nodes that this simulation scores in a larger cluster."""
_LEAST_CPU, _LEAST_MEMORY = 100, 200 * 2**20
"""The requests in scores for a pod without any (GetNonzeroRequests)."""


class OutOfLooks(Exception):  # noqa: N818 (never leaves the simulation: it ends it)
    """The budget for examining nodes is spent."""


class Scoring(NamedTuple):
    """The scores besides LeastAllocated."""

    balances: bool = True
    """Whether balanced use of cpu and memory counts."""
    spreads: bool = True
    """Whether spreading the pods of a workload counts."""


class Scheduler:
    """Binds pending pods to nodes of a cluster; `ties` choose between nodes with the same score."""

    def __init__(self, state: ClusterState, looks: int, ties: Ties, scoring: Scoring) -> None:
        self._state = state
        self.looks_left = looks
        self._ties, self._scoring = ties, scoring
        self._start = 0

    def schedule(self, group: PodGroup, most: int) -> int:
        """Bind at most this many pending pods of a group; returns how many were bound."""
        done = self._schedule_pinned(group)
        if not group.pending or group.tried == self._state.version:
            return done
        rules = PodRules(self._state, group)
        since = group.tried[1] if group.tried and group.tried[0] == self._state.freed and rules.is_empty else 0
        while done < most and group.pending:
            index = self._choose(group, rules, since)
            if index is None:
                group.tried = None if rules.depends_on_others else self._state.version
                break
            self._bind(group, index, rules)
            done += 1
        return done

    def choice(self, group: PodGroup) -> int | None:
        """The node for the next pod of a group."""
        if group.tried == self._state.version:
            return None
        return self._choose(group, PodRules(self._state, group), 0)

    def has_spare(self, group: PodGroup) -> bool:
        """Whether one more pod of a group would get an existing node."""
        needs = self._state.needs(group.template.size)
        found = self._feasible(group, needs, PodRules(self._state, group), 0)
        return any(not self._state.capacities[index].is_new for index in found)

    def _schedule_pinned(self, group: PodGroup) -> int:
        """Pods that are bound to one node each."""
        if not group.pinned:
            return 0
        rules, needs = PodRules(self._state, group), self._state.needs(group.template.size)
        ready = [index for index in group.pinned if self._state.fits(index, needs) and rules.refusal(index) is None]
        for index in ready:
            group.unpin(index)
            self._bind(group, index, rules)
        return len(ready)

    def _bind(self, group: PodGroup, index: int, rules: PodRules) -> None:
        self._state.bind(group, index)
        rules.place(index)

    def _choose(self, group: PodGroup, rules: PodRules, since: int) -> int | None:
        """The best node for the next pod; only nodes from the index `since` on may have capacity."""
        needs = self._state.needs(group.template.size)
        found = self._feasible(group, needs, rules, since)
        if not found:
            return None
        scores = self._scores(group, needs, found)
        best = max(scores)
        alike = [index for index, score in zip(found, scores, strict=True) if score == best]
        return self._ties.first(alike)

    def _feasible(self, group: PodGroup, needs: Needs, rules: PodRules, since: int) -> list[int]:
        """The feasible nodes for the next pod; in a large cluster a few, other ones each time."""
        blocks = self._state.eligible(group.template.scheduling)
        is_large = len(self._state.capacities) > _ALL_NODES and not since
        start = self._start % len(blocks) if blocks and is_large else 0
        self._start += 1
        found: list[int] = []
        for number in range(len(blocks)):
            block, indices = blocks[(start + number) % len(blocks)]
            self._spend(1)
            if indices[-1] >= since and self._state.may_have_room(block, needs):
                self._spend(len(indices))
                found += self._that_take(indices, needs, rules)
                if is_large and len(found) >= _FEW_NODES:
                    break
        return [index for index in found if index >= since] if since else found

    def _that_take(self, indices: Iterable[int], needs: Needs, rules: PodRules) -> list[int]:
        free = self._state.free
        if len(needs) == _CPU_MEMORY_PODS:
            (first, one), (second, two), (third, three) = needs
            found = [
                index
                for index in indices
                if (row := free[index])[first] >= one and row[second] >= two and row[third] >= three
            ]
        else:
            found = [index for index in indices if self._state.fits(index, needs)]
        return found if rules.is_empty else [index for index in found if rules.refusal(index) is None]

    def _spend(self, looks: int) -> None:
        self.looks_left -= looks
        if self.looks_left < 0:
            raise OutOfLooks

    def _scores(self, group: PodGroup, needs: Needs, found: Sequence[int]) -> list[int]:
        if len(found) == 1:
            return [0]
        wanted = {self._state.resources[resource]: one for resource, one in needs}
        cpu, memory = wanted.get("cpu", _LEAST_CPU), wanted.get("memory", _LEAST_MEMORY)
        scores = self._resource_scores(found, cpu, memory)
        if group.template.scheduling.spread or not group.nodes or not self._scoring.spreads:
            return scores
        spread = self._spread_scores(group, found)
        return [one + 2 * other for one, other in zip(scores, spread, strict=True)]

    def _resource_scores(self, found: Sequence[int], cpu: int, memory: int) -> list[int]:
        """LeastAllocated and BalancedAllocation over cpu and memory, each from 0 to 100."""
        free, allocatable = self._state.free, self._state.allocatable
        at_cpu, at_memory = self._state.cpu, self._state.memory
        scores: list[int] = []
        for index in found:
            row, (cores, bytes_) = free[index], allocatable[index]
            by_cpu = max(0, row[at_cpu] - cpu) / cores if cores > 0 else 0.0
            by_memory = max(0, row[at_memory] - memory) / bytes_ if bytes_ > 0 else 0.0
            least = (int(by_cpu * 100) + int(by_memory * 100)) // 2
            balanced = int((1 - abs(by_cpu - by_memory) / 2) * 100) if self._scoring.balances else 0
            scores.append(least + balanced)
        return scores

    def _spread_scores(self, group: PodGroup, found: Sequence[int]) -> list[int]:
        """Fewer pods of the same group on the host and in the zone score better (podtopologyspread/scoring.go)."""
        zones, domains = self._state.counted([group], _ZONE), self._state.domains(_ZONE)
        names = [domains[index] for index in found]
        by_host, by_zone = log(len(found) + 2), log(len(set(names)) + 2)
        raw = [
            group.nodes.get(index, 0) * by_host + 2 + (0 if zone is None else zones.get(zone, 0) * by_zone + 4)
            for index, zone in zip(found, names, strict=True)
        ]
        least, most = min(raw), max(raw)
        return [int(100 * (most + least - one) / most) for one in raw]


_CPU_MEMORY_PODS = 3
"""Most pods need only these."""
