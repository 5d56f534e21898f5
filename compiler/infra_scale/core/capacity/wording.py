"""Verdicts about capacity as one line each (kubernetes.md §4.6)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import assert_never

from infra_scale.core.capacity.packing.node_capacity import natural
from infra_scale.model.capacity import Outcome, WorkloadCapacity
from infra_scale.model.quantity import NANO, Quantity
from infra_scale.model.units import amount_text
from infra_scale.model.verdict import (
    DoesNotFit,
    Fits,
    FitsAfterScaleup,
    FitsDependingOnOrder,
    Growth,
    Scenario,
    Shortage,
    Unknown,
    is_worse,
)

NOT_MODELLED = "Not looked at: preferred rules, pre-emption, and what other controllers change about pods."
"""Caveats that apply to every verdict."""

_NAMED_NODES = 5
"""At most this many are listed; the rest is counted."""
_MILLI = 10**6
TIMES = "\N{MULTIPLICATION SIGN}"


def shown_scenarios(workload: WorkloadCapacity) -> Iterator[tuple[Scenario, Outcome]]:
    """The scenarios that are about a workload, or in which it is worse off for what others take."""
    for scenario, outcome in workload.scenarios.items():
        if outcome.is_own or is_worse(outcome.verdict, workload.requested):
            yield scenario, outcome


def outcome_text(workload: WorkloadCapacity, scenario: Scenario) -> str:
    """The result of a workload in a scenario, without the time of the snapshot."""
    outcome = workload.scenarios[scenario]
    what = _what(workload, scenario, outcome)
    return f"{workload.ref}{what} → {_says(outcome, scenario)}"


def size_text(size: Sequence[tuple[str, int]]) -> str:
    """A pod as people write it: 500m, 1Gi."""
    known = dict(size)
    first = [_amount(name, known.get(name, 0)) for name in ("cpu", "memory")]
    others = [f"{name} {_amount(name, count)}" for name, count in size if count and name not in ("cpu", "memory")]
    return ", ".join([*first, *others])


def _amount(name: str, steps: int) -> str:
    """Of the scheduler's steps: thousandths of a core, else whole units."""
    return amount_text(name, Quantity(steps * (_MILLI if name == "cpu" else NANO), "decimal"))


def _what(workload: WorkloadCapacity, scenario: Scenario, outcome: Outcome) -> str:
    pods = f"{outcome.added} {TIMES} ({size_text(workload.size)})"
    if not outcome.is_own:
        return f" +{pods} {_MEANWHILE[scenario]}"
    match scenario:
        case "requested":
            return (f" {pods}" if workload.restarts else f" +{pods}") if workload.size else ""
        case "hpaMin":
            return f" at HPA min {outcome.replicas}"
        case "hpaMax":
            return f" at HPA max {outcome.replicas}"
        case "surge":
            return f" during rollout +{pods}"


_MEANWHILE: dict[Scenario, str] = {
    "requested": "",
    "hpaMin": "while all HPAs are at their min",
    "hpaMax": "while all HPAs are at their max",
    "surge": "while others roll out",
}
"""For a workload that a scenario is not about."""


def _says(outcome: Outcome, scenario: Scenario) -> str:
    match outcome.verdict:
        case Fits() if not outcome.added:
            return "fits: no further pods to place"
        case Fits(placeable):
            return f"fits on existing nodes ({placeable} placeable)"
        case FitsAfterScaleup(placed, wanted, growth):
            return f"fits only after scale-up: {placed} of {wanted} placed, {_growth(growth)}"
        case FitsDependingOnOrder(placed, wanted):
            return f"fits depending on the order in which pods are scheduled: {placed} of {wanted} placed in the worst"
        case DoesNotFit() as verdict:
            return _does_not_fit(verdict, outcome.replicas if scenario == "hpaMax" and outcome.is_own else None)
        case Unknown(reason):
            return f"unknown: {reason}"
        case _:
            assert_never(outcome.verdict)


def _does_not_fit(verdict: DoesNotFit, maximum: int | None) -> str:
    placed = f"{verdict.placed} of {verdict.wanted} placed"
    if maximum is not None and verdict.cause in ("room", "rollout"):
        stop = maximum - verdict.wanted + verdict.placed
        return f"does not fit ({placed}); HPA will stop at ~{stop} in practice with Pending pods"
    pools = ", ".join(
        f"pool {pool.pool} at max {pool.current + pool.added}/{pool.maximum}" for pool in verdict.exhausted
    )
    match verdict.cause:
        case "room":
            return "; ".join(filter(None, (f"does not fit: {placed}", _shortages(verdict.shortages), pools)))
        case "rollout":
            return "; ".join(filter(None, (f"does not fit (rollout stalls): {placed}", _shortages(verdict.shortages))))
        case "quota":
            return f"does not fit: {placed}; ResourceQuota {verdict.quota} admits no more"
        case "refused":
            return f"does not fit: {placed}; the API server refuses such pods"
        case _:
            assert_never(verdict.cause)


def _shortages(shortages: Sequence[Shortage]) -> str:
    nodes = [(node, one.reason) for one in shortages for node in one.nodes]
    if len(nodes) <= _NAMED_NODES:
        return ", ".join(
            f"{node} {_of_one(reason)}" for node, reason in sorted(nodes, key=lambda pair: natural(pair[0]))
        )
    return f"of {len(nodes)} nodes " + ", ".join(f"{len(one.nodes)} {one.reason}" for one in shortages)


def _of_one(reason: str) -> str:
    return reason.removeprefix("node(s) ").removeprefix("were ")


def _growth(growth: Sequence[Growth]) -> str:
    return ", ".join(
        f"+{pool.added} node{'' if pool.added == 1 else 's'} in pool {pool.pool} "
        f"(current {pool.current}, max {pool.maximum})"
        for pool in growth
    )


def minute(time: datetime) -> str:
    """2025-01-15T03:00Z."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
