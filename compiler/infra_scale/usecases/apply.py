"""Apply committed plans to their clusters, wave by wave, and undo what fails."""

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from infra_scale.core.executing import preconditions
from infra_scale.core.executing.outcome import run_state
from infra_scale.core.executing.preconditions import Refusal, Repository
from infra_scale.errors import InfraScaleError
from infra_scale.model.run import Actor, Run, RunPlan
from infra_scale.model.workload import Cluster
from infra_scale.usecases.applying.cluster_run import ClusterRun, floors_of
from infra_scale.usecases.applying.committed import plan_path
from infra_scale.usecases.applying.lock import Lock
from infra_scale.usecases.applying.preparing import Prepared, Wanted, prepare
from infra_scale.usecases.applying.session import Means
from infra_scale.usecases.applying.turn import Turn, blank, ended, new_id, unreachable

OnFailure = Literal["rollback", "stop"]


class Applied(NamedTuple):
    """The result of a run."""

    run: Run
    refusals: tuple[tuple[str, Refusal], ...] = ()
    """By cluster; empty name: of the repository."""

    @property
    def is_later(self) -> bool:
        """Whether every refusal may be gone after waiting."""
        return bool(self.refusals) and all(one.is_later for _, one in self.refusals)

    @property
    def wrote(self) -> bool:
        """Whether a cluster differs from before the run."""
        left = {"written", "healthy", "failed", "writing", "undoing", "undo_failed"}
        return any(step.state in left for cluster in self.run.clusters for step in cluster.steps)


class Preview(NamedTuple):
    """What a run would do."""

    clusters: Mapping[str, Prepared]
    """Those that answer, by name."""
    refusals: tuple[tuple[str, Refusal], ...]


class Applier:
    """Applies plans to the clusters of their target."""

    def __init__(self, means: Means, on_failure: OnFailure = "rollback") -> None:
        self._means, self._on_failure = means, on_failure

    def apply(
        self, wanted: Wanted, clusters: Iterable[Cluster], *, commit: str, state: Repository, actor: Actor
    ) -> Applied:
        """Apply one plan. Raises nothing that a cluster causes: the result has what happened."""
        plan, started = wanted.plan, self._means.clock.now()
        chosen = tuple(clusters)
        parts = tuple(blank(one) for one in chosen)
        planned = RunPlan(plan_path(plan), wanted.digest, commit)
        run = Run(new_id(started), "apply", plan.metadata.target, plan.metadata.path, planned, actor, started, parts)
        of_repository = tuple(("", one) for one in preconditions.of_repository(planned.path, state))
        if of_repository:
            return Applied(
                self._closed(run._replace(state="refused", reason=of_repository[0][1].message)), of_repository
            )
        prepared, refusals = self._prepared(wanted, chosen)
        if refusals:
            parts = tuple(prepared[one.name].part if one.name in prepared else one for one in parts)
            reason = refusals[0][1].message
            return Applied(self._closed(run._replace(state="refused", clusters=parts, reason=reason)), refusals)
        return self._on_clusters(wanted, chosen, run)

    def preview(self, wanted: Wanted, clusters: Iterable[Cluster], *, state: Repository) -> Preview:
        """Read everything, send every write as a dry run, and write nothing."""
        of_repository = tuple(("", one) for one in preconditions.of_repository(plan_path(wanted.plan), state))
        prepared, refusals = self._prepared(wanted, clusters)
        return Preview(prepared, (*of_repository, *refusals))

    def _prepared(
        self, wanted: Wanted, clusters: Iterable[Cluster]
    ) -> tuple[Mapping[str, Prepared], tuple[tuple[str, Refusal], ...]]:
        """Every cluster, read before the first write to any of them."""
        found: dict[str, Prepared] = {}
        refusals: list[tuple[str, Refusal]] = []
        for cluster in clusters:
            try:
                found[cluster.name] = prepare(wanted, cluster, self._means.connect(cluster))
            except InfraScaleError as error:
                refusals.append((cluster.name, unreachable(error)))
                continue
            refusals += ((cluster.name, one) for one in found[cluster.name].refusals)
        return found, tuple(refusals)

    def _on_clusters(self, wanted: Wanted, clusters: tuple[Cluster, ...], run: Run) -> Applied:
        """One cluster after another; the first that does not succeed ends the run."""
        refusals: tuple[tuple[str, Refusal], ...] = ()
        self._means.tell(run.id, "", 0, "run_started", {"plan": run.plan.path, "digest": run.plan.digest})
        for index, cluster in enumerate(clusters):
            done, refused = self._on_cluster(wanted, cluster, run)
            refusals = tuple((cluster.name, one) for one in refused)
            run = done._replace(clusters=(*run.clusters[:index], done.clusters[0], *run.clusters[index + 1 :]))
            if done.clusters[0].state not in ("succeeded", "already_applied"):
                break
        states = [one.state for one in run.clusters]
        return Applied(self._closed(run._replace(state=run_state(states))), refusals)

    def _on_cluster(self, wanted: Wanted, where: Cluster, run: Run) -> tuple[Run, tuple[Refusal, ...]]:
        """A run with this cluster only, and why it was refused."""
        namespaces = (wanted.plan.namespace, *(one.ref.namespace for one in wanted.plan.actions))
        turn = Turn(self._means.session(run.id, where), run._replace(clusters=(blank(where),)))
        return turn.within_lock(namespaces, lambda lock: self._locked(wanted, where, turn, lock))

    def _locked(self, wanted: Wanted, where: Cluster, turn: Turn, lock: Lock) -> tuple[Run, tuple[Refusal, ...]]:
        session = turn.session
        prepared = session.patiently(lambda: prepare(wanted, where, session.cluster))
        part = prepared.part._replace(state="running")
        turn.run = run = (prepared.resumed or turn.run)._replace(clusters=(part,))
        if prepared.refusals:
            return ended(run, "refused", prepared.refusals[0].message), prepared.refusals
        if not prepared.resumed and all(step.state in ("already_applied", "skipped") for step in part.steps):
            return run._replace(clusters=(part._replace(state="already_applied"),)), ()
        job = turn.begin(prepared.journal, lock)
        if job.is_rolling_back or run.command == "rollback":
            job.backward()
        elif not job.forward(floors_of(prepared.live.objects)):
            self._after_failure(job)
        return turn.close(prepared.journal, job), ()

    def _after_failure(self, job: ClusterRun) -> None:
        if self._on_failure == "rollback":
            job.backward()
        else:
            job.leave()

    def _closed(self, run: Run) -> Run:
        run = run._replace(finished_at=self._means.clock.now())
        self._means.tell(run.id, "", 0, "run_finished", {"state": run.state, "reason": run.reason})
        return run
