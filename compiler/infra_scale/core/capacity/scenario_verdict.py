"""One scenario: everything packed together, on the nodes that are there and then with those that pools could add."""

from collections.abc import Iterator, Mapping, Sequence

from infra_scale.core.capacity.amounts import Size
from infra_scale.core.capacity.filters import unmodelled_text
from infra_scale.core.capacity.packing.node_capacity import (
    Daemon,
    NodeCapacity,
    Released,
    capacities,
    kinds,
    new_capacities,
    of_daemon,
    running,
    takes,
    template_capacity,
)
from infra_scale.core.capacity.packing.pack import Packing, pack, placeable, shortages
from infra_scale.core.capacity.packing.placement_state import Item, PlacementState
from infra_scale.core.capacity.pods import pod_size
from infra_scale.model.capacity import Load, Outcome
from infra_scale.model.pod import Scheduling
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import DoesNotFit, Fits, FitsAfterScaleup, Growth, Scenario, Shortage, Unknown, Verdict
from infra_scale.model.workload import WorkloadRef


class Judged:
    """A scenario, packed: whether there is a placement, and how much room there is besides."""

    def __init__(self, snapshot: ClusterSnapshot, loads: Sequence[Load], scenario: Scenario) -> None:
        self._snapshot, self._loads, self._scenario = snapshot, loads, scenario
        self._items = {load.ref: _item(snapshot, load, scenario) for load in loads}
        self._kinds = kinds(snapshot)
        self._empty: PlacementState | None = None
        items = tuple(self._items.values())
        here = tuple(capacities(snapshot, _released(loads, scenario)))
        self._packing = pack(here, items)
        if not self._packing.has_all(items) and not self._packing.is_cut_short:
            wanted = sum(item.pods for item in items if not item.is_daemon)
            further = tuple(new_capacities(snapshot, wanted, daemons_of(loads)))
            grown = pack((*here, *further), items) if further else self._packing
            # A further node is a further domain to spread over, which can cost more places than it brings.
            self._packing = grown if grown.is_cut_short or grown.pods >= self._packing.pods else self._packing
        self.growth = self.growth_of({index for placed in self._packing.placed.values() for index, _ in placed})
        """The nodes that pools add, for everything together."""
        self._full: tuple[tuple[Growth, NodeCapacity], ...] | None = None
        self._short: dict[tuple[Size, Scheduling, bool], tuple[Shortage, ...]] = {}

    @property
    def items(self) -> Mapping[WorkloadRef, Item]:
        """The pods of each workload that want a place."""
        return self._items

    @property
    def is_cut_short(self) -> bool:
        """Whether there were too many pods to spread."""
        return self._packing.is_cut_short

    @property
    def is_proven(self) -> bool:
        """Whether it is proven that no placement fits all, if none was found."""
        return self._packing.is_proven

    def has_place_for(self, ref: WorkloadRef) -> bool:
        """Whether all pods of a workload are in the placement."""
        return self._packing.has_all([self._items[ref]])

    def has_all(self) -> bool:
        """Whether there is a placement for all pods of all workloads."""
        return self._packing.has_all(self._items.values())

    def outcomes(self) -> dict[WorkloadRef, Outcome]:
        """Every workload: what autoscalers of some take is missing to others."""
        return {load.ref: self.outcome(load, self.verdict(load)) for load in self._loads}

    def outcome(self, load: Load, verdict: Verdict, added: int | None = None) -> Outcome:
        """A verdict on one workload; `added`: the pods that want a place, where they are not those that were packed."""
        wanted = self._items[load.ref].pods if added is None else added
        return Outcome(load.counts[self._scenario], wanted, verdict, _is_about(self._scenario, load))

    def verdict(self, load: Load) -> Verdict:
        """By the packing alone."""
        item, packing = self._items[load.ref], self._packing
        if packing.is_cut_short and item.pods:
            return Unknown("too many pods with spread constraints to be judged")
        here, new = packing.pods_of(load.ref, new=False), packing.pods_of(load.ref, new=True)
        if here + new < item.pods:
            return self.does_not_fit(load, here + new, item.pods, self._shortages(item))
        if (unknown := self.why_unknown(load)) is not None:
            return unknown
        if new:
            growth = self.growth_of({index for index, _ in packing.placed[load.ref]})
            return FitsAfterScaleup(here, item.pods, growth)
        return Fits(self.placeable(load))

    def does_not_fit(self, load: Load, placed: int, wanted: int, shortages: tuple[Shortage, ...]) -> DoesNotFit:
        """The verdict that some pods do not fit, with the known reasons."""
        item = self._items[load.ref]
        return DoesNotFit(
            placed,
            wanted,
            shortages=shortages,
            exhausted=tuple(self._exhausted(item)),
            is_proven=self._packing.is_proven,
            is_too_large=not any(takes(capacity, item.scheduling, item.size) for capacity in self._kinds),
        )

    def why_unknown(self, load: Load, added: int | None = None) -> Unknown | None:
        """Why the placement of every pod is uncertain; None if it is certain."""
        item = self._items[load.ref]
        if not any(size for name, size in item.size if name in ("cpu", "memory")):
            return Unknown("workload has no requests")
        if load.pod.scheduling.unmodelled and (item.pods if added is None else added):
            return unmodelled(load)
        return None

    def placeable(self, load: Load) -> int:
        """How many pods of it have a place where nothing else is planned: other plans must not change the number."""
        item = self._items[load.ref]
        if item.is_daemon or load.pod.scheduling != item.scheduling:
            return item.pods
        released = _released([load], self._scenario)
        if released or self._empty is None:
            placement = PlacementState(tuple(capacities(self._snapshot, released)), self._packing.placement.resources)
            self._empty = self._empty if released else placement
        else:
            placement = self._empty
        # As many as beside everything else, also where looking for more was given up.
        return max(item.pods, placeable(Packing({load.ref: []}, placement, is_proven=True), item))

    def growth_of(self, used: set[int]) -> tuple[Growth, ...]:
        """The nodes among some that do not exist yet, by pool."""
        new = [
            capacity.pool
            for index, capacity in enumerate(self._packing.placement.capacities)
            if capacity.is_new and index in used
        ]
        return growth(self._snapshot, {pool: new.count(pool) for pool in dict.fromkeys(new) if pool})

    def _shortages(self, item: Item) -> tuple[Shortage, ...]:
        """Worked out once for pods that are alike, unless it matters where the others of the same workload are."""
        if item.scheduling.is_one_per_host:
            return shortages(self._packing, item)
        alike = (item.size, item.scheduling, item.is_daemon)
        if alike not in self._short:
            self._short[alike] = shortages(self._packing, item)
        return self._short[alike]

    def _exhausted(self, item: Item) -> Iterator[Growth]:
        """The pools whose nodes could hold the pod, and that are at their maximum."""
        if self._full is None:
            self._full = tuple(self._at_maximum())
        return (growth for growth, capacity in self._full if takes(capacity, item.scheduling, item.size))

    def _at_maximum(self) -> Iterator[tuple[Growth, NodeCapacity]]:
        """The pools that cannot grow any further, with a node as they would have added it."""
        added = {growth.pool: growth.added for growth in self.growth}
        daemons = daemons_of(self._loads)
        for pool in sorted(self._snapshot.pools, key=lambda pool: pool.name):
            capacity, grown = template_capacity(pool, daemons), added.get(pool.name, 0)
            if capacity and pool.current + grown >= pool.most:
                yield Growth(pool.name, grown, pool.current, pool.most), capacity


