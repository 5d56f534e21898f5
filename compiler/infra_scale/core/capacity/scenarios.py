"""Everything that is planned for one cluster, together, in four scenarios: as requested, all autoscalers at their
minimum, all at their maximum, and in the middle of a rolling update.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from infra_scale.core.capacity.demand import Demand, Load, load_of
from infra_scale.core.capacity.judging import Judged, Outcome, surges
from infra_scale.core.capacity.limitrange import LimitFault, effective, limit_faults
from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capacity.quota import Quotas, quotas_of
from infra_scale.core.capacity.quota_faults import QuotaFault
from infra_scale.core.capacity.rooms import eligible_nodes
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.verdict import Growth, Scenario, Unknown, Verdict
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

    A demand with something unknown is `Unknown` and the others are judged without it.
    """
    ordered = sorted(demands, key=lambda one: one.ref.order)
    loads = {demand.ref: _load(snapshot, demand) for demand in ordered}
    known = [load for load in loads.values() if isinstance(load, Load)]
    verdicts = {scenario: Judged(snapshot, known, scenario) for scenario in _scenarios(known)}
    workloads = _workloads(snapshot, loads, {name: one.outcomes() for name, one in verdicts.items()})
    return Capacity(snapshot, workloads, verdicts["requested"].growth)


def _workloads(
    snapshot: ClusterSnapshot,
    loads: Mapping[WorkloadRef, Load | Unknown],
    outcomes: Mapping[Scenario, Mapping[WorkloadRef, Outcome]],
) -> tuple[WorkloadCapacity, ...]:
    found: list[WorkloadCapacity] = []
    for namespace, group in groupby(loads.items(), key=lambda item: item[0].namespace):
        here = list(group)
        state = snapshot.namespace(namespace)
        quotas = quotas_of(state, [load for _, load in here if isinstance(load, Load)])
        for ref, load in here:
            if isinstance(load, Unknown):
                found.append(unknown_workload(ref, load))
                continue
            own = {scenario: of[ref] for scenario, of in outcomes.items()}
            refused = limit_faults(load.pod, state.limit_ranges)
            found.append(_known(load, own, quotas, refused))
    return tuple(found)


def _known(
    load: Load, outcomes: Mapping[Scenario, Outcome], quotas: Quotas, refused: tuple[LimitFault, ...]
) -> WorkloadCapacity:
    return WorkloadCapacity(
        load.ref,
        pod_size(load.pod),
        outcomes,
        load.restarts,
        quotas.replicas.get(load.ref),
        tuple(fault for fault in quotas.faults if fault.ref == load.ref),
        refused,
        load,
    )


def unknown_workload(ref: WorkloadRef, reason: Unknown) -> WorkloadCapacity:
    """What there is to say of a workload of which something is not known."""
    return WorkloadCapacity(
        ref, (), {"requested": Outcome(0, 0, reason, is_own=True)}, restarts=False, max_replicas=None
    )


def _load(snapshot: ClusterSnapshot, demand: Demand) -> Load | Unknown:
    ranges = snapshot.namespace(demand.ref.namespace).limit_ranges
    if demand.why_unknown:
        return demand.why_unknown
    if demand.pod_after is None:
        return Unknown("the containers of the workload are not known")
    pod = effective(demand.pod_after, ranges)
    pod_before = effective(demand.pod_before, ranges) if demand.pod_before else None
    before = demand.before
    if demand.ref.kind == "DaemonSet":
        before = eligible_nodes(snapshot, demand.pod_before) if demand.pod_before else 0
    if before is None:
        return Unknown("how many replicas run now is not known")
    return load_of(demand, before=before, pod_before=pod_before, pod=pod)


def _scenarios(loads: Sequence[Load]) -> list[Scenario]:
    """Those in which anything differs from what is requested."""
    scaled: list[Scenario] = ["hpaMin", "hpaMax"] if any(load.has_bounds for load in loads) else []
    rolling: list[Scenario] = ["surge"] if any(surges(load) for load in loads) else []
    return ["requested", *scaled, *rolling]
