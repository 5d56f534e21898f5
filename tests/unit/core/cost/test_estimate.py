"""What a workload costs: the vectors of OpenCost's defaults, exactly; and what is unknown is never 0."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.core.cost.defaults import OPENCOST
from infra_scale.core.cost.estimate import State, Subject, estimate, money, node_cost, pod_hourly
from infra_scale.model.forecast import NodeCost
from infra_scale.model.pod import Billable
from infra_scale.model.prices import Prices
from infra_scale.model.quantity import Quantity
from infra_scale.model.verdict import Growth, Unknown
from support.capacity import ref


def _billable(cpu: str, memory: str, gpus: int = 0) -> Billable:
    return Billable(Quantity.parse(cpu), Quantity.parse(memory), gpus)


def _state(replicas: int, bounds: tuple[int, int] | None = None, pod: Billable | None = None) -> State:
    return State(replicas, *(bounds or (replicas, replicas)), pod or _billable("500m", "1Gi"))


@pytest.mark.parametrize(
    ("cpu", "memory", "replicas", "monthly"),
    [
        ("1", "0", 1, "23.07603"),
        ("0", "1Gi", 1, "3.09301"),
        ("500m", "1Gi", 1, "14.6310250"),
        ("500m", "1Gi", 6, "87.78615"),
        ("500m", "1Gi", 4, "58.52410"),
        ("500m", "1Gi", 12, "175.57230"),
    ],
)
def test_the_vectors_of_the_default_prices_are_exact(cpu: str, memory: str, replicas: int, monthly: str) -> None:
    state = _state(replicas, pod=_billable(cpu, memory))

    after = estimate(Subject(ref(), None, state), OPENCOST).after

    assert not isinstance(after, Unknown)
    assert after.point == Fraction(Decimal(monthly))


def test_an_estimate_has_before_after_the_range_of_the_hpa_and_where_its_prices_come_from() -> None:
    found = estimate(Subject(ref(), _state(3), _state(6, (4, 12))), OPENCOST)

    assert not isinstance(found.after, Unknown)
    assert (found.after.minimum, found.after.maximum) == (Fraction("58.5241"), Fraction("175.5723"))
    assert found.delta == Fraction("43.893075")
    assert (found.currency, found.sheet, found.effective_from) == ("USD", "opencost-2024-10", "2024-10-01")
    assert "configs/default.json" in found.source


def test_what_runs_now_is_unknown_so_the_difference_is_and_the_new_cost_is_not() -> None:
    found = estimate(Subject(ref(), Unknown("not in the snapshot"), _state(6)), OPENCOST)

    assert found.before == found.delta == Unknown("not in the snapshot")
    assert not isinstance(found.after, Unknown)


def test_a_workload_that_does_not_exist_yet_costs_nothing_before() -> None:
    found = estimate(Subject(ref(), None, _state(1)), OPENCOST)

    assert found.delta == Fraction("14.631025")


@pytest.mark.parametrize("kind", ["Job", "CronJob"])
def test_a_job_is_not_estimated(kind: str) -> None:
    found = estimate(Subject(ref(kind=kind), _state(1), _state(2)), OPENCOST)

    assert isinstance(found.after, Unknown)
    assert found.after.reason.startswith("not estimated")


def test_without_a_sheet_everything_is_unknown() -> None:
    reason = Unknown("no prices for cluster prod-eu")

    found = estimate(Subject(ref(), _state(1), _state(2)), reason)

    assert found.before == found.after == found.delta == reason


def test_a_gpu_without_a_price_is_unknown_and_with_one_is_counted() -> None:
    pod = _billable("0", "0", gpus=2)

    assert pod_hourly(pod, OPENCOST.default) == Fraction("1.9")
    assert pod_hourly(pod, Prices(Decimal(1), Decimal(1))) == Unknown("the price sheet has no price for a GPU")


def test_a_pool_has_prices_of_its_own() -> None:
    on_spot = _state(1, pod=_billable("1", "0"))._replace(pools=("spot",))

    found = estimate(Subject(ref(), None, on_spot), OPENCOST)

    assert found.delta == Fraction("0.006655") * 730


@pytest.mark.parametrize(
    ("pools", "hourly"),
    [
        ((), "0.031611"),
        ((None,), "0.031611"),
        (("general", "large"), "0.031611"),
        (("general", "spot"), "it can run in pools with different prices: general, spot"),
        ((None, "spot"), "it can run in pools with different prices: nodes without one, spot"),
    ],
)
def test_pools_with_different_prices_make_the_cost_unknown(pools: tuple[str | None, ...], hourly: str) -> None:
    found = estimate(Subject(ref(), None, _state(1, pod=_billable("1", "0"))._replace(pools=pools)), OPENCOST)

    known = isinstance(found.after, Unknown)
    assert found.delta == (Unknown(hourly) if known else Fraction(hourly) * 730)


def test_further_nodes_are_billed_whole_where_the_sheet_prices_them() -> None:
    growth = (Growth("general", 2, 4, 10),)
    priced = OPENCOST._replace(pools=(("general", OPENCOST.default._replace(node=Decimal("0.1"))),))

    assert node_cost(growth, priced) == NodeCost((("general", Fraction(146)),), Fraction(146), "USD")
    assert node_cost((*growth, Growth("gpu", 1, 0, 1)), priced) == NodeCost((("general", Fraction(146)),), None, "USD")
    assert node_cost(growth, OPENCOST) is None


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("87.78615", "$87.79"),
        ("0.125", "$0.12"),
        ("0.135", "$0.14"),
        ("-0.125", "-$0.12"),
        ("1234.5", "$1,234.50"),
        ("-0.001", "$0.00"),
        ("0", "$0.00"),
    ],
)
def test_amounts_are_rounded_half_to_even_and_only_for_show(amount: str, text: str) -> None:
    assert money(Fraction(amount), "USD") == text


def test_another_currency_stands_behind_the_amount_and_a_change_has_its_sign() -> None:
    assert money(Fraction(3), "EUR", signed=True) == "+3.00 EUR"
    assert money(Fraction(0), "EUR", signed=True) == "0.00 EUR"


_BILLABLE = st.builds(
    Billable,
    st.integers(0, 10**12).map(lambda nano: Quantity(nano, "decimal")),
    st.integers(0, 2**45).map(lambda size: Quantity(size * 10**9, "binary")),
    st.integers(0, 8),
)
_STATE = st.builds(State, st.integers(0, 500), st.integers(0, 500), st.integers(0, 500), _BILLABLE)


@given(before=_STATE, after=_STATE)
def test_the_way_back_costs_as_much_less_as_the_way_there_costs_more(before: State, after: State) -> None:
    there = estimate(Subject(ref(), before, after), OPENCOST).delta
    back = estimate(Subject(ref(), after, before), OPENCOST).delta

    assert isinstance(there, Fraction)
    assert isinstance(back, Fraction)
    assert there == -back
