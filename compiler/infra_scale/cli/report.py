"""The outcome of a compile for people, as text or as a diff: functions from an outcome to lines."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from infra_scale.cli.formats import PROGRAMS
from infra_scale.cli.terminal import Style, fitted, styled
from infra_scale.cli.view import MISSING, View, all_findings
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.names import GENERATED
from infra_scale.usecases.outcome import MOST_IN_WORDS, Outcome, PlanState, RenderedState, State

_STYLES: dict[State, Literal["green", "yellow", "red", "dim"]] = {
    "created": "green",
    "updated": "yellow",
    "deleted": "red",
    "unchanged": "dim",
}


def text_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """The result of each plan, the findings, and a summary line."""
    return map(fitted, _text_lines(outcome, view))


def _text_lines(outcome: Outcome, view: View) -> Iterator[str]:
    if view.is_quiet:
        yield from (_coloured(finding, view.width) for finding in all_findings(outcome, view))
        return
    plans = [plan for plan in outcome.plans if view.verbose or plan.state != "unchanged"]
    if view.command == "compile":
        yield from _plan_lines(plans, view)
        yield from _rendered_lines(outcome, view)
        yield from (f"{styled('deleted  ', 'red')} {printable(path)}" for path in outcome.pruned)
        if plans or outcome.rendered or outcome.pruned:
            yield ""
    elif view.verbose:
        foretold = [f"{printable(plan.name)}: {printable(plan.foretold)}" for plan in plans if plan.foretold]
        yield from (*foretold, *([""] if foretold else []))
    errors = others = 0
    for finding in _shown(outcome, plans, view):
        errors += finding.severity == "error"
        others += finding.severity != "error" and finding.rule != limits.STOPPED
        yield _coloured(finding, view.width)
        yield ""
    for finding in outcome.beside:
        yield _coloured(finding, view.width)
        yield ""
    yield summary_line(outcome, view) + _unshown(outcome, (errors, others), view)


def _unshown(outcome: Outcome, shown: tuple[int, int], view: View) -> str:
    """How to show hidden findings; errors, the first of both numbers, are always shown."""
    hidden = outcome.totals.warnings + outcome.totals.notes - shown[1]
    if hidden <= 0 or view.verbose or view.command == "validate":
        return ""
    them = f"{hidden} more" if any(shown) else "it" if hidden == 1 else "them"
    return f" ({view.lister} shows {them})"


LINES: dict[str, Callable[[Outcome, View], Iterator[str]]] = {"text": text_lines, **PROGRAMS}
"""Renderers by format name."""


_NOTHING_HERE = "no requests in this part: nothing to do"
_NO_REQUESTS = "no requests below requests/ (files that end in .yaml or .yml): nothing to do"


def summary_line(outcome: Outcome, view: View) -> str:
    """One line: number of requests, results of their plans, number of findings."""
    totals = outcome.totals
    if (
        not outcome.requests
        and not outcome.changed
        and not outcome.pruned
        and not (totals.errors or totals.warnings or totals.notes)
    ):
        return _NOTHING_HERE if view.is_part else _NO_REQUESTS
    counts = (("error", totals.errors), ("warning", totals.warnings), ("note", totals.notes))
    found = ", ".join(_counted(number, name) for name, number in counts if number) or "nothing found"
    found = found if totals.exact else f"at least {found}"
    pruned = f"{_counted(len(outcome.pruned), 'unexpected file')} deleted; " if outcome.pruned else ""
    return f"{_counted(outcome.requests, 'request')}: {_plans_in_words(outcome, view)}{pruned}{found}"


def _plans_in_words(outcome: Outcome, view: View) -> str:
    if view.command == "validate":
        return ""
    if not outcome.compared:
        return "nothing was written; " if view.writes else "plans were not compared; "
    words = MISSING if not view.writes else {state: str(state) for state in MISSING}
    numbers = Counter(plan.state for plan in outcome.plans) | Counter({"unchanged": outcome.unchanged})
    counts = [(numbers[state], words[state]) for state in _STYLES if numbers[state]]
    if not numbers.keys() - {"unchanged"}:
        return _all_in_step(outcome) + _manifests_in_words(outcome, view)
    (first, word), *others = counts
    listed = ", ".join([f"{_counted(first, 'plan')} {word}", *(f"{number} {word}" for number, word in others)])
    return f"{listed}; "


def _manifests_in_words(outcome: Outcome, view: View) -> str:
    """The summary if no plan changes."""
    changed = sum(state.changes for state in outcome.rendered)
    if not changed:
        return ""
    if not view.writes:
        return f"{_counted(changed, 'manifest')} stale; "
    deleted = sum(state.deleted for state in outcome.rendered)
    written = f"{_counted(changed - deleted, 'manifest')} rendered"
    if not deleted:
        return f"{written}; "
    return f"{written}, {deleted} deleted; " if changed > deleted else f"{_counted(deleted, 'manifest')} deleted; "


def _all_in_step(outcome: Outcome) -> str:
    if outcome.is_valid:
        return "all plans are up to date; "
    some = f"{_counted(outcome.unchanged, 'plan')} up to date, the rest not compared; "
    return some if outcome.unchanged else "no plan was compared; "


def _plan_lines(plans: list[PlanState], view: View) -> Iterator[str]:
    for plan in plans:
        word = plan.state if view.writes else MISSING[plan.state]
        yield f"{styled(f'{word:<9}', _STYLES[plan.state])} {printable(plan.name)}"
        if view.verbose or len(plans) <= MOST_IN_WORDS:
            yield from (f"    {verb:<10}{words}" for verb, words in plan.words)
            if plan.foretold:
                yield f"    {'Forecast':<10}{printable(plan.foretold)}"


def _rendered_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """The folders of rendered manifests; if there are many, their number."""
    states = outcome.rendered
    for state in states[:MOST_IN_WORDS]:
        yield f"{_rendered_word(state, view)} {printable(state.name)} ({_files(state, view)})"
    if len(states) > MOST_IN_WORDS:
        word = styled("rendered " if view.writes else "differs  ", "dim")
        yield f"{word} {len(states) - MOST_IN_WORDS} more namespaces"


def _rendered_word(state: RenderedState, view: View) -> str:
    if not view.writes:
        return styled("differs  ", "dim")
    return styled("deleted  ", "red") if state.deleted == state.changes else styled("rendered ", "dim")


def _files(state: RenderedState, view: View) -> str:
    """The number of files; deleted ones separately if others are written."""
    written = state.changes - state.deleted
    if not (view.writes and state.deleted and written):
        return _counted(state.changes, "file")
    return f"{_counted(written, 'file')}, {state.deleted} deleted"


def _shown(outcome: Outcome, plans: Iterable[PlanState], view: View) -> Iterator[Finding]:
    """Errors always; warnings and notes of changed plans, or of all plans with --verbose."""
    changed = {plan.request for plan in plans}
    for finding in outcome.findings:
        of_interest = finding.path in changed or finding.path.startswith(GENERATED)
        if finding.severity == "error" or of_interest or view.verbose or view.command == "validate":
            yield finding


def _coloured(finding: Finding, width: int) -> str:
    """The text of a finding, with its first line, caret and `help:` in colour."""
    style = _SEVERITIES[finding.severity]
    first, *rest = finding_text(finding, width=width).split("\n")
    return "\n".join(
        [styled(first, style), *(_CARET_OR_HELP.sub(lambda found: _accented(found, style), line) for line in rest)]
    )


def _accented(found: re.Match[str], style: Style) -> str:
    return found[1] + styled(found[2], style if found[2].startswith("^") else "green")


_CARET_OR_HELP = re.compile(r"^( +(?:\| +)?)(\^+$|help:)")
_SEVERITIES: dict[Severity, Style] = {"error": "red", "warning": "yellow", "note": "blue"}


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
