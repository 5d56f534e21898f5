"""Everything that is planned for a cluster together: verdicts, and the words for them."""

from datetime import datetime
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.capacity import combined_verdict as outcomes
from infra_scale.core.capacity import scenario_verdict as judging
from infra_scale.core.capacity.combined_verdict import shortages_of
from infra_scale.core.capacity.demand import Demand, PlannedChange, demand_of, resized
from infra_scale.core.capacity.freshness import Freshness, staleness
from infra_scale.core.capacity.packing import placement_state as placement
from infra_scale.core.capacity.packing.node_capacity import empty_capacities, pools_of, template_capacity
from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capacity.scenarios import Capacity, capacity_of
from infra_scale.core.capacity.utilization import fill_of, node_gauges
from infra_scale.core.capacity.wording import TIMES, outcome_text, shown_scenarios
from infra_scale.model.capacity import Bounds
from infra_scale.model.pod import Pod, Scheduling, Spread
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.snapshot import (
    ClusterSnapshot,
    Limit,
    LimitRange,
    LiveAutoscaler,
    LiveWorkload,
    NamespaceState,
    NodePool,
    NodeTemplate,
    Strategy,
)
from infra_scale.model.verdict import (
    DoesNotFit,
    Fits,
    FitsAfterScaleup,
    FitsDependingOnOrder,
    Growth,
    Scenario,
    Unknown,
    status,
)
from support.amounts import examples
from support.capacity import HEADLINE, amounts, cluster, container, demand, node, pod, pool, ref


def _line(snapshot: ClusterSnapshot, *demands: Demand, scenario: Scenario = "requested") -> str:
    capacity = capacity_of(snapshot, demands)
    return f"capacity: {outcome_text(capacity.workloads[-1], scenario)}"


def _lines(capacity: Capacity) -> list[str]:
    return [
        f"capacity: {outcome_text(workload, scenario)}"
        for workload in capacity.workloads
        for scenario, _ in shown_scenarios(workload)
    ]


def _requested(snapshot: ClusterSnapshot, *demands: Demand) -> dict[str, str]:
    return {one.ref.name: status(one.requested) for one in capacity_of(snapshot, demands).workloads}


def _free(snapshot: ClusterSnapshot, resource: str) -> Quantity:
    total = Quantity(0, "decimal")
    for one in snapshot.nodes:
        total += dict(one.allocatable)[resource] - dict(one.requested)[resource]
    return total


# --- the words of kubernetes.md §4.6


