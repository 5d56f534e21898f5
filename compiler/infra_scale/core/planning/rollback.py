"""Actions to the commands that undo them.

Each action has its own inverse, which puts back what was saved before the plan. `kubectl rollout undo` is none of them:
it restores the pod template of the revision before, whatever changed last, and neither replicas nor autoscalers
(kubectl/pkg/polymorphichelpers/rollback.go).
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, assert_never

from infra_scale.core.planning.actions import Bases, workload_of
from infra_scale.core.planning.before import Before
from infra_scale.core.planning.commands import OBJECTS, kubectl, resource, scale
from infra_scale.core.planning.saving import Saving
from infra_scale.model.action import (
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
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.target import Target
from infra_scale.model.workload import WorkloadRef


class Undo(NamedTuple):
    """The commands around one plan."""

    preparations: tuple[str, ...]
    """Save, before the plan is applied, what the hints need."""
    hints: tuple[str, ...]
    """Undo it, in the order to run them; a line with # is an alternative that a shell passes over."""


def undo(actions: tuple[Action, ...], target: Target, request: ScaleRequest, bases: Bases) -> Undo:
    """Commands that undo the actions, one cluster after the other from the last wave to the first.

    In a cluster, autoscalers come first, because they own the replicas, then the rest backwards. What a plan has
    brought goes before what it has taken away comes back: two of them would stop each other. An autoscaler that goes
    leaves the replicas as they are, so they are set back after it.
    """
    source = workload_of(request)

    def known(action: Action) -> Before:
        return Before(bases.get(source(action).route))

    writers = {one.cluster: _Writer(Saving.of(target, one.cluster), source, known) for one in actions}
    autoscalers, others = _parted(actions)
    prepared = (writers[action.cluster].preparation(action) for action in (*autoscalers, *others))
    undone: list[Iterator[str]] = []
    for cluster in (*reversed(target.clusters_of(None)), None):
        autoscalers, others = _parted([action for action in actions if action.cluster == cluster])
        backwards = others[::-1]
        backwards.sort(key=_needs_suspension)
        undone += (writers[cluster].inverse(action) for action in (*autoscalers, *backwards))
    # A hand-over from one autoscaler to another names both twice.
    return Undo(tuple(dict.fromkeys(chain.from_iterable(prepared))), tuple(dict.fromkeys(chain.from_iterable(undone))))


def _parted(actions: Iterable[Action]) -> tuple[list[Action], list[Action]]:
    """Autoscalers in the order to undo them, and the others as they are."""
    autoscalers = [action for action in actions if isinstance(action, _AUTOSCALERS)]
    autoscalers.sort(key=lambda action: isinstance(action, RemoveAutoscaler))
    return [*autoscalers], [action for action in actions if not isinstance(action, _AUTOSCALERS)]


def _needs_suspension(action: Action) -> bool:
    """Whether it can only be undone once a Job is suspended again."""
    return isinstance(action, UpdateResources) and action.ref.kind == "Job"


_AUTOSCALERS = (ApplyHpa, ApplyVpa, ApplyKeda, RemoveAutoscaler)