def unmodelled(load: Load) -> Unknown:
    """That something decides about the place of its pods which is not followed."""
    return Unknown(f"it has {unmodelled_text(load.pod.scheduling)}, which is not modelled")


def growth(snapshot: ClusterSnapshot, added: Mapping[str, int]) -> tuple[Growth, ...]:
    """The nodes that pools add, sorted by pool."""
    pools = sorted(snapshot.pools, key=lambda pool: pool.name)
    return tuple(Growth(pool.name, added[pool.name], pool.current, pool.most) for pool in pools if added.get(pool.name))


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
    scheduling = packable(load.pod.scheduling)
    scheduling = of_daemon(scheduling) if is_daemon else scheduling
    stay = {} if _is_released(load, scenario) else running(snapshot, load.placement)
    return Item(load.ref, _wanted(load, scenario), pod_size(load.pod), scheduling, stay, is_daemon)


def packable(scheduling: Scheduling) -> Scheduling:
    """The rules that packing follows: those about pods of other workloads are left to the simulation."""
    spread = tuple(one for one in scheduling.spread if one.counts_own and not one.others)
    return scheduling._replace(spread=spread, apart=(), unmodelled=())


def _wanted(load: Load, scenario: Scenario) -> int:
    count = load.counts[scenario]
    if load.ref.kind == "DaemonSet":
        moves = surges(load) if scenario == "surge" else _changes(load)
        return load.counts["requested"] if moves else 0
    if scenario == "surge":
        return min(load.counts["requested"], max(0, count - load.before))
    return max(0, count - load.kept) if load.restarts else max(0, count - load.scheduled)


def _changes(load: Load) -> bool:
    return load.restarts or not load.before


def _is_released(load: Load, scenario: Scenario) -> bool:
    """Whether the running pods are gone then. Which ones a scale-down stops is unknown: none is counted."""
    return scenario != "surge" and (load.restarts or load.counts[scenario] == 0)


def _released(loads: Sequence[Load], scenario: Scenario) -> Released:
    released: dict[str, tuple[tuple[int, tuple[tuple[str, int], ...]], ...]] = {}
    for load in loads:
        if load.pod_before and _is_released(load, scenario):
            size = pod_size(load.pod_before)
            for node, pods in load.placement:
                released[node] = (*released.get(node, ()), (pods, size))
    return released


def daemons_of(loads: Sequence[Load]) -> tuple[Daemon, ...]:
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
