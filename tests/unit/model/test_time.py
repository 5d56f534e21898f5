from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra_scale.model.time import in_milliseconds, in_path, in_seconds, read_time

_TIME = datetime(2025, 1, 15, 9, 30, 0, 7_999, tzinfo=UTC)


def test_a_time_is_written_in_utc_and_cut_not_rounded() -> None:
    assert in_seconds(_TIME) == "2025-01-15T09:30:00Z"
    assert in_milliseconds(_TIME) == "2025-01-15T09:30:00.007Z"
    assert in_path(_TIME) == "2025-01-15-09-30-00-007Z"


def test_a_time_of_another_zone_is_written_as_the_same_instant() -> None:
    there = _TIME.astimezone(timezone(timedelta(hours=5, minutes=45)))

    assert in_milliseconds(there) == in_milliseconds(_TIME)


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 (hypothesis wants naive bounds)
def test_what_is_written_is_read_back(time: datetime) -> None:
    assert read_time(in_milliseconds(time)) == time.replace(microsecond=time.microsecond // 1000 * 1000)
    assert read_time(in_seconds(time)) == time.replace(microsecond=0)


@pytest.mark.parametrize("text", ["", "2025-01-15T09:30:00", "2025-02-30T00:00:00Z", "now", "2025-01-15"])
def test_a_text_without_time_zone_or_time_is_no_time(text: str) -> None:
    assert read_time(text) is None
