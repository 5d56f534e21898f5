"""What a compile found and, unless it only looked, did."""

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
"""Of more changed plans than this, nobody is told what each of them does."""


class PlanState(NamedTuple):
    """What became of one plan."""

    state: State
    folder: str
    request: str | None = None
    """The path of its request; None where that is gone."""
    words: tuple[tuple[str, str], ...] = ()
    """What the plan does, and to what."""
    foretold: str | None = None
    """On one line what it costs and whether it fits; None where that is not known or not shown."""
    capacity: dict[str, Node] | None = None
    """What the clusters can hold of it, for JSON."""
    cost: dict[str, Node] | None = None
    """What it costs, likewise."""
    consequences: list[str] | None = None
    """What happens to its pods as the snapshots show it; None where the plan itself has it."""

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
    changes: int
    first: str
    """The path of the first file that changes."""
    deleted: int = 0
    """How many of its files go."""

    @property
    def name(self) -> str:
        """Cluster and namespace: prod-eu-1/assistant."""
        return self.folder.removeprefix(f"{RENDERED}/")


class Outcome(NamedTuple):
    """The result of one run."""

    requests: int
    """How many request files were asked for."""
    is_valid: bool
    """Whether nothing that was asked for was refused."""
    compared: bool
    """Whether the generated tree was looked at: not while a request is refused."""
    totals: FindingCounts
    findings: Iterable[Finding] = ()
    """In their total order; of one file at most 50, and one that counts the rest."""
    plans: tuple[PlanState, ...] = ()
    """What became of the plans, sorted by folder; of those in step only where somebody asked for them."""
    unchanged: int = 0
    """How many plans are in step."""
    changes: Iterable[ChangedPath] = ()
    """How the generated tree differs from what the requests say; empty while a request is refused."""
    changed: int = 0
    """How many these are."""
    rendered: tuple[RenderedState, ...] = ()
    """What changed of rendered manifests, by namespace, sorted; those in which nothing changes are left out."""
    rendered_unchanged: int = 0
    """How many rendered files are in step."""
    details: tuple[FileChange, ...] = ()
    """The changes with what they change, sorted by path, where somebody asked for it."""
    ignored_by: str | None = None
    """The line that keeps git from seeing the changes, where there is one: ".gitignore:3: ops/"."""
    beside: tuple[Finding, ...] = ()
    """Notes about what is wrong and was not touched by the change that is judged."""
    seen: tuple[str, ...] | None = None
    """The folders whose files decided about the outcome; None for what is staged, and where more than files decided."""
    unexpected: int = 0
    """How many unexpected files there are, where they are an error."""
    unverified: tuple[str, ...] = ()
    """Generated files that nothing was compared with: what they come from is refused. Sorted."""
    pruned: tuple[str, ...] = ()
    """The unexpected files that were deleted, sorted."""
    is_repeatable: bool = True
    """Whether the same files give the same outcome: not where Git was asked which of them count."""


def count_rendered(found: dict[str, RenderedState], change: ChangedPath) -> None:
    """Take one more change into what was found by namespace, where it is one of rendered manifests."""
    if change.path.startswith(f"{RENDERED}/"):
        folder = "/".join(change.path.split("/", _NAMESPACE_PARTS)[:_NAMESPACE_PARTS])
        before = found.get(folder, RenderedState(folder, 0, change.path))
        deleted = before.deleted + (change.verb == "deleted")
        found[folder] = RenderedState(folder, before.changes + 1, min(before.first, change.path), deleted)


def plan_state(
    plan: ScalePlan, changes: Iterable[ChangedPath], forecast: PlanForecast | None = None, *, in_words: bool = True
) -> PlanState:
    """What became of a plan, where `changes` are those of its folder."""
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
    """What became of plans whose requests are gone, by the changes of their files."""
    found: dict[str, list[ChangedPath]] = {}
    for change in changes:
        if change.path.startswith(f"{PLANS}/"):
            found.setdefault(change.path.rpartition("/")[0], []).append(change)
    return (PlanState(_state(of_folder), folder) for folder, of_folder in found.items())


def _state(changes: Iterable[ChangedPath]) -> State:
    """That of plan.yaml where it changes; a plan of which only the summary changes is updated."""
    verbs = {change.path.rpartition("/")[2]: change.verb for change in changes}
    if not verbs:
        return "unchanged"
    return verbs.get(PLAN_FILE, "deleted" if set(verbs.values()) == {"deleted"} else "updated")
