"""The requests that are refused for an error of their own, or because two of them are in conflict."""

from collections.abc import Sequence

from infra_scale.core.compiling.environment import Environment
from infra_scale.core.compiling.request import is_refused
from infra_scale.core.compiling.shared import conflict_findings
from infra_scale.core.documents.request import Reading
from infra_scale.core.planning.conflicts import Suspicion, claims


def refused_paths(readings: Sequence[Reading], environment: Environment) -> frozenset[str]:
    """The paths of the refused requests among all, in scope or not."""
    suspicion = Suspicion()
    for reading in readings:
        if reading.request:
            suspicion.add(reading.path, claims(reading.request, environment.aimed(reading.request).target))
    suspected = {reading.path: reading for reading in readings if reading.path in suspicion.paths}
    colliding = {finding.path for finding in conflict_findings(suspected, environment.targets)}
    own = {reading.path for reading in readings if is_refused(reading, environment)}
    return frozenset(colliding | own)
