"""The result of a simulated order of events for one workload."""

from collections.abc import Mapping
from typing import NamedTuple

from infra_scale.core.capacity.simulation.quota_usage import Line


class Ending(NamedTuple):
    """The state of one workload at the end of a run."""

    missing: int
    """Pods without a node, or of the wrong template."""
    grown_for: int
    """Pods that were pending until pools added nodes."""
    growth: Mapping[str, int]
    """The added nodes with its pods, by pool."""
    refused_by: Line | None
    """The quota that refused its last pod."""
    is_refused: bool
    """Whether the API server rejects every pod of the new template."""
    has_old: bool
    """Whether pods remain that should have been replaced."""
    has_spare: bool
    """Whether one more pod would fit on the existing nodes."""
