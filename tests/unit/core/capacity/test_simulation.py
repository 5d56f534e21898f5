"""What controllers, quotas and the scheduler do with a plan, step by step."""

from collections.abc import Mapping

import pytest

from infra_scale.core.capacity import combined_verdict as outcomes
from infra_scale.core.capacity.demand import Demand, PlannedChange, demand_of
from infra_scale.core.capacity.scenarios import capacity_of
from infra_scale.model.capacity import WorkloadCapacity
from infra_scale.model.pod import Apart, Pod, PodContainer, Scheduling, Spread, Taint
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.snapshot import (
    ClusterSnapshot,
    Limit,
    LimitRange,
    LiveWorkload,
    NamespaceState,
    Node,
    Quota,
    Strategy,
    Waiting,
)
from infra_scale.model.verdict import DoesNotFit, Unknown, status
from support.capacity import amounts, cluster, container, demand, node, pod, pool, ref

_HOST, _ZONE = "kubernetes.io/hostname", "zone"


def _pod(cpu: str, scheduling: Scheduling | None = None) -> Pod:
    return pod(cpu, "128Mi", scheduling)


def _limited(cpu: str) -> Pod:
    """A pod with a limit that a larger request exceeds."""
    return Pod((container(requests=amounts(cpu=cpu), limits=amounts(cpu=cpu)),))


def _live(
    name: str,
    size: Pod,
    placement: Mapping[str, int],
    *,
    kind: str = "Deployment",
    pending: int = 0,
    missing: int = 0,
    strategy: Strategy | None = None,
) -> LiveWorkload:
    """A workload with some pods on nodes, some that wait, and some that were never created."""
    scheduled = sum(placement.values())
    return LiveWorkload(
        ref(name, kind),
        scheduled + pending + missing,
        size,
        strategy or Strategy(),
        tuple(placement.items()),
        existing=scheduled + pending,
        scheduled=scheduled,
    )


def _nodes(*live: LiveWorkload, cpu: int = 4, count: int = 1, **labels: str) -> tuple[Node, ...]:
    """Nodes n1, n2 and so on with as much requested as the pods of these workloads request."""
    made = []
    for number in range(1, count + 1):
        there = [one for one in live for id, pods in one.placement if id == f"n{number}" for _ in range(pods)]
        used = sum(dict(one.pod.containers[0].requests)["cpu"].milli() for one in there)
        made.append(node(f"n{number}", str(cpu), "64Gi", used=(f"{used}m", "0", len(there))))
    return tuple(one._replace(labels=tuple(sorted(labels.items()))) for one in made)


def _cluster(*live: LiveWorkload, cpu: int = 4, count: int = 1, quotas: tuple[Quota, ...] = ()) -> ClusterSnapshot:
    return cluster(*_nodes(*live, cpu=cpu, count=count))._replace(
        workloads=live, namespaces=(NamespaceState("assistant", quotas),)
    )


def _asked(live: LiveWorkload, replicas: int | None = None, cpu: str | None = None) -> Demand:
    return demand_of(live, PlannedChange(replicas, requests=Resources(Quantity.parse(cpu), None) if cpu else None))


def _found(snapshot: ClusterSnapshot, *demands: Demand) -> dict[str, WorkloadCapacity]:
    return {one.ref.name: one for one in capacity_of(snapshot, demands).workloads}


def _statuses(snapshot: ClusterSnapshot, *demands: Demand) -> dict[str, str]:
    return {name: status(one.requested) for name, one in _found(snapshot, *demands).items()}


def _verdict(snapshot: ClusterSnapshot, asked: Demand) -> object:
    return _found(snapshot, asked)[asked.ref.name].requested


# --- rollouts


