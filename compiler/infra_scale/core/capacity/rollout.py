"""How many pods a rolling update starts before it stops others.

Source: ResolveFenceposts (deployment/util), defaults of apps/v1.
"""

from typing import NamedTuple

from infra_scale.model.snapshot import Strategy
from infra_scale.model.workload import Kind

_DEFAULT = "25%"
"""maxSurge and maxUnavailable of a Deployment."""


class Fenceposts(NamedTuple):
    """How many more, and how many fewer pods than wanted there may be."""

    surge: int
    unavailable: int


def fenceposts(strategy: Strategy, replicas: int) -> Fenceposts:
    """Of a Deployment's rolling update: surge rounds up, unavailable rounds down; both 0 means 1 unavailable."""
    more = _resolved(strategy.max_surge or _DEFAULT, replicas, up=True)
    fewer = _resolved(strategy.max_unavailable or _DEFAULT, replicas, up=False)
    return Fenceposts(more, fewer if more or fewer else 1)


def surge(strategy: Strategy, kind: Kind, replicas: int) -> int:
    """How many more pods than wanted an update runs for a while.

    A StatefulSet has no surge, Recreate stops everything first, a DaemonSet has one only where it says so, and the
    rest is not replaced by an update at all.
    """
    if strategy.type in ("Recreate", "OnDelete") or kind not in ("Deployment", "DaemonSet"):
        return 0
    if kind == "DaemonSet":
        return _resolved(strategy.max_surge or "0", replicas, up=True)
    return fenceposts(strategy, replicas).surge


def _resolved(bound: str, replicas: int, *, up: bool) -> int:
    """A number, or a percentage of the replicas."""
    if not bound.endswith("%"):
        return int(bound)
    percent = int(bound.removesuffix("%")) * replicas
    return -(-percent // 100) if up else percent // 100