def test_the_sum_of_what_is_free_says_13_where_only_5_have_a_place() -> None:
    cpu, memory = _free(HEADLINE, "cpu"), _free(HEADLINE, "memory")
    assert (str(cpu), memory) == ("6790m", Quantity.parse("21.75Gi"))
    assert min(cpu.milli() // 500, memory.units() // 2**30) == 13

    assert capacity_of(HEADLINE, [demand(3, 6)]).workloads[0].requested == Fits(placeable=5)
    assert _line(HEADLINE, demand(3, 6)) == (
        f"capacity: Deployment/web +3 {TIMES} (500m, 1Gi) → fits on existing nodes (5 placeable)"
    )


def test_one_more_than_has_a_place_says_why_each_node_takes_no_more() -> None:
    full = HEADLINE._replace(pools=(pool(4, 4),))

    assert _line(full, demand(3, 9)) == (
        f"capacity: Deployment/web +6 {TIMES} (500m, 1Gi) → does not fit: 5 of 6 placed; "
        "n1 Insufficient cpu, n2 Insufficient cpu, n3 Insufficient memory, n4 Too many pods; pool general at max 4/4"
    )


def test_more_nodes_are_counted_on_up_to_the_maximum_of_the_pool() -> None:
    growing = HEADLINE._replace(pools=(pool(4, 10),))

    assert _line(growing, demand(3, 9)) == (
        f"capacity: Deployment/web +6 {TIMES} (500m, 1Gi) → "
        "fits only after scale-up: 5 of 6 placed, +1 node in pool general (current 4, max 10)"
    )
    assert "+2 nodes in pool general" in _line(growing, demand(3, 17))
    assert capacity_of(growing, [demand(3, 17)]).growth == (Growth("general", 2, 4, 10),)


def test_a_pool_that_grows_to_its_maximum_and_no_further_says_so() -> None:
    growing = HEADLINE._replace(pools=(pool(4, 5),))

    assert _line(growing, demand(3, 30)).endswith("n4 Too many pods; pool general at max 5/5")
    assert "does not fit: 13 of 27 placed" in _line(growing, demand(3, 30))


def test_the_maximum_of_the_hpa_is_told_where_it_stops_in_practice() -> None:
    assert _line(HEADLINE, demand(3, 6, hpa=(4, 12)), scenario="hpaMax") == (
        "capacity: Deployment/web at HPA max 12 → "
        "does not fit (5 of 9 placed); HPA will stop at ~8 in practice with Pending pods"
    )


def test_many_nodes_are_counted_and_not_listed() -> None:
    nodes = [node(f"n{index}", "1", "1Gi", used=("900m", "0", 0)) for index in range(7)]
    tainted = nodes[0]._replace(is_unschedulable=True)

    assert _line(cluster(tainted, *nodes[1:]), demand(0, 1)).endswith(
        "0 of 1 placed; of 7 nodes 6 Insufficient cpu, 1 node(s) were unschedulable"
    )
    assert _line(cluster(tainted), demand(0, 1)).endswith("0 of 1 placed; n0 unschedulable")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (_line(HEADLINE, demand(None, 6)), "the number of running replicas is unknown"),
        (_line(HEADLINE, demand(3, 6)._replace(pod_after=None)), "the containers of the workload are unknown"),
    ],
)
def test_what_could_not_be_checked_says_unknown_and_why(line: str, reason: str) -> None:
    assert line == f"capacity: Deployment/web → unknown: {reason}"


def test_a_pod_without_requests_is_unknown_while_there_is_room_for_so_many_pods() -> None:
    nothing = Pod((container(),))
    small = cluster(node("n1", "8", "8Gi", pods=2))

    assert _requested(small, demand(0, 2, new=nothing)) == {"web": "unknown"}
    assert _line(small, demand(0, 2, new=nothing)).endswith("→ unknown: workload has no requests")
    assert _requested(small, demand(0, 3, new=nothing)) == {"web": "does_not_fit"}


def test_required_affinity_that_is_not_followed_is_never_a_yes() -> None:
    apart = pod(scheduling=Scheduling(unmodelled=("podAffinity", "podAntiAffinity")))
    capacity = cluster(node("n1", "1", "4Gi"))

    assert _line(capacity, demand(0, 2, new=apart)).endswith(
        "→ unknown: it has required pod affinity and required pod anti-affinity, which is not modelled"
    )
    assert _requested(capacity, demand(0, 3, new=apart)) == {"web": "does_not_fit"}
    assert _requested(capacity, demand(2, 2, new=apart)) == {"web": "fits"}
    assert _requested(capacity, demand(0, 2, new=apart), demand(0, 1, name="zoo")) == {
        "web": "unknown",
        "zoo": "fits_depending_on_order",
    }


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        ("2025-01-16T03:00:00Z", None),
        ("2025-01-16T03:00:01Z", "the snapshot is over 24h old"),
        ("2025-01-24T04:00:00Z", "the snapshot is over 24h old"),
        ("2025-01-15T02:00:00Z", None),
    ],
)
def test_a_snapshot_that_is_too_old_is_not_judged_by(as_of: str, reason: str | None) -> None:
    assert staleness(HEADLINE.captured_at, Freshness(datetime.fromisoformat(as_of))) == (
        Unknown(reason) if reason else None
    )


def test_a_pod_may_run_where_an_empty_node_has_room_or_a_pool_could_add_one() -> None:
    small = node("n1", "1", "4Gi")._replace(pool="small")
    full = node("n2", "4", "8Gi", used=("4", "8Gi", 3))._replace(pool="full")
    loose = node("n3", "4", "8Gi")._replace(pool=None)
    pools = (pool(0, 1, name="spot"), pool(1, 1, name="done"), pool(0, 5, cpu="1", name="tiny"))

    found = pools_of(empty_capacities(cluster(small, full, loose, pools=pools)), Scheduling(), pod_size(pod("2")))

    assert found == (None, "full", "spot")