@pytest.mark.parametrize(
    ("before", "old", "after", "new", "strategy", "placed"),
    [
        (2, "2", 6, "500m", Strategy(), 0),
        (2, "2", 6, "500m", Strategy("Recreate"), 6),
        (2, "2", 6, "500m", Strategy(max_unavailable="50%"), 0),
        (2, "2", 2, "500m", Strategy(max_unavailable="1"), 2),
        (2, "2", 2, "500m", Strategy(), 0),
        (4, "1", 3, "1200m", Strategy(), 0),
        (4, "1", 3, "1200m", Strategy(max_unavailable="2"), 3),
        (4, "1", 3, "1", Strategy(), 3),
        (4, "1", 4, "900m", Strategy(), 4),
        (4, "1", 4, "900m", Strategy(max_unavailable="0"), 0),
        (1, "3", 1, "2", Strategy(max_surge="2", max_unavailable="0"), 0),
        (1, "3", 1, "1", Strategy(max_surge="2", max_unavailable="0"), 1),
    ],
)
def test_a_rolling_update_ends_only_where_it_may_stop_enough_pods_first(  # noqa: PLR0917 (pytest gives them by name)
    before: int, old: str, after: int, new: str, strategy: Strategy, placed: int
) -> None:
    """One node of 4 cores. Scaled out, a Deployment scales its old ReplicaSet before it starts new pods."""
    web = _live("web", _pod(old), {"n1": before}, strategy=strategy)

    verdict = _verdict(_cluster(web), _asked(web, after, new))

    if placed == after:
        assert status(verdict) == "fits"  # type: ignore[arg-type]
    else:
        assert isinstance(verdict, DoesNotFit)
        assert (verdict.placed, verdict.wanted, verdict.cause) == (placed, after, "rollout")


@pytest.mark.parametrize(
    ("new", "partition", "expected"),
    [("900m", None, "fits"), ("1100m", None, "does_not_fit"), ("1100m", 4, "fits"), ("1100m", 3, "does_not_fit")],
)
def test_a_stateful_set_replaces_one_pod_after_another_down_to_its_partition(
    new: str, partition: int | None, expected: str
) -> None:
    db = _live("db", _pod("1"), {"n1": 4}, kind="StatefulSet", strategy=Strategy(partition=partition))

    assert _statuses(_cluster(db), _asked(db, cpu=new)) == {"db": expected}


def test_a_stateful_set_waits_for_a_pod_that_has_no_node_also_with_smaller_ones() -> None:
    """In order, nothing is replaced while a pod is not ready; Parallel does not wait for it to be created."""
    db = _live("db", _pod("1"), {"n1": 4}, kind="StatefulSet", pending=1)
    parallel = db._replace(is_parallel=True)

    assert _statuses(_cluster(db), _asked(db, cpu="500m")) == {"db": "does_not_fit"}
    assert _statuses(_cluster(parallel), _asked(parallel, cpu="500m")) == {"db": "does_not_fit"}
    assert _statuses(_cluster(db), _asked(db, 4, "500m")) == {"db": "fits"}


def test_a_parallel_stateful_set_replaces_a_pod_that_waits_only_before_1_35() -> None:
    """Since then it counts as unavailable, and nothing is replaced while too many are."""
    db = _live("db", _pod("3"), {"n1": 1}, kind="StatefulSet", pending=1)._replace(is_parallel=True)
    snapshot = _cluster(db)

    def smaller(version: str | None) -> str:
        return _statuses(snapshot._replace(kubernetes_version=version), _asked(db, 2, "1"))["db"]

    assert (smaller("v1.34.1"), smaller("v1.35.0")) == ("fits", "does_not_fit")
    assert smaller(None) == "fits_depending_on_order"


def test_a_pod_that_is_deleted_holds_its_room_until_it_has_ended() -> None:
    """A new pod goes where there is room meanwhile, and its place is missing to others in the end."""
    web = _live("web", _pod("3"), {"n1": 1}, strategy=Strategy(max_surge="0", max_unavailable="1"))
    other = _live("other", _pod("2"), {"n2": 1})
    pinned = _live("pinned", _pod("2", Scheduling(node_selector=(("disk", "ssd"),))), {})
    first, second = _nodes(web, other, count=2)
    nodes = (first, second._replace(labels=(("disk", "ssd"),)))
    snapshot = cluster(*nodes)._replace(workloads=(web, other, pinned))

    assert _statuses(snapshot, _asked(web, 1, "1500m"), _asked(pinned, 1))["pinned"] == "fits_depending_on_order"
    assert _statuses(snapshot, _asked(web, 1, "2500m"), _asked(pinned, 1))["pinned"] == "fits"


