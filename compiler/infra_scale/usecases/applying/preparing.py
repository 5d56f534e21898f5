"""What is read before a plan is applied to a cluster: its steps, and what keeps them from being carried out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from infra_scale.core.executing import preconditions
from infra_scale.core.executing.preconditions import Known, Refusal
from infra_scale.core.executing.requests import request
from infra_scale.core.executing.writes import Live, Object, planned_steps
from infra_scale.model.action import AUTOSCALER_KINDS, Action, ScaleWorkload, autoscaler_of
from infra_scale.model.plan import ScalePlan
from infra_scale.model.run import Run, RunCluster, RunStep
from infra_scale.model.step import ObjectRef, scaler, workload_object
from infra_scale.model.workload import Cluster, WorkloadRef
from infra_scale.ports.cluster import LiveCluster
from infra_scale.usecases.applying.journal import Journal

_DIGITS = 16


class Wanted(NamedTuple):
    """A plan, and what was committed about it."""

    plan: ScalePlan
    digest: str
    previous: ScalePlan | None
    """The plan that this one replaced; None for a new request."""
    snapshots: Mapping[str, str]
    """The digest of the UID of each cluster that has a snapshot, by its name."""
    retry: bool = False
    """Whether the plan is applied although it failed before, or an earlier run is open."""


class Prepared(NamedTuple):
    """One cluster, read."""

    part: RunCluster
    refusals: tuple[Refusal, ...]
    live: Live
    journal: Journal
    resumed: Run | None = None
    """The interrupted run of the same plan that is continued."""
    note: str = ""
    """A journal that could not be read."""


def prepare(wanted: Wanted, where: Cluster, cluster: LiveCluster) -> Prepared:
    """Read a cluster. Raises InfraScaleError if it does not answer."""
    plan = wanted.plan
    uid = digest_of_uid(cluster.cluster_uid())
    refusals = [*preconditions.of_cluster(where.context, uid, wanted.snapshots.get(where.name, ""))]
    journal = Journal(cluster, namespace=plan.namespace, target=plan.metadata.target, plan=plan.name)
    part = RunCluster(where.name, where.context, uid, where.wave)
    if refusals:  # not a word more to a cluster that is another one
        return Prepared(part, tuple(refusals), Live({}), journal)
    last, note = journal.read()
    live = read_live(plan, where, cluster)
    if last is not None and last.state == "open" and last.plan.digest == wanted.digest:
        resumed = next((one for one in last.clusters if one.name == where.name), part)
        return Prepared(resumed, (), live, journal, last, note)
    refusals += preconditions.of_journal(last, wanted.digest, retry=wanted.retry)
    refusals += preconditions.missing(ref for ref in _workloads(plan, where) if ref not in live.objects)
    steps = planned(plan, where, live)
    refusals += preconditions.of_containers(_actions(plan, where), live)
    refusals += preconditions.of_objects(_to_write(steps), live, where.context)
    refusals += preconditions.of_values(steps, live, _known(wanted, where, live, last))
    if not refusals:
        refusals += (_refusal(*one) for one in refused_by_the_server(steps, live, cluster))
    return Prepared(part._replace(steps=steps), tuple(refusals), live, journal, note=note)


def read_live(plan: ScalePlan, where: Cluster, cluster: LiveCluster) -> Live:
    """The workloads and autoscalers of a plan, and the HPAs of their namespaces. Raises InfraScaleError."""
    refs = tuple(_workloads(plan, where))
    objects: dict[ObjectRef, Object] = {}
    for namespace in dict.fromkeys(ref.namespace for ref in refs):
        objects |= cluster.autoscalers(namespace)
    # HPAs are known by now; other kinds need a resource that not every cluster has.
    others = tuple(ref for ref in _autoscalers(plan, where) if ref.kind != AUTOSCALER_KINDS["hpa"])
    return Live({**objects, **(cluster.read((*refs, *others)) if refs else {})})


def digest_of_uid(uid: str) -> str:
    """As snapshots have it: it identifies a cluster and does not reveal the UID."""
    return f"sha256:{sha256(uid.encode()).hexdigest()[:_DIGITS]}" if uid else ""


def planned(plan: ScalePlan, where: Cluster, live: Live) -> tuple[RunStep, ...]:
    """The steps on the workloads that exist, in the order of the plan."""
    by_workload: dict[WorkloadRef, list[Action]] = {}
    for action in _actions(plan, where):
        by_workload.setdefault(action.ref, []).append(action)
    steps = (
        planned_steps(actions, live, takes_over=_takes_over(plan, ref))
        for ref, actions in by_workload.items()
        if workload_object(ref) in live.objects
    )
    return tuple(step for of_one in steps for step in of_one)


def _actions(plan: ScalePlan, where: Cluster) -> Iterator[Action]:
    return (one for one in plan.actions if one.cluster is not None and one.cluster.name == where.name)


def _takes_over(plan: ScalePlan, ref: WorkloadRef) -> bool:
    """Whether KEDA takes over the HPA of a workload."""
    return any(one.ref == ref and one.before == "hpa" for one in plan.ownership)


def _workloads(plan: ScalePlan, where: Cluster) -> Iterable[ObjectRef]:
    return dict.fromkeys(workload_object(one.ref) for one in _actions(plan, where))


def _autoscalers(plan: ScalePlan, where: Cluster) -> Iterable[ObjectRef]:
    found = ((autoscaler_of(one), one.ref) for one in _actions(plan, where))
    return dict.fromkeys(scaler(kind, ref) for kind, ref in found if kind)


def _to_write(steps: Iterable[RunStep]) -> Iterator[RunStep]:
    return (step for step in steps if step.state == "planned")


def _known(wanted: Wanted, where: Cluster, live: Live, last: Run | None) -> Known:
    """The values that fields may have before the plan."""
    previous = planned(wanted.previous, where, live) if wanted.previous else ()
    journalled = next((one for one in last.clusters if one.name == where.name), None) if last else None
    stated = {
        workload_object(one.ref): one.before
        for one in wanted.plan.actions
        if isinstance(one, ScaleWorkload) and one.before is not None
    }
    return Known(previous, journalled, stated)


def refused_by_the_server(steps: Sequence[RunStep], live: Live, cluster: LiveCluster) -> Iterator[tuple[RunStep, str]]:
    """Every write once as a dry run, except one whose predecessor has to be gone by then: those refused, and why."""
    replaced = {(step.ref.namespace, step.ref.name) for step in steps if step.action == "remove_autoscaler"}
    for step in _to_write(steps):
        if step.action == "apply_autoscaler" and (step.ref.namespace, step.ref.name) in replaced:
            continue
        if words := cluster.send(request(step, live.objects.get(step.ref)), is_dry_run=True):
            yield step, words


def _refusal(step: RunStep, words: str) -> Refusal:
    message = f"the API server refuses to change {step.ref.kind}/{step.ref.name}: {words}"
    return Refusal("APPLY-010", message, "these are its own words; `infra-scale rbac` prints the role that it needs")
