"""The actions that an account has to be allowed to carry out."""

from contextlib import closing
from pathlib import Path

from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.errors import InfraScaleError
from infra_scale.model.action import Action
from infra_scale.usecases.compile import compile_state
from infra_scale.usecases.environment import context_of


def actions_of(root: Path, target: str | None) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """The actions of all plans, or of those of one target, and the names of all targets. Raises InfraScaleError."""
    with closing(WorkTree(root)) as tree:
        compilation = compile_state(root, tree, context_of(tree))
    plans = tuple(plan for plan in compilation.plans if target in (None, plan.metadata.target))
    if compilation.errors and not plans:
        message = f"{compilation.errors[0].path} cannot be compiled"
        raise InfraScaleError(message, hint="`infra-scale validate` shows why")
    return tuple(action for plan in plans for action in plan.actions), tuple(sorted(compilation.targets))