def test_more_pods_of_a_stateful_set_are_started_in_order() -> None:
    db = _live("db", _pod("1"), {"n1": 2}, kind="StatefulSet")

    verdict = _verdict(_cluster(db), _asked(db, 6))

    assert isinstance(verdict, DoesNotFit)
    assert (verdict.placed, verdict.wanted) == (2, 4)


def test_a_daemon_set_replaces_its_pods_on_their_nodes() -> None:
    agent = _live("agent", _pod("1"), {"n1": 1, "n2": 1}, kind="DaemonSet")
    other = _live("web", _pod("3"), {"n1": 1})
    snapshot = _cluster(agent, other, count=2)

    assert _statuses(snapshot, _asked(agent, cpu="1")) == {"agent": "fits"}
    assert _statuses(snapshot, _asked(agent, cpu="1100m")) == {"agent": "does_not_fit"}
    surging = agent._replace(strategy=Strategy(max_surge="1", max_unavailable="0"))
    assert _statuses(snapshot, _asked(surging, cpu="500m")) == {"agent": "does_not_fit"}


def test_pods_that_are_replaced_by_hand_stay_as_they_are() -> None:
    db = _live("db", _pod("1"), {"n1": 4}, kind="StatefulSet", strategy=Strategy("OnDelete"))

    assert _statuses(_cluster(db), _asked(db, cpu="2")) == {"db": "fits"}
    assert _statuses(_cluster(db), _asked(db, 5, "500m")) == {"db": "does_not_fit"}


# --- pods that exist


def test_pods_that_wait_do_not_run() -> None:
    web = _live("web", _pod("1"), {"n1": 4, "n2": 4}, pending=4)
    snapshot = _cluster(web, count=2)

    verdict = _verdict(snapshot, _asked(web, 10))

    assert isinstance(verdict, DoesNotFit)
    assert (verdict.placed, verdict.wanted) == (0, 2)
    assert _statuses(snapshot, _asked(web, 8)) == {"web": "fits"}


def _quota(**hard: str) -> Quota:
    return Quota("compute", amounts(**hard), ())


def test_a_quota_counts_the_pods_that_exist() -> None:
    web = _live("web", _pod("1"), {"n1": 1}, missing=3)
    quota = _quota(requests_cpu="3")._replace(used=amounts(requests_cpu="1"))
    found = _found(_cluster(web, quotas=(quota,)), _asked(web, 4))["web"]

    assert isinstance(found.requested, DoesNotFit)
    assert (found.requested.placed, found.requested.wanted, found.requested.cause) == (2, 3, "quota")
    assert found.max_replicas == 3


def test_pods_that_were_never_created_use_no_quota() -> None:
    """None of the old ones could be, because they leave out what a quota counts."""
    bare = Pod((container(requests=amounts(cpu="1")),))
    web = _live("web", bare, {}, missing=2)
    quotas = (_quota(requests_cpu="2"), _quota(requests_memory="10Gi")._replace(name="memory"))
    change = PlannedChange(3, requests=Resources(Quantity.parse("1"), Quantity.parse("128Mi")))

    found = _found(_cluster(web, quotas=quotas), demand_of(web, change))["web"]

    assert [fault.text for fault in found.quota_faults] == [
        "ResourceQuota compute: requests.cpu used 0 + requested 3 > hard 2; at most 2 replicas fit."
    ]


