"""The inputs of a simulation from a snapshot: pods, controllers and quotas of workloads."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.capacity.admission import is_refused
from infra_scale.core.capacity.cluster_state import ClusterState
from infra_scale.core.capacity.packing.node_capacity import NodeCapacity, capacities, of_daemon, running
from infra_scale.core.capacity.pod_group import PodGroup, Template
from infra_scale.core.capacity.pods import pod_size
from infra_scale.core.capacity.rollout import STATEFUL_UNAVAILABLE, daemon_fenceposts, fenceposts, stateful_unavailable
from infra_scale.core.capacity.simulation.controllers import Controller, Deployment, Replicas
from infra_scale.core.capacity.simulation.daemonset import DaemonPlan, DaemonSet
from infra_scale.core.capacity.simulation.quota_usage import Line, charges, lines_of
from infra_scale.core.capacity.simulation.run import Member
from infra_scale.core.capacity.simulation.stateful import StatefulPlan, StatefulSet
from infra_scale.core.capacity.simulation.ties import Ties
from infra_scale.core.capacity.uncounted import Uncounted
from infra_scale.core.capacity.versions import is_at_least
from infra_scale.model.capacity import Load
from infra_scale.model.pod import Pod
from infra_scale.model.snapshot import ClusterSnapshot
from infra_scale.model.workload import WorkloadRef


class Participant(NamedTuple):
    """The fixed data of a workload in all runs."""

    load: Load
    is_planned: bool
    old: Template
    new: Template
    nodes: Mapping[str, int]
    """Its pods by the id of their node."""


class RunInput(NamedTuple):
    """The inputs of the runs over one cluster."""

    snapshot: ClusterSnapshot
    capacities: tuple[NodeCapacity, ...]
    lines: tuple[Line, ...]
    participants: tuple[Participant, ...]

    def state(self, ties: Ties) -> ClusterState:
        """The initial cluster."""
        templates = [template for one in self.participants for template in (one.old, one.new)]
        waiting = (pod_size(one.pod) for one in self.snapshot.waiting)
        resources = {name for size in (*(one.size for one in templates), *waiting) for name, _ in size}
        state = ClusterState(self.capacities, resources, [line.capacity for line in self.lines])
        are_last = ties.one_of((False, True))
        state.uncounted_quota = dict(self._uncounted_quota(are_last=are_last))
        state.uncounted_room = dict(self._uncounted_room(state, are_last=are_last))
        return state

    def _uncounted_quota(self, *, are_last: bool) -> Iterator[tuple[int, Uncounted]]:
        total: Counter[int] = Counter()
        for one in self.participants:
            for number, amount in one.old.charges:
                total[number] += amount * one.load.existing
        for number, amount in total.items():
            used = self.lines[number].used
            if amount > used:
                yield number, Uncounted(amount - used, used, are_last=are_last)

    def _uncounted_room(self, state: ClusterState, *, are_last: bool) -> Iterator[tuple[tuple[int, int], Uncounted]]:
        total: Counter[tuple[str, int]] = Counter()
        for one in self.participants:
            for id, pods in one.nodes.items():
                for resource, amount in state.needs(one.old.size):
                    total[id, resource] += amount * pods
        for index, capacity in enumerate(self.capacities if total else ()):
            for resource, name in enumerate(state.resources):
                used = capacity.allocatable.get(name, 0) - capacity.free.get(name, 0)
                if (amount := total[capacity.id, resource]) > used:
                    yield (index, resource), Uncounted(amount - used, used, are_last=are_last)

    def members(self, state: ClusterState, ties: Ties) -> list[Member]:
        """The workloads with their current pods, and the pending pods of others."""
        index_of = {capacity.id: index for index, capacity in enumerate(self.capacities)}
        found = [_member(one, state, index_of, self.snapshot.kubernetes_version) for one in self.participants]
        found += _waiting(self.snapshot, state)
        state.register({member.ref: [*member.controller.groups] for member in found})
        for member in found:
            member.controller.begin(ties)
        return found


def run_input_of(snapshot: ClusterSnapshot, planned: Sequence[Load], others: Sequence[Load]) -> RunInput:
    """The planned workloads, and others that are changing or whose pods restrict the placement of these."""
    moving = [load for load in others if not load.is_at_rest]
    counted = _related([*planned, *moving], others)
    taking = [*planned, *moving, *(load for load in others if load.is_at_rest and load.ref in counted)]
    lines = lines_of(snapshot, (load.ref.namespace for load in taking))
    refs = {load.ref for load in planned}
    participants = tuple(_participant(load, snapshot, lines, is_planned=load.ref in refs) for load in taking)
    return RunInput(snapshot, tuple(capacities(snapshot, {})), lines, participants)


def _related(loads: Sequence[Load], others: Sequence[Load]) -> set[WorkloadRef]:
    """The workloads whose pods restrict the placement of others: by a selector of either, or by a host port."""
    refs = {load.ref for load in loads}
    ports = {port for load in loads for port in load.pod.scheduling.ports}
    named = {ref for load in loads for ref in _named(load)}
    return named | {
        load.ref for load in others if ports.intersection(load.pod.scheduling.ports) or refs.intersection(_named(load))
    }


def _named(load: Load) -> Iterator[WorkloadRef]:
    scheduling = load.pod.scheduling
    for refs in (*(one.workloads for one in scheduling.apart), *(one.others for one in scheduling.spread)):
        yield from refs


def _participant(load: Load, snapshot: ClusterSnapshot, lines: Iterable[Line], *, is_planned: bool) -> Participant:
    old, new = (
        _template(pod, load.ref, snapshot, lines, is_new=is_new)
        for pod, is_new in ((load.template or load.pod, False), (load.pod, True))
    )
    return Participant(load, is_planned, old, new, running(snapshot, load.placement))


def _template(
    pod: Pod, ref: WorkloadRef, snapshot: ClusterSnapshot, lines: Iterable[Line], *, is_new: bool
) -> Template:
    return Template(
        ref,
        pod_size(pod),
        of_daemon(pod.scheduling) if ref.kind == "DaemonSet" else pod.scheduling,
        is_new,
        charges(lines, ref.namespace, pod),
        is_refused(snapshot.namespace(ref.namespace), pod),
    )


def _member(one: Participant, state: ClusterState, index_of: Mapping[str, int], version: str | None) -> Member:
    load = one.load
    old, new = PodGroup(one.old), PodGroup(one.new)
    keeps = load.template is not None and load.template != load.pod
    there = old if keeps else new
    there.adopt({index_of[id]: pods for id, pods in one.nodes.items()}, load.scheduled, load.existing - load.scheduled)
    there.wanted = load.before
    controller = _controller(load, state, (old, new), version)
    return Member(load.ref, load if one.is_planned else None, controller)


def _controller(load: Load, state: ClusterState, groups: tuple[PodGroup, PodGroup], version: str | None) -> Controller:
    strategy, desired = load.strategy, load.counts["requested"]
    match load.ref.kind:
        case "Deployment":
            return Deployment(
                state,
                groups,
                desired,
                lambda replicas: fenceposts(strategy, replicas),
                recreates=strategy.type == "Recreate",
            )
        case "StatefulSet":
            unavailable = stateful_unavailable(strategy, desired, version)
            rolls = load.template not in (None, load.pod) and strategy.type != "OnDelete"
            counts_waiting = is_at_least(version, STATEFUL_UNAVAILABLE)
            plan = StatefulPlan(load.is_parallel, rolls, strategy.partition or 0, unavailable, counts_waiting)
            return StatefulSet(state, groups, desired, plan)
        case "DaemonSet":
            eligible = [index for _, nodes in state.eligible(groups[1].template.scheduling) for index in nodes]
            posts = daemon_fenceposts(strategy, len(eligible))
            return DaemonSet(state, groups, tuple(eligible), DaemonPlan(load.restarts, *posts))
        case _:
            return Replicas(state, *groups, desired)


def _waiting(snapshot: ClusterSnapshot, state: ClusterState) -> Iterator[Member]:
    """Pending pods that belong to no listed workload."""
    for number, waiting in enumerate(snapshot.waiting):
        ref = WorkloadRef("ReplicaSet", "", f"waiting-{number}")
        template = Template(ref, pod_size(waiting.pod), waiting.pod.scheduling, is_new=True)
        old, new = PodGroup(template), PodGroup(template)
        new.adopt({}, 0, waiting.times)
        yield Member(ref, None, Replicas(state, old, new, waiting.times), is_waiting=True)
