"""What is known around a request: what manifests, snapshots and prices tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from infra_scale.core.planning.actions import NO_BASES, Bases
from infra_scale.model.capacity import NO_FORECAST, Forecast

if TYPE_CHECKING:  # a request without manifests loads nothing that reads them
    from infra_scale.core.reading.manifests import Manifests


class RuleContext(NamedTuple):
    """What is known around one request."""

    bases: Bases = NO_BASES
    """What the repository's manifests say of each workload, by its route."""
    manifests: Manifests | None = None
    forecast: Forecast = NO_FORECAST


NO_CONTEXT = RuleContext()
