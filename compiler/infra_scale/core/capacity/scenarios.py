"""Everything that is planned for one cluster, together, in four scenarios: as requested, all autoscalers at their
minimum, all at their maximum, and in the middle of a rolling update.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from infra_scale.core.capacity.demand import Demand, Load
from infra_scale.core.capacity.foreseen import Foreseen, foreseen
from infra_scale.core.capacity.judging import Outcome
from infra_scale.core.capacity.limitrange import LimitFault, limit_faults
from infra_scale.core.capacity.loads import is_ambiguous, load_for
from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capacity.quota import Quotas, quotas_of
from infra_scale.core.capacity.quota_faults import QuotaExceeded, QuotaFault, RolloutRefused
from infra_scale.model.snapshot import ClusterSnapshot, NamespaceState
from infra_scale.model.verdict import DoesNotFit, Fits, FitsAfterScaleup, Growth, Scenario, Unknown, Verdict, status
from infra_scale.model.workload import WorkloadRef


class WorkloadCapacity(NamedTuple):
    """What a cluster can hold of one workload, beside everything else that is planned for it."""

    ref: WorkloadRef
    size: tuple[tuple[str, int], ...]
    """Of one pod, in the scheduler's steps; nothing where it is unknown."""
    scenarios: Mapping[Scenario, Outcome]
    """`requested` always; the others where an autoscaler, or an update with a surge, of any workload needs them."""
    restarts: bool
    """Whether all of its pods are replaced."""
    max_replicas: int | None
    """That quotas admit; None: no quota limits it, or it is unknown."""
    quota_faults: tuple[QuotaFault, ...] = ()
    limit_faults: tuple[LimitFault, ...] = ()
    load: Load | None = None
    """How many pods of what size; None where it is unknown."""

    @property
    def requested(self) -> Verdict:
        """Whether the replicas that are asked for fit."""
        return self.scenarios["requested"].verdict


class Capacity(NamedTuple):
    """What a cluster can hold of the plans for it."""

    snapshot: ClusterSnapshot
    workloads: tuple[WorkloadCapacity, ...]
    """By namespace, kind and name."""
    growth: tuple[Growth, ...]
    """The nodes that pools add for what is requested."""


def capacity_of(snapshot: ClusterSnapshot, demands: Iterable[Demand]) -> Capacity:
    """What a cluster can hold of all demands together, one for each workload; their order does not matter.

    A demand with something unknown is `Unknown` and the others are judged without it. Where an older snapshot does not
    tell how many pods run, both possibilities are judged: a verdict that differs is unknown.
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
        else outcome._replace(verdict=Unknown(_UNTOLD))
        for name, outcome in one.scenarios.items()
    }
    return one._replace(scenarios=scenarios)


_UNTOLD = "the snapshot does not tell how many of its pods run: capture the cluster again"


def _capacity(snapshot: ClusterSnapshot, ordered: Sequence[Demand], *, assumes_pending: bool = False) -> Capacity:
    loads = {demand.ref: load_for(snapshot, demand, assumes_pending=assumes_pending) for demand in ordered}
    known = [load for load in loads.values() if isinstance(load, Load)]
    refused = {load.ref for load in known if load.is_rejected}
    as_it_is = (load_for(snapshot, _unchanged(demand)) for demand in ordered if demand.ref in refused)
    kept = [load for load in as_it_is if isinstance(load, Load)]
    forecast = foreseen(snapshot, [load for load in known if not load.is_rejected], kept)
    return Capacity(snapshot, _workloads(snapshot, loads, forecast), forecast.growth)


def _unchanged(demand: Demand) -> Demand:
    """What is left of a demand whose object is refused: an autoscaler is an object of its own."""
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
    """What there is to say of a workload of which something is not known."""
    return WorkloadCapacity(
        ref, (), {"requested": Outcome(0, 0, reason, is_own=True)}, restarts=False, max_replicas=None
    )