def test_a_rollout_that_a_quota_holds_up_on_the_way_has_no_end() -> None:
    """Eight pods of 128Mi are the whole quota; the two old ones of 320Mi still count when the new ones start."""
    web = _live("web", pod("100m", "320Mi"), {"n1": 2}, strategy=Strategy(max_surge="0", max_unavailable="1"))
    quota = Quota("memory", amounts(memory="1Gi"), amounts(memory="640Mi"))
    change = PlannedChange(8, requests=Resources(Quantity.parse("100m"), Quantity.parse("128Mi")))

    found = _found(_cluster(web, quotas=(quota,)), demand_of(web, change))["web"]

    assert isinstance(found.requested, DoesNotFit)
    assert (found.requested.cause, found.requested.quota) == ("quota", "memory")
    assert [fault.text for fault in found.quota_faults] == [
        "ResourceQuota memory: memory > hard 1Gi during rollout; the rollout of Deployment/web stalls."
    ]


def _late(used: str, hard: str = "4") -> tuple[LiveWorkload, ClusterSnapshot]:
    """Three pods of 4, without limits where the quota says so: the LimitRange that would give them some came later."""
    web = _live("web", _pod("1"), {"n1": 3}, strategy=Strategy("Recreate"))
    quota = Quota("limits", amounts(limits_cpu=hard), amounts(limits_cpu=used))
    namespace = NamespaceState(
        "assistant", (quota,), (LimitRange("lr", (Limit("Container", default=amounts(cpu="2")),)),)
    )
    return web, _cluster(web)._replace(namespaces=(namespace,))


@pytest.mark.parametrize("used", ["0", "4"])
def test_pods_that_a_quota_does_not_count_leave_it_no_room_when_they_go(used: str) -> None:
    web, snapshot = _late(used)

    assert _statuses(snapshot, _asked(web, 2, "500m")) == {"web": "fits"}
    assert _statuses(snapshot, _asked(web, 3, "500m")) == {"web": "does_not_fit"}


@pytest.mark.parametrize(("used", "expected"), [("6", "fits"), ("4", "fits_depending_on_order"), ("0", "fits")])
def test_which_pods_a_quota_counts_is_unknown_where_it_counts_some(used: str, expected: str) -> None:
    web, snapshot = _late(used, hard="6" if used == "6" else "4")
    api = _live("api", _pod("500m"), {})
    both = snapshot._replace(workloads=(web, api))

    assert _statuses(both, _asked(web, 2), _asked(api, 1))["api"] == expected


def test_pods_from_before_a_limit_range_leave_only_the_room_that_they_take() -> None:
    """A Deployment is scaled first: the last old pod has the default request, which is a whole node."""
    web = _live("web", Pod((container(),)), {"n1": 1, "n2": 1})
    ranges = (LimitRange("lr", (Limit("Container", default_request=amounts(cpu="4")),)),)
    snapshot = cluster(*_nodes(count=2))._replace(
        workloads=(web,), namespaces=(NamespaceState("assistant", (), ranges),)
    )

    assert _statuses(snapshot, _asked(web, 3, "1")) == {"web": "fits"}
    assert _statuses(snapshot, _asked(web, 3, "2")) == {"web": "fits_depending_on_order"}


def test_where_a_snapshot_does_not_tell_how_many_pods_run_both_are_judged() -> None:
    web = _live("web", _pod("1"), {"n1": 1})._replace(replicas=3, existing=None, scheduled=None)
    snapshot = _cluster(web)

    assert _statuses(snapshot, _asked(web, 4)) == {"web": "fits"}
    assert _verdict(snapshot, _asked(web, 6)) == Unknown(
        "the snapshot does not show how many of its pods run: capture the cluster again"
    )
    assert _statuses(snapshot, _asked(web, 7)) == {"web": "does_not_fit"}


# --- admission


