"""A budget asks about change in both directions, and says when it cannot know."""

from decimal import Decimal

import pytest

from infra_scale.core.cost.budget import Exceeded, Within, against_budget
from infra_scale.core.cost.defaults import OPENCOST
from infra_scale.core.cost.estimate import State, Subject, estimate
from infra_scale.model.cost import Budget, Estimate, Threshold
from infra_scale.model.pod import Billable
from infra_scale.model.quantity import Quantity
from infra_scale.model.verdict import Unknown
from support.capacity import ref

_HALF = Billable(Quantity.parse("500m"), Quantity.parse("1Gi"))


def _estimate(before: int, after: int, maximum: int | None = None, name: str = "web") -> Estimate:
    state = State(after, after, maximum or after, _HALF)
    return estimate(Subject(ref(name), State(before, before, before, _HALF), state), OPENCOST)


def _unknown(name: str = "worker") -> Estimate:
    return estimate(Subject(ref(name), None, Unknown("container app requests no cpu")), OPENCOST)


def _either(amount: str | None = None, percent: str | None = None) -> Budget:
    threshold = Threshold(Decimal(amount) if amount else None, Decimal(percent) if percent else None)
    return Budget(threshold, threshold)


def test_the_message_tells_change_share_and_what_the_hpa_may_add() -> None:
    verdict = against_budget([_estimate(3, 6, 12)], _either(amount="40"))

    assert isinstance(verdict, Exceeded)
    assert verdict.text == "+$43.89/month (+100%), up to +$131.68 at HPA max"


def test_a_saving_is_told_too() -> None:
    verdict = against_budget([_estimate(6, 3)], _either(percent="20"))

    assert isinstance(verdict, Exceeded)
    assert verdict.text == "-$43.89/month (-50%)"


@pytest.mark.parametrize(
    ("budget", "exceeded"),
    [
        (_either(amount="43.893075"), False),
        (_either(amount="43.893074"), True),
        (_either(percent="100"), False),
        (_either(percent="99.99"), True),
        (Budget(decrease=Threshold(Decimal(1))), False),
        (Budget(), False),
    ],
)
def test_what_equals_a_threshold_is_within_it_to_the_last_digit(budget: Budget, exceeded: bool) -> None:
    assert isinstance(against_budget([_estimate(3, 6)], budget), Exceeded) == exceeded


@pytest.mark.parametrize("budget", [_either(amount="1"), _either(percent="1000000")])
def test_from_nothing_any_increase_is_beyond_every_percentage(budget: Budget) -> None:
    assert isinstance(against_budget([_estimate(0, 0)], budget), Within)
    exceeded = against_budget([_estimate(0, 6)], budget)
    assert isinstance(exceeded, Exceeded)
    assert exceeded.text == "+$87.79/month"


def test_workloads_of_a_plan_are_summed_so_one_can_pay_for_another() -> None:
    moved = [_estimate(3, 6), _estimate(6, 3, name="api")]

    assert isinstance(against_budget(moved, _either(amount="1")), Within)


def test_within_counts_only_when_all_are_known_and_exceeded_says_who_is_missing() -> None:
    small, large = _estimate(3, 3), _estimate(3, 60)

    assert against_budget([small, _unknown()], _either(amount="40")) == Unknown(
        "the cost of Deployment/worker is unknown: container app requests no cpu"
    )
    exceeded = against_budget([large, _unknown()], _either(amount="40"))
    assert isinstance(exceeded, Exceeded)
    assert exceeded.text.endswith("; without Deployment/worker, whose cost is unknown")


def test_nothing_known_is_unknown() -> None:
    assert against_budget([_unknown()], _either(amount="1")) == Unknown("container app requests no cpu")
    assert against_budget([], _either(amount="1")) == Unknown("nothing to estimate")


def test_two_currencies_cannot_be_summed() -> None:
    euros = _estimate(1, 2, name="api")._replace(currency="EUR")

    assert against_budget([_estimate(1, 2), euros], Budget()) == Unknown(
        "the price sheets have different currencies: EUR, USD"
    )
