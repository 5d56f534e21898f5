"""Nodes become rows without names, what they hold is rounded down, and what runs on them up."""

import pytest

from infra_scale.core.capture.objects import ObjectError
from infra_scale.model.pod import Requirement, Taint
from infra_scale.model.snapshot import NodePool
from support.capacity import amounts
from support.capture import captured
from support.kube_objects import ADDRESS, CANARY, POOL, ZONE, Object, cluster, container, deployment, node, owner, pod

_HOSTNAME = "kubernetes.io/hostname"


def _daemon(number: int, on: int, **requests: str) -> Object:
    made = pod(number, on, owner("DaemonSet", "agent"), "kube-system")
    made["spec"]["containers"] = [container("agent", **requests)]
    return made


def test_nodes_that_are_alike_share_a_row() -> None:
    snapshot = captured([node(1), node(2), node(3, cpu="1930m")])

    assert sorted((row.times, dict(row.allocatable)["cpu"]) for row in snapshot.nodes) == [
        (1, dict(amounts(cpu="1930m"))["cpu"]),
        (2, dict(amounts(cpu="3920m"))["cpu"]),
    ]


def test_nodes_on_which_a_workload_differs_do_not_share_a_row() -> None:
    """Otherwise its pods could not be taken away again to place them anew."""
    mine, another = pod(1, 1), pod(2, 2, owner("ReplicaSet", "other"))

    snapshot = captured([node(1), node(2), deployment(), *cluster()[5:6], mine, another])

    assert [row.times for row in snapshot.nodes] == [1, 1]
    (live,) = snapshot.workloads
    assert sum(count for _, count in live.placement) == 1


def test_what_there_is_is_rounded_down_and_what_is_taken_up() -> None:
    taken = pod(1, 1)
    taken["spec"]["containers"] = [container(cpu="100500u", memory="1000001")]

    (row,) = captured([node(1, cpu="3920900u", memory="12345678Ki"), taken]).nodes

    assert row.allocatable == amounts(cpu="3920m", memory="12056Mi", pods="110")
    assert row.requested == amounts(cpu="101m", memory="1Mi")
    assert row.pods == 1


def test_pods_that_have_ended_or_wait_for_a_node_take_nothing() -> None:
    ended, waiting = pod(1, 1), pod(2, 1)
    ended["status"]["phase"] = "Succeeded"
    del waiting["spec"]["nodeName"]

    (row,) = captured([node(1), ended, waiting]).nodes

    assert (row.pods, row.requested) == (0, amounts(cpu="0", memory="0"))


def test_a_pod_that_is_resized_takes_the_larger_of_both_sizes() -> None:
    resized = pod(1, 1)
    resized["status"]["containerStatuses"] = [
        {"name": "app", "allocatedResources": {"cpu": "100m"}, "resources": {"requests": {"cpu": "900m"}}}
    ]

    (row,) = captured([node(1), resized]).nodes

    assert row.requested == amounts(cpu="900m", memory="256Mi")


def test_only_labels_that_somebody_could_ask_for_are_kept() -> None:
    (row,) = captured([node(1)]).nodes

    assert dict(row.labels) == {POOL: "general", ZONE: "eu-1a"}


def test_a_label_that_a_workload_asks_for_is_kept() -> None:
    labelled = node(1)
    labelled["metadata"]["labels"]["disk"] = "ssd"

    (row,) = captured([labelled, deployment(nodeSelector={"disk": "ssd"})]).nodes

    assert dict(row.labels)["disk"] == "ssd"


def test_a_host_that_a_workload_asks_for_is_named_by_its_number() -> None:
    host = f"ip-{CANARY}-2.internal"

    snapshot = captured([node(1), node(2), deployment(nodeSelector={_HOSTNAME: host})])

    (live,) = snapshot.workloads
    ((_, number),) = live.pod.scheduling.node_selector
    assert [dict(row.labels).get(_HOSTNAME) for row in snapshot.nodes if row.id == number] == [number]


def test_a_host_in_matching_fields_or_one_that_is_gone_is_named_by_no_name_either() -> None:
    fields = [{"key": "metadata.name", "operator": "In", "values": [f"ip-{CANARY}-1.internal", f"{CANARY}-gone"]}]
    terms = {"nodeSelectorTerms": [{"matchFields": fields}]}
    affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": terms}}

    (live,) = captured([node(1), deployment(affinity=affinity)]).workloads

    assert live.pod.scheduling.affinity == ((Requirement(_HOSTNAME, "In", ("gone", "n1")),),)


def test_taints_are_kept_but_for_preferences_and_what_passes() -> None:
    taints = [
        {"key": "dedicated", "value": "gpu", "effect": "NoSchedule"},
        {"key": "slow", "effect": "PreferNoSchedule"},
        {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"},
        {"key": "ToBeDeletedByClusterAutoscaler", "value": "1767225600", "effect": "NoSchedule"},
    ]

    snapshot = captured([node(1, taints=taints, unschedulable=True)])

    (row,), (pool,) = snapshot.nodes, snapshot.pools
    assert row.is_unschedulable
    assert row.taints == (
        Taint("ToBeDeletedByClusterAutoscaler", "", "NoSchedule"),
        Taint("dedicated", "gpu", "NoSchedule"),
    )
    assert pool.template is not None
    assert pool.template.taints == (Taint("dedicated", "gpu", "NoSchedule"),)


def test_a_further_node_of_a_pool_is_the_least_of_its_nodes_with_the_most_of_its_daemons() -> None:
    small, large = _daemon(1, 1, cpu="100m", memory="64Mi"), _daemon(2, 2, cpu="50m", memory="128Mi")

    (pool,) = captured([node(1), node(2, cpu="3800m", memory="16Gi"), small, large]).pools

    assert pool.template is not None
    assert pool.template.allocatable == amounts(cpu="3800m", memory="12056Mi", pods="110")
    assert pool.template.overhead == amounts(cpu="100m", memory="128Mi", pods="1")


def test_bounds_of_pools_are_those_that_were_written() -> None:
    before = (NodePool("general", 1, 9, 5, None), NodePool("batch", 0, 4, 2, None), NodePool("old", 1, 2, 2, None))

    snapshot = captured([node(1)], pools=before)

    found = [(pool.name, pool.minimum, pool.maximum, pool.current) for pool in snapshot.pools]
    assert found == [("batch", 0, 4, 0), ("general", 1, 9, 1)]


def test_a_node_without_the_label_of_a_pool_is_of_the_pool_of_its_type_or_of_none() -> None:
    typed, bare = node(1), node(2)
    typed["metadata"]["labels"] = {"node.kubernetes.io/instance-type": "m5.large"}
    bare["metadata"]["labels"] = {}

    snapshot = captured([typed, bare])

    assert sorted(str(row.pool) for row in snapshot.nodes) == ["None", "m5.large"]


def test_numbers_do_not_follow_the_names_of_nodes() -> None:
    """They would tell which node is meant to somebody who knows the names."""
    nodes = [node(number, cpu=f"{3000 + number}m") for number in range(1, 9)]

    rows = captured([cluster()[0], *nodes]).nodes

    by_name = [dict(row.allocatable)["cpu"].nano for row in rows]
    assert by_name != sorted(by_name)
    assert ADDRESS not in str(rows)


def test_a_taint_with_an_effect_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ObjectError, match="is not in the API's format: unknown effect 'Never'"):
        captured([node(1, taints=[{"key": "a", "effect": "Never"}])])
