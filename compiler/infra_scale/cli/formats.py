"""The outcome of a compile in the formats for programs: functions from an outcome to lines."""

import json
from collections.abc import Callable, Iterator

from infra_scale import __version__
from infra_scale.cli.view import View, all_findings, status
from infra_scale.core.reporting.findings_github import workflow_commands
from infra_scale.core.reporting.findings_json import VERSION, Json, finding_json
from infra_scale.model.names import RENDERED
from infra_scale.usecases.outcome import Outcome, PlanState, State


def json_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """One JSON document (design.md §5)."""
    paths: dict[State, list[Json]] = {"created": [], "updated": [], "deleted": [], "unchanged": []}
    for plan in outcome.plans:
        paths[plan.state].append(plan.path)
    document: dict[str, Json] = {
        "version": VERSION,
        "command": view.command,
        "status": status(outcome, view),
        "requests": outcome.requests,
    }
    if view.command == "compile":
        del paths["unchanged"]
        document["compared"] = outcome.compared
        document["plans"] = {**{str(state): listed for state, listed in paths.items()}, "unchanged": outcome.unchanged}
        document["rendered"] = _rendered_json(outcome)
        if outcome.pruned:
            document["pruned"] = list(outcome.pruned)
        document["forecasts"] = [_forecast_json(plan) for plan in outcome.plans if plan.capacity or plan.cost]
    found = (*outcome.findings, *outcome.beside)
    shown = [finding for finding in found if finding.severity == "error"] if view.is_quiet else found
    document["findings"] = [finding_json(finding) for finding in shown]
    yield json.dumps(document, ensure_ascii=False, indent=2)


def _forecast_json(plan: PlanState) -> Json:
    """Capacity and cost of a plan; values that were not computed are null."""
    forecast: dict[str, Json] = {
        "plan": plan.path,
        "request": plan.request,
        "target": plan.name.partition("/")[0],
        "capacity": plan.capacity,
        "cost": plan.cost,
    }
    if plan.consequences:
        forecast["consequences"] = [*plan.consequences]
    return forecast


def _rendered_json(outcome: Outcome) -> Json:
    paths: dict[str, list[Json]] = {"created": [], "updated": [], "deleted": []}
    for change in sorted(outcome.changes):
        if change.path.startswith(f"{RENDERED}/"):
            paths[change.verb].append(change.path)
    return {**paths, "unchanged": outcome.rendered_unchanged}


def github_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """Workflow commands for the findings and, with --check, for each plan that differs."""
    yield from workflow_commands(all_findings(outcome, view))


def sarif_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """The same findings as one SARIF log."""
    from infra_scale.core.evaluation.catalogue import CATALOGUE  # noqa: PLC0415 (every rule, for SARIF only)
    from infra_scale.core.reporting.findings_sarif import sarif  # noqa: PLC0415 (only for this format)

    log = sarif(all_findings(outcome, view), CATALOGUE, version=__version__)
    yield json.dumps(log, ensure_ascii=False, indent=2)


def concise_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """One line for each of the same findings."""
    from infra_scale.core.reporting.findings_concise import concise_line  # noqa: PLC0415 (only for this format)

    return map(concise_line, all_findings(outcome, view))


def gitlab_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """The same findings as a Code Quality report."""
    from infra_scale.core.reporting.findings_gitlab import code_quality  # noqa: PLC0415 (only for this format)

    yield json.dumps(code_quality(all_findings(outcome, view)), ensure_ascii=False, indent=2)


def junit_lines(outcome: Outcome, view: View) -> Iterator[str]:
    """The same findings as a JUnit report."""
    from infra_scale.core.reporting.findings_junit import junit  # noqa: PLC0415 (only for this format)

    return junit(all_findings(outcome, view), f"infra-scale {view.command}")


PROGRAMS: dict[str, Callable[[Outcome, View], Iterator[str]]] = {
    "json": json_lines,
    "concise": concise_lines,
    "github": github_lines,
    "gitlab": gitlab_lines,
    "junit": junit_lines,
    "sarif": sarif_lines,
}
"""Renderers by format name."""
