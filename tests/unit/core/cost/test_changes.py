"""The change of the monthly cost of several workloads together."""

from fractions import Fraction

from infra_scale.core.cost.changes import NO_PRICES, monthly_delta
from infra_scale.model.comparison import Setting, WorkloadChange
from infra_scale.model.cost import Estimate, Monthly
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef

_EDIT = (Setting("Deployment/web", "replicas", "2", "3"),)
_REF = WorkloadRef("Deployment", "shop", "web")


def _amount(cost: int | Unknown) -> Monthly | Unknown:
    return cost if isinstance(cost, Unknown) else Monthly(*[Fraction(cost)] * 3)


def _estimate(before: int, after: int | Unknown) -> Estimate:
    delta = after if isinstance(after, Unknown) else Fraction(after - before)
    return Estimate(_REF, _amount(before), _amount(after), delta, "USD", "opencost", "2025-01-01", "")


def _change(cost: Estimate | None, settings: tuple[Setting, ...] = _EDIT) -> WorkloadChange:
    names = ("changed", "prod", None, "shop", "Deployment/web", "requests/web.yaml", "requests/web.yaml")
    return WorkloadChange(*names, settings, cost, is_cost_live=False, forecast_before=None, forecast=None)  # type: ignore[arg-type]  # names are literals


def test_no_change_costs_nothing() -> None:
    assert monthly_delta([]) == 0


def test_the_changes_are_summed() -> None:
    assert monthly_delta([_change(_estimate(5, 9)), _change(_estimate(7, 6))]) == 3


def test_one_unknown_cost_makes_the_sum_unknown() -> None:
    why = Unknown("no containers are known")

    assert monthly_delta([_change(_estimate(5, 9)), _change(_estimate(7, why))]) == why


def test_one_change_without_prices_makes_the_sum_unknown() -> None:
    assert monthly_delta([_change(_estimate(5, 9)), _change(None)]) == NO_PRICES


def test_a_change_of_the_capacity_verdict_alone_costs_nothing() -> None:
    assert monthly_delta([_change(None, settings=())]) == 0
