"""The result of a compile: findings, and the changes of files."""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from infra_scale.core.documents.header import PLAN_FILE
from infra_scale.core.documents.plan import consequence_lines
from infra_scale.core.evaluation.summary import FindingCounts
from infra_scale.core.reporting.actions import action_words
from infra_scale.core.syntax.emitter import Node
from infra_scale.model.filechange import ChangedPath, FileChange
from infra_scale.model.finding import Finding
from infra_scale.model.forecast import NO_PLAN_FORECAST, PlanForecast
from infra_scale.model.names import PLANS, RENDERED
from infra_scale.model.plan import ScalePlan

_NAMESPACE_PARTS = RENDERED.count("/") + 3

State = Literal["created", "updated", "deleted", "unchanged"]


MOST_IN_WORDS = 20
"""With more changed plans than this, their actions are not listed."""


class PlanState(NamedTuple):
    """The state of one plan."""

    state: State
    folder: str
    request: str | None = None
    """The path of its request; None if it was deleted."""
    words: tuple[tuple[str, str], ...] = ()
    """The actions of the plan and their objects."""
    foretold: str | None = None
    """Cost and capacity on one line; None if unknown or not shown."""
    capacity: dict[str, Node] | None = None
    """The capacity of the clusters for it, for JSON."""
    cost: dict[str, Node] | None = None
    """Its cost, for JSON."""
    consequences: list[str] | None = None
    """Its consequences for the state in the snapshots; None if they equal those in the plan."""

    @property
    def path(self) -> str:
        """Its plan.yaml."""
        return f"{self.folder}/{PLAN_FILE}"

    @property
    def name(self) -> str:
        """Target and request: prod/assistant/web."""
        return self.folder.removeprefix(f"{PLANS}/")


class RenderedState(NamedTuple):
    """The changes of the rendered manifests in one namespace of one cluster."""

    folder: str
    changes: int
    first: str
    """The path of the first file that changes."""
    deleted: int = 0
    """The number of its deleted files."""

    @property
    def name(self) -> str:
        """Cluster and namespace: prod-eu-1/assistant."""
        return self.folder.removeprefix(f"{RENDERED}/")


class Outcome(NamedTuple):
    """The result of one run."""

    requests: int
    """The number of selected request files."""
    is_valid: bool
    """Whether no selected request was refused."""
    compared: bool
    """Whether the generated tree was checked: not if a request is refused."""
    totals: FindingCounts
    findings: Iterable[Finding] = ()
    """In their total order; at most 50 for one file, and one that counts the rest."""
    plans: tuple[PlanState, ...] = ()
    """The states of the plans, sorted by folder; unchanged ones only if requested."""
    unchanged: int = 0
    """The number of unchanged plans."""
    changes: Iterable[ChangedPath] = ()
    """The differences between the generated tree and the requests; empty if a request is refused."""
    changed: int = 0
    """The number of differences."""
    rendered: tuple[RenderedState, ...] = ()
    """The changes of rendered manifests by namespace, sorted; unchanged namespaces are omitted."""
    rendered_unchanged: int = 0
    """The number of unchanged rendered files."""
    details: tuple[FileChange, ...] = ()
    """The changes with their content, sorted by path, if requested."""
    ignored_by: str | None = None
    """The line that makes git ignore the changes, if there is one: ".gitignore:3: ops/"."""
    beside: tuple[Finding, ...] = ()
    """Notes about errors in files that the change does not touch."""
    seen: tuple[str, ...] | None = None
    """The folders that the outcome depends on; None for staged files, and if it depends on more than files."""
    unexpected: int = 0
    """The number of unexpected files, if they are an error."""
    unverified: tuple[str, ...] = ()
    """Generated files that could not be checked, because their request or target is refused. Sorted."""
    pruned: tuple[str, ...] = ()
    """The unexpected files that were deleted, sorted."""
    is_repeatable: bool = True
    """Whether the outcome depends on the files alone: not if Git decided which of them count."""


def count_rendered(found: dict[str, RenderedState], change: ChangedPath) -> None:
    """Add a change to its namespace, if it is a rendered manifest."""
    if change.path.startswith(f"{RENDERED}/"):
        folder = "/".join(change.path.split("/", _NAMESPACE_PARTS)[:_NAMESPACE_PARTS])
        before = found.get(folder, RenderedState(folder, 0, change.path))
        deleted = before.deleted + (change.verb == "deleted")
        found[folder] = RenderedState(folder, before.changes + 1, min(before.first, change.path), deleted)


def plan_state(
    plan: ScalePlan, changes: Iterable[ChangedPath], forecast: PlanForecast | None = None, *, in_words: bool = True
) -> PlanState:
    """The state of a plan; `changes` are those of its folder."""
    if not in_words:
        return PlanState(_state(changes), plan.folder, plan.metadata.path)
    state = PlanState(_state(changes), plan.folder, plan.metadata.path, tuple(action_words(plan)))
    if forecast is None or forecast == NO_PLAN_FORECAST:
        return state
    from infra_scale.core.documents.forecast_nodes import capacity_node, cost_node  # noqa: PLC0415 (only with a forecast)
    from infra_scale.core.reporting.forecast_words import plan_words  # noqa: PLC0415 (likewise)

    return state._replace(
        foretold=plan_words(forecast) or None,
        capacity=capacity_node(forecast.capacity) if forecast.capacity else None,
        cost=cost_node(forecast.cost) if forecast.cost else None,
        consequences=consequence_lines(forecast.consequences, plan.kube_context) or None,
    )


def orphan_states(changes: Iterable[ChangedPath]) -> Iterator[PlanState]:
    """The states of plans without requests, from the changes of their files."""
    found: dict[str, list[ChangedPath]] = {}
    for change in changes:
        if change.path.startswith(f"{PLANS}/"):
            found.setdefault(change.path.rpartition("/")[0], []).append(change)
    return (PlanState(_state(of_folder), folder) for folder, of_folder in found.items())


def _state(changes: Iterable[ChangedPath]) -> State:
    """The state of plan.yaml if it changes; if only the summary changes, the plan is updated."""
    verbs = {change.path.rpartition("/")[2]: change.verb for change in changes}
    if not verbs:
        return "unchanged"
    return verbs.get(PLAN_FILE, "deleted" if set(verbs.values()) == {"deleted"} else "updated")
