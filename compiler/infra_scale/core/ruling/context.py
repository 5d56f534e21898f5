"""What is known around a request: what manifests, snapshots and prices tell."""

from typing import NamedTuple

from infra_scale.core.planning.actions import NO_BASES, Bases
from infra_scale.core.reading.manifests import Manifests
from infra_scale.model.capacity import NO_FORECAST, Forecast


class RuleContext(NamedTuple):
    """What is known around one request."""

    bases: Bases = NO_BASES
    """What the repository's manifests say of each workload, by its route."""
    manifests: Manifests = Manifests()
    forecast: Forecast = NO_FORECAST


NO_CONTEXT = RuleContext()
