"""What a compile found and, unless it only looked, did."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from infra_scale.core.compile import Compilation
from infra_scale.core.render.generated import PLAN_FILE
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import PLANS
from infra_scale.model.plan import ScalePlan

State = Literal["created", "updated", "deleted", "unchanged"]


class PlanState(NamedTuple):
    """What became of one plan."""

    state: State
    folder: str
    plan: ScalePlan | None
    """None for a plan whose request is gone."""

    @property
    def path(self) -> str:
        """Its plan.yaml."""
        return f"{self.folder}/{PLAN_FILE}"

    @property
    def name(self) -> str:
        """Target and request: prod/assistant/web."""
        return self.folder.removeprefix(f"{PLANS}/")


class Outcome(NamedTuple):
    """The result of one run."""

    compilation: Compilation
    changes: tuple[FileChange, ...]
    """How the generated tree differs from what the requests say, sorted by path; empty while a request is refused."""
    compared: bool
    """Whether the generated tree was looked at: not while a request is refused."""
    ignored_by: str | None = None
    """The line that keeps git from seeing the changes, where there is one: ".gitignore:3: ops/"."""

    def plan_states(self) -> tuple[PlanState, ...]:
        """What became of each plan, sorted by folder; nothing is said of plans that were not compared."""
        return tuple(sorted(self._states(), key=lambda state: state.folder)) if self.compared else ()

    def _states(self) -> Iterator[PlanState]:
        changed: dict[str, list[FileChange]] = {}
        for change in self.changes:
            changed.setdefault(change.path.rpartition("/")[0], []).append(change)
        for plan in self.compilation.plans:
            yield PlanState(_state(changed.pop(plan.folder, [])), plan.folder, plan)
        for folder, changes in changed.items():
            yield PlanState(_state(changes), folder, None)


def _state(changes: list[FileChange]) -> State:
    """That of plan.yaml where it changes; a plan of which only the summary changes is updated."""
    verbs = {change.path.rpartition("/")[2]: change.verb for change in changes}
    if not verbs:
        return "unchanged"
    return verbs.get(PLAN_FILE, "deleted" if set(verbs.values()) == {"deleted"} else "updated")
