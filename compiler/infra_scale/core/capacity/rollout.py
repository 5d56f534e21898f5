"""The number of pods that a rolling update starts before it stops others.

Source: ResolveFenceposts (deployment/util), defaults of apps/v1.
"""

from typing import NamedTuple

from infra_scale.core.capacity.versions import is_at_least
from infra_scale.model.snapshot import Strategy
from infra_scale.model.workload import Kind

_DEFAULT = "25%"
"""maxSurge and maxUnavailable of a Deployment."""


class Fenceposts(NamedTuple):
    """The allowed number of pods above and below the desired number."""

    surge: int
    unavailable: int


def fenceposts(strategy: Strategy, replicas: int) -> Fenceposts:
    """For a Deployment's rolling update: surge rounds up, unavailable rounds down; both 0 means 1 unavailable."""
    more = _resolved(strategy.max_surge or _DEFAULT, replicas, up=True)
    fewer = _resolved(strategy.max_unavailable or _DEFAULT, replicas, up=False)
    return Fenceposts(more, fewer if more or fewer else 1)


def surge(strategy: Strategy, kind: Kind, replicas: int) -> int:
    """The number of pods above the desired number during an update.

    A StatefulSet has no surge, Recreate stops everything first, a DaemonSet has one only if it is set, and other kinds
    do not replace pods in an update.
    """
    if strategy.type in ("Recreate", "OnDelete") or kind not in ("Deployment", "DaemonSet"):
        return 0
    if kind == "DaemonSet":
        return _resolved(strategy.max_surge or "0", replicas, up=True)
    return fenceposts(strategy, replicas).surge


def stateful_unavailable(strategy: Strategy, replicas: int, version: str | None) -> int:
    """The number of pods that a StatefulSet replaces at a time: one if maxUnavailable is not on by default."""
    if strategy.max_unavailable is None or not is_at_least(version, STATEFUL_UNAVAILABLE):
        return 1
    return max(1, _resolved(strategy.max_unavailable, replicas, up=False))


def daemon_fenceposts(strategy: Strategy, nodes: int) -> Fenceposts:
    """For a DaemonSet's rolling update; both round up."""
    more = _resolved(strategy.max_surge or "0", nodes, up=True)
    return Fenceposts(more, _resolved(strategy.max_unavailable or ("0" if more else "1"), nodes, up=True))


STATEFUL_UNAVAILABLE = (1, 35)
"""Since this version, the feature MaxUnavailableStatefulSet is on by default."""


def _resolved(bound: str, replicas: int, *, up: bool) -> int:
    """A number, or a percentage of the replicas."""
    if not bound.endswith("%"):
        return int(bound)
    percent = int(bound.removesuffix("%")) * replicas
    return -(-percent // 100) if up else percent // 100