# --- scenarios


def test_plans_that_fit_alone_and_not_together_depend_on_the_order() -> None:
    capacity = cluster(node("n1", "2", "8Gi"))
    web, api = demand(0, 3), demand(0, 3, name="api")

    assert (_requested(capacity, web), _requested(capacity, api)) == ({"web": "fits"}, {"api": "fits"})
    assert _requested(capacity, web, api) == {"api": "fits_depending_on_order", "web": "fits_depending_on_order"}
    assert _line(capacity, web, api) == (
        f"capacity: Deployment/web +3 {TIMES} (500m, 1Gi) → "
        "fits depending on the order in which pods are scheduled: 1 of 3 placed in the worst"
    )


def test_an_autoscaler_takes_no_place_from_pods_that_have_one() -> None:
    capacity = cluster(node("n1", "4", "16Gi"))
    plans = [demand(1, 1, hpa=(1, 8)), demand(0, 3, name="api", new=pod("400m"))]

    api, web = capacity_of(capacity, plans).workloads

    assert {name: status(one.verdict) for name, one in api.scenarios.items()} == dict.fromkeys(api.scenarios, "fits")
    assert status(web.scenarios["hpaMax"].verdict) == "does_not_fit"


def test_all_autoscalers_are_at_their_maximum_together() -> None:
    capacity = cluster(node("n1", "4", "16Gi"))
    alone = capacity_of(capacity, [demand(1, 1, hpa=(1, 8))])
    both = capacity_of(capacity, [demand(1, 1, hpa=(1, 8)), demand(1, 1, name="api", hpa=(1, 8))])

    assert [status(one.scenarios["hpaMax"].verdict) for one in alone.workloads] == ["fits"]
    assert [status(one.scenarios["hpaMax"].verdict) for one in both.workloads] == ["fits_depending_on_order"] * 2


@pytest.mark.parametrize(
    ("asked", "counts"),
    [(6, (6, 4, 12)), (2, (4, 4, 12)), (15, (12, 4, 12)), (0, (0, 0, 0)), (None, (4, 4, 12))],
)
def test_replicas_are_what_the_hpa_makes_of_them_and_0_turns_it_off(
    asked: int | None, counts: tuple[int, int, int]
) -> None:
    (found,) = capacity_of(HEADLINE, [demand(3, asked, hpa=(4, 12))]).workloads

    scenarios: tuple[Scenario, ...] = ("requested", "hpaMin", "hpaMax")
    assert tuple(found.scenarios[scenario].replicas for scenario in scenarios) == counts


@pytest.mark.parametrize(("before", "asked", "counts"), [(0, None, (0, 0, 12)), (0, 6, (6, 0, 12)), (3, 0, (0, 0, 12))])
def test_keda_starts_pods_from_0(before: int, asked: int | None, counts: tuple[int, int, int]) -> None:
    """A queue that was empty when the cluster was captured fills one day: then the maximum has to have a place."""
    keda = Bounds(0, 12, starts_from_zero=True)

    (found,) = capacity_of(HEADLINE, [demand(before, asked, old=pod())._replace(bounds=keda)]).workloads

    scenarios: tuple[Scenario, ...] = ("requested", "hpaMin", "hpaMax")
    assert tuple(found.scenarios[scenario].replicas for scenario in scenarios) == counts


def test_without_an_autoscaler_and_without_a_restart_there_is_one_scenario() -> None:
    assert set(capacity_of(HEADLINE, [demand(3, 6)]).workloads[0].scenarios) == {"requested"}


_FULL = cluster(node("n1", "3", "6Gi", used=("3", "6Gi", 6)))


