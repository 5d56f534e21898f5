"""A hand-over to its ordered steps: commands before the plan is applied, actions of the plan, checks afterwards.

Sources: Kubernetes docs, "Migrating Deployments and StatefulSets to horizontal autoscaling" and, for server-side apply,
"Transferring ownership"; KEDA docs, ScaledObject specification; kubernetes.md §2.2.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.planning.actions import removed
from infra_scale.core.planning.commands import OBJECTS, command, kubectl, on, show
from infra_scale.core.planning.holding import MANAGER, held_count
from infra_scale.core.planning.ownership import after_of, before_of, field_leaves_git, overwriters, sets_replicas
from infra_scale.core.planning.steps import REPLICAS
from infra_scale.model.action import NOUNS, Autoscaler
from infra_scale.model.manifest import Base
from infra_scale.model.names import quoted
from infra_scale.model.ownership import HandoverStep, Setter, Transfer
from infra_scale.model.position import Route
from infra_scale.model.request import Handover, ScaleRequest, Workload
from infra_scale.model.step import Delete, FieldValue, Live, Patch, Scale, Step, Wait, scaler, workload_object
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, WorkloadRef

CLIENT_SIDE = "client-side apply: kubectl apply, or Argo CD without ServerSideApply=true"


def transfers(request: ScaleRequest, target: Target, bases: Mapping[Route, Base | None]) -> tuple[Transfer, ...]:
    """The requested hand-overs, by cluster in the order of execution."""
    clusters: tuple[Cluster | None, ...] = target.clusters_of(None) or (None,)
    return tuple(
        _transfer(_Move(workload, workload.handover, request, bases.get(workload.key), cluster, target))
        for cluster in clusters
        for workload in request.workloads
        if workload.handover and (cluster is None or workload.cluster in (None, cluster.name))
    )


class _Move(NamedTuple):
    """One hand-over in one cluster, and its commands."""

    workload: Workload
    handover: Handover
    request: ScaleRequest
    base: Base | None
    cluster: Cluster | None
    target: Target

    @property
    def ref(self) -> WorkloadRef:
        return self.workload.ref

    @property
    def before(self) -> Setter:
        return before_of(self.workload, self.base)

    @property
    def after(self) -> Setter:
        return after_of(self.workload, self.request)

    @property
    def is_field_in_git(self) -> bool:
        """Whether spec.replicas is in Git and must be removed."""
        return field_leaves_git(self.workload, self.request, self.base)

    @property
    def takes_field_out(self) -> bool:
        """Whether the plan removes it: with a rendered patch for a cluster with known manifests."""
        return self.cluster is not None and sets_replicas(self.base) and not self.set_again

    @property
    def overwriters(self) -> tuple[str, ...]:
        """The autoscalers of the manifests that would overwrite the final number."""
        return overwriters(self.workload.replicas, self.base) if self.after == "replicas" else ()

    @property
    def set_again(self) -> str:
        """The overlay that sets the field after our Component has removed it; empty if there is none."""
        where = self.cluster.name if self.cluster else ""
        overrulings = self.base.overrulings if self.base else ()
        after = (
            one.path for one in overrulings if (one.cluster, one.field) == (where, "replicas") and one.verb != "removes"
        )
        return next(after, "")

    def command(self, step: Step) -> str:
        """The kubectl command of a step on the workload or its autoscaler."""
        return command(step, self.target)

    def delete(self, autoscaler: Autoscaler) -> str:
        """The command that deletes the autoscaler."""
        return self.command(Delete(scaler(autoscaler, self.ref), may_be_gone=True, cluster=self.cluster))

    def annotate(self, autoscaler: Autoscaler, key: str, to: str | Live) -> str:
        """The command that sets an annotation of the autoscaler."""
        values = (FieldValue(("metadata", "annotations", key), to),)
        return self.command(Patch(scaler(autoscaler, self.ref), values, self.cluster))


def _transfer(move: _Move) -> Transfer:
    after = "vpa" if move.workload.vpa and move.after in ("unchanged", move.before) else str(move.after)
    if move.handover.before == "vpa":
        after = "resources" if move.after == "unchanged" else f"resources and {move.after}"
    steps = (*_preparation(move), *_plan(move), *_afterwards(move))
    if move.base and move.base.chart:
        from infra_scale.core.planning.charts import chart_steps  # noqa: PLC0415 (only for charts)

        steps = tuple(chart_steps(move.workload, move.base, move.request.hpa_of(move.workload), move.cluster))
    return Transfer(move.ref, move.handover.before, after, steps, move.cluster)


def _preparation(move: _Move) -> Iterator[HandoverStep]:
    yield from _who_scales(move)
    if move.is_field_in_git:
        yield from _held(move)
    gone = removed(move.workload, move.request)
    if gone == "keda":
        yield from _paused(move)
    elif gone == "vpa":
        yield from _advice_only(move)
    elif move.handover.before == "hpa" and move.after == "keda":
        yield from _kept_for_keda(move)


def _who_scales(move: _Move) -> Iterator[HandoverStep]:
    before = move.handover.before
    if before == "replicas":
        return
    what = (
        f"check that the {NOUNS[before]} of {move.ref} has its name, {move.ref.name}, and that nothing else scales it"
    )
    yield HandoverStep("before", what, f"{kubectl(move.cluster)} get {OBJECTS[before]} -n {move.ref.namespace}")


def _held(move: _Move) -> Iterator[HandoverStep]:
    object_ref, typed = workload_object(move.ref), kubectl(move.cluster)
    yield held_count(move.ref, move.cluster)
    yield HandoverStep(
        "before",
        "remove spec.replicas from the last applied configuration (`kubectl apply edit-last-applied`), or the first "
        "apply without it sets 1. No pod starts or stops. An apply before the plan arrives brings it back: turn Argo "
        "CD's automatic sync off until then",
        f"{on('apply view-last-applied', object_ref, move.cluster)} | sed -E '/^ {{2}}replicas:/d' | "
        f"{typed} apply set-last-applied -f -",
        CLIENT_SIDE,
    )


def _paused(move: _Move) -> Iterator[HandoverStep]:
    restores = FieldValue(("spec", "advanced", "restoreToOriginalReplicaCount"), to=False)
    yield HandoverStep(
        "before",
        "make sure that deleting the ScaledObject does not restore an old count; if Git has true, change it there",
        move.command(Patch(scaler("keda", move.ref), (restores,), move.cluster)),
    )
    fixed = move.workload.replicas if move.after == "replicas" else None
    count = Live(workload_object(move.ref), REPLICAS) if fixed is None else str(fixed)
    held = "the running count" if fixed is None else f"exactly {fixed}"
    yield HandoverStep(
        "before",
        f"pause KEDA at {held}: it stops scaling, and the pods stay",
        move.annotate("keda", "autoscaling.keda.sh/paused-replicas", count),
    )


def _advice_only(move: _Move) -> Iterator[HandoverStep]:
    vpa = scaler("vpa", move.ref)
    yield HandoverStep(
        "before",
        "compare what the VPA recommends with the requests of this plan",
        show(vpa, ("status", "recommendation", "containerRecommendations"), move.cluster),
    )
    mode = FieldValue(("spec", "updatePolicy", "updateMode"), "Off")
    yield HandoverStep(
        "before",
        "set the VPA to recommend only: it no longer evicts pods, and running pods keep their requests. "
        "If Argo CD or Flux applies it, change it in Git",
        move.command(Patch(vpa, (mode,), move.cluster)),
    )


def _kept_for_keda(move: _Move) -> Iterator[HandoverStep]:
    what = "keep the HPA when it is removed from Git: KEDA takes it over as it is"
    argo_cd = move.annotate("hpa", "argocd.argoproj.io/sync-options", "Prune=false")
    yield HandoverStep("before", what, argo_cd, "Argo CD")
    flux = move.annotate("hpa", "kustomize.toolkit.fluxcd.io/prune", "disabled")
    yield HandoverStep("before", what, flux, "Flux")


def _plan(move: _Move) -> Iterator[HandoverStep]:
    if move.overwriters:
        others = " and ".join(move.overwriters)
        what = f"remove {others} from the manifests, together with the plan: Git would restore it"
        yield HandoverStep("plan", f"{what}, so until then no number of replicas is rendered")
    gone = removed(move.workload, move.request)
    if gone and gone != "vpa":
        what = f"the {NOUNS[gone]} is deleted; the number of pods stays as it set it last"
        yield HandoverStep("plan", what, move.delete(gone))
    replicas = move.workload.replicas
    if replicas is not None:
        stays = move.after == "replicas" and not move.overwriters
        said = f"spec.replicas is {replicas}" + (", and is in Git" if stays else "")
        yield HandoverStep("plan", said, move.command(Scale(workload_object(move.ref), replicas, cluster=move.cluster)))
    if move.workload.requests or move.workload.limits:
        yield HandoverStep("plan", "requests and limits of the pod template are set: the pods restart once")
    if gone == "vpa":
        what = "the VPA is deleted; new pods have the requests of the template"
        yield HandoverStep("plan", what, move.delete("vpa"))
    if move.is_field_in_git and not move.takes_field_out:
        yield _by_hand(move)
    yield from _arrival(move)


def _by_hand(move: _Move) -> HandoverStep:
    """The field is where no rendered patch reaches it, and would conflict with the autoscaler."""
    where, why = f"the manifests of {move.ref}", "their build result is unknown"
    if move.base:
        base = quoted(move.base.replicas_path, "the base manifest")
        where, why = (base if sets_replicas(move.base) else "the overlay that sets it"), f"{base} does not"
    if move.set_again:
        where, why = quoted(move.set_again, "the overlay that sets it"), "it does so after our Component"
    if move.cluster is None:
        why = "nothing is rendered for a target without clusters"
    return HandoverStep(
        "plan", f"remove spec.replicas from {where}, together with the plan: {why}, so no patch does it"
    )


def _arrival(move: _Move) -> Iterator[HandoverStep]:
    workload, request = move.workload, move.request
    leaves = ", and spec.replicas is removed from Git" if move.is_field_in_git and move.takes_field_out else ""
    if hpa := request.hpa_of(workload):
        bounds = f"between {hpa.minimum} and {hpa.maximum} pods from now on"
        yield HandoverStep("plan", f"the HPA is created{leaves}: {bounds}")
    if workload.vpa:
        yield HandoverStep("plan", f"the VPA is created in mode {workload.vpa.mode}")
    if keda := request.keda_of(workload):
        taken = " and takes over the HPA (transfer-hpa-ownership)" if move.handover.before == "hpa" else ""
        bounds = f"between {keda.minimum} and {keda.maximum} pods from now on"
        yield HandoverStep("plan", f"the ScaledObject is created{taken}{leaves}: {bounds}")


def _afterwards(move: _Move) -> Iterator[HandoverStep]:
    if move.after == "replicas":
        yield HandoverStep(
            "after",
            f"check that {move.workload.replicas} replicas are set; if the autoscaler was faster, sync once more",
            show(workload_object(move.ref), REPLICAS, move.cluster),
        )
        if move.before in ("hpa", "keda"):
            what = "the autoscaler still owns the field: add --force-conflicts to the first apply"
            yield HandoverStep("after", what, only="kubectl apply --server-side")
    yield from _awake(move)
    yield from _in_charge(move)


def _awake(move: _Move) -> Iterator[HandoverStep]:
    hpa = move.request.hpa_of(move.workload)
    if hpa and move.handover.before == "keda" and move.workload.replicas is None:
        yield HandoverStep(
            "after",
            f"start {hpa.minimum} pods: an HPA ignores a workload with 0 replicas",
            move.command(Scale(workload_object(move.ref), hpa.minimum, 0, move.cluster)),
            "KEDA had scaled it to 0",
        )


def _in_charge(move: _Move) -> Iterator[HandoverStep]:
    waits: dict[Autoscaler, str] = {"hpa": "ScalingActive", "keda": "Ready", "vpa": "RecommendationProvided"}
    for autoscaler, condition in waits.items():
        wanted = move.workload.vpa is not None if autoscaler == "vpa" else move.after == autoscaler
        if wanted:
            waiting = move.command(Wait(scaler(autoscaler, move.ref), condition, 5, move.cluster))
            yield HandoverStep("after", f"wait until the {NOUNS[autoscaler]} is active", waiting)
    if move.is_field_in_git:
        yield HandoverStep(
            "after",
            f"nothing needs to be released: the field manager {MANAGER} disappears when the autoscaler sets another "
            "count. Removing the field from it earlier would set 1",
        )
