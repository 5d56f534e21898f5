"""What has to hold before the first write to a cluster: APPLY-001 to APPLY-010, each from facts that were only read."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.executing.fields import holds, value_at
from infra_scale.core.executing.health import Waiting, health_now
from infra_scale.core.executing.owners import owner_of, writer_of
from infra_scale.core.executing.writes import REPLICAS, Live, Object, containers, noun
from infra_scale.model.action import Action, UpdateResources
from infra_scale.model.run import Json, Run, RunCluster, RunStep
from infra_scale.model.step import ObjectRef, workload_object


class Refusal(NamedTuple):
    """One precondition that does not hold."""

    id: str
    message: str
    help: str
    is_later: bool = False
    """Whether it may hold after waiting."""


class Repository(NamedTuple):
    """The state of the repository that a plan was read from."""

    is_current: bool
    """Whether the plan is what HEAD compiles to."""
    is_clean: bool
    """Whether no file that decides about plans differs from HEAD."""
    branch: str
    """The base branch."""
    is_on_base: bool | None
    """Whether HEAD is on the base branch; None if that branch is not known here."""


def of_repository(plan: str, state: Repository) -> Iterator[Refusal]:
    """APPLY-007: what is applied was reviewed and merged."""
    if not state.is_clean:
        message = "the work tree has changes that are not committed"
        yield Refusal("APPLY-007", message, "commit or stash them: only committed plans are applied")
    elif not state.is_current:
        message = f"{plan} differs from what its request compiles to"
        yield Refusal("APPLY-007", message, "run `infra-scale compile`, and have the result reviewed and merged")
    if state.is_on_base is False:
        message = f"HEAD is not on {state.branch}, the base branch"
        yield Refusal("APPLY-007", message, f"merge the plan, then `git switch {state.branch} && git pull`")
    elif state.is_on_base is None:
        message = f"whether HEAD is on {state.branch} is not known here"
        yield Refusal("APPLY-007", message, f"fetch it first: `git fetch origin {state.branch}`")


def of_cluster(context: str, live: str, snapshot: str) -> Iterator[Refusal]:
    """APPLY-001: the context leads to the cluster of the snapshot; both are digests of the UID of kube-system."""
    if snapshot and live != snapshot:
        message = f"context {context} leads to another cluster than the one in the snapshot"
        yield Refusal("APPLY-001", message, "check the kubeconfig; nothing was written")


def of_journal(previous: Run | None, digest: str, *, retry: bool) -> Iterator[Refusal]:
    """APPLY-009: no other plan is in progress; APPLY-005: this plan has not failed here before."""
    if previous is None or retry:
        return
    if previous.state == "open" and previous.plan.digest != digest:
        message = f"run {previous.id} of an earlier plan was interrupted"
        fix = f"undo it with `infra-scale rollback {previous.id}`, or take it over with --retry"
        yield Refusal("APPLY-009", message, fix)
    if previous.state in ("rolled_back", "needs_attention") and previous.plan.digest == digest:
        reason = f" ({previous.reason})" if previous.reason else ""
        message = f"this plan failed here in run {previous.id}{reason}"
        yield Refusal("APPLY-005", message, "change the plan, or try the same one again with --retry")


def of_objects(steps: Iterable[RunStep], live: Live, context: str) -> Iterator[Refusal]:
    """APPLY-002 for missing and recreated objects, APPLY-003 for delivered ones, APPLY-004 for unsettled ones."""
    for ref in dict.fromkeys(step.ref for step in steps):
        item = live.objects.get(ref)
        if item is not None:
            yield from _of_owner(ref, item)
            yield from _of_rollout(ref, item, context)


def missing(refs: Iterable[ObjectRef]) -> Iterator[Refusal]:
    """APPLY-002 for workloads that do not exist."""
    for ref in refs:
        message = f"{ref.kind}/{ref.name} does not exist in namespace {ref.namespace}"
        yield Refusal("APPLY-002", message, "deploy it first, or remove it from the request")


def of_containers(actions: Iterable[Action], live: Live) -> Iterator[Refusal]:
    """APPLY-002 for resources of a container that the workload does not have, or that the plan does not name."""
    for action in actions:
        item = live.objects.get(workload_object(action.ref))
        if not isinstance(action, UpdateResources) or item is None:
            continue
        names = [name for _, name in containers(item, is_init=action.is_init)]
        if action.container is None and len(names) != 1:
            message = f"{action.ref} has {len(names)} containers ({', '.join(names)}), and the plan names none"
            yield Refusal("APPLY-002", message, "name one with `container` in the request")
        elif action.container is not None and action.container not in names:
            message = f"{action.ref} has no container {action.container}: it has {', '.join(names)}"
            yield Refusal("APPLY-002", message, "correct `container` in the request")


def _of_owner(ref: ObjectRef, item: Object) -> Iterator[Refusal]:
    owner = owner_of(item)
    if owner is None:
        return
    fixes = {
        "Argo CD": "merge the plan: Argo CD applies it from the overlay that joins its Component",
        "Flux": "merge the plan: Flux applies it from the overlay that joins its Component",
        "Helm": "change the values of the release: its next upgrade would conflict with this write, or undo it",
    }
    yield Refusal("APPLY-003", f"{ref.kind}/{ref.name} is delivered by {owner}", fixes[owner.engine])


def _of_rollout(ref: ObjectRef, item: Object, context: str) -> Iterator[Refusal]:
    name = f"{ref.kind}/{ref.name}"
    if value_at(item, "/spec/paused") is True:
        resume = f"kubectl --context {context} rollout resume {ref.kind.lower()}/{ref.name} -n {ref.namespace}"
        fix = f"resume it first: `{resume}`"
        yield Refusal("APPLY-004", f"the rollout of {name} is paused", fix)
    elif isinstance(state := health_now(ref.kind, item), Waiting):
        message = f"{name} is still changing ({state.progress})"
        yield Refusal("APPLY-004", message, "wait until it is settled, then apply again", is_later=True)


class Known(NamedTuple):
    """The values that a field may have before the plan."""

    previous: tuple[RunStep, ...]
    """The steps of the plan before this one, planned against the same live objects."""
    journal: RunCluster | None
    """The last run of the same request on this cluster."""
    manifests: Mapping[ObjectRef, int]
    """The replicas in the manifests."""

    def values(self, step: RunStep) -> tuple[Json, ...]:
        """Those of one field."""
        journalled = self.journal.steps if self.journal else ()
        previous = (one._replace(state="written") for one in self.previous)
        same = [one for one in (*previous, *journalled) if (one.ref, one.path) == (step.ref, step.path)]
        stated = self.manifests.get(step.ref) if step.path == REPLICAS else None
        left = (one.before if one.state in ("undone", "planned") else one.after for one in same)
        return (*left, *(() if stated is None else (stated,)))


def of_values(steps: Iterable[RunStep], live: Live, known: Known) -> Iterator[Refusal]:
    """APPLY-002: a field has the value that this plan or its predecessor set, or that the manifests set.

    Without any known value, the live one is accepted: it is recorded before it is changed.
    """
    for step in steps:
        if step.state != "planned" or not step.path:
            continue
        values = known.values(step)
        is_known = not values or any(holds(step.before, value) for value in (*values, step.after))
        if not is_known and not (step.path == REPLICAS and _is_autoscaled(step, live)):
            yield _unexpected(step, live, values)


def _is_autoscaled(step: RunStep, live: Live) -> bool:
    """Whether an autoscaler sets a live number of replicas, within its bounds."""
    for ref, item in live.objects.items():
        if ref.kind == "HorizontalPodAutoscaler" and value_at(item, "/spec/scaleTargetRef/name") == step.ref.name:
            least, most = value_at(item, "/spec/minReplicas") or 1, value_at(item, "/spec/maxReplicas")
            if _within(least, step.before, most):
                return True
    return False


def _within(least: Json, value: Json, most: Json) -> bool:
    return isinstance(least, int) and isinstance(value, int) and isinstance(most, int) and least <= value <= most


def _unexpected(step: RunStep, live: Live, values: tuple[Json, ...]) -> Refusal:
    writer = writer_of(live.objects[step.ref], step.path)
    by = f"; last set by {writer}" if writer else ""
    field = step.path.rpartition("/")[2]
    if step.path == REPLICAS:
        expected = " or ".join(dict.fromkeys(str(value) for value in (*values, step.after)))
        message = f"{noun(step)} has {step.before} replicas, expected {expected}{by}"
    else:
        message = f"{field} of {noun(step)} is neither the value before this plan nor the one after it{by}"
    return Refusal("APPLY-002", message, "set it back, or change the request to the value that it should have")