def test_a_restart_gives_back_what_runs_only_where_it_may_stop_pods_first() -> None:
    smaller = demand(6, 6, old=pod("500m"), new=pod("400m"), placement=(("n1", 6),))
    stuck = smaller._replace(strategy=Strategy(max_unavailable="0"))

    assert capacity_of(_FULL, [smaller]).workloads[0].requested == Fits(placeable=6)
    assert _line(_FULL, stuck) == (
        f"capacity: Deployment/web 6 {TIMES} (400m, 1Gi) → "
        "does not fit (rollout stalls): 0 of 6 placed; n1 Insufficient cpu and Insufficient memory"
    )
    surge = capacity_of(_FULL, [stuck]).workloads[0].scenarios["surge"]
    assert (surge.added, status(surge.verdict)) == (2, "does_not_fit")
    assert _line(_FULL, stuck, scenario="surge") == (
        f"capacity: Deployment/web during rollout +2 {TIMES} (400m, 1Gi) → "
        "does not fit: 0 of 2 placed; n1 Insufficient cpu and Insufficient memory"
    )


@pytest.mark.parametrize(
    ("replicas", "strategy", "new", "needed"),
    [
        (6, Strategy(), pod("400m"), 0),
        (6, Strategy(max_surge="0", max_unavailable="0"), pod("400m"), 0),
        (6, Strategy(max_unavailable="0"), pod("400m"), 2),
        (3, Strategy(), pod("400m"), 1),
        (6, Strategy(), pod("400m", "1025Mi"), 2),
        (6, Strategy(), Pod((container(requests=amounts(cpu="400m"), limits=amounts(cpu="1")),)), 0),
    ],
    ids=["it may stop one first", "it has to", "it may not", "a quarter of 3 is none", "larger", "with a limit"],
)
def test_an_update_needs_no_further_pods_where_one_that_it_may_stop_leaves_room(
    replicas: int, strategy: Strategy, new: Pod, needed: int
) -> None:
    changed = demand(replicas, replicas, old=pod("500m"), new=new, placement=(("n1", replicas),), strategy=strategy)

    scenarios = capacity_of(_FULL, [changed]).workloads[0].scenarios

    assert (scenarios["surge"].added if "surge" in scenarios else 0) == needed


def test_what_nobody_knows_the_place_of_is_not_given_back() -> None:
    unplaced = demand(
        6, 6, old=pod("500m"), new=pod("400m"), placement=(("n1", 2),), strategy=Strategy(type="Recreate")
    )

    (found,) = capacity_of(_FULL, [unplaced]).workloads

    assert isinstance(found.requested, DoesNotFit)
    assert found.requested.placed == 2


@pytest.mark.parametrize("strategy", [Strategy("Recreate"), Strategy(max_surge="0")])
def test_an_update_without_surge_has_no_such_scenario(strategy: Strategy) -> None:
    changed = demand(6, 6, old=pod("500m"), new=pod("400m"), placement=(("n1", 6),), strategy=strategy)

    assert "surge" not in capacity_of(_FULL, [changed]).workloads[0].scenarios


def test_the_gauges_of_a_kind_that_replaces_no_pod_show_the_old_ones_go() -> None:
    fewer = demand(3, 2, kind="ReplicaSet", old=pod("500m"), new=pod("1"), placement=(("n1", 3),))
    (load,) = [one.load for one in capacity_of(_FULL, [fewer]).workloads]
    assert load

    cpu = next(gauge for gauge in node_gauges(fill_of(_FULL), [load]) if gauge.resource == "cpu")

    assert (str(cpu.before), str(cpu.after)) == ("3", "2500m")


def test_what_one_workload_gives_back_another_may_have() -> None:
    less = demand(6, 3, name="api", placement=(("n1", 6),))

    assert _requested(_FULL, less, demand(0, 3)) == {"api": "fits", "web": "fits"}
    assert _requested(_FULL, less, demand(0, 4)) == {"api": "fits", "web": "does_not_fit"}
    assert _requested(_FULL, less._replace(after=0), demand(0, 4)) == {"api": "fits", "web": "fits"}


