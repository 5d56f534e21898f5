"""Open pull requests that scale the same workload."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from infra_scale.model.request import ScaleRequest
from infra_scale.model.workload import WorkloadRef


class Scaled(NamedTuple):
    """One workload of one target that a pull request scales."""

    target: str
    ref: WorkloadRef


class Collision(NamedTuple):
    """A workload that another pull request scales as well."""

    scaled: Scaled
    number: int
    """The number of the other pull request."""


def scaled_by(requests: Iterable[ScaleRequest]) -> frozenset[Scaled]:
    """The workloads of requests."""
    return frozenset(Scaled(request.target, workload.ref) for request in requests for workload in request.workloads)


def collisions(of: int, scaled: Mapping[int, frozenset[Scaled]]) -> tuple[Collision, ...]:
    """The workloads that pull request `of` and others scale, by workload, then by number."""
    mine = scaled.get(of, frozenset())
    found = (Collision(what, number) for number, theirs in scaled.items() if number != of for what in mine & theirs)
    return tuple(sorted(found))
