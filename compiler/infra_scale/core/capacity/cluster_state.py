"""ClusterState: nodes, quotas and the pods on them while a plan is simulated. Groups of pods come and go here."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from infra_scale.core.capacity.amounts import Size
from infra_scale.core.capacity.filters import HOSTNAME, refusal
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity
from infra_scale.core.capacity.pod_group import PodGroup, Template
from infra_scale.core.capacity.uncounted import Uncounted
from infra_scale.model.pod import Labels, Scheduling, Taint
from infra_scale.model.workload import WorkloadRef

_Profile = tuple[Labels, tuple[Taint, ...], bool]
Needs = list[tuple[int, int]]
"""A pod by the index of each resource that it needs."""
Eligible = list[tuple[int, list[int]]]
"""Blocks of nodes, and the nodes of each: a block without room is passed over at once."""
_BLOCK = 32


class ClusterState:
    """The free amounts of each node and quota, and the number of pods of each workload in each domain."""

    def __init__(self, capacities: Iterable[NodeCapacity], resources: Iterable[str], quota_room: Sequence[int]) -> None:
        self.resources = (*sorted({*resources, "cpu", "memory"} - {"pods"}), "pods")
        self.cpu, self.memory = self.resources.index("cpu"), self.resources.index("memory")
        self.capacities: list[NodeCapacity] = []
        self.free: list[list[int]] = []
        self.allocatable: list[tuple[int, int]] = []
        """Cpu and memory of each node."""
        self.quota_room = list(quota_room)
        """By line of a quota, in nano."""
        self.uncounted_quota: dict[int, Uncounted] = {}
        """By line of a quota."""
        self.uncounted_room: dict[tuple[int, int], Uncounted] = {}
        """By the indices of a node and of a resource."""
        self.freed = 0
        """How often a pod has left a node."""
        self.leaving: list[tuple[PodGroup, int]] = []
        """Deleted pods that have not ended yet, with the index of their node."""
        self.is_graceful = False
        """Whether pods take their time to end (terminationGracePeriodSeconds)."""
        self.is_newest_first = False
        """Whether of the pods of a group that wait the newest is the first to have a node."""
        self.groups: dict[WorkloadRef, list[PodGroup]] = {}
        self.avoided_by: dict[WorkloadRef, list[tuple[str, WorkloadRef]]] = {}
        """By workload: those whose pods may not share a domain with its pods, with the key of the domains."""
        self._refusals: dict[Scheduling, dict[_Profile, str | None]] = {}
        self._eligible: dict[Scheduling, Eligible] = {}
        self._maxima: list[list[int]] = []
        self._domains: dict[str, list[str | None]] = {}
        self._needs: dict[Size, Needs] = {}
        self._clock = 0
        for capacity in capacities:
            self.add(capacity)

    @property
    def version(self) -> tuple[int, int]:
        """Changes whenever a pod that had no place may have one."""
        return self.freed, len(self.capacities)

    def add(self, capacity: NodeCapacity) -> None:
        """A node joins."""
        self.capacities.append(capacity)
        self.free.append([capacity.free.get(name, 0) for name in self.resources])
        self.allocatable.append((capacity.allocatable.get("cpu", 0), capacity.allocatable.get("memory", 0)))
        index = len(self.capacities) - 1
        if index // _BLOCK == len(self._maxima):
            self._maxima.append([])
        self._settle(index)
        for key, domains in self._domains.items():
            domains.append(_domain(capacity, key))
        for scheduling, blocks in self._eligible.items():
            if self.refusal(scheduling, index) is None:
                _append(blocks, index)

    def needs(self, size: Size) -> Needs:
        """A request of 0 always fits (fit.go)."""
        if size not in self._needs:
            wanted = dict(size)
            known = [(index, wanted.get(name, 0)) for index, name in enumerate(self.resources[:-1])]
            self._needs[size] = [*((index, one) for index, one in known if one > 0), (len(self.resources) - 1, 1)]
        return self._needs[size]

    def refusal(self, scheduling: Scheduling, index: int) -> str | None:
        """Why a node is not eligible for such pods, whatever runs on it; None if it is."""
        capacity = self.capacities[index]
        profile = (capacity.labels, capacity.taints, capacity.is_unschedulable)
        known = self._refusals.setdefault(scheduling, {})
        if profile not in known:
            known[profile] = refusal(
                scheduling, capacity.labels, capacity.taints, is_unschedulable=capacity.is_unschedulable
            )
        return known[profile]

    def eligible(self, scheduling: Scheduling) -> Eligible:
        """The nodes that such pods may run on, whatever runs there, in blocks."""
        if scheduling not in self._eligible:
            blocks = self._eligible[scheduling] = []
            for index in range(len(self.capacities)):
                if self.refusal(scheduling, index) is None:
                    _append(blocks, index)
        return self._eligible[scheduling]

    def may_have_room(self, block: int, needs: Needs) -> bool:
        """Whether a node of a block may have room for one more pod."""
        largest = self._maxima[block]
        return all(largest[resource] >= one for resource, one in needs)

    def fits(self, index: int, needs: Needs) -> bool:
        """Whether a node has room for one more pod."""
        row = self.free[index]
        return all(row[resource] >= one for resource, one in needs)

    def places(self, of: Template) -> int:
        """How many more pods of a template the resources of the nodes suffice for that no pool has added."""
        needs = self.needs(of.size)
        indices = (index for _, block in self.eligible(of.scheduling) for index in block)
        return sum(self._places(index, needs) for index in indices if not self.capacities[index].is_new)

    def places_taken(self, of: Template, by: Template, index: int) -> int:
        """How many pods of one template less a node has room for, once it has one of another."""
        if self.refusal(of.scheduling, index) is not None:
            return 0
        needs, taken = self.needs(of.size), dict(self.needs(by.size))
        after = min((self.free[index][resource] - taken.get(resource, 0)) // one for resource, one in needs)
        return self._places(index, needs) - after

    def _places(self, index: int, needs: Needs) -> int:
        return min(self.free[index][resource] // one for resource, one in needs)

    def create(self, group: PodGroup, pods: int) -> int:
        """Create pods, as many of them as quotas admit; returns how many."""
        if group.template.is_refused:
            return 0
        group.refused_by = None
        for line, one in group.template.charges:
            if (most := max(0, self.quota_room[line]) // one) < pods:
                pods, group.refused_by = most, line
        self._charge(group.template, -pods)
        group.pending += pods
        self._clock += 1
        group.arrivals.extend([self._clock] * pods)
        return pods

    def delete_pending(self, group: PodGroup, pods: int) -> int:
        """Delete pods that have no node; returns how many there were."""
        pods = min(pods, group.pending)
        for _ in range(pods):
            group.arrivals.pop()
        group.pending -= pods
        self._charge(group.template, pods)
        return pods

    def bind(self, group: PodGroup, index: int) -> None:
        """A pending pod gets a node."""
        group.nodes[index] = group.nodes.get(index, 0) + 1
        group.pending -= 1
        group.arrivals.pop() if self.is_newest_first else group.arrivals.popleft()
        group.scheduled += 1
        row = self.free[index]
        for resource, one in self.needs(group.template.size):
            row[resource] += self._counted(index, resource, -one)
        self._settle(index)
        if group.on_bind:
            group.on_bind(index)

    def delete(self, group: PodGroup, index: int | None, pods: int = 1) -> None:
        """Delete pods that have a node; None: which ones is unknown, so no node gains room."""
        if index is None:
            group.scheduled -= pods
            group.elsewhere -= pods
            self._charge(group.template, pods)
            return
        _leave(group, index, pods)
        self._release(group, index, pods)

    def stop(self, group: PodGroup, index: int, pods: int) -> None:
        """Delete pods that hold their room, also in quotas, until they have ended."""
        if not self.is_graceful:
            self.delete(group, index, pods)
            return
        _leave(group, index, pods)
        group.leaving[index] = group.leaving.get(index, 0) + pods
        self.leaving += [(group, index)] * pods

    def end(self, number: int) -> None:
        """One of the pods that are leaving has ended."""
        group, index = self.leaving.pop(number)
        group.leaving[index] -= 1
        if not group.leaving[index]:
            del group.leaving[index]
        self._release(group, index, 1)

    def _release(self, group: PodGroup, index: int, pods: int) -> None:
        self._charge(group.template, pods)
        row = self.free[index]
        for resource, one in self.needs(group.template.size):
            row[resource] += self._counted(index, resource, one * pods)
        self._settle(index)
        self.freed += 1

    def _counted(self, index: int, resource: int, amount: int) -> int:
        uncounted = self.uncounted_room.get((index, resource)) if self.uncounted_room else None
        return uncounted.counted(amount) if uncounted else amount

    def domain(self, index: int, key: str) -> str | None:
        """The domain of a node; None without such a label."""
        return self.domains(key)[index]

    def domains(self, key: str) -> list[str | None]:
        """The domain of each node; None without such a label."""
        if key not in self._domains:
            self._domains[key] = [_domain(capacity, key) for capacity in self.capacities]
        return self._domains[key]

    def pods_in(self, refs: Iterable[WorkloadRef], key: str) -> dict[str, int]:
        """The pods of some workloads by domain, also those that are leaving."""
        groups = [group for ref in refs for group in self.groups.get(ref, ())]
        return self._by_domain((one for group in groups for one in (group.nodes, group.leaving)), key)

    def counted(self, groups: Iterable[PodGroup], key: str) -> dict[str, int]:
        """The pods of some groups by domain, without those that are leaving, as a spread counts them."""
        return self._by_domain((group.nodes for group in groups), key)

    def _by_domain(self, several: Iterable[Mapping[int, int]], key: str) -> dict[str, int]:
        counts: dict[str, int] = {}
        domains = self.domains(key)
        for nodes in several:
            for index, pods in nodes.items():
                if (domain := domains[index]) is not None:
                    counts[domain] = counts.get(domain, 0) + pods
        return counts

    def register(self, groups: Mapping[WorkloadRef, list[PodGroup]]) -> None:
        """All groups whose pods count for others."""
        self.groups.update(groups)
        for ref, (first, *_) in groups.items():
            for apart in first.template.scheduling.apart:
                for other in apart.workloads:
                    if other != ref:
                        self.avoided_by.setdefault(other, []).append((apart.topology_key, ref))

    def all_groups(self) -> Iterator[PodGroup]:
        """Every group of every workload."""
        for groups in self.groups.values():
            yield from groups

    def _settle(self, index: int) -> None:
        """Bring the largest free amounts of a block of nodes up to date."""
        block = index // _BLOCK
        self._maxima[block] = list(map(max, zip(*self.free[block * _BLOCK : (block + 1) * _BLOCK], strict=True)))

    def _charge(self, template: Template, pods: int) -> None:
        """Give back what pods take of quotas, or take it."""
        for line, one in template.charges:
            amount = one * pods
            if line in self.uncounted_quota:
                amount = self.uncounted_quota[line].counted(amount)
            self.quota_room[line] += amount


def _leave(group: PodGroup, index: int, pods: int) -> None:
    group.scheduled -= pods
    group.nodes[index] -= pods
    if not group.nodes[index]:
        del group.nodes[index]


def _append(blocks: Eligible, index: int) -> None:
    if not blocks or blocks[-1][0] != index // _BLOCK:
        blocks.append((index // _BLOCK, []))
    blocks[-1][1].append(index)


def _domain(capacity: NodeCapacity, key: str) -> str | None:
    return capacity.id if key == HOSTNAME else dict(capacity.labels).get(key)
