"""Actions to the commands that undo them.

`kubectl rollout undo` restores the pod template and nothing else: it neither reverts a scale nor an HPA, and after a
mere scale it would roll back the last release (kubectl/pkg/polymorphichelpers/rollback.go). So each action gets its own
inverse.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import NamedTuple, assert_never

from infra_scale.core.planning.actions import workload_of
from infra_scale.core.planning.commands import OBJECTS, kubectl, resource, scale, show
from infra_scale.model.action import (
    DETECT,
    NOUNS,
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
from infra_scale.model.target import Cluster, Target
from infra_scale.model.workload import WorkloadRef


class Undo(NamedTuple):
    """The commands around one plan."""

    preparations: tuple[str, ...]
    """Save, before the plan is applied, what the hints need: files, and the values of `${detect}`."""
    hints: tuple[str, ...]
    """Undo it, in the order to run them."""


def undo(actions: tuple[Action, ...], target: Target, request: ScaleRequest) -> Undo:
    """Commands that undo the actions, one cluster after the other from the last wave to the first.

    In a cluster, autoscalers come first, because they own the replicas, then the rest backwards. What a plan has
    brought goes before what it has taken away comes back: two of them would stop each other. An autoscaler that goes
    leaves the replicas as they are, so they are set back after it.

    `${detect}` stands for the value before the plan was applied; a shell leaves it empty, which kubectl refuses.
    """
    source = workload_of(request)
    writers = {action.cluster: _Writer.of(target, action.cluster, source) for action in actions}
    autoscalers, others = _parted(actions)
    prepared = (writers[action.cluster].preparation(action) for action in (*autoscalers, *others))
    undone: list[Iterator[str]] = []
    for cluster in (*reversed(target.clusters_of(None)), None):
        autoscalers, others = _parted([action for action in actions if action.cluster == cluster])
        undone += (writers[cluster].inverse(action) for action in (*autoscalers, *reversed(others)))
    # A hand-over from one autoscaler to another names both twice.
    return Undo(tuple(dict.fromkeys(chain.from_iterable(prepared))), tuple(dict.fromkeys(chain.from_iterable(undone))))


def _parted(actions: Iterable[Action]) -> tuple[list[Action], list[Action]]:
    """Autoscalers in the order to undo them, and the others as they are."""
    autoscalers = [action for action in actions if isinstance(action, _AUTOSCALERS)]
    autoscalers.sort(key=lambda action: isinstance(action, RemoveAutoscaler))
    return [*autoscalers], [action for action in actions if not isinstance(action, _AUTOSCALERS)]


_AUTOSCALERS = (ApplyHpa, ApplyVpa, ApplyKeda, RemoveAutoscaler)


class _Writer(NamedTuple):
    cluster: Cluster | None
    kubectl: str
    place: str
    """Stands in the names of saved files: two clusters of a target must not share one."""
    source: Callable[[Action], Workload]

    @classmethod
    def of(cls, target: Target, cluster: Cluster | None, source: Callable[[Action], Workload]) -> "_Writer":
        elsewhere = cluster is not None and cluster.context != target.kube_context
        place = f"{target.name}.{cluster.name}" if cluster and elsewhere else target.name
        return cls(cluster, kubectl(cluster), place, source)

    def inverse(self, action: Action) -> Iterator[str]:
        ref = action.ref
        match action:
            case ScaleWorkload():
                yield scale(self.cluster, ref, DETECT)
            case ScaleJob():
                for path in _job_paths(action):
                    patch = _nested(path, DETECT)
                    yield f"{self.kubectl} patch {resource(ref)} -n {ref.namespace} --type merge -p '{patch}'"
            case UpdateResources() if ref.kind in _WITHOUT_REVISIONS:
                yield f"{self.kubectl} replace -f {self._file(ref.kind, ref)}"
            case UpdateResources():
                yield f"{self.kubectl} rollout undo {resource(ref)} -n {ref.namespace}"
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield from self._without(action)
            case RemoveAutoscaler(_, autoscaler):
                yield f"{self.kubectl} apply -f {self._file(autoscaler, ref)}"
            case _:
                assert_never(action)

    def _without(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> Iterator[str]:
        """Take an autoscaler away, or set it back where there may have been one."""
        ref, kind = action.ref, _autoscaler(action)
        delete = f"{self.kubectl} delete {OBJECTS[kind]} {ref.name} -n {ref.namespace}"
        back = scale(self.cluster, ref, DETECT) if self._leaves_a_count(action) else ""
        if self._is_new(action):
            yield delete
            yield from [back] if back else []
            if self._is_taken_over(action):
                yield f"{self.kubectl} apply -f {self._file('hpa', ref)}"
            return
        yield f"{self.kubectl} apply -f {self._file(kind, ref)}"
        yield f"# if {ref.name} had no {NOUNS[kind]} before: {delete}"
        if back:
            yield f"# and then, because the count stays what it set last: {back}"

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
        ref = action.ref
        match action:
            case ScaleWorkload():
                yield show(self.cluster, ref, ".spec.replicas")
            case ScaleJob():
                for path in _job_paths(action):
                    shown = "".join(f".{key}" for key in path)
                    yield show(self.cluster, ref, shown)
            case UpdateResources() if ref.kind in _WITHOUT_REVISIONS:
                yield self._save(ref.kind.lower(), ref.kind, ref)
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                yield from self._saved(action)
            case RemoveAutoscaler(_, autoscaler):
                yield self._save(OBJECTS[autoscaler], autoscaler, ref)
            case UpdateResources():
                pass
            case _:
                assert_never(action)

    def _saved(self, action: ApplyHpa | ApplyVpa | ApplyKeda) -> Iterator[str]:
        kind: Autoscaler = "hpa" if self._is_taken_over(action) else _autoscaler(action)
        if self._is_taken_over(action) or not self._is_new(action):
            yield self._save(OBJECTS[kind], kind, action.ref)
        if self._leaves_a_count(action):
            yield show(self.cluster, action.ref, ".spec.replicas")

    def _save(self, what: str, kind: str, ref: WorkloadRef) -> str:
        got = f"{self.kubectl} get {what} {ref.name} -n {ref.namespace} --ignore-not-found -o yaml"
        return f"{got} | {_WITHOUT_VERSION} > {self._file(kind, ref)}"

    def _file(self, kind: str, ref: WorkloadRef) -> str:
        return f"previous-{kind.lower()}.{self.place}.{ref.namespace}.{ref.name}.yaml"


def _autoscaler(action: ApplyHpa | ApplyVpa | ApplyKeda) -> Autoscaler:
    match action:
        case ApplyHpa():
            return "hpa"
        case ApplyVpa():
            return "vpa"
        case ApplyKeda():
            return "keda"


_WITHOUT_VERSION = "sed -E '/^ {2}(resourceVersion|uid):/d'"
"""A version that was saved makes a later apply or replace a conflict (409): only metadata's own lines are dropped.

Counted, because a browser shows two spaces as one."""


_WITHOUT_REVISIONS = ("ReplicaSet", "CronJob")
"""`kubectl rollout undo` has nothing to go back to."""


def _job_paths(action: ScaleJob) -> Iterator[tuple[str, ...]]:
    """Where the values that the action sets stand in the object."""
    if action.parallelism is not None:
        inner = ("jobTemplate", "spec") if action.ref.kind == "CronJob" else ()
        yield ("spec", *inner, "parallelism")
    if action.suspend is not None:
        yield ("spec", "suspend")


def _nested(path: tuple[str, ...], value: str) -> str:
    """A merge patch that sets one value."""
    opened = "".join(f'{{"{key}":' for key in path)
    return f"{opened}{value}{'}' * len(path)}"
