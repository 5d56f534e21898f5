"""How much a test tries: little in `make test`, all of it in `make test-all`."""

from hypothesis import HealthCheck, settings

FAST, NIGHTLY = "fast", "nightly"
_SHARE = 10


def register() -> None:
    """The two profiles. They have no deadline, because a slow machine is no fault of the code."""
    settings.register_profile(FAST, max_examples=20, deadline=None)
    settings.register_profile(NIGHTLY, max_examples=100, deadline=None)


def is_all() -> bool:
    """Whether everything is tried."""
    return settings.get_current_profile_name() == NIGHTLY


def share(number: int) -> int:
    """`number` if everything is tried, else a tenth of it."""
    return number if is_all() else max(1, number // _SHARE)


def examples(number: int, *suppressed: HealthCheck) -> settings:
    """So many examples of a property if everything is tried, else a tenth, and at least ten."""
    return settings(max_examples=max(min(10, number), share(number)), suppress_health_check=suppressed)
