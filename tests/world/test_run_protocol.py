"""The protocol of a run, against the look-alike of the API server: every fault of a run and of its neighbours."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from infra_scale.model.action import Action, ApplyHpa, RemoveAutoscaler, ScaleWorkload, UpdateResources
from infra_scale.model.autoscaler import Hpa
from infra_scale.model.quantity import Quantity, Resources
from infra_scale.model.workload import Cluster, WorkloadRef
from infra_scale.usecases.apply import Applied
from infra_scale.usecases.applying.session import RunEvent
from support.direct_cluster import DirectCluster, KilledError
from support.kube_objects import Object
from support.runs import CLUSTER, applied, deployment, means, plan, quota, undone
from support.workload_server import RefusedError, WorkloadServer, all_ready, holding

_WEB = WorkloadRef("Deployment", "shop", "web")
_KEY = ("Deployment", "shop", "web")
_CPU = Resources(Quantity.parse("250m"), None)
_GROW: tuple[Action, ...] = (ScaleWorkload(_WEB, 6, CLUSTER), UpdateResources(_WEB, "app", _CPU, None, CLUSTER))
_HPA: tuple[Action, ...] = (ApplyHpa(_WEB, Hpa(4, 12, 65, None), CLUSTER),)
_WHEN: tuple[Literal["before", "after"], ...] = ("before", "after")


@pytest.fixture
def server() -> Iterator[WorkloadServer]:
    """A cluster with one Deployment."""
    with holding([deployment()]) as running:
        yield running


def run(server: WorkloadServer, actions: tuple[Action, ...] = _GROW, **options: object) -> Applied:
    """Apply a plan from the beginning to the end."""
    return applied(plan(actions), means(lambda _: DirectCluster(server)), **options)  # type: ignore[arg-type]


def killed(server: WorkloadServer, actions: tuple[Action, ...], number: int, when: Literal["before", "after"]) -> bool:
    """Apply a plan in a process that dies at its n-th write; whether it had as many."""
    process = DirectCluster(server, dies_at=number, when=when)
    try:
        applied(plan(actions), means(lambda _: process))
    except KilledError:
        return True
    return False


def started_over(server: WorkloadServer, *objects: Object) -> None:
    """The cluster as it was before the first run."""
    server.objects.clear()
    server.managers.clear()
    for one in objects or (deployment(),):
        server.store(one)


def replicas(server: WorkloadServer) -> int:
    """Those of the Deployment."""
    found: int = server.objects[_KEY]["spec"]["replicas"]
    return found


@pytest.mark.parametrize("when", _WHEN)
def test_a_run_that_is_killed_at_any_write_is_finished_by_the_next_and_writes_each_field_once(
    server: WorkloadServer, when: Literal["before", "after"]
) -> None:
    number = 0
    while killed(server, _GROW, number, when):
        assert run(server).run.state in ("succeeded", "already_applied"), number
        wanted = server.state()
        assert (replicas(server), server.objects[_KEY]["metadata"]["generation"]) == (6, 3), number
        assert run(server).run.state == "already_applied", number
        assert server.state() == wanted, number
        started_over(server)
        number += 1
    assert number >= 10


@pytest.mark.parametrize("when", _WHEN)
def test_an_autoscaler_is_created_once_wherever_the_run_is_killed(
    server: WorkloadServer, when: Literal["before", "after"]
) -> None:
    number = 0
    while killed(server, _HPA, number, when):
        assert run(server, _HPA).run.state in ("succeeded", "already_applied"), number
        assert server.objects["HorizontalPodAutoscaler", "shop", "web"]["metadata"]["generation"] == 1
        started_over(server)
        number += 1
    assert number >= 6


@pytest.mark.parametrize("when", _WHEN)
def test_a_run_that_is_killed_in_its_rollback_is_rolled_back_by_the_next(
    server: WorkloadServer, when: Literal["before", "after"]
) -> None:
    before = server.state()
    server.controller = quota(4)
    number = 0
    while killed(server, _GROW, number, when):
        state = run(server).run.state
        assert state in ("rolled_back", "refused"), (number, state)
        assert server.state() == before, number
        assert run(server).run.state == "refused", number  # held
        started_over(server)
        number += 1
    assert number >= 12


def test_a_rollback_by_hand_that_is_killed_is_finished_by_the_next_apply(server: WorkloadServer) -> None:
    before = server.state()
    number = 0
    while True:
        run(server)
        process = DirectCluster(server, dies_at=number)
        try:
            undone(plan(_GROW), means(lambda _, process=process: process))  # type: ignore[misc]
            break
        except KilledError:
            number += 1
        undone(plan(_GROW), means(lambda _: DirectCluster(server)))
        assert server.state() == before, number
        started_over(server)
    assert number >= 6


def changing(server: WorkloadServer, *, at: int, to: int) -> Callable[[str], RefusedError | None]:
    """Another program sets the replicas while the n-th request is on its way."""
    seen = 0

    def called(line: str) -> None:
        nonlocal seen
        seen += 1
        if seen == at and line:
            server.scaled_by("k9s", _KEY, to)

    return called


def test_another_writer_at_any_moment_is_never_overwritten(server: WorkloadServer) -> None:
    """Each value that a run replaces was read by it, or is the one that it wrote."""
    total = 0
    server.before = lambda _: None
    run(server)
    total = len(server.requests)
    for at in range(1, total):
        started_over(server)
        server.before = changing(server, at=at, to=9)
        state = run(server).run.state
        server.before = lambda _: None
        if state in ("succeeded", "already_applied"):
            assert replicas(server) in (6, 9), at  # 9: after the write
        else:
            assert replicas(server) == 9, (at, state)


def test_a_write_whose_answer_is_lost_is_not_sent_again(server: WorkloadServer) -> None:
    def lose(line: str) -> RefusedError | None:
        return RefusedError(504, "Timeout", "no answer") if line.startswith("PATCH") and "dryRun" not in line else None

    server.after = lose
    assert run(server).run.state == "succeeded"
    assert server.objects[_KEY]["metadata"]["generation"] == 3


def test_a_server_that_refuses_the_second_write_gets_the_first_one_undone(server: WorkloadServer) -> None:
    before = server.state()

    def refuse(line: str) -> RefusedError | None:
        is_scale = line.startswith("PATCH") and "/scale" in line and "dryRun" not in line
        return RefusedError(403, "Forbidden", "denied by policy no-scale") if is_scale else None

    server.before = refuse
    done = run(server)
    assert (done.run.state, done.run.reason) == ("rolled_back", "denied by policy no-scale")
    assert server.state() == before


def test_an_api_server_that_is_gone_stops_the_run_which_the_next_one_finishes(server: WorkloadServer) -> None:
    is_gone = False

    def gone(line: str) -> RefusedError | None:
        nonlocal is_gone
        is_gone = is_gone or ("/scale" in line and "dryRun" not in line)
        return RefusedError(503, "ServiceUnavailable", "etcd is gone") if is_gone else None

    server.before = gone
    done = run(server)
    assert (done.run.clusters[0].state, done.wrote) == ("stopped", True)
    server.before = lambda _: None
    assert run(server).run.state == "succeeded"
    assert server.objects[_KEY]["metadata"]["generation"] == 3


def test_an_autoscaler_that_grows_meanwhile_moves_the_goal(server: WorkloadServer) -> None:
    hpa = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "minReplicas": 2,
            "maxReplicas": 20,
        },
    }
    server.store(hpa)
    server.before = changing(server, at=14, to=11)
    done = run(server)
    [steps] = [cluster.steps for cluster in done.run.clusters]
    assert [(step.action, step.state) for step in steps] == [
        ("update_resources", "healthy"),
        ("scale_workload", "skipped"),
    ]
    assert "HorizontalPodAutoscaler/web sets them" in steps[1].message
    assert done.run.state == "succeeded"


def test_an_autoscaler_that_was_removed_is_created_again_by_the_rollback(server: WorkloadServer) -> None:
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
        "minReplicas": 2,
        "maxReplicas": 9,
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
    }
    metadata = {"name": "web", "namespace": "shop", "labels": {"team": "web"}}
    server.store(
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": metadata, "spec": spec}
    )
    before = server.state()
    server.controller = quota(4)
    done = run(server, (RemoveAutoscaler(_WEB, "hpa", CLUSTER), ScaleWorkload(_WEB, 6, CLUSTER)))
    assert done.run.state == "rolled_back"
    assert server.state() == before
    assert server.objects["HorizontalPodAutoscaler", "shop", "web"]["metadata"]["labels"] == {"team": "web"}


def test_a_failed_cluster_keeps_later_waves_from_starting() -> None:
    clusters = tuple(Cluster(name, name, wave) for wave, name in enumerate(("one", "two", "three")))
    with holding([deployment()]) as first, holding([deployment()]) as second, holding([deployment()]) as third:
        servers = {"one": first, "two": second, "three": third}
        second.controller = quota(4)
        actions = tuple(ScaleWorkload(_WEB, 6, cluster) for cluster in clusters)
        done = applied(plan(actions), means(lambda one: DirectCluster(servers[one.name])), clusters=clusters)
        assert [one.state for one in done.run.clusters] == ["succeeded", "rolled_back", "not_started"]
        assert (done.run.state, [replicas(one) for one in servers.values()]) == ("needs_attention", [6, 2, 2])
        second.controller = all_ready
        again = applied(
            plan(actions), means(lambda one: DirectCluster(servers[one.name])), clusters=clusters, retry=True
        )
        assert [one.state for one in again.run.clusters] == ["already_applied", "succeeded", "succeeded"]


def test_a_refusal_of_one_cluster_keeps_every_cluster_from_being_written_to() -> None:
    clusters = (Cluster("one", "one", 0), Cluster("two", "two", 1))
    with holding([deployment()]) as first, holding([]) as second:
        servers = {"one": first, "two": second}
        actions = tuple(ScaleWorkload(_WEB, 6, cluster) for cluster in clusters)
        done = applied(plan(actions), means(lambda one: DirectCluster(servers[one.name])), clusters=clusters)
        assert [(name, one.id) for name, one in done.refusals] == [("two", "APPLY-002")]
        assert (done.run.state, replicas(first)) == ("refused", 2)


def test_a_failure_is_left_as_it_is_if_a_person_wants_to_look(server: WorkloadServer) -> None:
    server.controller = quota(4)
    done = run(server, on_failure="stop")
    assert (done.run.state, replicas(server)) == ("needs_attention", 6)


def test_an_interrupted_run_of_another_plan_is_not_passed_over(server: WorkloadServer) -> None:
    assert killed(server, _GROW, 5, "after")
    done = run(server, (ScaleWorkload(_WEB, 7, CLUSTER),), digest="sha256:2")
    assert done.refusals[0][1].id == "APPLY-009"


def test_a_count_of_zero_is_compared_too(server: WorkloadServer) -> None:
    server.scaled_by("kubectl", _KEY, 0)
    assert run(server, (ScaleWorkload(_WEB, 3, CLUSTER),)).run.state == "succeeded"
    assert replicas(server) == 3


def test_pods_that_crash_after_the_write_fail_the_step(server: WorkloadServer) -> None:
    events: list[RunEvent] = []
    status = {"restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}}}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "shop", "labels": {"app": "web"}},
        "status": {"containerStatuses": [status]},
    }

    def crash(item: Object) -> None:
        all_ready(item)
        if item["kind"] == "Deployment" and item["spec"]["replicas"] == 6:
            item["status"]["availableReplicas"] = 2
            if ("Pod", "shop", "web-1") not in server.objects:
                server.store(pod)

    server.controller = crash
    done = applied(plan(_GROW), means(lambda _: DirectCluster(server), events=events))
    assert (done.run.state, done.run.reason) == ("rolled_back", "Pod/web-1 crashes: back-off 40s")
    names = [event.event for event in events]
    assert names.index("step_failed") < names.index("rollback_started")


def test_resources_of_a_container_that_the_plan_does_not_name_are_refused_if_there_are_several(
    server: WorkloadServer,
) -> None:
    item = server.objects[_KEY]
    item["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "example/proxy:1"})
    done = run(server, (UpdateResources(_WEB, None, _CPU, None, CLUSTER),))
    assert "has 2 containers (app, proxy)" in done.refusals[0][1].message
    done = run(server, (UpdateResources(_WEB, "web", _CPU, None, CLUSTER),))
    assert "has no container web" in done.refusals[0][1].message


def test_containers_that_are_added_in_front_do_not_lead_a_resumed_write_astray(server: WorkloadServer) -> None:
    assert killed(server, _GROW, 2, "after")  # the journal says that the resources will be written
    first = {"name": "proxy", "image": "example/proxy:1", "resources": {}}
    server.objects[_KEY]["spec"]["template"]["spec"]["containers"].insert(0, first)
    assert run(server).run.state in ("succeeded", "needs_attention", "rolled_back")
    proxy, app = server.objects[_KEY]["spec"]["template"]["spec"]["containers"]
    assert proxy["resources"] == {}
    assert app["resources"]["requests"]["cpu"] in ("100m", "250m")
