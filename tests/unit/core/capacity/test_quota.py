"""What quotas admit of everything that is planned for a namespace."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from infra_scale.core.capacity.demand import Demand, Present, load_of
from infra_scale.core.capacity.quota import Quotas, charge, quotas_of
from infra_scale.core.capacity.scenarios import capacity_of
from infra_scale.model.capacity import (
    HpaMaxExceeded,
    MustSpecify,
    QuotaExceeded,
    QuotaFault,
    RolloutRefused,
    WorkloadCapacity,
)
from infra_scale.model.pod import Amounts, Pod, Requirement
from infra_scale.model.snapshot import NamespaceState, Quota, Strategy
from infra_scale.model.verdict import status
from support.capacity import amounts, cluster, container, demand, node, ref


def _quota(hard: Amounts, used: Amounts = (), *scopes: Requirement, name: str = "compute") -> NamespaceState:
    return NamespaceState("assistant", quotas=(Quota(name, hard, used, scopes),))


def _pod(memory: str = "2Gi", cpu: str = "1") -> Pod:
    size = amounts(cpu=cpu, memory=memory)
    return Pod((container(requests=size, limits=size),))


def _judged(namespace: NamespaceState, *demands: Demand) -> Quotas:
    loads = [
        load_of(
            one,
            Present(one.before or 0, one.existing or 0, one.scheduled or 0),
            pod_before=one.pod_before,
            pod=one.pod_after or _pod(),
        )
        for one in demands
    ]
    return quotas_of(namespace, loads)


def _texts(namespace: NamespaceState, *demands: Demand) -> list[str]:
    return [fault.text for fault in _judged(namespace, *demands).faults]


_FULL = _quota(amounts(limits_memory="31Gi"), amounts(limits_memory="30Gi"))


def test_the_vector_three_more_pods_of_2gi_do_not_fit_into_one_gibibyte() -> None:
    judged = _judged(_FULL, demand(3, 6, new=_pod()))

    assert [fault.text for fault in judged.faults] == [
        "ResourceQuota compute: limits.memory used 30Gi + requested 6Gi > hard 31Gi; at most 3 replicas fit."
    ]
    assert judged.replicas == {ref(): 3}


def test_what_fills_a_quota_to_the_brim_is_admitted() -> None:
    namespace = _quota(amounts(limits_memory="36Gi"), amounts(limits_memory="30Gi"))

    assert _judged(namespace, demand(3, 6, new=_pod())) == Quotas((), {ref(): 6})


def test_two_plans_that_fit_alone_do_not_fit_together() -> None:
    namespace = _quota(amounts(pods="10"), amounts(pods="2"))
    web, api = demand(1, 6, name="web"), demand(1, 6, name="api")

    assert _texts(namespace, web) == _texts(namespace, api) == []
    assert _texts(namespace, web, api) == [
        "ResourceQuota compute: pods used 2 + requested 10 > hard 10; at most 4 replicas fit.",
        "ResourceQuota compute: pods used 2 + requested 10 > hard 10; at most 4 replicas fit.",
    ]


def test_a_workload_that_shrinks_makes_room_and_is_not_blamed() -> None:
    namespace = _quota(amounts(pods="10"), amounts(pods="10"))

    assert _texts(namespace, demand(5, 1, name="api"), demand(5, 9)) == []
    assert [fault.ref.name for fault in _judged(namespace, demand(5, 4, name="api"), demand(5, 9)).faults] == ["web"]


def test_a_quota_that_is_overdrawn_already_refuses_more_and_not_less() -> None:
    namespace = _quota(amounts(pods="10"), amounts(pods="12"))

    assert _texts(namespace, demand(5, 4)) == _texts(namespace, demand(5, 5)) == []
    assert _judged(namespace, demand(5, 6)).replicas == {ref(): 5}
    assert len(_texts(namespace, demand(5, 6))) == 1


def test_pods_that_stay_as_they_are_are_charged_as_they_are() -> None:
    """A ReplicaSet replaces no pod: of three that become two, two of the old size are left."""
    full = _quota(amounts(limits_memory="3Gi"), amounts(limits_memory="3Gi"))
    fewer = demand(3, 2, kind="ReplicaSet", old=_pod("1Gi"), new=_pod("2Gi"))

    assert _judged(full, fewer).faults == ()
    assert _judged(full, fewer).replicas == {fewer.ref: 3}
    assert _texts(full, fewer, demand(0, 1, name="api", new=_pod("1Gi"))) == []
    assert len(_texts(full, fewer, demand(0, 1, name="api", new=_pod("2Gi")))) == 1


def _rolled(namespace: NamespaceState, *demands: Demand) -> WorkloadCapacity:
    capacity = cluster(node("n1", "99", "999Gi"))._replace(namespaces=(namespace,))
    return capacity_of(capacity, demands).workloads[-1]


def test_a_rollout_that_one_pod_less_lets_go_on_ends_within_the_quota() -> None:
    namespace = _quota(amounts(limits_memory="24Gi"), amounts(limits_memory="12Gi"))

    found = _rolled(namespace, demand(6, 6, old=_pod("2Gi"), new=_pod("4Gi")))

    assert (status(found.requested), found.quota_faults) == ("fits", ())


def test_only_the_surge_exceeds() -> None:
    """The last new pod waits for an old one to go, and the old one for the new pod."""
    namespace = _quota(amounts(limits_memory="24Gi"), amounts(limits_memory="12Gi"))
    update = demand(6, 6, old=_pod("2Gi"), new=_pod("4Gi"), strategy=Strategy(max_unavailable="0"))

    assert _judged(namespace, update).faults == ()
    (fault,) = _rolled(namespace, update).quota_faults
    assert isinstance(fault, RolloutRefused)
    assert fault.text == (
        "ResourceQuota compute: limits.memory > hard 24Gi during rollout; the rollout of Deployment/web stalls."
    )


@pytest.mark.parametrize("strategy", [Strategy(type="Recreate"), Strategy(max_surge="0", max_unavailable="1")])
def test_an_update_without_surge_needs_no_room(strategy: Strategy) -> None:
    namespace = _quota(amounts(limits_memory="24Gi"), amounts(limits_memory="12Gi"))

    found = _rolled(namespace, demand(6, 6, old=_pod("2Gi"), new=_pod("4Gi"), strategy=strategy))

    assert (status(found.requested), found.quota_faults) == ("fits", ())


def test_an_update_to_smaller_pods_needs_room_for_the_first_of_them() -> None:
    update = demand(6, 6, old=_pod("2Gi"), new=_pod("1Gi"), strategy=Strategy(max_unavailable="0"))
    short, enough = (_quota(amounts(limits_memory=hard), amounts(limits_memory="12Gi")) for hard in ("12Gi", "13Gi"))

    assert [type(fault) for fault in _rolled(short, update).quota_faults] == [RolloutRefused]
    assert _rolled(enough, update).quota_faults == ()


def test_only_the_maximum_of_the_hpa_exceeds() -> None:
    namespace = _quota(amounts(limits_memory="20Gi"), amounts(limits_memory="6Gi"))

    (fault,) = _judged(namespace, demand(3, 6, new=_pod(), hpa=(4, 12))).faults
    assert isinstance(fault, HpaMaxExceeded)
    assert fault.text == (
        "max 12 needs limits.memory 24Gi for Deployment/web; ResourceQuota compute does not admit that many"
    )


def test_a_quota_on_limits_refuses_a_container_without_one_in_the_words_of_the_api_server() -> None:
    namespace = _quota(amounts(limits_memory="20Gi", limits_cpu="4", requests_cpu="4"))
    pod = Pod((container("app", amounts(cpu="1")), container("log", amounts(cpu="1"), amounts(memory="1Gi"))))

    assert _texts(namespace, demand(0, 1, new=pod)) == ["must specify limits.cpu for: app,log; limits.memory for: app"]


def test_pod_level_resources_free_containers_from_that() -> None:
    namespace = _quota(amounts(limits_memory="20Gi"))
    pod = Pod((container(),), limits=amounts(memory="1Gi"), requests=amounts(memory="1Gi"))

    assert _texts(namespace, demand(0, 1, new=pod)) == []


def test_storage_and_devices_need_not_be_set() -> None:
    hard = amounts(**{"requests_nvidia.com/gpu": "1", "limits_ephemeral-storage": "1Gi", "pods": "5"})

    assert _texts(_quota(hard), demand(0, 1)) == []


def test_a_pod_is_charged_under_every_name() -> None:
    size = amounts(cpu="1", memory="2Gi", **{"ephemeral-storage": "3Gi", "nvidia.com/gpu": "1"})
    names = ("cpu", "requests_cpu", "limits_cpu", "memory", "requests_memory", "limits_memory", "ephemeral-storage")
    more = ("requests_ephemeral-storage", "limits_ephemeral-storage", "requests_nvidia.com/gpu", "pods", "count/pods")
    hard = amounts(**dict.fromkeys((*names, *more, "count/jobs_batch", "services"), "9"))

    charged = charge(Quota("all", hard, ()), Pod((container(requests=size, limits=size),)))

    assert set(charged) == {name.replace("_", ".") for name in (*names, *more)}


_HIGH = Requirement("PriorityClass", "In", ("high",))


@pytest.mark.parametrize(
    ("scope", "matching", "other"),
    [
        (Requirement("Terminating", "Exists"), _pod()._replace(is_terminating=True), _pod()),
        (Requirement("NotTerminating", "Exists"), _pod(), _pod()._replace(is_terminating=True)),
        (Requirement("BestEffort", "Exists"), Pod((container(),)), _pod()),
        (Requirement("NotBestEffort", "Exists"), _pod(), Pod((container(),))),
        (_HIGH, _pod()._replace(priority_class="high"), _pod()._replace(priority_class="low")),
        (_HIGH, _pod()._replace(priority_class="high"), _pod()),
        (_HIGH._replace(operator="NotIn"), _pod(), _pod()._replace(priority_class="high")),
        (Requirement("PriorityClass", "Exists"), _pod()._replace(priority_class="low"), _pod()),
        (Requirement("PriorityClass", "DoesNotExist"), _pod(), _pod()._replace(priority_class="low")),
        (
            Requirement("CrossNamespacePodAffinity", "Exists"),
            _pod()._replace(has_cross_namespace_affinity=True),
            _pod(),
        ),
    ],
)
def test_a_quota_is_about_the_pods_in_its_scope(scope: Requirement, matching: Pod, other: Pod) -> None:
    namespace = _quota(amounts(pods="1"), (), scope)

    assert len(_texts(namespace, demand(0, 2, new=matching))) == 1
    assert _texts(namespace, demand(0, 2, new=other)) == []


def test_all_scopes_of_a_quota_have_to_match() -> None:
    namespace = _quota(amounts(pods="1"), (), _HIGH, Requirement("Terminating", "Exists"))

    assert _texts(namespace, demand(0, 2, new=_pod()._replace(priority_class="high"))) == []


def test_every_quota_of_a_namespace_has_to_admit_and_the_tightest_counts() -> None:
    quotas = (Quota("a", amounts(pods="9"), ()), Quota("b", amounts(requests_cpu="5"), ()))

    judged = _judged(NamespaceState("assistant", quotas), demand(0, 7, new=_pod()))

    assert [type(fault) for fault in judged.faults] == [QuotaExceeded]
    assert judged.replicas == {ref(): 5}


_COUNT = st.integers(0, 12)


@given(hard=_COUNT, used=_COUNT, before=_COUNT, after=st.integers(1, 20), other=_COUNT, old=st.integers(1, 3))
def test_a_quota_that_admits_some_replicas_admits_one_less(  # noqa: PLR0917 (hypothesis gives them by name)
    hard: int, used: int, before: int, after: int, other: int, old: int
) -> None:
    namespace = _quota(amounts(requests_cpu=str(hard)), amounts(requests_cpu=str(used)))
    rest = demand(1, other, name="api", new=_pod())

    def refused(replicas: int) -> list[QuotaFault]:
        asked = demand(before, replicas, old=_pod(cpu=str(old)), new=_pod())
        return [fault for fault in _judged(namespace, asked, rest).faults if fault.ref == ref()]

    assume(not refused(after))
    assert not refused(after - 1)


@given(hard=_COUNT, used=_COUNT, before=_COUNT, other=_COUNT)
def test_as_many_replicas_as_are_said_to_fit_do_and_one_more_does_not(
    hard: int, used: int, before: int, other: int
) -> None:
    namespace = _quota(amounts(requests_cpu=str(hard)), amounts(requests_cpu=str(used)))
    rest = demand(1, other, name="api", new=_pod())
    most = _judged(namespace, demand(before, before, new=_pod()), rest).replicas[ref()]

    def exceeded(replicas: int) -> bool:
        faults = _judged(namespace, demand(before, replicas, new=_pod()), rest).faults
        return any(fault.ref == ref() and isinstance(fault, QuotaExceeded) for fault in faults)

    assert not exceeded(most)
    assert most < before or exceeded(most + 1)


@given(st.permutations([demand(1, 6, name="web"), demand(2, 7, name="api"), demand(0, 3, name="cron")]))
def test_the_order_of_workloads_does_not_matter(demands: list[Demand]) -> None:
    namespace = _quota(amounts(pods="6"), amounts(pods="3"))

    expected = _judged(namespace, *sorted(demands, key=lambda one: one.ref.name))
    assert _judged(namespace, *demands) == expected
    assert not any(isinstance(fault, MustSpecify) for fault in expected.faults)
