"""Actions to the commands that undo them.

`kubectl rollout undo` restores the pod template and nothing else: it neither reverts a scale nor an HPA, and after a
mere scale it would roll back the last release (kubectl/pkg/polymorphichelpers/rollback.go). So each action gets its own
inverse.
"""

from collections.abc import Iterator
from typing import assert_never

from infra_scale.model.action import DETECT, Action, ApplyHpa, ScaleWorkload, UpdateResources
from infra_scale.model.workload import WorkloadRef

_PREVIOUS_HPA = "previous-hpa.yaml"


def rollback_hints(actions: tuple[Action, ...], *, kube_context: str | None) -> tuple[str, ...]:
    """Commands in the order to run them: autoscalers first, because they own the replicas, then the rest backwards.

    `${detect}` stands for the value before the plan was applied; a shell leaves it empty, which kubectl refuses.
    """
    kubectl = _kubectl(kube_context)
    restored = (
        [f"{kubectl} apply -f {_PREVIOUS_HPA}"] if any(isinstance(action, ApplyHpa) for action in actions) else []
    )
    return (*restored, *(hint for action in reversed(actions) for hint in _inverse(action, kubectl)))


def preparations(actions: tuple[Action, ...], *, kube_context: str | None) -> tuple[str, ...]:
    """Commands that save, before the plan is applied, what the hints need: files, and the values of `${detect}`."""
    kubectl = _kubectl(kube_context)
    others = tuple(command for action in actions for command in _preparation(action, kubectl))
    autoscalers = [action.ref for action in actions if isinstance(action, ApplyHpa)]
    if not autoscalers:
        return others
    names = " ".join(ref.name for ref in autoscalers)
    return (_save(kubectl, f"hpa {names}", autoscalers[0].namespace, _PREVIOUS_HPA), *others)


def _inverse(action: Action, kubectl: str) -> Iterator[str]:
    match action:
        case ScaleWorkload(ref, _):
            yield f"{kubectl} scale {_resource(ref)} -n {ref.namespace} --replicas={DETECT}"
        case UpdateResources(ref, _, _, _) if ref.kind == "ReplicaSet":  # it has no revisions to go back to
            yield f"{kubectl} replace -f {_previous(ref)}"
        case UpdateResources(ref, _, _, _):
            yield f"{kubectl} rollout undo {_resource(ref)} -n {ref.namespace}"
        case ApplyHpa():
            pass  # all in one file, restored first
        case _:
            assert_never(action)


def _preparation(action: Action, kubectl: str) -> Iterator[str]:
    match action:
        case ScaleWorkload(ref, _):
            yield f"{kubectl} get {_resource(ref)} -n {ref.namespace} -o jsonpath={{.spec.replicas}}"
        case UpdateResources(ref, _, _, _) if ref.kind == "ReplicaSet":
            yield _save(kubectl, _resource(ref), ref.namespace, _previous(ref))
        case UpdateResources() | ApplyHpa():
            pass
        case _:
            assert_never(action)


def _kubectl(kube_context: str | None) -> str:
    return f"kubectl --context {kube_context}" if kube_context else "kubectl"


def _save(kubectl: str, what: str, namespace: str, file: str) -> str:
    return f"{kubectl} get {what} -n {namespace} -o yaml > {file}"


def _previous(ref: WorkloadRef) -> str:
    return f"previous-{ref.kind.lower()}-{ref.name}.yaml"


def _resource(ref: WorkloadRef) -> str:
    return f"{ref.kind.lower()}/{ref.name}"
