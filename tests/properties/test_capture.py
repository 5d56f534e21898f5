"""Whatever a cluster holds: its snapshot does not depend on order, tells no secret, and never promises too much."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.documents.snapshot import write_snapshot
from infra_scale.model.quantity import Quantity
from support.amounts import examples
from support.capture import captured
from support.kube_objects import ADDRESS, CANARY, Object, cluster, container, deployment, node, owner, pod, replica_set

_CPU = st.integers(0, 4_000_000).map(lambda micros: f"{micros}u")
_MEMORY = st.one_of(
    st.integers(0, 2**34).map(str), st.integers(0, 9999).map(lambda n: f"{n}Mi"), st.just("128974848000m")
)
_OWNERS = st.sampled_from([None, owner("DaemonSet", "agent"), owner("ReplicaSet", "other"), owner("Node", "n")])


def _pod(number: int, drawn: tuple[int, Object | None, str, str]) -> Object:
    on, owned, cpu, memory = drawn
    made = pod(number, on, owned)
    made["spec"]["containers"] = [container(cpu=cpu, memory=memory)]
    return made


_NODES = st.lists(st.tuples(st.sampled_from(["general", "spot"]), _CPU, _MEMORY), min_size=1, max_size=6)
_PODS = st.lists(st.tuples(st.integers(1, 6), _OWNERS, _CPU, _MEMORY), max_size=12)


@st.composite
def _clusters(draw: st.DrawFn) -> list[Object]:
    nodes = [node(at, pool, cpu=cpu, memory=memory) for at, (pool, cpu, memory) in enumerate(draw(_NODES), start=1)]
    return [*nodes, deployment(), replica_set(), *(_pod(at, one) for at, one in enumerate(draw(_PODS), start=1))]


def _sum(amounts: list[Any], name: str) -> int:
    return sum(Quantity.parse(one[name]).nano for one in amounts)


@examples(60)
@given(objects=_clusters(), data=st.data())
def test_order_and_packing_of_the_objects_do_not_matter(objects: list[Object], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(objects))
    at = data.draw(st.integers(0, len(objects)))
    lists = [{"apiVersion": "v1", "kind": "List", "items": part} for part in (shuffled[:at], shuffled[at:])]

    assert write_snapshot(captured(lists)) == write_snapshot(captured(objects))


@examples(60)
@given(objects=_clusters())
def test_there_is_never_more_room_in_the_snapshot_than_in_the_cluster(objects: list[Object]) -> None:
    nodes = [one for one in objects if one["kind"] == "Node"]
    names = {one["metadata"]["name"] for one in nodes}
    taken = [
        one["spec"]["containers"][0]["resources"]["requests"]
        for one in objects
        if one["kind"] == "Pod" and one["spec"]["nodeName"] in names
    ]

    rows = captured(objects).nodes

    assert sum(row.times for row in rows) == len(nodes)
    assert sum(row.times * row.pods for row in rows) == len(taken)
    for name in ("cpu", "memory"):
        allocatable = sum(row.times * dict(row.allocatable)[name].nano for row in rows)
        requested = sum(row.times * dict(row.requested)[name].nano for row in rows)
        assert allocatable <= _sum([one["status"]["allocatable"] for one in nodes], name)
        assert requested >= _sum(taken, name)


@st.composite
def _poisoned(draw: st.DrawFn) -> list[Object]:
    """A cluster with a secret under a key that the API does not have, or may have one day, anywhere."""
    objects = copy.deepcopy(cluster())
    key = draw(st.sampled_from(["env", "image", "args", "note", "podIP", "annotations", "secretName", "x"]))
    place = draw(st.sampled_from(objects))
    while draw(st.booleans()):
        below = [value for value in place.values() if isinstance(value, dict)]
        lists = [one for value in place.values() if isinstance(value, list) for one in value if isinstance(one, dict)]
        if not below + lists:
            break
        place = draw(st.sampled_from(below + lists))
    if not _is_free_form(place):
        place.setdefault(key, f"{CANARY}-{ADDRESS}1")
    return objects


def _is_free_form(place: Object) -> bool:
    """Whether any key is meant by what stands there: quantities, labels to be matched, and labels that are shown."""
    return all(isinstance(value, str) for value in place.values())


@examples(150)
@given(objects=_poisoned())
def test_nothing_but_what_is_allowed_gets_into_a_snapshot(objects: list[Object]) -> None:
    text = write_snapshot(captured(objects))

    assert CANARY not in text
    assert ADDRESS not in text
