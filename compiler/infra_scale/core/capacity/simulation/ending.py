"""Ending: how a simulated order of events ends for one workload."""

from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.core.capacity.simulation.quota_usage import Line


class Ending(NamedTuple):
    """What a run leaves of one workload."""

    missing: int
    """Pods that have no node, or are not as they should be."""
    grown_for: int
    """Pods that had no place until pools added nodes."""
    growth: Mapping[str, int]
    """The added nodes that have pods of it, by pool."""
    refused_by: Line | None
    """The quota that refused its last pod."""
    is_refused: bool
    """Whether the API server accepts no pod of the new template."""
    has_old: bool
    """Whether pods are left that should have been replaced."""
    has_spare: bool
    """Whether one more pod would have a place on nodes that no pool has added."""
