"""What a compile found and, unless it only looked, did."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from infra_scale.core.compile import Compilation
from infra_scale.core.render.generated import PLAN_FILE
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import PLANS, RENDERED
from infra_scale.model.plan import ScalePlan

_NAMESPACE_PARTS = RENDERED.count("/") + 3

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


class RenderedState(NamedTuple):
    """What changed of the rendered manifests of one namespace of one cluster."""

    folder: str
    changes: tuple[FileChange, ...]

    @property
    def name(self) -> str:
        """Cluster and namespace: prod-eu-1/assistant."""
        return self.folder.removeprefix(f"{RENDERED}/")


class Seen(NamedTuple):
    """What a run in the work tree went by, besides its arguments."""

    folders: tuple[str, ...]
    """Everything below these."""
    newest_commit: str | None
    """When it was made, where a snapshot was judged by it."""


class Outcome(NamedTuple):
    """The result of one run."""

    compilation: Compilation
    changes: tuple[FileChange, ...]
    """How the generated tree differs from what the requests say, sorted by path; empty while a request is refused."""
    compared: bool
    """Whether the generated tree was looked at: not while a request is refused."""
    ignored_by: str | None = None
    """The line that keeps git from seeing the changes, where there is one: ".gitignore:3: ops/"."""
    seen: Seen | None = None
    """None for what is staged."""

    def plan_states(self) -> tuple[PlanState, ...]:
        """What became of each plan, sorted by folder; nothing is said of plans that were not compared."""
        return tuple(sorted(self._states(), key=lambda state: state.folder)) if self.compared else ()

    def rendered_states(self) -> tuple[RenderedState, ...]:
        """What changed of rendered manifests, by namespace, sorted; those in which nothing changes are left out."""
        changed: dict[str, list[FileChange]] = {}
        for change in self.rendered_changes:
            changed.setdefault("/".join(change.path.split("/")[:_NAMESPACE_PARTS]), []).append(change)
        return tuple(RenderedState(folder, tuple(changed[folder])) for folder in sorted(changed))

    @property
    def rendered_changes(self) -> tuple[FileChange, ...]:
        """Those of rendered manifests."""
        return tuple(change for change in self.changes if change.path.startswith(f"{RENDERED}/"))

    @property
    def rendered_unchanged(self) -> int:
        """How many rendered files are in step; none where they were not compared."""
        changed = {change.path for change in self.changes}
        wanted = self.compilation.files.keys() - changed if self.compared else set()
        return sum(path.startswith(f"{RENDERED}/") for path in wanted)

    def _states(self) -> Iterator[PlanState]:
        changed: dict[str, list[FileChange]] = {}
        for change in self.changes:
            if change.path.startswith(f"{PLANS}/"):
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
