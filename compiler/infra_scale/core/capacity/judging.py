"""One scenario: everything packed together, on the nodes that are there and then with those that pools could add."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.board import Board, Item
from infra_scale.core.capacity.demand import Load
from infra_scale.core.capacity.filters import unmodelled_text
from infra_scale.core.capacity.packing import Packing, pack, placeable, shortages
from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capacity.rooms import (
    Daemon,
    Released,
    Room,
    Size,
    kinds,
    new_rooms,
    of_daemon,
    rooms,
    running,
    takes,
    template_room,
)
from infra_scale.model.pod import Scheduling
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import (
    DoesNotFit,
    Fits,
    FitsAfterScaleup,
    Growth,
    Scenario,
    Shortage,
    Unknown,
    Verdict,
)
from infra_scale.model.workload import WorkloadRef


class Outcome(NamedTuple):
    """A workload in one scenario."""

    replicas: int
    """How many pods it has there."""
    added: int
    """How many of them want a place."""
    verdict: Verdict
    is_own: bool
    """Whether the scenario is about it: it has an autoscaler, or surges. Otherwise others may take its place."""


class Judged:
    """A scenario, packed."""

    def __init__(self, snapshot: ClusterSnapshot, loads: Sequence[Load], scenario: Scenario) -> None:
        self._snapshot, self._loads, self._scenario = snapshot, loads, scenario
        self._items = {load.ref: _item(snapshot, load, scenario) for load in loads}
        self._kinds = kinds(snapshot)
        self._empty: Board | None = None
        items = tuple(self._items.values())
        here = tuple(rooms(snapshot, _released(loads, scenario)))
        self._packing = pack(here, items)
        if not self._packing.has_all(items) and not self._packing.is_cut_short:
            wanted = sum(item.pods for item in items if not item.is_daemon)
            further = tuple(new_rooms(snapshot, wanted, _daemons(loads)))
            grown = pack((*here, *further), items) if further else self._packing
            # A further node is a further domain to spread over, which can cost more places than it brings.
            self._packing = grown if grown.is_cut_short or grown.pods >= self._packing.pods else self._packing
        self.growth = self._growth({index for placed in self._packing.placed.values() for index, _ in placed})
        """The nodes that pools add, for everything together."""
        self._full: tuple[tuple[Growth, Room], ...] | None = None
        self._short: dict[tuple[Size, Scheduling, bool], tuple[Shortage, ...]] = {}

    def outcomes(self) -> dict[WorkloadRef, Outcome]:
        """Every workload: what autoscalers of some take is missing to others."""
        return {
            load.ref: Outcome(
                self._count(load), self._items[load.ref].pods, self._verdict(load), _is_about(self._scenario, load)
            )
            for load in self._loads
        }

    def _count(self, load: Load) -> int:
        return load.counts[self._scenario]

    def _verdict(self, load: Load) -> Verdict:
        item, packing = self._items[load.ref], self._packing
        if packing.is_cut_short and item.pods:
            return Unknown("too many pods with spread constraints to be judged")
        here, new = packing.pods_of(load.ref, new=False), packing.pods_of(load.ref, new=True)
        if here + new < item.pods:
            return DoesNotFit(
                here + new,
                item.pods,
                shortages=self._shortages(item),
                exhausted=tuple(self._exhausted(item)),
                is_proven=packing.is_proven,
                is_too_large=not any(takes(room, item.scheduling, item.size) for room in self._kinds),
            )
        if not any(size for name, size in item.size if name in ("cpu", "memory")):
            return Unknown("workload has no requests")
        if item.scheduling.unmodelled and item.pods:
            return Unknown(f"it has {unmodelled_text(item.scheduling)}, which is not modelled")
        if new:
            return FitsAfterScaleup(here, item.pods, self._growth({index for index, _ in packing.placed[load.ref]}))
        return Fits(self._alone(load))

    def _alone(self, load: Load) -> int:
        """How many pods of it have a place where nothing else is planned: other plans must not change the number."""
        item = self._items[load.ref]
        if item.is_daemon:
            return item.pods
        released = _released([load], self._scenario)
        if released or self._empty is None:
            board = Board(tuple(rooms(self._snapshot, released)), self._packing.board.resources)
            self._empty = self._empty if released else board
        else:
            board = self._empty
        # As many as beside everything else, also where looking for more was given up.
        return max(item.pods, placeable(Packing({load.ref: []}, board, is_proven=True), item))

    def _growth(self, used: set[int]) -> tuple[Growth, ...]:
        new = [room.pool for index, room in enumerate(self._packing.board.rooms) if room.is_new and index in used]
        pools = sorted(self._snapshot.pools, key=lambda pool: pool.name)
        return tuple(
            Growth(pool.name, new.count(pool.name), pool.current, pool.most) for pool in pools if pool.name in new
        )

    def _shortages(self, item: Item) -> tuple[Shortage, ...]:
        """Worked out once for pods that are alike, unless it matters where the others of the same workload are."""
        if item.scheduling.is_alone_on_host:
            return shortages(self._packing, item)
        alike = (item.size, item.scheduling, item.is_daemon)
        if alike not in self._short:
            self._short[alike] = shortages(self._packing, item)
        return self._short[alike]

    def _exhausted(self, item: Item) -> Iterator[Growth]:
        """The pools whose nodes could hold the pod, and that are at their maximum."""
        if self._full is None:
            self._full = tuple(self._at_maximum())
        return (growth for growth, room in self._full if takes(room, item.scheduling, item.size))

    def _at_maximum(self) -> Iterator[tuple[Growth, Room]]:
        """The pools that cannot grow any further, with a node as they would have added it."""
        added = {growth.pool: growth.added for growth in self.growth}
        daemons = _daemons(self._loads)
        for pool in sorted(self._snapshot.pools, key=lambda pool: pool.name):
            room, grown = template_room(pool, daemons), added.get(pool.name, 0)
            if room and pool.current + grown >= pool.most:
                yield Growth(pool.name, grown, pool.current, pool.most), room


def surges(load: Load) -> bool:
    """Whether its update runs more pods than wanted for a while."""
    return load.counts["surge"] > load.counts["requested"]


def _is_about(scenario: Scenario, load: Load) -> bool:
    match scenario:
        case "requested":
            return True
        case "surge":
            return surges(load)
        case "hpaMin" | "hpaMax":
            return load.has_bounds


def _item(snapshot: ClusterSnapshot, load: Load, scenario: Scenario) -> Item:
    """The pods that want a place: further ones, or all where those that run are released."""
    is_daemon = load.ref.kind == "DaemonSet"
    scheduling = of_daemon(load.pod.scheduling) if is_daemon else load.pod.scheduling
    stay = {} if _is_released(load, scenario) else running(snapshot, load.placement)
    return Item(load.ref, _wanted(load, scenario), pod_size(load.pod), scheduling, stay, is_daemon)


def _wanted(load: Load, scenario: Scenario) -> int:
    count = load.counts[scenario]
    if load.ref.kind == "DaemonSet":
        moves = surges(load) if scenario == "surge" else _changes(load)
        return load.counts["requested"] if moves else 0
    if scenario == "surge":
        return min(load.counts["requested"], max(0, count - load.before))
    return count if load.restarts else max(0, count - load.before)


def _changes(load: Load) -> bool:
    return load.restarts or not load.before


def _is_released(load: Load, scenario: Scenario) -> bool:
    """Whether the pods that run now are gone then. Which ones a smaller number stops is not known: none is counted."""
    return scenario != "surge" and (load.restarts or load.counts[scenario] == 0)


def _released(loads: Sequence[Load], scenario: Scenario) -> Released:
    released: dict[str, tuple[tuple[int, tuple[tuple[str, int], ...]], ...]] = {}
    for load in loads:
        if load.pod_before and _is_released(load, scenario):
            size = pod_size(load.pod_before)
            for node, pods in load.placement:
                released[node] = (*released.get(node, ()), (pods, size))
    return released


def _daemons(loads: Sequence[Load]) -> tuple[Daemon, ...]:
    """The DaemonSets that change: a further node carries them as they will be."""
    return tuple(
        Daemon(
            load.pod.scheduling,
            before=(*pod_size(load.pod_before), ("pods", 1)) if load.pod_before and load.before else (),
            after=(*pod_size(load.pod), ("pods", 1)),
        )
        for load in loads
        if load.ref.kind == "DaemonSet" and _changes(load)
    )