@pytest.mark.parametrize(
    ("size", "limit"),
    [
        (_pod("1"), Limit("Container", default=amounts(cpu="500m"))),
        (_pod("1"), Limit("Container", maximum=amounts(cpu="500m"))),
        (Pod((container(requests=amounts(cpu="1")),), requests=amounts(cpu="500m")), Limit("Container")),
        (Pod((container(limits=amounts(cpu="2")),), limits=amounts(cpu="1")), Limit("Container")),
    ],
    ids=["default limit below the request", "maximum", "containers above the pod", "limit above the pod"],
)
def test_pods_that_the_api_server_refuses_never_fit(size: Pod, limit: Limit) -> None:
    web = _live("web", size, {})
    snapshot = _cluster(web)._replace(namespaces=(NamespaceState("assistant", (), (LimitRange("lr", (limit,)),)),))

    verdict = _verdict(snapshot, _asked(web, 3))

    assert isinstance(verdict, DoesNotFit)
    assert (verdict.placed, verdict.cause) == (0, "refused")


@pytest.mark.parametrize(
    ("kind", "size", "suspended"),
    [
        ("Deployment", Pod((container(requests=amounts(cpu="1")),), requests=amounts(cpu="1500m")), False),
        ("Deployment", Pod((container(requests=amounts(cpu="1"), limits=amounts(cpu="1500m")),)), False),
        ("StatefulSet", Pod((container(requests=amounts(cpu="1")),), requests=amounts(cpu="1500m")), False),
        ("ReplicaSet", Pod((container(requests=amounts(cpu="1"), limits=amounts(cpu="1500m")),)), False),
        ("Job", _pod("1"), False),
    ],
    ids=["above its pod", "above its limit", "StatefulSet", "ReplicaSet", "immutable Job"],
)
def test_an_object_that_the_api_server_refuses_keeps_its_count_too(kind: str, size: Pod, *, suspended: bool) -> None:
    old, web = _live("old", size, {"n1": 3}, kind=kind), _live("web", _pod("1"), {})
    old = old._replace(is_suspended=suspended)
    snapshot = _cluster(old, web)

    plan = (_asked(old, 1, "2"), _asked(web, 2))
    assert _statuses(snapshot, *plan) == {"old": "does_not_fit", "web": "does_not_fit"}
    assert _statuses(snapshot, _asked(old, 1), _asked(web, 2)) == {"old": "fits", "web": "fits"}
    assert _statuses(snapshot, _asked(old, 1, "2"), _asked(web, 1)) == {"old": "does_not_fit", "web": "fits"}


def test_an_object_that_the_api_server_refuses_takes_no_quota_from_others() -> None:
    old, web = _live("old", _limited("1"), {"n1": 1}), _live("web", _pod("1"), {})
    quota = Quota("compute", amounts(cpu="2"), amounts(cpu="1"))
    snapshot = _cluster(old, web, cpu=16, quotas=(quota,))

    plan = (_asked(old, 4, "2"), _asked(web, 1))
    assert _statuses(snapshot, *plan) == {"old": "does_not_fit", "web": "fits"}
    assert _found(snapshot, *plan)["web"].quota_faults == ()


def test_a_template_that_only_a_limit_range_spoils_is_accepted_and_its_pods_are_not() -> None:
    """The object changes, so that its count does."""
    old, web = _live("old", _pod("1"), {"n1": 3}), _live("web", _pod("1"), {})
    limits = (LimitRange("lr", (Limit("Container", default=amounts(cpu="1500m")),)),)
    snapshot = _cluster(old, web)._replace(namespaces=(NamespaceState("assistant", (), limits),))

    plan = (_asked(old, 1, "2"), _asked(web, 2))
    assert _statuses(snapshot, *plan) == {"old": "does_not_fit", "web": "fits"}


def test_the_resources_of_a_suspended_job_change_since_1_36() -> None:
    old = _live("old", _pod("1"), {}, kind="Job")._replace(replicas=1, is_suspended=True)
    snapshot = _cluster(old)

    def resumed(version: str) -> str:
        asked = demand_of(old, PlannedChange(1, requests=Resources(Quantity.parse("2"), None)))
        return _statuses(snapshot._replace(kubernetes_version=version), asked._replace(before=0))["old"]

    assert (resumed("v1.36.2"), resumed("v1.35.9")) == ("fits", "does_not_fit")


