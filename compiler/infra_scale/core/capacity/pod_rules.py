"""What pods on nodes mean for the next pod: required anti-affinity, spread constraints, host ports.

Source: scheduler/framework/plugins: interpodaffinity/filtering.go, podtopologyspread/filtering.go, nodeports.
"""

from collections.abc import Iterator

from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.filters import ALONE, HOSTNAME, PORT_TAKEN, UNSPREAD, makes_domain
from infra_scale.core.capacity.pod_group import PodGroup
from infra_scale.model.pod import Spread
from infra_scale.model.workload import WorkloadRef


class PodRules:
    """The rules for the pods of one group, as long as only its own pods are placed."""

    def __init__(self, state: ClusterState, group: PodGroup) -> None:
        self._state = state
        scheduling, ref = group.template.scheduling, group.template.ref
        self._avoided = [(key, state.pods_in(refs, key), ref in refs) for key, refs in _avoided(state, group)]
        self._spreads = [_Spread(state, group, spread) for spread in scheduling.spread]
        self._ports = set(scheduling.ports)
        self._taken = _ports_taken(state, self._ports)

    @property
    def is_empty(self) -> bool:
        """Whether there are none."""
        return not (self._avoided or self._spreads or self._ports)

    @property
    def depends_on_others(self) -> bool:
        """Whether a pod elsewhere may make room for the next one."""
        return bool(self._spreads)

    def refusal(self, index: int) -> str | None:
        """Why a node is not allowed for the next pod; None if it is."""
        if index in self._taken:
            return PORT_TAKEN
        for key, counts, _ in self._avoided:
            domain = self._state.domain(index, key)
            if domain is not None and counts.get(domain):
                return ALONE
        if any(spread.is_broken_by(index) for spread in self._spreads):
            return UNSPREAD
        return None

    def place(self, index: int) -> None:
        """A pod of the group is on a node now."""
        if self._ports:
            self._taken.add(index)
        for key, counts, is_own in self._avoided:
            domain = self._state.domain(index, key)
            if is_own and domain is not None:
                counts[domain] = counts.get(domain, 0) + 1
        for spread in self._spreads:
            spread.place(index)


class _Spread:
    """One constraint, with the pods that it counts by domain."""

    def __init__(self, state: ClusterState, group: PodGroup, spread: Spread) -> None:
        self._spread, self._domains = spread, state.domains(spread.topology_key)
        counted = _counted_nodes(state, group, spread)
        self._counted = counted
        self._counts = {self._domains[index] or "": 0 for index in counted}
        for one in _counted_groups(state, group, spread):
            for index, pods in one.nodes.items():
                if index in counted:
                    self._counts[self._domains[index] or ""] += pods
        self._least = min(self._counts.values(), default=0)
        self._at_least = sum(count == self._least for count in self._counts.values())
        """How many domains have the fewest pods."""

    def is_broken_by(self, index: int) -> bool:
        """Whether one more pod would make a domain fuller than the emptiest by more than maxSkew."""
        count = self._counts.get(self._domains[index] or "", 0) + self._spread.counts_own
        return count - self._least > self._spread.max_skew

    def place(self, index: int) -> None:
        """A pod of the group is on a node now."""
        if not self._spread.counts_own or index not in self._counted:
            return
        domain = self._domains[index] or ""
        self._at_least -= self._counts[domain] == self._least
        self._counts[domain] += 1
        if not self._at_least:
            self._least = min(self._counts.values())
            self._at_least = sum(count == self._least for count in self._counts.values())


def _counted_nodes(state: ClusterState, group: PodGroup, spread: Spread) -> set[int]:
    """The nodes that make domains."""
    scheduling = group.template.scheduling
    columns = [state.domains(one.topology_key) for one in scheduling.spread]
    return {
        index
        for index, capacity in enumerate(state.capacities)
        if all(column[index] is not None for column in columns)
        and makes_domain(spread, scheduling, (capacity.labels, capacity.taints, capacity.is_unschedulable))
    }


def _counted_groups(state: ClusterState, group: PodGroup, spread: Spread) -> Iterator[PodGroup]:
    own = state.groups.get(group.template.ref, [group]) if spread.counts_own else []
    yield from (one for one in own if one is group or not spread.is_per_revision)
    for ref in spread.others:
        yield from state.groups.get(ref, ())


def _avoided(state: ClusterState, group: PodGroup) -> Iterator[tuple[str, tuple[WorkloadRef, ...]]]:
    """The workloads that may not share a domain with these pods, by the key of the domains: by either's wish."""
    ref, scheduling = group.template.ref, group.template.scheduling
    if scheduling.is_alone_on_host:
        yield HOSTNAME, (ref,)
    for apart in scheduling.apart:
        yield apart.topology_key, apart.workloads
    for key, other in state.avoided_by.get(ref, ()):
        yield key, (other,)


def _ports_taken(state: ClusterState, ports: set[str]) -> set[int]:
    """The nodes on which one of the ports is taken."""
    if not ports:
        return set()
    taken = {index for index, capacity in enumerate(state.capacities) if ports.intersection(capacity.ports)}
    for group in state.all_groups():
        if ports.intersection(group.template.scheduling.ports):
            taken.update(group.nodes, group.leaving)
    return taken
