"""How large a pod is, and what LimitRanges make of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.capacity.limitrange import effective, limit_faults
from infra_scale.core.capacity.pods import billable, is_best_effort, pod_limits, pod_requests, pod_size
from infra_scale.core.capacity.rollout import Fenceposts, fenceposts, surge
from infra_scale.model.pod import Amounts, Billable, Pod, PodContainer
from infra_scale.model.quantity import Quantity
from infra_scale.model.snapshot import Limit, LimitRange, Strategy
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import Kind
from support.capacity import amounts, container


def _init(cpu: str, *, sidecar: bool = False) -> PodContainer:
    return PodContainer("init", amounts(cpu=cpu), is_sidecar=sidecar)


def _cpu(*inits: PodContainer, app: str = "1") -> str:
    return str(dict(pod_requests(Pod((container(requests=amounts(cpu=app)),), inits)))["cpu"])


def test_containers_are_summed() -> None:
    pod = Pod((container(requests=amounts(cpu="500m", memory="1Gi")), container("b", amounts(cpu="250m"))))

    assert pod_requests(pod) == amounts(cpu="750m", memory="1Gi")


def test_an_ordinary_init_container_counts_only_where_it_is_the_larger() -> None:
    assert _cpu(_init("500m")) == "1"
    assert _cpu(_init("3")) == "3"


def test_a_sidecar_runs_beside_the_containers_and_beside_the_init_containers_behind_it() -> None:
    assert _cpu(_init("250m", sidecar=True)) == "1250m"
    assert _cpu(_init("250m", sidecar=True), _init("3")) == "3250m"
    assert _cpu(_init("3"), _init("250m", sidecar=True)) == "3"


def test_overhead_comes_on_top_of_requests_and_of_limits_that_there_are() -> None:
    pod = Pod(
        (container(requests=amounts(cpu="1"), limits=amounts(cpu="2")),), overhead=amounts(cpu="100m", memory="64Mi")
    )

    assert pod_requests(pod) == amounts(cpu="1100m", memory="64Mi")
    assert pod_limits(pod) == amounts(cpu="2100m")


def test_pod_level_resources_decide_about_cpu_and_memory() -> None:
    pod = Pod((container(requests=amounts(cpu="5", **{"ephemeral-storage": "1Gi"})),), requests=amounts(cpu="2"))

    assert pod_requests(pod) == amounts(cpu="2", **{"ephemeral-storage": "1Gi"})


def test_the_limit_of_a_pod_is_its_request_only_where_no_container_requests_that() -> None:
    own = container(requests=amounts(cpu="100m", memory="128Mi"))
    limited = amounts(cpu="4", memory="8Gi")

    assert pod_requests(effective(Pod((own,), limits=limited), [])) == own.requests
    assert pod_requests(effective(Pod((container(),), limits=limited), [])) == limited
    only_cpu = Pod((container(limits=amounts(cpu="1")), container("b")), limits=limited)
    assert pod_requests(effective(only_cpu, [])) == amounts(cpu="1", memory="8Gi")
    assert pod_requests(effective(only_cpu._replace(requests=amounts(cpu="2")), [])) == amounts(cpu="2", memory="8Gi")


def test_each_container_is_rounded_up_by_itself() -> None:
    pod = Pod(
        (container(requests=amounts(cpu="100u", memory="400m")), container("b", amounts(cpu="100u", memory="400m")))
    )

    assert dict(pod_size(pod)) == {"cpu": 2, "memory": 2}


@pytest.mark.parametrize(
    ("requests", "limits", "best_effort"),
    [
        ((), (), True),
        (amounts(cpu="0"), amounts(memory="0"), True),
        (amounts(cpu="1m"), (), False),
        ((), amounts(memory="1"), False),
        (amounts(**{"nvidia.com/gpu": "1"}), (), True),
    ],
)
def test_a_pod_is_best_effort_when_no_cpu_and_no_memory_is_above_zero(
    requests: Amounts, limits: Amounts, best_effort: bool
) -> None:
    assert is_best_effort(Pod((container(requests=requests, limits=limits),))) == best_effort


def test_what_is_paid_for_runs_all_the_time() -> None:
    app = container(requests=amounts(cpu="500m", memory="1Gi", **{"nvidia.com/gpu": "1"}))
    proxy = PodContainer("proxy", amounts(cpu="100m", memory="64Mi"), is_sidecar=True)
    pod = Pod((app,), (_init("8"), proxy))

    assert billable(pod) == Billable(Quantity.parse("600m"), Quantity.parse("1088Mi"), 1)


def test_a_container_without_a_request_makes_the_price_unknown_and_not_zero() -> None:
    pod = Pod((container(requests=amounts(cpu="1", memory="1Gi")), container("log", amounts(cpu="1"))))

    assert billable(pod) == Unknown("container log requests no memory")


@pytest.mark.parametrize("resource", ["nvidia.com/mig-1g.5gb", "example.com/fpga", "nvidia.com/gpu.shared"])
def test_a_device_that_no_sheet_prices_makes_the_price_unknown_and_not_zero(resource: str) -> None:
    device = container(requests=amounts(cpu="1", memory="1Gi", **{resource: "1"}))

    assert billable(Pod((device,))) == Unknown(f"the price sheet has no price for {resource}")


# --- LimitRange


def _range(**bounds: Amounts) -> LimitRange:
    return LimitRange("defaults", (Limit("Container", **bounds),))


def _first(pod: Pod, limit_range: LimitRange) -> PodContainer:
    return effective(pod, [limit_range]).containers[0]


def test_an_explicit_limit_is_the_request_and_the_default_request_has_no_say() -> None:
    pod = Pod((container(limits=amounts(cpu="2")),))

    assert _first(pod, _range(default_request=amounts(cpu="100m"))).requests == amounts(cpu="2")


@pytest.mark.parametrize(
    ("bounds", "requested", "limit"),
    [
        ({"default": amounts(cpu="500m")}, "500m", "500m"),
        ({"default": amounts(cpu="500m"), "default_request": amounts(cpu="250m")}, "250m", "500m"),
        ({"maximum": amounts(cpu="2")}, "2", "2"),
        ({"maximum": amounts(cpu="2"), "default": amounts(cpu="1")}, "1", "1"),
        ({"minimum": amounts(cpu="50m")}, "50m", None),
        ({"minimum": amounts(cpu="50m"), "maximum": amounts(cpu="2")}, "2", "2"),
        ({"ratio": amounts(cpu="2")}, None, None),
    ],
)
def test_a_container_that_says_nothing_gets_the_defaults(
    bounds: dict[str, Amounts], requested: str | None, limit: str | None
) -> None:
    filled = _first(Pod((container(),)), _range(**bounds))

    assert filled.requests == (amounts(cpu=requested) if requested else ())
    assert filled.limits == (amounts(cpu=limit) if limit else ())


def test_what_is_written_stays() -> None:
    pod = Pod((container(requests=amounts(cpu="50m")),))

    filled = _first(pod, _range(default=amounts(cpu="500m"), default_request=amounts(cpu="250m")))
    assert (filled.requests, filled.limits) == (amounts(cpu="50m"), amounts(cpu="500m"))


_QUARTER = (amounts(cpu="500m"), amounts(cpu="2"))


@pytest.mark.parametrize(
    ("bounds", "written", "text"),
    [
        (
            {"minimum": amounts(cpu="100m")},
            (amounts(cpu="50m"), ()),
            "minimum cpu usage per Container is 100m, but request is 50m",
        ),
        (
            {"minimum": amounts(cpu="100m")},
            (amounts(cpu="100m"), amounts(cpu="50m")),
            "minimum cpu usage per Container is 100m, but limit is 50m",
        ),
        (
            {"maximum": amounts(memory="1Gi")},
            (amounts(memory="1Gi"), amounts(memory="2Gi")),
            "maximum memory usage per Container is 1Gi, but limit is 2Gi",
        ),
        (
            {"maximum": amounts(cpu="1")},
            (amounts(cpu="2"), ()),
            "maximum cpu usage per Container is 1, but request is 2",
        ),
        (
            {"ratio": amounts(cpu="2")},
            _QUARTER,
            "cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000",
        ),
        (
            {"ratio": amounts(cpu="2")},
            (amounts(cpu="3"), amounts(cpu="8")),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 2.666667",
        ),
        (
            {"ratio": amounts(cpu="2")},
            (amounts(cpu="1"), ()),
            "cpu max limit to request ratio per Container is 2, but no limit is specified or limit is 0",
        ),
        (
            {"ratio": amounts(cpu="2")},
            ((), ()),
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
        ),
    ],
)
def test_what_a_limit_range_refuses_is_said_as_the_api_server_says_it(
    bounds: dict[str, Amounts], written: tuple[Amounts, Amounts], text: str
) -> None:
    limit_range = _range(**bounds)
    pod = effective(Pod((container(requests=written[0], limits=written[1]),)), [limit_range])

    assert [(fault.text, fault.container) for fault in limit_faults(pod, [limit_range])] == [(text, "app")]


def test_a_bound_on_pods_is_about_the_sum_and_fills_nothing_in() -> None:
    ranges = [LimitRange("r", (Limit("Pod", maximum=amounts(cpu="1")),))]
    two = Pod((container(limits=amounts(cpu="600m")), container("b", limits=amounts(cpu="600m"))))

    def said(pod: Pod) -> list[str]:
        return [fault.text for fault in limit_faults(effective(pod, ranges), ranges)]

    assert said(two) == ["maximum cpu usage per Pod is 1, but limit is 1200m"]
    assert said(Pod((container(requests=amounts(cpu="100m")),))) == [
        "maximum cpu usage per Pod is 1.  No limit is specified"
    ]


def test_what_equals_a_bound_is_admitted() -> None:
    limit_range = _range(minimum=amounts(cpu="500m"), maximum=amounts(cpu="2"), ratio=amounts(cpu="4"))
    pod = effective(Pod((container(requests=_QUARTER[0], limits=_QUARTER[1]),)), [limit_range])

    assert limit_faults(pod, [limit_range]) == ()


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=3, unique=True))
def test_the_order_of_limit_ranges_does_not_matter(names: list[str]) -> None:
    ranges = [LimitRange(name, (Limit("Container", default=amounts(cpu=str(ord(name)))),)) for name in names]

    assert effective(Pod((container(),)), ranges) == effective(Pod((container(),)), ranges[::-1])


# --- rolling update


@pytest.mark.parametrize(
    ("replicas", "expected"),
    [(1, (1, 0)), (3, (1, 0)), (6, (2, 1)), (10, (3, 2)), (12, (3, 3))],
)
def test_a_quarter_rounds_up_for_the_surge_and_down_for_the_unavailable(
    replicas: int, expected: tuple[int, int]
) -> None:
    assert fenceposts(Strategy(), replicas) == Fenceposts(*expected)


def test_both_zero_makes_one_unavailable() -> None:
    assert fenceposts(Strategy(max_surge="0", max_unavailable="0%"), 8) == Fenceposts(0, 1)


@pytest.mark.parametrize(
    ("strategy", "kind", "extra"),
    [
        (Strategy(), "Deployment", 3),
        (Strategy(max_surge="5"), "Deployment", 5),
        (Strategy(type="Recreate"), "Deployment", 0),
        (Strategy(), "StatefulSet", 0),
        (Strategy(), "DaemonSet", 0),
        (Strategy(max_surge="10%"), "DaemonSet", 2),
        (Strategy(), "ReplicaSet", 0),
    ],
)
def test_only_some_updates_surge(strategy: Strategy, kind: Kind, extra: int) -> None:
    assert surge(strategy, kind, 12) == extra
