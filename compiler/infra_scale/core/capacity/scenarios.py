"""Everything that is planned for one cluster, together, in four scenarios: as requested, all autoscalers at their
minimum, all at their maximum, and in the middle of a rolling update.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from infra_scale.core.capacity.combined_verdict import Simulated
from infra_scale.core.capacity.demand import Demand
from infra_scale.core.capacity.limitrange import limit_faults
from infra_scale.core.capacity.loads import is_ambiguous, load_for, other_loads
from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capacity.quota import Quotas, quotas_of
from infra_scale.core.capacity.scenario_verdict import Judged, surges
from infra_scale.core.capacity.simulation.quota_usage import Line
from infra_scale.core.capacity.simulation.slack import is_ample
from infra_scale.core.capacity.simulation.workloads import RunInput, run_input_of
from infra_scale.model.capacity import Load, Outcome, QuotaExceeded, RolloutRefused, WorkloadCapacity
from infra_scale.model.snapshot import ClusterSnapshot, NamespaceState
from infra_scale.model.verdict import DoesNotFit, Fits, FitsAfterScaleup, Growth, Scenario, Unknown, Verdict, status
from infra_scale.model.workload import WorkloadRef


class Capacity(NamedTuple):
    """The capacity of a cluster for its plans."""

    snapshot: ClusterSnapshot
    workloads: tuple[WorkloadCapacity, ...]
    """By namespace, kind and name."""
    growth: tuple[Growth, ...]
    """The nodes that pools add for the requested replicas."""


Outcomes = Mapping[WorkloadRef, Outcome]


class Foreseen(NamedTuple):
    """The outcomes of all scenarios."""

    outcomes: Mapping[Scenario, Outcomes]
    growth: tuple[Growth, ...]
    """The nodes that pools add for the requested replicas."""
    stalled_by_quota: Mapping[WorkloadRef, Line]
    """The quota that holds up a workload, whatever the order of events."""


def capacity_of(snapshot: ClusterSnapshot, demands: Iterable[Demand]) -> Capacity:
    """The capacity of a cluster for all demands together, one for each workload; their order does not matter.

    A demand with something unknown is `Unknown` and the others are judged without it. If an older snapshot does not
    show how many pods run, both possibilities are evaluated: a verdict that differs is unknown.
    """
    ordered = sorted(demands, key=lambda one: one.ref.order)
    known = _capacity(snapshot, ordered)
    if not any(is_ambiguous(demand) for demand in ordered):
        return known
    other = _capacity(snapshot, ordered, assumes_pending=True)
    pairs = zip(known.workloads, other.workloads, strict=True)
    return known._replace(workloads=tuple(_agreed(one, than) for one, than in pairs))


def _agreed(one: WorkloadCapacity, other: WorkloadCapacity) -> WorkloadCapacity:
    """With unknown verdicts where two possibilities differ."""
    if one.load is None:
        return one
    scenarios = {
        name: outcome
        if name in other.scenarios and status(other.scenarios[name].verdict) == status(outcome.verdict)
        else outcome._replace(verdict=Unknown(_AMBIGUOUS))
        for name, outcome in one.scenarios.items()
    }
    return one._replace(scenarios=scenarios)


_AMBIGUOUS = "the snapshot does not show how many of its pods run: capture the cluster again"


def _capacity(snapshot: ClusterSnapshot, ordered: Sequence[Demand], *, assumes_pending: bool = False) -> Capacity:
    loads = {demand.ref: load_for(snapshot, demand, assumes_pending=assumes_pending) for demand in ordered}
    known = [load for load in loads.values() if isinstance(load, Load)]
    refused = {load.ref for load in known if load.is_rejected}
    as_it_is = (load_for(snapshot, _unchanged(demand)) for demand in ordered if demand.ref in refused)
    kept = [load for load in as_it_is if isinstance(load, Load)]
    forecast = foreseen(snapshot, [load for load in known if not load.is_rejected], kept)
    return Capacity(snapshot, _workloads(snapshot, loads, forecast), forecast.growth)


def _unchanged(demand: Demand) -> Demand:
    """The demand if the changed object is refused: its autoscaler is a separate object, and changes."""
    return demand._replace(after=None, pod_after=demand.pod_before)


def _workloads(
    snapshot: ClusterSnapshot, loads: Mapping[WorkloadRef, Load | Unknown], foreseen: Foreseen
) -> tuple[WorkloadCapacity, ...]:
    found: list[WorkloadCapacity] = []
    for namespace, group in groupby(loads.items(), key=lambda item: item[0].namespace):
        here = list(group)
        state = snapshot.namespace(namespace)
        quotas = quotas_of(state, [load for _, load in here if isinstance(load, Load) and not load.is_rejected])
        for ref, load in here:
            if isinstance(load, Unknown):
                found.append(unknown_workload(ref, load))
            elif load.is_rejected:
                found.append(_workload(load, {"requested": _rejected(load)}, quotas_of(state, [load]), state))
            else:
                found.append(_known(load, foreseen, quotas, state))
    return tuple(found)


def _known(load: Load, foreseen: Foreseen, quotas: Quotas, state: NamespaceState) -> WorkloadCapacity:
    quotas = _own_quotas(load, foreseen, quotas, state)
    scenarios = {scenario: of[load.ref] for scenario, of in foreseen.outcomes.items() if load.ref in of}
    found = _workload(load, scenarios, quotas, state)
    stalled = foreseen.stalled_by_quota.get(load.ref)
    if stalled and not any(isinstance(fault, QuotaExceeded) for fault in found.quota_faults):
        fault = RolloutRefused(load.ref, stalled.quota.name, stalled.resource, stalled.hard)
        found = found._replace(quota_faults=(*found.quota_faults, fault))
    return found


def _rejected(load: Load) -> Outcome:
    count = load.counts["requested"]
    verdict = DoesNotFit(0, count, (), (), is_proven=True, is_too_large=False, cause="refused")
    return Outcome(count, count, verdict, is_own=True)


def _workload(
    load: Load, scenarios: Mapping[Scenario, Outcome], quotas: Quotas, state: NamespaceState
) -> WorkloadCapacity:
    faults = tuple(fault for fault in quotas.faults if fault.ref == load.ref)
    return WorkloadCapacity(
        load.ref,
        pod_size(load.pod),
        scenarios,
        load.restarts,
        quotas.replicas.get(load.ref),
        faults,
        limit_faults(load.pod, state.limit_ranges),
        load,
    )


def _own_quotas(load: Load, foreseen: Foreseen, quotas: Quotas, state: NamespaceState) -> Quotas:
    """What quotas leave to a workload. One that has all of its pods in every order exceeds none of them.

    Where the plans ask for more than is left, others are refused, and not it.
    """
    if not isinstance(foreseen.outcomes["requested"][load.ref].verdict, (Fits, FitsAfterScaleup)):
        return quotas
    if not any(isinstance(fault, QuotaExceeded) and fault.ref == load.ref for fault in quotas.faults):
        return quotas
    alone = quotas_of(state, [load])
    faults = tuple(fault for fault in alone.faults if not isinstance(fault, QuotaExceeded))
    return Quotas(faults, {ref: max(most, load.counts["requested"]) for ref, most in alone.replicas.items()})


def unknown_workload(ref: WorkloadRef, reason: Unknown) -> WorkloadCapacity:
    """The capacity of a workload with unknown data."""
    return WorkloadCapacity(
        ref, (), {"requested": Outcome(0, 0, reason, is_own=True)}, restarts=False, max_replicas=None
    )


def foreseen(snapshot: ClusterSnapshot, planned: Sequence[Load], kept: Sequence[Load] = ()) -> Foreseen:
    """Simulate a plan in several orders, and evaluate each scenario; `kept` loads cannot change."""
    others = other_loads(snapshot, {load.ref for load in (*planned, *kept)})
    run_input = run_input_of(snapshot, planned, (*kept, *others))
    requested, growth, simulated = _judge(run_input, planned, Judged(snapshot, planned, "requested"), ("requested",))
    outcomes: dict[Scenario, Outcomes] = {"requested": requested}
    if any(load.has_bounds for load in planned):
        lowest = Judged(snapshot, planned, "hpaMin")
        is_clear = simulated is None or simulated.all_placed()
        outcomes["hpaMin"] = lowest.outcomes() if is_clear else _judge(run_input, planned, lowest, ("hpaMin",))[0]
        highest = Judged(snapshot, planned, "hpaMax")
        outcomes["hpaMax"] = _judge(run_input, planned, highest, ("requested", "hpaMax"))[0]
    if any(surges(load) for load in planned):
        outcomes["surge"] = _surging(Judged(snapshot, planned, "surge").outcomes(), requested)
    stalled = ((load.ref, simulated.quota_of(load.ref)) for load in planned) if simulated else ()
    return Foreseen(outcomes, growth, {ref: line for ref, line in stalled if line})


def _judge(
    run_input: RunInput, planned: Sequence[Load], judged: Judged, path: Sequence[Scenario]
) -> tuple[Outcomes, tuple[Growth, ...], Simulated | None]:
    """By the packing alone where that decides, else by simulation."""
    if judged.is_cut_short or is_ample(run_input, planned, judged, path[-1]):
        return judged.outcomes(), judged.growth, None
    simulated = Simulated(run_input, planned, path)
    items = {ref: item.pods for ref, item in judged.items.items()}
    wanted = simulated.wanted if len(path) == 1 else items
    outcomes = {
        load.ref: judged.outcome(load, simulated.verdict(load, judged, wanted[load.ref]), wanted[load.ref])
        for load in planned
    }
    return outcomes, simulated.growth, simulated


def _surging(outcomes: Outcomes, requested: Outcomes) -> Outcomes:
    """The outcomes of an update that may not complete: additional pods do not matter to one that is known to complete.

    Nodes alone prove nothing for an update whose requested pods do not fit, for example because a quota refuses them.
    """

    def is_consistent(surge: Verdict, final: Verdict) -> bool:
        return isinstance(final, Unknown) or isinstance(surge, DoesNotFit) == isinstance(final, DoesNotFit)

    return {ref: one for ref, one in outcomes.items() if is_consistent(one.verdict, requested[ref].verdict)}
