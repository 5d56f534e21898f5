"""Identical pods onto nodes: first fit, one a node, spread over domains, or one on every node."""

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

from infra_scale.core.capacity.filters import HOSTNAME, makes_domain
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity, takes
from infra_scale.core.capacity.packing.placement_state import Item, Placed, PlacementState, block_of


def place(placement: PlacementState, item: Item) -> Placed:
    """Place as many pods as fit, and update the state.

    First fit is exact for one workload: a node's share does not depend on the others, so the order does not matter.
    """
    if item.pods <= 0:
        return []
    if item.scheduling.spread and not item.is_daemon:
        return _spread(placement, item)
    return _first_fit(placement, item)


def own_limit(item: Item, capacity: NodeCapacity) -> int | None:
    """The number of further own pods allowed on the node; None without a limit."""
    if item.is_daemon:
        return 1
    if not item.scheduling.is_one_per_host:
        return None
    is_taken = any(port in capacity.ports for port in item.scheduling.ports)
    return 0 if is_taken else max(0, 1 - item.running.get(capacity.id, 0))


def _first_fit(placement: PlacementState, item: Item) -> Placed:
    needs, left, placed = placement.needs(item.size), item.pods, Placed()
    is_limited = item.is_daemon or item.scheduling.is_one_per_host
    for block, indices in placement.with_capacity(placement.eligible(item), needs):
        before = left
        for index in indices:
            most = min(left, own_limit(item, placement.capacities[index]) or 0) if is_limited else left
            pods = placement.fitting(index, needs, most)
            if pods:
                placement.take(index, needs, pods)
                placed.append((index, pods))
                left -= pods
                if not left:
                    break
        if left != before:
            placement.settle(block)
        if not left:
            break
    return placed


class _Cell(NamedTuple):
    """Nodes that are equal for every spread constraint."""

    domains: tuple[str, ...]
    capacities: list[int]


_Key = tuple[tuple[int, ...], int]
"""The fill of a cell's domains, and its number: the smallest is filled first."""


def _spread(placement: PlacementState, item: Item) -> Placed:
    spreading = _Spreading(placement, item)
    while spreading.left and placement.steps.left > 0 and spreading.put_one():
        pass
    return sorted(spreading.placed.items())


class _Spreading:
    """Place pod by pod into the emptiest domain with capacity, while no constraint is broken.

    Counted are the domains of all nodes that nodeSelector and affinity allow, also tainted and cordoned ones, unless
    the policies of the constraint say otherwise: a full domain can block the others.

    Cells that differ in their finest domain only (the hosts of a zone) form one group: a placed pod makes the others
    equally fuller, so their order stays. In one queue, each pod would put thousands out of order.
    """

    def __init__(self, placement: PlacementState, item: Item) -> None:
        self.placement, self.item = placement, item
        self.needs, self.left = placement.needs(item.size), item.pods
        self.placed: dict[int, int] = {}
        self.counts = [_Counts(found) for found in _counts(placement, item)]
        self.cells = _cells(placement, item)
        self.finest = max(range(len(self.counts)), key=lambda number: len(self.counts[number].of))
        self.groups = self.grouped()
        self.queue: list[tuple[_Key, int]] = []
        self.enqueue(range(len(self.groups)))
        placement.steps.left -= len(placement.capacities)

    def grouped(self) -> list[list[tuple[int, int]]]:
        """The cells of each group, by how full their finest domain is."""
        groups: dict[tuple[str, ...], list[tuple[int, int]]] = {}
        for position, cell in enumerate(self.cells):
            others = (*cell.domains[: self.finest], *cell.domains[self.finest + 1 :])
            groups.setdefault(others, []).append((self.fullness(cell)[self.finest], position))
        for group in groups.values():
            heapify(group)
        return list(groups.values())

    def put_one(self) -> bool:
        """Place one pod; False if it does not fit."""
        looked_at: list[int] = []
        cell = self.next_cell(looked_at)
        if cell is not None:
            index = cell.capacities[-1]
            self.placement.take(index, self.needs, 1)
            self.placement.settle(block_of(index))
            self.placed[index] = self.placed.get(index, 0) + 1
            self.left -= 1
            for number, domain in enumerate(cell.domains):
                self.counts[number].add(domain)
        self.enqueue(looked_at)
        return cell is not None

    def enqueue(self, numbers: Iterable[int]) -> None:
        """Queue groups by their emptiest cell, without full ones."""
        for number in numbers:
            if key := self.emptiest(self.groups[number]):
                heappush(self.queue, (key, number))

    def next_cell(self, looked_at: list[int]) -> _Cell | None:
        """The emptiest cell that takes one more pod."""
        while self.queue:
            key, number = heappop(self.queue)
            self.placement.steps.left -= 1
            if key != self.emptiest(self.groups[number]):
                self.enqueue([number])
                continue
            looked_at.append(number)
            cell = self.cells[key[1]]
            if not self.breaks(cell):  # if the emptiest one does, all of its group do
                return cell
        return None

    def emptiest(self, group: list[tuple[int, int]]) -> _Key | None:
        """The emptiest cell of a group that fits one more; None if all are full."""
        while group:
            count, position = group[0]
            cell = self.cells[position]
            if count != (fresh := self.fullness(cell)[self.finest]):
                heapreplace(group, (fresh, position))
            elif self.has_room(cell):
                return self.fullness(cell), position
            else:
                heappop(group)
            self.placement.steps.left -= 1
        return None

    def fullness(self, cell: _Cell) -> tuple[int, ...]:
        """The number of pods in its domains. It only grows, so queues may have outdated ones."""
        return tuple(self.counts[number].of[domain] for number, domain in enumerate(cell.domains))

    def has_room(self, cell: _Cell) -> bool:
        """Remove full nodes from the end of a cell; whether the last one fits one more."""
        while cell.capacities:
            index = cell.capacities[-1]
            limit = own_limit(self.item, self.placement.capacities[index])
            if self.placement.fitting(index, self.needs, 1) and (limit is None or self.placed.get(index, 0) < limit):
                return True
            cell.capacities.pop()
        return False

    def breaks(self, cell: _Cell) -> bool:
        """Whether one more pod here would make a domain fuller than the emptiest by more than maxSkew."""
        spreads = zip(cell.domains, self.counts, self.item.scheduling.spread, strict=True)
        return any(counts.of[domain] + 1 - counts.least > spread.max_skew for domain, counts, spread in spreads)