# --- other workloads


def test_one_down_and_one_up() -> None:
    old, web = _live("old", _pod("500m"), {"n1": 3, "n2": 3}), _live("web", _pod("500m"), {"n1": 1})
    snapshot = _cluster(old, web, cpu=2, count=2)

    assert _statuses(snapshot, _asked(old, 1), _asked(web, 7)) == {"old": "fits", "web": "fits"}
    assert _statuses(snapshot, _asked(old, 1), _asked(web, 8)) == {"old": "fits", "web": "does_not_fit"}
    assert _statuses(snapshot, _asked(web, 7)) == {"web": "does_not_fit"}


def test_a_rollout_that_stalls_frees_nothing_for_others() -> None:
    """In the end there would be room for both."""
    api = _live("api", _pod("2"), {"n1": 2}, strategy=Strategy(max_surge="1", max_unavailable="0"))
    web = _live("web", _pod("1"), {})

    found = _statuses(_cluster(api, web), _asked(api, cpu="1"), _asked(web, 1))
    assert found == {"api": "does_not_fit", "web": "does_not_fit"}


def test_room_that_becomes_free_may_go_to_pods_of_others_that_wait() -> None:
    old, web = _live("old", _pod("1"), {"n1": 4}), _live("web", _pod("1"), {})
    waiting = _live("api", _pod("1"), {}, pending=1)
    snapshot, crowded = _cluster(old, web), _cluster(old, web, waiting)
    elsewhere = snapshot._replace(waiting=(Waiting(1, Pod((PodContainer("pod", amounts(cpu="1")),))),))

    plan = (_asked(old, 2), _asked(web, 2))
    assert _statuses(snapshot, *plan) == {"old": "fits", "web": "fits"}
    assert _statuses(crowded, *plan) == {"old": "fits", "web": "fits_depending_on_order"}
    assert _statuses(elsewhere, *plan) == {"old": "fits", "web": "fits_depending_on_order"}
    assert _statuses(crowded, _asked(old, 2), _asked(web, 1)) == {"old": "fits", "web": "fits"}


def test_small_pods_on_every_node_can_leave_no_room_for_a_large_one() -> None:
    small, large = _live("small", _pod("500m"), {}), _live("large", _pod("4"), {})
    snapshot = _cluster(small, large, count=2)

    plan = (_asked(small, 4), _asked(large, 1))
    assert _statuses(snapshot, *plan) == {"small": "fits", "large": "fits_depending_on_order"}
    roomy = _cluster(small, large, count=6)
    assert _statuses(roomy, *plan) == {"small": "fits", "large": "fits"}


# --- rules about other pods


def _apart(key: str, *names: str) -> Scheduling:
    return Scheduling(apart=(Apart(key, tuple(ref(name) for name in names)),))


@pytest.mark.parametrize("is_own", [True, False], ids=["its own rule", "the rule of the others"])
def test_pods_keep_away_from_those_of_another_workload_whichever_says_so(*, is_own: bool) -> None:
    api = _live("api", _pod("1", Scheduling() if is_own else _apart(_HOST, "web")), {"n1": 1, "n2": 1})
    web = _live("web", _pod("1", _apart(_HOST, "api") if is_own else Scheduling()), {})
    rules = web.pod.scheduling._replace(is_alone_on_host=True)
    web = web._replace(pod=web.pod._replace(scheduling=rules))
    snapshot = _cluster(api, web, count=4)

    verdict = _verdict(snapshot, _asked(web, 3))

    assert isinstance(verdict, DoesNotFit)
    assert (verdict.placed, verdict.wanted) == (2, 3)
    assert _statuses(snapshot, _asked(web, 2)) == {"web": "fits"}


