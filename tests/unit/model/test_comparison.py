"""What of a comparison is shown to a person."""

from infra_scale.model.comparison import ClusterPicture, Level
from infra_scale.model.quantity import Quantity

_ONE, _TWO, _TEN = map(Quantity.parse, ("1", "2", "10"))


def test_a_level_is_changed_by_other_plans_and_by_another_limit() -> None:
    assert Level("", "cpu", _ONE, _TWO, _TEN, _ONE, _TEN).is_changed
    assert Level("", "cpu", _ONE, _TWO, _TEN, _TWO, _ONE).is_changed


def test_a_level_that_the_earlier_plans_reached_already_is_not_changed() -> None:
    assert not Level("", "cpu", _ONE, _TWO, _TEN, _TWO, _TEN).is_changed


def test_a_level_without_known_earlier_plans_is_compared_with_what_runs() -> None:
    assert Level("", "cpu", _ONE, _TWO, _TEN).is_changed
    assert not Level("", "cpu", _TWO, _TWO, _TEN).is_changed


def test_only_changed_levels_of_a_cluster_are_shown() -> None:
    cpu, memory = Level("", "cpu", _ONE, _TWO, _TEN), Level("", "memory", _ONE, _ONE, _TEN)

    assert ClusterPicture("eu", None, "fits", "", levels=(cpu, memory)).changed_levels == (cpu,)
