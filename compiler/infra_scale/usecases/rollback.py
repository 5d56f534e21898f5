"""Undo the last run of a plan on its clusters, the last wave first."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from infra_scale.core.executing.outcome import run_state
from infra_scale.core.executing.preconditions import Refusal
from infra_scale.model.plan import ScalePlan
from infra_scale.model.run import WROTE, Actor, Run, RunPlan
from infra_scale.model.workload import Cluster
from infra_scale.usecases.apply import Applied
from infra_scale.usecases.applying.committed import plan_path
from infra_scale.usecases.applying.journal import Journal
from infra_scale.usecases.applying.lock import Lock
from infra_scale.usecases.applying.session import Means
from infra_scale.usecases.applying.turn import Result, Turn, blank, ended, new_id

MAX_AGE = timedelta(hours=24)
"""An older run needs a reason: the world has moved on since."""


class Undo(NamedTuple):
    """What is undone."""

    plan: ScalePlan
    run: str
    """The id of the run; empty: the last one."""
    reason: str
    actor: Actor


def rollback(wanted: Undo, clusters: Iterable[Cluster], means: Means) -> Applied:
    """Undo the last run of a plan. Raises nothing that a cluster causes: the result has what happened."""
    plan, started = wanted.plan, means.clock.now()
    backwards = tuple(clusters)[::-1]
    parts = tuple(blank(one) for one in backwards)
    planned = RunPlan(plan_path(plan), "", "")
    metadata = plan.metadata
    run = Run(
        new_id(started), "rollback", metadata.target, metadata.path, planned, wanted.actor, started, parts
    )._replace(reason=wanted.reason)
    refusals: list[tuple[str, Refusal]] = []
    for index, cluster in enumerate(backwards):
        turn = Turn(means.session(run.id, cluster), run._replace(clusters=(parts[index],)))
        done, refused = _on_cluster(wanted, turn)
        refusals += ((cluster.name, one) for one in refused)
        run = run._replace(
            plan=done.plan if done.plan.digest else run.plan,
            clusters=(*run.clusters[:index], done.clusters[0], *run.clusters[index + 1 :]),
            reason=run.reason or done.reason,
        )
    state = run_state(one.state for one in run.clusters)
    return Applied(run._replace(state=state, finished_at=means.clock.now()), tuple(refusals))


def _on_cluster(wanted: Undo, turn: Turn) -> Result:
    plan = wanted.plan
    namespaces = (plan.namespace, *(one.ref.namespace for one in plan.actions))
    return turn.within_lock(namespaces, lambda lock: _locked(wanted, turn, lock))


def _locked(wanted: Undo, turn: Turn, lock: Lock) -> Result:
    plan, cluster = wanted.plan, turn.session.cluster
    journal = Journal(cluster, namespace=plan.namespace, target=plan.metadata.target, plan=plan.name)
    last, note = turn.session.patiently(journal.read)
    refusal = _refusal(wanted, turn, last, note)
    if last is None or refusal is not None:
        found = refusal or Refusal("APPLY-009", "nothing was applied here", "there is nothing to undo")
        return ended(turn.run, "refused", found.message), (found,)
    [part] = last.clusters
    reason = wanted.reason or f"rollback of run {last.id}"
    turn.run = turn.run._replace(plan=last.plan, clusters=(part._replace(state="running"),), reason=reason)
    job = turn.begin(journal, lock)
    job.reason = reason
    job.backward()
    return turn.close(journal, job), ()


def _refusal(wanted: Undo, turn: Turn, last: Run | None, note: str) -> Refusal | None:
    """Why the last run cannot be undone; None if it can."""
    if last is None:
        message = note or "no run of this plan is recorded here"
        return Refusal("APPLY-009", message, "the plan's SUMMARY.md has the commands to undo it by hand")
    if wanted.run and last.id != wanted.run:
        message = f"run {wanted.run} is not the last one here: that is {last.id}"
        return Refusal("APPLY-009", message, f"undo the last one: `infra-scale rollback {last.id}`")
    if not any(step.state in (*WROTE, "writing") for one in last.clusters for step in one.steps):
        return Refusal("APPLY-009", f"run {last.id} has nothing to undo (it is {last.state})", "nothing was written")
    if turn.session.clock.now() - last.started_at > MAX_AGE and not wanted.reason:
        message = f"run {last.id} is older than a day"
        return Refusal("APPLY-009", message, "state why it is right to go back that far with --reason")
    return None