def test_a_workload_without_rules_is_kept_away_by_those_of_another() -> None:
    api = _live("api", _pod("1", _apart(_HOST, "web")), {"n1": 1, "n2": 1})
    web = _live("web", _pod("1"), {})

    assert _statuses(_cluster(api, web, count=2), _asked(web, 1)) == {"web": "does_not_fit"}
    assert _statuses(_cluster(api, web, count=3), _asked(web, 4)) == {"web": "fits"}


def test_anti_affinity_holds_in_domains_of_any_key() -> None:
    web = _live("web", _pod("1", _apart(_ZONE, "web")), {})
    nodes = tuple(one._replace(labels=((_ZONE, zone),)) for one, zone in zip(_nodes(count=3), "aab", strict=True))
    snapshot = cluster(*nodes)._replace(workloads=(web,))

    assert _statuses(snapshot, _asked(web, 2)) == {"web": "fits"}
    assert _statuses(snapshot, _asked(web, 3)) == {"web": "does_not_fit"}


def _zoned(*spread: Spread, tainted: str = "") -> tuple[tuple[Node, ...], Scheduling]:
    nodes = (
        one._replace(labels=((_ZONE, zone),), taints=(Taint("x", "", "NoSchedule"),) if zone == tainted else ())
        for one, zone in zip(_nodes(count=3), "abc", strict=True)
    )
    return tuple(nodes), Scheduling(spread=spread)


@pytest.mark.parametrize(("honors", "expected"), [(True, "fits"), (False, "does_not_fit")])
def test_a_tainted_zone_counts_unless_the_spread_honors_taints(*, honors: bool, expected: str) -> None:
    nodes, scheduling = _zoned(Spread(_ZONE, 1, honors_taints=honors), tainted="c")
    web = _live("web", _pod("250m", scheduling), {"n1": 1})

    assert _statuses(cluster(*nodes)._replace(workloads=(web,)), _asked(web, 6)) == {"web": expected}


def test_a_spread_counts_the_pods_of_the_workloads_that_its_selector_matches() -> None:
    nodes, scheduling = _zoned(Spread(_ZONE, 1, (ref("api"),)))
    api, web = _live("api", _pod("100m"), {"n1": 3}), _live("web", _pod("2", scheduling), {})
    snapshot = cluster(*nodes)._replace(workloads=(api, web))

    assert _statuses(snapshot, _asked(web, 4)) == {"web": "fits"}
    assert _statuses(snapshot, _asked(web, 6)) == {"web": "does_not_fit"}
    assert _statuses(snapshot._replace(workloads=(api._replace(placement=()), web)), _asked(web, 6)) == {"web": "fits"}


def test_a_host_port_is_one_pod_a_node_whoever_has_it() -> None:
    web = _live("web", _pod("100m", Scheduling(ports=("TCP/8080",))), {"n1": 1})
    other = _live("api", _pod("100m", Scheduling(ports=("TCP/8080",))), {"n2": 1})
    snapshot = _cluster(web, count=3)
    taken = snapshot._replace(nodes=(*snapshot.nodes[:2], snapshot.nodes[2]._replace(ports=("TCP/8080",))))

    assert _statuses(snapshot, _asked(web, 3)) == {"web": "fits"}
    assert _statuses(snapshot, _asked(web, 4)) == {"web": "does_not_fit"}
    assert _statuses(taken, _asked(web, 3)) == {"web": "does_not_fit"}
    assert _statuses(_cluster(web, other, count=3), _asked(web, 3)) == {"web": "does_not_fit"}


@pytest.mark.parametrize("what", ["volumes", "schedulerName", "schedulingGates", "resourceClaims", "hostPorts"])
def test_what_is_not_followed_is_never_a_yes(what: str) -> None:
    scheduling = Scheduling(unmodelled=(what,))  # type: ignore[arg-type]
    web = _live("web", _pod("1", scheduling), {"n1": 1})

    assert _statuses(_cluster(web), _asked(web, 2)) == {"web": "unknown"}
    assert _statuses(_cluster(web), _asked(web, 1)) == {"web": "fits"}