class _Writer(NamedTuple):
    saving: Saving
    source: Callable[[Action], Workload]
    known: Callable[[Action], Before]

    @property
    def kubectl(self) -> str:
        return kubectl(self.saving.cluster)

    def inverse(self, action: Action) -> Iterator[str]:
        ref = action.ref
        match action:
            case ScaleWorkload():
                yield self._scaled_back(ref)
            case ScaleJob():
                for path in _job_paths(action):
                    patch = _nested(path, self.saving.value(ref, path[-1]))
                    yield f'{self.kubectl} patch {resource(ref)} -n {ref.namespace} --type merge -p "{patch}"'
            case UpdateResources():
                yield from self._resources(action)
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield from self._without(action)
            case RemoveAutoscaler(_, autoscaler):
                yield f"{self.kubectl} apply -f {self.saving.object_file(autoscaler, ref)}"
            case _:
                assert_never(action)

    def _scaled_back(self, ref: WorkloadRef) -> str:
        return scale(self.saving.cluster, ref, self.saving.value(ref, "replicas"))

    def _resources(self, action: UpdateResources) -> Iterator[str]:
        before = self.known(action)
        effect, command = before.effect(action), self.saving.restore_resources(action.ref)
        if effect == "unclear":
            yield f"# if it ran with other amounts than its manifest has: {command}"
        elif effect == "some":
            yield command
            yield self.saving.restore_known(action, before)

    def _without(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> Iterator[str]:
        """Take an autoscaler away, or put back the one that was saved."""
        ref, kind = action.ref, _autoscaler(action)
        cascade = " --cascade=foreground" if kind == "keda" else ""  # its HPA goes before another one comes
        delete = f"{self.kubectl} delete {OBJECTS[kind]} {ref.name} -n {ref.namespace}{cascade}"
        file = self.saving.object_file(kind, ref)
        if self._is_new(action):
            yield delete
        else:
            yield f"ls {file} && if test -s {file}; then {self.kubectl} replace -f {file}; else {delete}; fi"
        if self._leaves_a_count(action):
            yield self._scaled_back(ref)
        if self._is_taken_over(action):
            yield f"{self.kubectl} apply -f {self.saving.object_file('hpa', ref)}"

    def _is_new(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> bool:
        """Whether a hand-over says that there was none of the kind before."""
        workload, kind = self.source(action), _autoscaler(action)
        if workload.handover is None:
            return False
        before = workload.handover.before
        return before == "replicas" or (before in ("hpa", "keda") and kind not in ("vpa", before))

    def _is_taken_over(self, action: Action) -> bool:
        """Whether KEDA has taken an HPA over: with the ScaledObject goes that HPA."""
        handover = self.source(action).handover
        return isinstance(action, ApplyKeda) and handover is not None and handover.before == "hpa"

    def _leaves_a_count(self, action: Action) -> bool:
        """Whether taking the autoscaler away leaves a count that nothing else of the plan sets back."""
        workload = self.source(action)
        owner = workload.handover.before if workload.handover else "replicas"
        sets = isinstance(action, (ApplyHpa, ApplyKeda))
        return sets and workload.replicas is None and owner not in ("hpa", "keda")

    def preparation(self, action: Action) -> Iterator[str]:
        match action:
            case ScaleWorkload():
                yield self.saving.save_value(action.ref, _REPLICAS)
            case ScaleJob():
                yield from (self.saving.save_value(action.ref, path) for path in _job_paths(action))
            case UpdateResources():
                if self.known(action).effect(action) != "none":
                    yield self.saving.save_resources(action)
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield from self._saved(action)
            case RemoveAutoscaler(ref, autoscaler):
                yield self.saving.save_object(autoscaler, OBJECTS[autoscaler], ref)
            case _:
                assert_never(action)

    def _saved(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> Iterator[str]:
        kind: Autoscaler = "hpa" if self._is_taken_over(action) else _autoscaler(action)
        if self._is_taken_over(action) or not self._is_new(action):
            yield self.saving.save_object(kind, OBJECTS[kind], action.ref)
        if self._leaves_a_count(action):
            yield self.saving.save_value(action.ref, _REPLICAS)


_REPLICAS = ("spec", "replicas")


def _autoscaler(action: ApplyHpa | ApplyVpa | ApplyKeda) -> Autoscaler:
    match action:
        case ApplyHpa():
            return "hpa"
        case ApplyVpa():
            return "vpa"
        case ApplyKeda():
            return "keda"


def _job_paths(action: ScaleJob) -> Iterator[tuple[str, ...]]:
    """The fields that the action sets."""
    if action.parallelism is not None:
        inner = ("jobTemplate", "spec") if action.ref.kind == "CronJob" else ()
        yield ("spec", *inner, "parallelism")
    if action.suspend is not None:
        yield ("spec", "suspend")


def _nested(path: tuple[str, ...], value: str) -> str:
    """A merge patch of one field, as YAML on one line."""
    first, *rest = path
    return f"{first}: " + "".join(f"{{{key}: " for key in rest) + value + "}" * len(rest)