def test_one_pod_that_no_node_could_ever_hold_is_told_apart() -> None:
    (large,) = capacity_of(HEADLINE._replace(pools=(pool(4, 9),)), [demand(0, 1, new=pod("5"))]).workloads
    (full,) = capacity_of(HEADLINE, [demand(0, 9)]).workloads

    assert isinstance(large.requested, DoesNotFit)
    assert isinstance(full.requested, DoesNotFit)
    assert (large.requested.is_too_large, full.requested.is_too_large) == (True, False)


def test_limit_ranges_make_the_pod_larger_before_it_is_packed() -> None:
    limits = (LimitRange("r", (Limit("Container", default_request=amounts(cpu="1"), maximum=amounts(memory="1Gi")),)),)
    snapshot = cluster(node("n1", "2", "8Gi"))._replace(namespaces=(NamespaceState("assistant", (), limits),))
    bare = Pod((container(requests=amounts(memory="2Gi")),))

    (found,) = capacity_of(snapshot, [demand(0, 3, new=bare)]).workloads

    assert dict(found.size)["cpu"] == 1000
    assert status(found.requested) == "does_not_fit"
    assert [fault.text for fault in found.limit_faults] == [
        "maximum memory usage per Container is 1Gi, but request is 2Gi"
    ]


def test_required_anti_affinity_needs_a_node_for_every_pod_also_for_the_surge() -> None:
    alone = Scheduling(is_alone_on_host=True)
    three = cluster(*(node(id, "4", "16Gi") for id in ("n1", "n2", "n3")))
    placement = (("n1", 1), ("n2", 1), ("n3", 1))
    changed = demand(3, 3, old=pod(scheduling=alone), new=pod("600m", scheduling=alone), placement=placement)

    (found,) = capacity_of(three, [changed]).workloads
    assert isinstance(found.requested, DoesNotFit)
    assert found.requested.cause == "rollout"
    stops_first = changed._replace(strategy=Strategy(max_unavailable="1"))
    assert capacity_of(three, [stops_first]).workloads[0].requested == Fits(3)
    assert _line(three, demand(3, 4, new=pod(scheduling=alone), placement=placement)).endswith(
        "0 of 1 placed; n1 didn't match pod anti-affinity rules, n2 didn't match pod anti-affinity rules, "
        "n3 didn't match pod anti-affinity rules"
    )


# --- DaemonSets


def test_a_daemonset_that_grows_has_to_fit_on_every_node() -> None:
    nodes = cluster(node("n1", "1", "1Gi", used=("600m", "0", 2)), node("n2", "1", "1Gi", used=("900m", "0", 2)))
    agent = demand(None, None, kind="DaemonSet", new=pod("200m", "0"), placement=(("n1", 1), ("n2", 1)))._replace(
        pod_before=pod("50m", "0")
    )

    (found,) = capacity_of(nodes, [agent]).workloads

    assert isinstance(found.requested, DoesNotFit)
    assert (found.requested.placed, found.requested.wanted) == (1, 2)


def test_a_daemonset_runs_on_cordoned_nodes_and_on_those_that_pools_add() -> None:
    agent = demand(None, None, kind="DaemonSet", name="agent", new=pod("3", "0"))._replace(pod_before=None)
    cordoned = node("n1", "4", "8Gi")._replace(is_unschedulable=True)
    snapshot = cluster(cordoned, pools=(pool(1, 3, "4", "8Gi"),))

    assert _requested(snapshot, agent, demand(0, 2)) == {"agent": "fits", "web": "fits_after_scaleup"}
    assert _requested(snapshot, agent, demand(0, 5)) == {"agent": "fits", "web": "does_not_fit"}
    assert _requested(snapshot, demand(0, 5)) == {"web": "fits_after_scaleup"}


# --- from what is live


_LIVE = LiveWorkload(ref(), 3, pod(), placement=(("n1", 3),), hpa=LiveAutoscaler("web", 2, 8))


def test_a_demand_comes_from_what_is_live_and_what_changes() -> None:
    change = PlannedChange(replicas=6, requests=Resources(Quantity.parse("1"), None))

    found = demand_of(_LIVE, change)

    assert (found.before, found.after, found.bounds, found.placement) == (3, 6, Bounds(2, 8), (("n1", 3),))
    assert found.pod_after is not None
    assert found.pod_after.containers[0].requests == amounts(cpu="1", memory="1Gi")


