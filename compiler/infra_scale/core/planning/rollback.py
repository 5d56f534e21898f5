"""Actions to the commands that undo them.

`kubectl rollout undo` restores the pod template and nothing else: it neither reverts a scale nor an HPA, and after a mere
scale it would roll back the last release (kubectl/pkg/polymorphichelpers/rollback.go). So each action gets its own inverse.
"""

from collections.abc import Iterator
from typing import assert_never

from infra_scale.model.action import DETECT, Action, ApplyHpa, ScaleWorkload, UpdateResources
from infra_scale.model.workload import WorkloadRef

_PREVIOUS_HPA = "previous-hpa.yaml"


def rollback_hints(actions: tuple[Action, ...], *, kube_context: str | None) -> tuple[str, ...]:
    """Shell commands in the order to run them: autoscalers first, because they own the replicas, then the rest backwards.

    `${detect}` in a command stands for the value before the plan was applied; a shell leaves it empty, which kubectl refuses.
    """
    kubectl = f"kubectl --context {kube_context}" if kube_context else "kubectl"
    autoscalers = [action for action in actions if isinstance(action, ApplyHpa)]
    others = [action for action in reversed(actions) if not isinstance(action, ApplyHpa)]
    return (*_restore_hpas(autoscalers, kubectl), *(_inverse(action, kubectl) for action in others))


def _restore_hpas(actions: list[ApplyHpa], kubectl: str) -> Iterator[str]:
    if not actions:
        return
    names = " ".join(sorted({action.ref.name for action in actions}))
    namespace = actions[0].ref.namespace
    save = f"{kubectl} get hpa {names} -n {namespace} -o yaml > {_PREVIOUS_HPA}"
    yield f"{kubectl} apply -f {_PREVIOUS_HPA}  # before applying, save it: {save}"


def _inverse(action: Action, kubectl: str) -> str:
    match action:
        case ScaleWorkload(ref, _):
            return f"{kubectl} scale {_resource(ref)} -n {ref.namespace} --replicas={DETECT}  # the count before the plan"
        case UpdateResources(ref, _, _, _) if ref.kind == "ReplicaSet":
            previous = f"previous-{ref.name}.yaml"
            save = f"{kubectl} get {_resource(ref)} -n {ref.namespace} -o yaml > {previous}"
            return f"{kubectl} replace -f {previous}  # before applying, save it: {save}"
        case UpdateResources(ref, _, _, _):
            return f"{kubectl} rollout undo {_resource(ref)} -n {ref.namespace}"
        case ApplyHpa(ref, _):
            return f"{kubectl} delete hpa {ref.name} -n {ref.namespace}"
        case _:
            assert_never(action)


def _resource(ref: WorkloadRef) -> str:
    return f"{ref.kind.lower()}/{ref.name}"
