"""Which orders of events are tried."""

from itertools import combinations

from infra_scale.core.capacity.simulation.orders import Effort


def test_any_two_properties_of_random_orders_come_together_in_every_way() -> None:
    """Where one decides about another, some orders never come up, however many are tried."""
    effort = Effort(pods=1, nodes=1, members=2)
    orders = [*effort.random_orders(), *effort.further_orders()]
    columns = [
        [getattr(order, name) for order in orders] for name in ("applies", "scoring", "precedence", "queue", "last")
    ]

    for one, other in combinations(columns, 2):
        assert len({*zip(one, other, strict=True)}) == len({*one}) * len({*other})


def test_fewer_orders_are_tried_where_each_takes_long() -> None:
    counts = [len([*Effort(pods, 100, 3).random_orders()]) for pods in (1, 10, 100)]

    assert counts == sorted(counts, reverse=True)
    assert len({*counts}) == 3


def test_orders_of_one_workload_alone_are_few() -> None:
    alone = Effort(pods=3, nodes=3, members=1)

    assert not [*alone.adverse_orders(0), *alone.further_orders()]
