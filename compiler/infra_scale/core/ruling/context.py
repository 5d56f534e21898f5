"""Context of a request: data of manifests, snapshots and prices."""

from typing import NamedTuple

from infra_scale.core.forecast.request import NO_FORECAST, Forecast
from infra_scale.core.planning.actions import NO_BASES, Bases
from infra_scale.core.reading.manifests import Manifests


class RuleContext(NamedTuple):
    """Context of one request."""

    bases: Bases = NO_BASES
    """The workloads in the repository's manifests, by route."""
    manifests: Manifests = Manifests()
    forecast: Forecast = NO_FORECAST


NO_CONTEXT = RuleContext()