class _Counts:
    """Pods by domain, and the minimum, which only grows."""

    def __init__(self, of: dict[str, int]) -> None:
        self.of = of
        self.least = min(of.values(), default=0)
        self._domains_with = Counter(of.values())

    def add(self, domain: str) -> None:
        """Add a pod to a domain."""
        self._domains_with[self.of[domain]] -= 1
        self.of[domain] += 1
        self._domains_with[self.of[domain]] += 1
        if not self._domains_with[self.least]:
            self.least += 1


def _counts(placement: PlacementState, item: Item) -> list[dict[str, int]]:
    """For each constraint: the number of running pods in each domain.

    A future node adds a domain only if it fits such a pod: no pool grows for another.
    """
    counts: list[dict[str, int]] = [{} for _ in item.scheduling.spread]
    for capacity in placement.capacities:
        domains = _domains(item, capacity)
        if None in domains or not _counts_for(capacity, item):
            continue
        node = (capacity.labels, capacity.taints, capacity.is_unschedulable)
        for number, (domain, spread) in enumerate(zip(domains, item.scheduling.spread, strict=True)):
            if makes_domain(spread, item.scheduling, node):
                name = domain or ""
                counts[number][name] = counts[number].get(name, 0) + item.running.get(capacity.id, 0)
    return counts


def _counts_for(capacity: NodeCapacity, item: Item) -> bool:
    return not capacity.is_new or takes(capacity, item.scheduling, item.size)


def _cells(placement: PlacementState, item: Item) -> list[_Cell]:
    cells: dict[tuple[str, ...], _Cell] = {}
    for _, indices in placement.eligible(item):
        for index in indices:
            if not _counts_for(placement.capacities[index], item):
                continue
            domains = tuple(domain or "" for domain in _domains(item, placement.capacities[index]))
            cells.setdefault(domains, _Cell(domains, [])).capacities.append(index)
    for cell in cells.values():
        cell.capacities.reverse()  # full ones are removed from the end
    return list(cells.values())


def _domains(item: Item, capacity: NodeCapacity) -> tuple[str | None, ...]:
    labels = dict(capacity.labels)
    keys = (spread.topology_key for spread in item.scheduling.spread)
    return tuple(capacity.id if key == HOSTNAME else labels.get(key) for key in keys)


def free_of(item: Item, placement: PlacementState) -> Iterator[tuple[int, int]]:
    """For each node that fits any: the number of these pods that would fit alone."""
    needs = placement.needs(item.size)
    for _, indices in placement.with_capacity(placement.eligible(item), needs):
        for index in indices:
            limit = own_limit(item, placement.capacities[index])
            most = item.pods if limit is None else min(limit, item.pods)
            if pods := placement.fitting(index, needs, most):
                yield index, pods