def test_among_several_containers_one_has_to_be_named() -> None:
    two = Pod((container("app"), container("log")))
    new = Resources(Quantity.parse("1"), None)

    assert resized(two, None, new, None) is None
    assert resized(two, "web", new, None) is None
    assert resized(two, None, None, None) == two
    changed = resized(two, "log", new, new)
    assert changed is not None
    assert [one.limits for one in changed.containers] == [(), amounts(cpu="1")]


# --- properties of the whole


_NODE = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, 6))
_SCHEDULING = st.sampled_from([Scheduling(), Scheduling(is_alone_on_host=True)])
_SPREAD = Scheduling(spread=(Spread("kubernetes.io/hostname", 1),))


def _snapshot(nodes: list[tuple[int, int, int]], maximum: int) -> ClusterSnapshot:
    named = (node(f"n{i}", str(cpu), f"{memory}Gi", pods=pods) for i, (cpu, memory, pods) in enumerate(nodes))
    return cluster(*named, pools=(pool(0, maximum, "3", "3Gi"),))


@st.composite
def _demands(
    draw: st.DrawFn, scheduling: st.SearchStrategy[Scheduling] = _SCHEDULING, names: tuple[str, ...] = tuple("abcd")
) -> list[Demand]:
    names = tuple(draw(st.lists(st.sampled_from(names), min_size=1, unique=True)))
    return [
        demand(
            0,
            draw(st.integers(0, 3)),
            name=name,
            new=pod(f"{draw(st.integers(0, 9))}00m", f"{draw(st.integers(1, 3))}Gi", draw(scheduling)),
            hpa=draw(st.none() | st.just((1, 4))),
        )
        for name in names
    ]


_RANK = ("does_not_fit", "fits_depending_on_order", "fits_after_scaleup", "fits")


def _worst(capacity: Capacity, scenario: Scenario) -> int:
    """The verdict on everything that is planned; without a scenario of its own it is that of `requested`."""
    found = (one.scenarios.get(scenario, one.scenarios["requested"]).verdict for one in capacity.workloads)
    return min((_RANK.index(status(verdict)) for verdict in found), default=3)


@examples(100)
@given(nodes=st.lists(_NODE, max_size=4), maximum=st.integers(0, 2), demands=_demands(names=("a",)), extra=_NODE)
def test_more_nodes_never_make_the_verdict_on_one_workload_worse(
    nodes: list[tuple[int, int, int]], maximum: int, demands: list[Demand], extra: tuple[int, int, int]
) -> None:
    scenarios: tuple[Scenario, ...] = ("requested", "hpaMin", "hpaMax")
    for scenario in scenarios:
        before = _worst(capacity_of(_snapshot(nodes, maximum), demands), scenario)
        for more, most in (([extra, *nodes], maximum), ([*nodes, extra], maximum), (nodes, maximum + 1)):
            assert _worst(capacity_of(_snapshot(more, most), demands), scenario) >= before


def test_with_a_spread_it_is_kubernetes_that_a_further_node_makes_worse() -> None:
    """A node that has no room is a domain all the same, so the others may have one pod each and no more."""
    spread = demand(0, 4, new=pod("500m", "1Gi", _SPREAD))

    assert _requested(_snapshot([(4, 4, 9), (4, 4, 9)], 0), spread) == {"web": "fits"}
    assert _requested(_snapshot([(4, 4, 9), (4, 4, 9), (0, 0, 0)], 0), spread) == {"web": "does_not_fit"}


def test_a_node_that_a_pool_could_add_is_no_domain_for_a_pod_that_is_too_large_for_it() -> None:
    """One pod a node more than on the emptiest: an empty domain that takes none would hold up all the others."""
    spread = demand(0, 5, new=pod("1", "1Gi", _SPREAD))
    there = cluster(node("n1", "2", "4Gi"), node("n2", "2", "4Gi"))
    tiny = there._replace(pools=(pool(0, 3, cpu="500m", name="tiny"),))

    assert capacity_of(tiny, [spread]).workloads[0].requested == capacity_of(there, [spread]).workloads[0].requested


