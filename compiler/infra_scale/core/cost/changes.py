"""What changes cost together: by target, and by request within one."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.core.cost.budget import total_of
from infra_scale.model.comparison import WorkloadChange
from infra_scale.model.cost import Cost, Estimate, Total
from infra_scale.model.verdict import Unknown

NO_PRICES = Unknown("nobody has named prices")


class RequestCost(NamedTuple):
    """What changes of one request cost."""

    request: str
    cost: Cost


class TargetCost(NamedTuple):
    """What changes for one target cost."""

    target: str
    total: Total | Unknown
    requests: tuple[RequestCost, ...]
    """Those that prices are known for."""


def costs_of(changes: Iterable[WorkloadChange]) -> tuple[TargetCost, ...]:
    """The sums over the workloads that change, in their order."""
    by_target: dict[str, dict[str, list[Estimate]]] = {}
    for change in changes:
        of_request = by_target.setdefault(change.target, {}).setdefault(change.request, [])
        of_request += [change.cost] if change.cost else []
    return tuple(_of_target(target, requests) for target, requests in by_target.items())


def _of_target(target: str, requests: dict[str, list[Estimate]]) -> TargetCost:
    everything = [one for estimates in requests.values() for one in estimates]
    return TargetCost(
        target,
        total_of(everything) if everything else NO_PRICES,
        tuple(
            RequestCost(path, Cost(tuple(estimates), total_of(estimates)))
            for path, estimates in requests.items()
            if estimates
        ),
    )