# --- nodes that pools add, and bounds


def test_a_rollout_that_has_no_room_gets_a_node_from_its_pool() -> None:
    web = _live("web", _pod("1"), {"n1": 4}, strategy=Strategy(max_unavailable="0"))
    snapshot = _cluster(web)._replace(pools=(pool(1, 2),))

    assert _statuses(snapshot, _asked(web, cpu="900m")) == {"web": "fits_after_scaleup"}


@pytest.mark.parametrize(("pods", "expected"), [(2, "fits"), (4, "fits_after_scaleup")])
def test_a_node_that_is_added_for_others_is_needed_only_where_the_room_without_it_is_too_small(
    pods: int, expected: str
) -> None:
    """Also where the scheduler prefers it, because it is emptier."""
    there, large, small = _live("there", _pod("2500m"), {"n1": 1}), _live("large", _pod("2"), {}), _pod("500m")
    small_one = _live("small", small, {})
    snapshot = _cluster(there, large, small_one)._replace(nodes=_nodes(there), pools=(pool(1, 3),))

    assert _statuses(snapshot, _asked(large, 1), _asked(small_one, pods)) == {
        "large": "fits_after_scaleup",
        "small": expected,
    }


def test_what_would_take_too_long_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "_MOST_LOOKS", 10)
    small, large = _live("small", _pod("500m"), {}), _live("large", _pod("4"), {})
    snapshot = _cluster(small, large, count=6)

    found = _found(snapshot, _asked(small, 4), _asked(large, 1))

    assert found["large"].requested == Unknown("too many pods for a simulation of the scheduler")


def test_a_quota_blames_whom_it_refuses_in_every_order() -> None:
    quota = Quota("compute", amounts(requests_memory="6Gi"), amounts(requests_memory="4Gi"))
    capacity = cluster(node("n1", "64", "64Gi"))._replace(namespaces=(NamespaceState("assistant", (quota,)),))
    small = demand(6, 8, name="api", new=pod("100m", "256Mi"))
    large = demand(1, 2, name="db", new=pod("100m", "3Gi"))

    found = {one.ref.name: one for one in capacity_of(capacity, [small, large]).workloads}

    assert status(found["api"].requested) == "fits"
    assert found["api"].quota_faults == ()
    assert [type(fault).__name__ for fault in found["db"].quota_faults] == ["QuotaExceeded"]


def test_a_workload_that_gets_its_quota_in_every_order_is_not_blamed_for_asking_for_more_than_is_left() -> None:
    """The update of db cannot end, and the pods that it stops on the way leave room for web."""
    db = _live("db", _pod("1"), {"n1": 2}, strategy=Strategy(max_surge="2", max_unavailable="1"))
    web = _live("web", _pod("100m"), {"n1": 2})
    quota = Quota("compute", amounts(requests_cpu="2450m"), amounts(requests_cpu="2200m"))

    found = _found(_cluster(db, web, cpu=32, quotas=(quota,)), _asked(db, cpu="1250m"), _asked(web, 7))

    assert status(found["web"].requested) == "fits"
    assert found["web"].quota_faults == ()
    assert found["web"].max_replicas == 7
    assert [type(fault).__name__ for fault in found["db"].quota_faults] == ["QuotaExceeded"]


def test_which_pods_of_a_parallel_stateful_set_wait_is_not_known() -> None:
    """Where the one with a node goes, another workload may be faster than the one that waits."""
    full = cluster(node("n1", "2", "8Gi", used=("2", "1Gi", 1)))
    fewer = demand(2, 1, name="db", new=pod("2"), kind="StatefulSet", placement=(("n1", 1),))
    fewer = fewer._replace(existing=2, scheduled=1, is_parallel=True)
    other = demand(1, 1, name="web", new=pod("2"))._replace(existing=1, scheduled=0)

    found = {one.ref.name: status(one.requested) for one in capacity_of(full, [fewer, other]).workloads}

    assert found["db"] == "fits_depending_on_order"
