from datetime import UTC, datetime
from itertools import combinations
from typing import get_args

import pytest

from infra_scale.model.event import Event, PlanProposed

_FACTS = {
    "at": datetime(2026, 11, 30, 12, tzinfo=UTC),
    "actor": "alice",
    "repository": "acme/web",
    "target": "prod",
    "digest": "sha256",
}


def test_two_events_with_the_same_facts_are_equal_only_where_they_are_of_one_type() -> None:
    events = [kind(**_FACTS) for kind in get_args(Event)]

    assert all(one != other for one, other in combinations(events, 2))
    assert events == [kind(**_FACTS) for kind in get_args(Event)]
    assert len(set(events)) == len(events)


@pytest.mark.parametrize("kind", get_args(Event))
def test_an_event_cannot_be_changed(kind: type[PlanProposed]) -> None:
    event = kind(**_FACTS)  # type: ignore[arg-type] # the values of one dictionary have several types

    with pytest.raises(AttributeError):
        event.actor = "mallory"  # type: ignore[misc] # that is the point
    with pytest.raises((AttributeError, TypeError)):
        event.note = "x"  # type: ignore[attr-defined] # likewise
