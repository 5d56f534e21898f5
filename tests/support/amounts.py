"""How much a test tries: little in `make test`, all of it in `make test-all`."""

from hypothesis import HealthCheck, settings

FAST, NIGHTLY = "fast", "nightly"
HANGS = 600
"""Seconds after which something has hung, and not only a slow machine."""
_SHARE = 10
_OF_TIME = (HealthCheck.too_slow,)


def register() -> None:
    """The two profiles. Nothing in them depends on time, because a slow machine is no fault of the code."""
    for name, number in ((FAST, 20), (NIGHTLY, 100)):
        settings.register_profile(name, max_examples=number, deadline=None, suppress_health_check=_OF_TIME)


def is_all() -> bool:
    """Whether everything is tried."""
    return settings.get_current_profile_name() == NIGHTLY


def share(number: int) -> int:
    """`number` if everything is tried, else a tenth of it."""
    return number if is_all() else max(1, number // _SHARE)


def examples(number: int, *suppressed: HealthCheck) -> settings:
    """So many examples of a property if everything is tried, else a tenth, and at least five."""
    return settings(max_examples=max(5, share(number)), suppress_health_check=(*_OF_TIME, *suppressed))
