"""Where pods find a place: the scheduler's filters, and properties against a packer that tries everything."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.capacity.packing.exhaustive import is_impossible
from infra_scale.core.capacity.packing.first_fit import place
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity
from infra_scale.core.capacity.packing.pack import Packing, pack, placeable, shortages
from infra_scale.core.capacity.packing.placement_state import Item, PlacementState
from infra_scale.model.pod import Effect, Labels, Requirement, Scheduling, Spread, Taint, Toleration
from infra_scale.model.verdict import Shortage
from support.amounts import examples
from support.capacity import ref

_ZONE, _HOST = "topology.kubernetes.io/zone", "kubernetes.io/hostname"


def _room(id: str, cpu: int, memory: int = 100, pods: int = 110, labels: Labels = ()) -> NodeCapacity:
    return NodeCapacity(id, None, {"cpu": cpu, "memory": memory, "pods": pods}, labels)


def _item(name: str, pods: int, cpu: int, memory: int = 1, scheduling: Scheduling | None = None) -> Item:
    return Item(ref(name), pods, (("cpu", cpu), ("memory", memory)), scheduling or Scheduling())


def _placed(packing: Packing, name: str = "web") -> dict[str, int]:
    return {packing.placement.capacities[index].id: pods for index, pods in packing.placed[ref(name)]}


# --- filters


@pytest.mark.parametrize(
    ("capacity", "scheduling", "reason"),
    [
        (_room("n", 9)._replace(is_unschedulable=True), Scheduling(), "node(s) were unschedulable"),
        (
            _room("n", 9)._replace(taints=(Taint("gpu", "", "NoSchedule"),)),
            Scheduling(),
            "node(s) had untolerated taint(s)",
        ),
        (
            _room("n", 9)._replace(taints=(Taint("gpu", "", "NoExecute"),)),
            Scheduling(),
            "node(s) had untolerated taint(s)",
        ),
        (_room("n", 9), Scheduling((("disk", "ssd"),)), "node(s) didn't match Pod's node affinity/selector"),
        (
            _room("n", 9),
            Scheduling(affinity=((Requirement("disk", "Exists"),),)),
            "node(s) didn't match Pod's node affinity/selector",
        ),
        (
            _room("n", 9),
            Scheduling(spread=(Spread(_ZONE, 1),)),
            "node(s) didn't match pod topology spread constraints",
        ),
        (_room("n", 0), Scheduling(), "Insufficient cpu"),
        (_room("n", 9, 0), Scheduling(), "Insufficient memory"),
        (_room("n", 9, pods=0), Scheduling(), "Too many pods"),
        (_room("n", 0, 0), Scheduling(), "Insufficient cpu and Insufficient memory"),
    ],
)
def test_a_node_that_is_not_for_the_pod_says_why_in_the_schedulers_words(
    capacity: NodeCapacity, scheduling: Scheduling, reason: str
) -> None:
    item = _item("web", 1, 1, scheduling=scheduling)

    packing = pack([capacity], [item])

    assert _placed(packing) == {}
    assert shortages(packing, item) == (Shortage(reason, ("n",)),)


_TAINT = Taint("team", "a", "NoSchedule")


@pytest.mark.parametrize(
    ("toleration", "fits"),
    [
        (Toleration("team", "Equal", "a", "NoSchedule"), True),
        (Toleration("team", "Equal", "b", "NoSchedule"), False),
        (Toleration("team", "Equal", "a", "NoExecute"), False),
        (Toleration("team", "Equal", "a", None), True),
        (Toleration("team", "Exists", "", None), True),
        (Toleration("other", "Exists", "", None), False),
        (Toleration(None, "Exists", "", None), True),
    ],
)
def test_tolerations_are_matched_as_kubernetes_does(toleration: Toleration, fits: bool) -> None:
    capacity = _room("n", 9)._replace(taints=(_TAINT,))

    packing = pack([capacity], [_item("web", 1, 1, scheduling=Scheduling(tolerations=(toleration,)))])

    assert bool(_placed(packing)) == fits


def test_a_preference_keeps_no_pod_away() -> None:
    effect: Effect = "PreferNoSchedule"
    capacity = _room("n", 9)._replace(taints=(Taint("team", "a", effect),))

    assert _placed(pack([capacity], [_item("web", 1, 1)])) == {"n": 1}


@pytest.mark.parametrize(
    ("requirement", "ids"),
    [
        (Requirement("size", "In", ("1", "2")), "12"),
        (Requirement("size", "NotIn", ("1",)), "23x"),
        (Requirement("size", "Exists"), "123"),
        (Requirement("size", "DoesNotExist"), "x"),
        (Requirement("size", "Gt", ("1",)), "23"),
        (Requirement("size", "Lt", ("2",)), "1"),
        (Requirement("size", "Gt", ("many",)), ""),
    ],
)
def test_node_affinity_knows_every_operator(requirement: Requirement, ids: str) -> None:
    capacities = [_room(size, 1, labels=(("size", size),)) for size in "123"] + [_room("x", 1)]

    packing = pack(capacities, [_item("web", 9, 1, scheduling=Scheduling(affinity=((requirement,),)))])

    assert "".join(_placed(packing)) == ids


def test_one_of_several_affinity_terms_is_enough_and_an_empty_one_matches_nothing() -> None:
    capacities = [_room("a", 1, labels=(("x", "1"),)), _room("b", 1, labels=(("y", "1"),)), _room("c", 1)]
    either = ((Requirement("x", "Exists"),), (Requirement("y", "Exists"),), ())

    assert set(_placed(pack(capacities, [_item("web", 9, 1, scheduling=Scheduling(affinity=either))]))) == {"a", "b"}


# --- one a node, spread, DaemonSets


def test_required_anti_affinity_puts_one_pod_on_a_node_and_counts_those_that_run() -> None:
    item = _item("web", 5, 1, scheduling=Scheduling(is_alone_on_host=True))._replace(running={"b": 1})

    packing = pack([_room(id, 9) for id in "abc"], [item])

    assert _placed(packing) == {"a": 1, "c": 1}
    assert shortages(packing, item) == (Shortage("node(s) didn't match pod anti-affinity rules", ("a", "b", "c")),)


def _zones(**cpu: int) -> list[NodeCapacity]:
    return [_room(id, one, labels=((_ZONE, id[0]),)) for id, one in cpu.items()]


_SPREAD = Scheduling(spread=(Spread(_ZONE, 1),))


@pytest.mark.parametrize(
    ("capacities", "placed"),
    [
        (_zones(a1=9, b1=9, c1=9), 9),
        (_zones(a1=9, b1=9, c1=1), 5),  # 2, 2, 1: a third one in a would be 2 more than in c
        (_zones(a1=1, a2=1, b1=9), 5),  # 2 on two nodes, and one more
        (_zones(a1=9, b1=0), 1),
        (_zones(a1=2), 2),
    ],
)
def test_a_spread_holds_every_zone_to_the_emptiest_and_one_more(capacities: list[NodeCapacity], placed: int) -> None:
    packing = pack(capacities, [_item("web", 9, 1, scheduling=_SPREAD)])

    assert sum(_placed(packing).values()) == placed


def test_a_spread_counts_pods_that_run_and_zones_without_a_place() -> None:
    item = _item("web", 9, 1, scheduling=_SPREAD)._replace(running={"a1": 2})
    tainted = _room("c1", 9, labels=((_ZONE, "c"),))._replace(taints=(_TAINT,))

    assert _placed(pack(_zones(a1=9, b1=9), [item._replace(pods=2)])) == {"b1": 2}
    assert _placed(pack([*_zones(a1=9, b1=9), tainted], [item])) == {"b1": 1}


def _emptiest_first(capacities: Sequence[NodeCapacity], item: Item) -> dict[str, int]:
    """Where each pod goes when all nodes are considered again: into that whose domains have the fewest pods."""
    keys = [spread.topology_key for spread in item.scheduling.spread]
    domains = {
        capacity.id: tuple(capacity.id if key == _HOST else dict(capacity.labels)[key] for key in keys)
        for capacity in capacities
    }
    firsts = list(dict.fromkeys(domains.values()))
    pods: Counter[str] = Counter()
    for _ in range(item.pods):
        counts = [Counter(dict.fromkeys(column, 0)) for column in zip(*firsts, strict=True)]
        for id, number in pods.items():
            for count, domain in zip(counts, domains[id], strict=True):
                count[domain] += number
        open_ones = [
            (
                tuple(count[one] for count, one in zip(counts, domains[capacity.id], strict=True)),
                domains[capacity.id],
                capacity,
            )
            for capacity in capacities
            if pods[capacity.id] < capacity.free["cpu"]
        ]
        allowed = [
            (fullness, firsts.index(cell), number, capacity.id)
            for number, (fullness, cell, capacity) in enumerate(open_ones)
            if all(
                one + 1 - min(count.values()) <= spread.max_skew
                for one, count, spread in zip(fullness, counts, item.scheduling.spread, strict=True)
            )
        ]
        if not allowed:
            break
        pods[min(allowed)[3]] += 1
    return {id: number for id, number in pods.items() if number}


_SPREADS = st.lists(
    st.builds(Spread, st.sampled_from((_ZONE, _HOST, "rack")), st.integers(1, 2)),
    min_size=1,
    max_size=3,
    unique_by=lambda spread: spread.topology_key,
)

_SPREAD_NODE = st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.sampled_from("rs"))
"""Pods that have room, zone and rack."""


@examples(200)
@given(
    places=st.lists(_SPREAD_NODE, min_size=1, max_size=8),
    spreads=_SPREADS,
    pods=st.integers(1, 12),
)
def test_each_pod_that_is_spread_goes_where_the_fewest_are(
    places: list[tuple[int, str, str]], spreads: list[Spread], pods: int
) -> None:
    capacities = [
        _room(f"n{number}", cpu, labels=(("rack", rack), (_ZONE, zone)))
        for number, (cpu, zone, rack) in enumerate(places)
    ]
    item = _item("web", pods, 1, scheduling=Scheduling(spread=tuple(spreads)))
    placement = PlacementState(capacities, ("cpu", "memory"))

    placed = {capacities[index].id: number for index, number in place(placement, item)}

    assert placed == _emptiest_first(capacities, item)


def test_a_thousand_pods_over_the_zones_and_hosts_of_two_thousand_nodes_are_judged() -> None:
    capacities = [_room(f"n{number}", 4, labels=((_ZONE, "abc"[number % 3]),)) for number in range(2000)]
    both = Scheduling(spread=(Spread(_HOST, 1), Spread(_ZONE, 1)))
    placement = PlacementState(capacities, ("cpu", "memory"))
    steps = placement.steps.left

    placed = place(placement, _item("web", 1000, 1, scheduling=both))

    assert [number for _, number in placed] == [1] * 1000
    assert steps - placement.steps.left < 10_000


def test_several_spreads_hold_at_once() -> None:
    both = Scheduling(spread=(Spread(_ZONE, 1), Spread(_HOST, 1)))

    packing = pack(_zones(a1=9, a2=9, b1=9), [_item("web", 9, 1, scheduling=both)])

    assert _placed(packing) == {"a1": 2, "a2": 1, "b1": 2}  # a third one in b1 would be 2 more than in a2


def test_a_daemonset_takes_its_place_on_every_node_before_all_others() -> None:
    agent = _item("agent", 2, 2)._replace(is_daemon=True)

    packing = pack([_room("a", 3), _room("b", 1)], [_item("web", 2, 1), agent])

    assert _placed(packing, "agent") == {"a": 1}
    assert _placed(packing) == {"a": 1, "b": 1}


def test_what_asks_for_nothing_counts_as_a_pod() -> None:
    assert _placed(pack([_room("a", -1, pods=2)], [_item("web", 5, 0, 0)])) == {"a": 2}


def test_the_placeable_are_those_that_are_placed_and_those_that_still_would_be() -> None:
    items = [_item("web", 2, 1), _item("api", 1, 3)]

    packing = pack([_room("a", 4), _room("b", 4)], items)

    assert [placeable(packing, item) for item in items] == [5, 2]


# --- against a packer that tries everything


@st.composite
def _case(draw: st.DrawFn) -> tuple[list[NodeCapacity], list[Item]]:
    capacities = [
        _room(f"n{index}", draw(st.integers(0, 8)), draw(st.integers(0, 8)), draw(st.integers(0, 4)))
        for index in range(draw(st.integers(1, 4)))
    ]
    alone = st.booleans().map(lambda is_alone: Scheduling(is_alone_on_host=is_alone))
    items = [
        _item(f"w{index}", draw(st.integers(1, 3)), draw(st.integers(0, 5)), draw(st.integers(0, 5)), draw(alone))
        for index in range(draw(st.integers(1, 4)))
    ]
    return capacities, items


def _is_valid(packing: Packing, capacities: Sequence[NodeCapacity], items: Sequence[Item]) -> bool:
    """Whether a placement holds, by what the rooms had at first."""
    for index, capacity in enumerate(capacities):
        here = [(item, dict(packing.placed[item.ref]).get(index, 0)) for item in items]
        if any(item.scheduling.is_alone_on_host and pods > 1 for item, pods in here):
            return False
        used = {name: sum(pods * dict(item.size)[name] for item, pods in here) for name in ("cpu", "memory")}
        used["pods"] = sum(pods for _, pods in here)
        asked = [name for name in used if name == "pods" or any(pods and dict(item.size)[name] for item, pods in here)]
        if any(used[name] > capacity.free[name] for name in asked):
            return False
    return all(sum(pods for _, pods in packing.placed[item.ref]) <= item.pods for item in items)


def _single(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield from (item._replace(pods=1) for _ in range(item.pods))


def _can_be_placed(capacities: Sequence[NodeCapacity], items: Sequence[Item]) -> bool:
    """Whether all pods fit, by trying every room for every pod."""
    pods = list(_single(items))
    free = [[capacity.free["cpu"], capacity.free["memory"], capacity.free["pods"]] for capacity in capacities]
    taken: set[tuple[int, str]] = set()

    def fits(number: int) -> bool:
        if number == len(pods):
            return True
        item = pods[number]
        needs = (dict(item.size)["cpu"], dict(item.size)["memory"], 1)
        for index, row in enumerate(free):
            mark = (index, item.ref.name)
            if any(one and row[i] < one for i, one in enumerate(needs)) or (
                item.scheduling.is_alone_on_host and mark in taken
            ):
                continue
            free[index] = [have - one for have, one in zip(row, needs, strict=True)]
            is_new = mark not in taken
            taken.add(mark)
            if fits(number + 1):
                return True
            free[index] = row
            if is_new:
                taken.discard(mark)
        return False

    return fits(0)


@examples(300)
@given(case=_case())
def test_what_is_said_to_fit_is_placed_and_what_is_said_not_to_fit_nobody_can_place(
    case: tuple[list[NodeCapacity], list[Item]],
) -> None:
    capacities, items = case

    packing = pack(capacities, items)

    assert _is_valid(packing, capacities, items)
    assert packing.is_proven
    assert packing.has_all(items) == _can_be_placed(capacities, items)


@examples(200)
@given(
    case=_case(), position=st.integers(0, 4), extra=st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 4))
)
def test_one_more_node_anywhere_never_makes_it_worse(
    case: tuple[list[NodeCapacity], list[Item]], position: int, extra: tuple[int, int, int]
) -> None:
    capacities, items = case
    more = [*capacities[:position], _room("x", *extra), *capacities[position:]]

    assert pack(more, items).has_all(items) or not pack(capacities, items).has_all(items)


_SIZES = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 60))


@examples(60)
@given(
    free=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=41, max_size=60),
    sizes=st.lists(_SIZES, min_size=1, max_size=2),
    position=st.integers(0, 60),
    extra=st.tuples(st.integers(0, 8), st.integers(0, 8)),
)
def test_with_two_workloads_it_holds_for_each_of_them_however_many_nodes_there_are(
    free: list[tuple[int, int]], sizes: list[tuple[int, int, int]], position: int, extra: tuple[int, int]
) -> None:
    """Too many nodes for the search: this is the proof in the docstring of packing.py."""
    capacities = [_room(f"n{index}", cpu, memory) for index, (cpu, memory) in enumerate(free)]
    items = [_item(f"w{index}", pods, cpu, memory) for index, (cpu, memory, pods) in enumerate(sizes)]
    more = [*capacities[:position], _room("x", *extra), *capacities[position:]]

    assert pack(more, items).has_all(items) or not pack(capacities, items).has_all(items)


@examples(60)
@given(
    free=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=41, max_size=50),
    sizes=st.lists(_SIZES, min_size=3, max_size=9),
    extra=st.tuples(st.integers(0, 8), st.integers(0, 8)),
)
def test_a_node_behind_all_others_never_makes_it_worse_however_many_workloads_there_are(
    free: list[tuple[int, int]], sizes: list[tuple[int, int, int]], extra: tuple[int, int]
) -> None:
    capacities = [_room(f"n{index}", cpu, memory) for index, (cpu, memory) in enumerate(free)]
    items = [_item(f"w{index}", pods, cpu, memory) for index, (cpu, memory, pods) in enumerate(sizes)]

    assert pack([*capacities, _room("x", *extra)], items).has_all(items) or not pack(capacities, items).has_all(items)


@given(case=_case(), data=st.data())
def test_the_order_of_workloads_does_not_matter(
    case: tuple[list[NodeCapacity], list[Item]], data: st.DataObject
) -> None:
    capacities, items = case
    shuffled = data.draw(st.permutations(items))

    assert pack(capacities, shuffled).placed == pack(capacities, items).placed


@given(case=_case())
def test_bounds_never_exclude_what_can_be_placed(case: tuple[list[NodeCapacity], list[Item]]) -> None:
    capacities, items = case

    placement = PlacementState(capacities, ("cpu", "memory"))

    assert not (is_impossible(placement, items) and _can_be_placed(capacities, items))


def test_the_search_finds_a_placement_that_first_fit_misses_in_every_order() -> None:
    capacities = [_room("a", 8, 5), _room("b", 6, 8), _room("c", 10, 5)]
    items = [_item("small", 2, 1, 3), _item("large", 2, 6, 5)]

    for order in permutations(items):
        placement = PlacementState(capacities, ("cpu", "memory"))
        assert [sum(pods for _, pods in place(placement, item)) for item in order] == [2, 1]
    packing = pack(capacities, items)
    assert packing.has_all(items)
    assert _is_valid(packing, capacities, items)
