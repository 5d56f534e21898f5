"""Actions to the steps that save the state before them, and to those that undo them.

Each action has an inverse that restores the state saved before the plan. `kubectl rollout undo` is not used: it
restores the pod template of the previous revision, whatever changed last, but neither replicas nor autoscalers
(kubectl/pkg/polymorphichelpers/rollback.go).
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, assert_never

from infra_scale.core.planning.before import Before, Setting, TemplateChange
from infra_scale.core.planning.commands import on
from infra_scale.model.action import (
    APPLIED,
    Action,
    ApplyHpa,
    ApplyKeda,
    ApplyVpa,
    Autoscaler,
    RemoveAutoscaler,
    ScaleJob,
    ScaleWorkload,
    UpdateResources,
)
from infra_scale.model.manifest import Base, Bases
from infra_scale.model.request import Workload
from infra_scale.model.step import (
    Create,
    Delete,
    Field,
    FieldValue,
    Item,
    Manual,
    Patch,
    Restore,
    Save,
    Saved,
    Scale,
    Step,
    scaler,
    workload_object,
)
from infra_scale.model.target import Target
from infra_scale.model.units import in_units


class Undo(NamedTuple):
    """The steps around one plan."""

    preparations: tuple[Step, ...]
    """Run before the plan is applied: they save the state that undoing it needs."""
    steps: tuple[Step, ...]
    """Undo the plan, in this order; a Manual is an alternative to the step before it."""


def undo(actions: tuple[Action, ...], target: Target, source: Callable[[Action], Workload], bases: Bases) -> Undo:
    """Steps that undo the actions on the workloads of a request, cluster by cluster from the last wave to the first.

    In a cluster, autoscalers come first, because they own the replicas; the other actions follow in reverse order. A
    new autoscaler is deleted before the previous one is restored, because the two would conflict. Deleting an
    autoscaler leaves the replicas as they are, so they are restored after it.
    """

    def base_of(action: Action) -> Base | None:
        return bases.get(source(action).key)

    def change(action: UpdateResources) -> TemplateChange:
        return Before(base_of(action)).change(action)

    of_charts = [manual for action in actions for manual in _of_chart(action, base_of(action))]
    actions = tuple(action for action in actions if not _of_chart(action, base_of(action)))

    planner = _Planner(source, change)
    autoscalers, others = _parted(actions)
    prepared = (planner.preparation(action) for action in (*autoscalers, *others))
    reverted: list[Iterable[Step]] = [of_charts]
    for cluster in (*reversed(target.clusters_of(None)), None):
        autoscalers, others = _parted([action for action in actions if action.cluster == cluster])
        backwards = others[::-1]
        backwards.sort(key=_needs_suspension)
        reverted += (planner.inverse(action) for action in (*autoscalers, *backwards))
    # A hand-over from one autoscaler to another names both twice.
    return Undo(
        tuple(dict.fromkeys(chain.from_iterable(prepared))), tuple(dict.fromkeys(chain.from_iterable(reverted)))
    )


def _of_chart(action: Action, base: Base | None) -> tuple[Manual, ...]:
    """How an action on a workload of a Helm release is undone: with the release."""
    if base is None or base.chart is None:
        return ()
    from infra_scale.core.planning.charts import undone  # noqa: PLC0415 (only for charts)

    return tuple(undone(action.ref, base.chart, action.cluster))


def _parted(actions: Iterable[Action]) -> tuple[list[Action], list[Action]]:
    """Autoscalers in the order to undo them, then the other actions in their order."""
    autoscalers = [action for action in actions if isinstance(action, _AUTOSCALERS)]
    autoscalers.sort(key=lambda action: isinstance(action, RemoveAutoscaler))
    return [*autoscalers], [action for action in actions if not isinstance(action, _AUTOSCALERS)]


def _needs_suspension(action: Action) -> bool:
    """Whether it can only be undone after a Job is suspended again."""
    return isinstance(action, UpdateResources) and action.ref.kind == "Job"


_AUTOSCALERS = (ApplyHpa, ApplyVpa, ApplyKeda, RemoveAutoscaler)


class _Planner(NamedTuple):
    """The steps of one action."""

    source: Callable[[Action], Workload]
    change: Callable[[UpdateResources], TemplateChange]

    def inverse(self, action: Action) -> Iterator[Step]:
        ref, cluster = workload_object(action.ref), action.cluster
        match action:
            case ScaleWorkload():
                yield _scaled_back(action)
            case ScaleJob():
                for field in _job_fields(action):
                    yield Patch(ref, (FieldValue(field, Saved(ref, (field,))),), cluster)
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield from self._without(action)
            case RemoveAutoscaler(_, autoscaler):
                yield Create(Saved(scaler(autoscaler, action.ref)), cluster)
            case UpdateResources():
                yield from self._resources(action)
            case _:
                assert_never(action)

    def _resources(self, action: UpdateResources) -> Iterator[Step]:
        change = self.change(action)
        restored = Restore(_saved_resources(action, change), cluster=action.cluster)
        if change.effect == "unclear":
            yield Manual("if it ran with amounts other than those in its manifest", restored)
        elif change.effect == "some":
            yield restored
            yield _without_file(action, change.before)

    def _without(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> Iterator[Step]:
        """Delete an autoscaler, or restore the saved one."""
        kind, cluster = APPLIED[type(action)], action.cluster
        own = scaler(kind, action.ref)
        # Its HPA must be gone before another is created.
        deleted = Delete(own, waits_for_dependents=kind == "keda", cluster=cluster)
        yield deleted if self._is_new(action) else Restore(Saved(own), absent=deleted, cluster=cluster)
        if self._leaves_a_count(action):
            yield _scaled_back(action)
        if self._is_taken_over(action):
            yield Create(Saved(scaler("hpa", action.ref)), cluster)

    def _is_new(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> bool:
        """Whether a hand-over states that there was no autoscaler of this kind before."""
        workload, kind = self.source(action), APPLIED[type(action)]
        if workload.handover is None:
            return False
        before = workload.handover.before
        return before == "replicas" or (before in ("hpa", "keda") and kind not in ("vpa", before))

    def _is_taken_over(self, action: Action) -> bool:
        """Whether KEDA has taken over an HPA: deleting the ScaledObject deletes it as well."""
        handover = self.source(action).handover
        return isinstance(action, ApplyKeda) and handover is not None and handover.before == "hpa"

    def _leaves_a_count(self, action: Action) -> bool:
        """Whether deleting the autoscaler leaves a count that no other step of the plan restores."""
        workload = self.source(action)
        owner = workload.handover.before if workload.handover else "replicas"
        sets = isinstance(action, (ApplyHpa, ApplyKeda))
        return sets and workload.replicas is None and owner not in ("hpa", "keda")

    def preparation(self, action: Action) -> Iterator[Step]:
        ref, cluster = workload_object(action.ref), action.cluster
        match action:
            case ScaleWorkload():
                yield Save(_saved_replicas(action), cluster)
            case ScaleJob():
                yield from (Save(Saved(ref, (field,)), cluster) for field in _job_fields(action))
            case UpdateResources():
                change = self.change(action)
                if change.effect != "none":
                    yield Save(_saved_resources(action, change), cluster)
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield from self._saved(action)
            case RemoveAutoscaler(_, autoscaler):
                yield Save(Saved(scaler(autoscaler, action.ref)), cluster)
            case _:
                assert_never(action)

    def _saved(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> Iterator[Step]:
        kind: Autoscaler = "hpa" if self._is_taken_over(action) else APPLIED[type(action)]
        if self._is_taken_over(action) or not self._is_new(action):
            yield Save(Saved(scaler(kind, action.ref)), action.cluster)
        if self._leaves_a_count(action):
            yield Save(_saved_replicas(action), action.cluster)


REPLICAS: Field = ("spec", "replicas")
_WITH_REVISIONS = ("Deployment", "StatefulSet", "DaemonSet")
"""Kinds whose earlier templates the API keeps."""


def _scaled_back(action: Action) -> Scale:
    return Scale(workload_object(action.ref), _saved_replicas(action), cluster=action.cluster)


def _saved_replicas(action: Action) -> Saved:
    return Saved(workload_object(action.ref), (REPLICAS,))


def _saved_resources(action: UpdateResources, change: TemplateChange) -> Saved:
    return Saved(workload_object(action.ref), tuple(_resource_field(action, setting) for setting in change.after))


def _without_file(action: UpdateResources, settings: tuple[Setting, ...] | None) -> Manual:
    """The amounts in its manifest, else a way to find them."""
    ref = workload_object(action.ref)
    if settings is not None and action.container and ref.kind == "Rollout":  # it has no strategic merge patch
        amounts = ", ".join(f"{one.block}.{one.resource} {_exact(one) or 'not set'}" for one in settings)
        found = f"the amounts of container {action.container} in its manifest are {amounts}"
        return Manual(f"without that file, {found}", on("edit", ref, action.cluster))
    if settings is not None and action.container:
        values = tuple(FieldValue(_resource_field(action, one), _exact(one)) for one in settings)
        return Manual("without that file, back to the amounts in its manifest", Patch(ref, values, action.cluster))
    if ref.kind in _WITH_REVISIONS:
        found = "the amounts are unknown; revisions have them, and --revision=N shows one"
        return Manual(f"without that file, {found}", on("rollout history", ref, action.cluster))
    return Manual("without that file, the amounts are unknown")


def _exact(setting: Setting) -> str | None:
    return None if setting.amount is None else str(in_units(setting.resource, setting.amount))


def _resource_field(action: UpdateResources, setting: Setting) -> Field:
    job = ("jobTemplate", "spec") if action.ref.kind == "CronJob" else ()
    containers = "initContainers" if action.is_init else "containers"
    template = ("spec", *job, "template", "spec", containers)
    return (*template, Item(action.container), "resources", setting.block, setting.resource)


def _job_fields(action: ScaleJob) -> Iterator[Field]:
    """The fields that the action sets."""
    if action.parallelism is not None:
        inner = ("jobTemplate", "spec") if action.ref.kind == "CronJob" else ()
        yield ("spec", *inner, "parallelism")
    if action.suspend is not None:
        yield ("spec", "suspend")
