"""What becomes of everything that is planned for one cluster, scenario by scenario."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.demand import Load
from infra_scale.core.capacity.judging import Judged, Outcome, surges
from infra_scale.core.capacity.loads import other_loads
from infra_scale.core.capacity.members import Cast, cast_of
from infra_scale.core.capacity.outcomes import Simulated
from infra_scale.core.capacity.quota_lines import Line
from infra_scale.core.capacity.slack import is_ample
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import DoesNotFit, Growth, Scenario, Unknown
from infra_scale.model.workload import WorkloadRef

Outcomes = Mapping[WorkloadRef, Outcome]


class Foreseen(NamedTuple):
    """The outcomes of all scenarios."""

    outcomes: Mapping[Scenario, Outcomes]
    growth: tuple[Growth, ...]
    """The nodes that pools add for what is requested."""
    stalled_by_quota: Mapping[WorkloadRef, Line]
    """The quota that holds up a workload, whatever the order of events."""


def foreseen(snapshot: ClusterSnapshot, planned: Sequence[Load], kept: Sequence[Load] = ()) -> Foreseen:
    """Carry out a plan in several orders, and judge each scenario; `kept`: what a plan cannot change."""
    others = other_loads(snapshot, {load.ref for load in (*planned, *kept)})
    cast = cast_of(snapshot, planned, (*kept, *others))
    requested, growth, simulated = _judge(cast, planned, Judged(snapshot, planned, "requested"), ("requested",))
    outcomes: dict[Scenario, Outcomes] = {"requested": requested}
    if any(load.has_bounds for load in planned):
        lowest = Judged(snapshot, planned, "hpaMin")
        is_clear = simulated is None or simulated.all_placed()
        outcomes["hpaMin"] = lowest.outcomes() if is_clear else _judge(cast, planned, lowest, ("hpaMin",))[0]
        highest = Judged(snapshot, planned, "hpaMax")
        outcomes["hpaMax"] = _judge(cast, planned, highest, ("requested", "hpaMax"))[0]
    if any(surges(load) for load in planned):
        outcomes["surge"] = _surging(Judged(snapshot, planned, "surge").outcomes(), requested)
    stalled = ((load.ref, simulated.quota_of(load.ref)) for load in planned) if simulated else ()
    return Foreseen(outcomes, growth, {ref: line for ref, line in stalled if line})


def _judge(
    cast: Cast, planned: Sequence[Load], judged: Judged, path: Sequence[Scenario]
) -> tuple[Outcomes, tuple[Growth, ...], Simulated | None]:
    """By the packing alone where that decides, else by simulation."""
    if judged.is_cut_short or is_ample(cast, planned, judged, path[-1]):
        return judged.outcomes(), judged.growth, None
    simulated = Simulated(cast, planned, path)
    items = {ref: item.pods for ref, item in judged.items.items()}
    wanted = simulated.wanted if len(path) == 1 else items
    outcomes = {
        load.ref: judged.outcome(load, simulated.verdict(load, judged, wanted[load.ref]), wanted[load.ref])
        for load in planned
    }
    return outcomes, simulated.growth, simulated


def _surging(outcomes: Outcomes, requested: Outcomes) -> Outcomes:
    """Further pods without a place hold up no update that is known to end."""
    return {
        ref: outcome
        for ref, outcome in outcomes.items()
        if not isinstance(outcome.verdict, DoesNotFit) or isinstance(requested[ref].verdict, (DoesNotFit, Unknown))
    }
