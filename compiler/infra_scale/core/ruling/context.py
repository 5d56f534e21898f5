"""Context of a request: data of manifests, snapshots and prices."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from infra_scale.model.capacity import NO_FORECAST, Forecast
from infra_scale.model.manifest import NO_BASES, Bases

if TYPE_CHECKING:  # a request without manifests loads nothing that reads them
    from infra_scale.core.reading.manifests import Manifests


class RuleContext(NamedTuple):
    """Context of one request."""

    bases: Bases = NO_BASES
    """The workloads in the repository's manifests, by route."""
    manifests: Manifests | None = None
    forecast: Forecast = NO_FORECAST


NO_CONTEXT = RuleContext()
