"""Actions to the commands that undo them.

`kubectl rollout undo` restores the pod template and nothing else: it neither reverts a scale nor an HPA, and after a
mere scale it would roll back the last release (kubectl/pkg/polymorphichelpers/rollback.go). So each action gets its own
inverse.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, assert_never

from infra_scale.model.action import (
    DETECT,
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
from infra_scale.model.target import Cluster, Target
from infra_scale.model.workload import WorkloadRef


class Undo(NamedTuple):
    """The commands around one plan."""

    preparations: tuple[str, ...]
    """Save, before the plan is applied, what the hints need: files, and the values of `${detect}`."""
    hints: tuple[str, ...]
    """Undo it, in the order to run them."""


def undo(actions: tuple[Action, ...], target: Target) -> Undo:
    """Commands that undo the actions: autoscalers first, because they own the replicas, then the rest backwards.

    `${detect}` stands for the value before the plan was applied; a shell leaves it empty, which kubectl refuses.
    """
    autoscalers = [action for action in actions if isinstance(action, _AUTOSCALERS)]
    others = [action for action in actions if not isinstance(action, _AUTOSCALERS)]
    writers = {action.cluster: _Writer.of(target, action.cluster) for action in actions}
    prepared = (writers[action.cluster].preparation(action) for action in (*autoscalers, *others))
    undone = (writers[action.cluster].inverse(action) for action in (*autoscalers, *reversed(others)))
    # A hand-over from one autoscaler to another names both twice.
    return Undo(tuple(dict.fromkeys(chain.from_iterable(prepared))), tuple(dict.fromkeys(chain.from_iterable(undone))))


_AUTOSCALERS = (ApplyHpa, ApplyVpa, ApplyKeda, RemoveAutoscaler)


class _Writer(NamedTuple):
    kubectl: str
    place: str
    """Stands in the names of saved files: two clusters of a target must not share one."""

    @classmethod
    def of(cls, target: Target, cluster: Cluster | None) -> "_Writer":
        if cluster is None:
            return cls("kubectl", target.name)
        place = target.name if cluster.context == target.kube_context else f"{target.name}.{cluster.name}"
        return cls(f"kubectl --context {cluster.context}", place)

    def inverse(self, action: Action) -> Iterator[str]:
        ref = action.ref
        match action:
            case ScaleWorkload():
                yield f"{self.kubectl} scale {_resource(ref)} -n {ref.namespace} --replicas={DETECT}"
            case ScaleJob():
                for path in _job_paths(action):
                    patch = _nested(path, DETECT)
                    yield f"{self.kubectl} patch {_resource(ref)} -n {ref.namespace} --type merge -p '{patch}'"
            case UpdateResources() if ref.kind in _WITHOUT_REVISIONS:
                yield f"{self.kubectl} replace -f {self._file(ref.kind, ref)}"
            case UpdateResources():
                yield f"{self.kubectl} rollout undo {_resource(ref)} -n {ref.namespace}"
            case ApplyHpa() | ApplyVpa() | ApplyKeda():
                kind = _autoscaler(action)
                yield f"{self.kubectl} apply -f {self._file(kind, ref)}"
                delete = f"{self.kubectl} delete {_OBJECTS[kind]} {ref.name} -n {ref.namespace}"
                yield f"# if {ref.name} had no {_NOUNS[kind]} before: {delete}"
            case RemoveAutoscaler(_, autoscaler):
                yield f"{self.kubectl} apply -f {self._file(autoscaler, ref)}"
            case _:
                assert_never(action)

    def preparation(self, action: Action) -> Iterator[str]:
        ref = action.ref
        match action:
            case ScaleWorkload():
                yield f"{self.kubectl} get {_resource(ref)} -n {ref.namespace} -o jsonpath={{.spec.replicas}}"
            case ScaleJob():
                for path in _job_paths(action):
                    shown = "".join(f".{key}" for key in path)
                    yield f"{self.kubectl} get {_resource(ref)} -n {ref.namespace} -o jsonpath={{{shown}}}"
            case UpdateResources() if ref.kind in _WITHOUT_REVISIONS:
                yield self._save(ref.kind.lower(), ref.kind, ref)
            case ApplyHpa() | ApplyVpa() | ApplyKeda() | RemoveAutoscaler():
                kind = _autoscaler(action)
                yield self._save(_OBJECTS[kind], kind, ref)
            case UpdateResources():
                pass
            case _:
                assert_never(action)

    def _save(self, resource: str, kind: str, ref: WorkloadRef) -> str:
        got = f"{self.kubectl} get {resource} {ref.name} -n {ref.namespace} --ignore-not-found -o yaml"
        return f"{got} | {_WITHOUT_VERSION} > {self._file(kind, ref)}"

    def _file(self, kind: str, ref: WorkloadRef) -> str:
        return f"previous-{kind.lower()}.{self.place}.{ref.namespace}.{ref.name}.yaml"


_OBJECTS: dict[Autoscaler, str] = {"hpa": "hpa", "vpa": "vpa", "keda": "scaledobject"}
"""What kubectl calls them."""
_NOUNS: dict[Autoscaler, str] = {"hpa": "HPA", "vpa": "VPA", "keda": "ScaledObject"}


def _autoscaler(action: ApplyHpa | ApplyVpa | ApplyKeda | RemoveAutoscaler) -> Autoscaler:
    match action:
        case ApplyHpa():
            return "hpa"
        case ApplyVpa():
            return "vpa"
        case ApplyKeda():
            return "keda"
        case RemoveAutoscaler(_, autoscaler):
            return autoscaler


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


def _resource(ref: WorkloadRef) -> str:
    return f"{ref.kind.lower()}/{ref.name}"
