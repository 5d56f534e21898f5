"""The outcome of a compile as text, JSON, a diff, or annotations: functions from an outcome to lines."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from infra_scale import __version__
from infra_scale.cli.terminal import styled
from infra_scale.core.render.actions import action_words
from infra_scale.core.render.findings_github import workflow_commands
from infra_scale.core.render.findings_json import VERSION, Json, finding_json
from infra_scale.core.render.findings_text import finding_text, printable
from infra_scale.core.render.forecast import capacity_node, cost_node
from infra_scale.core.render.forecast_words import plan_words
from infra_scale.core.render.generated import PLAN_FILE
from infra_scale.core.rules.judge import CATALOGUE
from infra_scale.model.finding import Finding
from infra_scale.model.names import GENERATED, PLANS
from infra_scale.model.plan import ScalePlan
from infra_scale.usecases.outcome import Outcome, PlanState, RenderedState, State

Status = Literal["ok", "invalid", "stale"]

_MANY = 20
"""More changed plans than this are listed without their actions."""

_MISSING: dict[State, str] = {"created": "missing", "updated": "stale", "deleted": "orphaned", "unchanged": "unchanged"}
_STYLES: dict[State, Literal["green", "yellow", "red", "dim"]] = {
    "created": "green",
    "updated": "yellow",
    "deleted": "red",
    "unchanged": "dim",
}


class View(NamedTuple):
    """How a run is to be shown."""

    command: Literal["compile", "validate"]
    must_match: bool
    """Whether a plan that is out of step is a failure (--check, --staged)."""
    writes: bool
    verbose: bool
    width: int
    lister: str = "-v"
    """What shows every finding."""


def status(outcome: Outcome, view: View) -> Status:
    """The one word for a run."""
    if not outcome.compilation.is_valid:
        return "invalid"
    return "stale" if view.must_match and outcome.changes else "ok"


def json_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """One JSON document (design.md §5)."""
    paths: dict[State, list[Json]] = {"created": [], "updated": [], "deleted": [], "unchanged": []}
    for plan in outcome.plan_states():
        paths[plan.state].append(plan.path)
    document: dict[str, Json] = {
        "version": VERSION,
        "command": view.command,
        "status": status(outcome, view),
        "requests": outcome.compilation.requests,
    }
    if view.command == "compile":
        unchanged = len(paths.pop("unchanged"))
        document["compared"] = outcome.compared
        document["plans"] = {**{str(state): listed for state, listed in paths.items()}, "unchanged": unchanged}
        document["rendered"] = _rendered_json(outcome)
        document["forecasts"] = [
            _forecast_json(plan) for plan in outcome.compilation.plans if plan.capacity or plan.cost
        ]
    document["findings"] = [finding_json(finding) for finding in outcome.compilation.findings]
    yield json.dumps(document, ensure_ascii=False, indent=2)


def _forecast_json(plan: ScalePlan) -> Json:
    """What the clusters of a plan can hold, and what it costs; what nobody could look at is null."""
    return {
        "plan": f"{plan.folder}/{PLAN_FILE}",
        "request": plan.request.path,
        "target": plan.request.target,
        "capacity": capacity_node(plan.capacity) if plan.capacity else None,
        "cost": cost_node(plan.cost) if plan.cost else None,
    }


def _rendered_json(outcome: Outcome) -> Json:
    paths: dict[str, list[Json]] = {"created": [], "updated": [], "deleted": []}
    for change in outcome.rendered_changes:
        paths[change.verb].append(change.path)
    return {**paths, "unchanged": outcome.rendered_unchanged}


def github_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """Workflow commands for the findings and, where plans must match, for each plan that does not."""
    yield from workflow_commands(_all_findings(outcome, view))


def sarif_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """The same findings as one SARIF log."""
    from infra_scale.core.render.findings_sarif import sarif  # noqa: PLC0415 (only for this format)

    log = sarif(_all_findings(outcome, view), CATALOGUE, version=__version__)
    yield json.dumps(log, ensure_ascii=False, indent=2)


def _all_findings(outcome: Outcome, view: View) -> list[Finding]:
    stale = [_stale_finding(plan) for plan in outcome.plan_states() if plan.state != "unchanged"]
    stale += map(_stale_manifests, outcome.rendered_states())
    return [*(stale if view.must_match else ()), *outcome.compilation.findings]


def text_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """What happened to each plan, what was found, and one line that sums it up."""
    plans = [plan for plan in outcome.plan_states() if view.verbose or plan.state != "unchanged"]
    if view.command == "compile":
        yield from _plan_lines(plans, view)
        yield from _rendered_lines(outcome, view)
        if plans or outcome.rendered_changes:
            yield ""
    elif view.verbose:
        foretold = [
            f"{printable(plan.folder.removeprefix(f'{PLANS}/'))}: {words}"
            for plan in outcome.compilation.plans
            for words in _forecast_words(plan)
        ]
        yield from (*foretold, *([""] if foretold else []))
    shown = list(_shown(outcome, plans, view))
    for finding in shown:
        yield _coloured(finding, view.width)
        yield ""
    yield summary_line(outcome, view) + _unshown(len(outcome.compilation.findings) - len(shown), len(shown), view)


def _unshown(hidden: int, shown: int, view: View) -> str:
    """How to see what was counted and not shown."""
    if not hidden:
        return ""
    them = f"{hidden} more" if shown else "it" if hidden == 1 else "them"
    return f" ({view.lister} shows {them})"


LINES: dict[str, Callable[[Outcome, View], Iterator[str]]] = {
    "text": text_lines,
    "json": json_lines,
    "github": github_lines,
    "sarif": sarif_lines,
}
"""By the name of the format."""


def diff_lines(outcome: Outcome) -> Iterator[str]:
    """The changes as a unified diff."""
    from difflib import unified_diff  # noqa: PLC0415 (only for --diff)

    for change in outcome.changes:
        before = (change.before or b"").decode("utf-8", "replace").splitlines()
        after = (change.after or b"").decode("utf-8").splitlines()
        source = f"a/{change.path}" if change.before is not None else "/dev/null"
        target = f"b/{change.path}" if change.after is not None else "/dev/null"
        for line in unified_diff(before, after, source, target, lineterm=""):
            clean = printable(line)
            yield styled(clean, _DIFF_STYLES[line[0]]) if line[0] in _DIFF_STYLES else clean


_DIFF_STYLES: dict[str, Literal["green", "red", "blue"]] = {"+": "green", "-": "red", "@": "blue"}


def summary_line(outcome: Outcome, view: View) -> str:
    """One line: how many requests, what became of their plans, what was found."""
    compilation = outcome.compilation
    if not compilation.requests and not outcome.changes and not compilation.findings:
        return "no requests below requests/: nothing to do"
    totals = compilation.totals
    counts = (("error", totals.errors), ("warning", totals.warnings), ("note", totals.notes))
    found = ", ".join(_counted(number, name) for name, number in counts if number) or "nothing found"
    found = found if totals.exact else f"at least {found}"
    return f"{_counted(compilation.requests, 'request')}: {_plans_in_words(outcome, view)}{found}"


def _plans_in_words(outcome: Outcome, view: View) -> str:
    if view.command == "validate":
        return ""
    if not outcome.compared:
        return "nothing was written; " if view.writes else "plans were not compared; "
    states = [plan.state for plan in outcome.plan_states()]
    words = _MISSING if not view.writes else {state: str(state) for state in _MISSING}
    counts = [(states.count(state), words[state]) for state in _STYLES if state in states]
    if set(states) <= {"unchanged"}:
        return _all_in_step(outcome, len(states)) + _manifests_in_words(outcome, view)
    (first, word), *others = counts
    listed = ", ".join([f"{_counted(first, 'plan')} {word}", *(f"{number} {word}" for number, word in others)])
    return f"{listed}; "


def _manifests_in_words(outcome: Outcome, view: View) -> str:
    """What is said of them where no plan changes."""
    changed = len(outcome.rendered_changes)
    if not changed:
        return ""
    if not view.writes:
        return f"{_counted(changed, 'manifest')} out of step; "
    deleted = sum(state.deleted for state in outcome.rendered_states())
    written = f"{_counted(changed - deleted, 'manifest')} rendered"
    if not deleted:
        return f"{written}; "
    return f"{written}, {deleted} deleted; " if changed > deleted else f"{_counted(deleted, 'manifest')} deleted; "


def _all_in_step(outcome: Outcome, compared: int) -> str:
    if outcome.compilation.is_valid:
        return "every plan is in step; "
    return f"{_counted(compared, 'plan')} in step, the rest not compared; " if compared else "no plan was compared; "


def _plan_lines(plans: list[PlanState], view: View) -> Iterator[str]:
    for plan in plans:
        word = plan.state if view.writes else _MISSING[plan.state]
        yield f"{styled(f'{word:<9}', _STYLES[plan.state])} {printable(plan.name)}"
        if plan.plan and (view.verbose or len(plans) <= _MANY):
            yield from (f"    {verb:<10}{words}" for verb, words in action_words(plan.plan))
            yield from (f"    {'Forecast':<10}{words}" for words in _forecast_words(plan.plan))


def _forecast_words(plan: ScalePlan) -> list[str]:
    """On one line what it costs and whether it fits; none where nobody could look."""
    words = plan_words(plan)
    return [printable(words)] if words else []


def _rendered_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """Where manifests were rendered, or would be; with many, how many places there are."""
    states = outcome.rendered_states()
    for state in states[:_MANY]:
        yield f"{_rendered_word(state, view)} {printable(state.name)} ({_files(state, view)})"
    if len(states) > _MANY:
        yield f"{styled('rendered ' if view.writes else 'differs  ', 'dim')} {len(states) - _MANY} more namespaces"


def _rendered_word(state: RenderedState, view: View) -> str:
    if not view.writes:
        return styled("differs  ", "dim")
    return styled("deleted  ", "red") if state.deleted == len(state.changes) else styled("rendered ", "dim")


def _files(state: RenderedState, view: View) -> str:
    """How many files; those that go by themselves where others are written."""
    written = len(state.changes) - state.deleted
    if not (view.writes and state.deleted and written):
        return _counted(len(state.changes), "file")
    return f"{_counted(written, 'file')}, {state.deleted} deleted"


def _shown(outcome: Outcome, plans: Iterable[PlanState], view: View) -> Iterator[Finding]:
    """Errors always; warnings and notes of what this run changed, and of everything when asked."""
    changed = {plan.plan.request.path for plan in plans if plan.plan}
    for finding in outcome.compilation.findings:
        of_interest = finding.path in changed or finding.path.startswith(GENERATED)
        if finding.severity == "error" or of_interest or view.verbose or view.command == "validate":
            yield finding


def _coloured(finding: Finding, width: int) -> str:
    first, *rest = finding_text(finding, width=width).split("\n")
    style: Literal["red", "yellow", "blue"] = "red"
    if finding.severity != "error":
        style = "yellow" if finding.severity == "warning" else "blue"
    return "\n".join([styled(first, style), *rest])


def _stale_finding(plan: PlanState) -> Finding:
    path = plan.plan.request.path if plan.plan else plan.path
    message = f"the plan {plan.name} is {_MISSING[plan.state]}"
    return Finding("PLN-003", "error", message, path, help="run `infra-scale compile` and commit the result")


def _stale_manifests(state: RenderedState) -> Finding:
    message = f"the rendered manifests of {state.name} are out of step"
    help = "run `infra-scale compile` and commit the result"
    return Finding("PLN-003", "error", message, state.changes[0].path, help=help)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