def test_a_zone_that_grows_late_holds_up_no_pod_that_has_its_place() -> None:
    zones = Scheduling(spread=(Spread("zone", 1),))
    there = cluster(*(node(f"n{one}", "3", "9Gi")._replace(labels=(("zone", one),)) for one in "ab"))
    template = NodeTemplate(amounts(cpu="1", memory="9Gi", pods="110"), (), (("zone", "c"),), ())
    growing = there._replace(pools=(NodePool("c", 0, 1, 0, template),))

    found = capacity_of(growing, [demand(0, 7, new=pod("1", "1Gi", zones))]).workloads[0].requested

    # With a third zone from the start, two each would be the most for the others. The autoscaler adds it for the
    # seventh pod, when the others have three each.
    assert found == FitsAfterScaleup(6, 7, (Growth("c", 1, 0, 1),))


def test_spreading_ends_and_says_that_it_was_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placement, "SPREAD_STEPS", 20)
    small = cluster(*(node(f"n{number}", "64", "64Gi") for number in range(4)))
    several = [demand(0, 40, new=pod("100m", "1Gi", _SPREAD)), demand(0, 1, name="api"), demand(2, 2, name="idle")]

    found = {one.ref.name: one.requested for one in capacity_of(small, several).workloads}

    assert found["web"] == found["api"] == Unknown("too many pods with spread constraints to be judged")
    assert status(found["idle"]) == "fits"


@examples(25)
@given(nodes=st.lists(_NODE, max_size=4), demands=_demands(_SCHEDULING | st.just(_SPREAD)), data=st.data())
def test_the_order_of_workloads_and_of_nodes_does_not_matter(
    nodes: list[tuple[int, int, int]], demands: list[Demand], data: st.DataObject
) -> None:
    snapshot = _snapshot(nodes, 1)
    shuffled = snapshot._replace(nodes=tuple(data.draw(st.permutations(snapshot.nodes))))

    expected = capacity_of(snapshot, demands)._replace(snapshot=shuffled)
    assert capacity_of(shuffled, data.draw(st.permutations(demands))) == expected
    assert _lines(expected)


@examples(60)
@given(nodes=st.lists(_NODE, max_size=4), demands=_demands(_SCHEDULING | st.just(_SPREAD)))
def test_every_verdict_accounts_for_every_pod(nodes: list[tuple[int, int, int]], demands: list[Demand]) -> None:
    for one in capacity_of(_snapshot(nodes, 1), demands).workloads:
        for outcome in one.scenarios.values():
            match outcome.verdict:
                case Fits(placeable):
                    assert placeable >= outcome.added
                case FitsAfterScaleup(placed, wanted, growth):
                    assert placed < wanted == outcome.added
                    assert growth
                case DoesNotFit(placed, wanted, shortages, _, _, _):
                    assert placed < wanted == outcome.added
                    assert sum(len(shortage.nodes) for shortage in shortages) == len(nodes)
                case FitsDependingOnOrder(placed, wanted):
                    assert placed < wanted == outcome.added
                case _:
                    pass


def test_what_keeps_pods_out_is_worked_out_once_for_all_that_are_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cluster that is full refuses hundreds of workloads, and has hundreds of nodes and DaemonSets to look at."""
    reasons, templates = Mock(wraps=shortages_of), Mock(wraps=template_capacity)
    monkeypatch.setattr(outcomes, "shortages_of", reasons)
    monkeypatch.setattr(judging, "template_capacity", templates)
    full = cluster(node("n1", "4", "12Gi"), pools=(pool(1, 1),))
    plans = [demand(1, 99, name=f"web-{number}") for number in range(40)]

    found = capacity_of(full, plans).workloads

    refused = [one.requested for one in found if isinstance(one.requested, DoesNotFit)]
    assert len(refused) == 40
    assert {one.exhausted for one in refused} == {(Growth("general", 0, 1, 1),)}
    assert reasons.call_count == 1
    assert templates.call_count == 1
