"""Output options of a run, and what follows from them: its status, and the findings that are shown."""

from typing import Literal, NamedTuple

from infra_scale.model.finding import Finding
from infra_scale.usecases.outcome import Outcome, PlanState, RenderedState, State

Status = Literal["ok", "invalid", "stale"]

MISSING: dict[State, str] = {"created": "missing", "updated": "stale", "deleted": "orphaned", "unchanged": "unchanged"}
"""The states of plans when nothing is written."""


class View(NamedTuple):
    """Output options of a run."""

    command: Literal["compile", "validate"]
    must_match: bool
    """Whether a stale plan is a failure (--check, --staged)."""
    writes: bool
    verbose: bool
    width: int
    lister: str = "-v"
    """The command that shows every finding."""
    is_part: bool = False
    """Whether it is one of several parts (--shard)."""
    is_quiet: bool = False
    """Whether only errors are shown."""


def status(outcome: Outcome, view: View) -> Status:
    """The status of a run."""
    if not outcome.is_valid:
        return "invalid"
    is_stale = (view.must_match and outcome.changed) or outcome.unexpected
    return "stale" if is_stale else "ok"


def all_findings(outcome: Outcome, view: View) -> list[Finding]:
    """All findings, with one for each stale plan if that is a failure; only errors if the run is quiet."""
    stale = [_stale_finding(plan) for plan in outcome.plans if plan.state != "unchanged"]
    stale += map(_stale_manifests, outcome.rendered)
    found = [*(stale if view.must_match else ()), *outcome.findings, *outcome.beside]
    return [finding for finding in found if finding.severity == "error"] if view.is_quiet else found


def _stale_finding(plan: PlanState) -> Finding:
    path = plan.request or plan.path
    message = f"the plan {plan.name} is {MISSING[plan.state]}"
    return Finding("PLN-003", "error", message, path, help="run `infra-scale compile` and commit the result")


def _stale_manifests(state: RenderedState) -> Finding:
    message = f"the rendered manifests of {state.name} are stale"
    help = "run `infra-scale compile` and commit the result"
    return Finding("PLN-003", "error", message, state.first, help=help)
