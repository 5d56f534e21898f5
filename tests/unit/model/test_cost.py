"""When the cost of a workload counts as changed."""

from fractions import Fraction

import pytest

from infra_scale.model.cost import Estimate, Monthly
from infra_scale.model.verdict import Unknown
from infra_scale.model.workload import WorkloadRef

_WHY = Unknown("no containers are known")


def _monthly(point: str, maximum: str = "9") -> Monthly:
    return Monthly(Fraction(point), Fraction(0), Fraction(maximum))


@pytest.mark.parametrize(
    ("before", "after", "moves"),
    [
        (_monthly("1.001"), _monthly("1.0099"), False),
        (_monthly("1.00"), _monthly("1.01"), True),
        (_monthly("1.00"), _monthly("0.99"), True),
        (_monthly("1.00"), _monthly("1.00", "9.5"), True),
        (_WHY, _monthly("1.00"), True),
        (_monthly("1.00"), _WHY, True),
        (_WHY, Unknown("the price was in EUR"), False),
    ],
)
def test_a_cost_moves_by_a_cent_or_more(before: Monthly | Unknown, after: Monthly | Unknown, *, moves: bool) -> None:
    ref = WorkloadRef("Deployment", "shop", "web")

    estimate = Estimate(ref, before, after, _WHY, "USD", "opencost", "2025-01-01", "")

    assert estimate.moves is moves
