"""infra-scale comment."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import clock, commits, files, step_outputs
from infra_scale.adapters.environment import environment
from infra_scale.adapters.github.events import PullRequestEvent, pull_request_event
from infra_scale.cli import exit_codes, formats, options, renamed, report, terminal, wiring
from infra_scale.cli.view import View, status
from infra_scale.core.cost.changes import monthly_delta
from infra_scale.core.cost.estimate import exact
from infra_scale.core.proposing import comment as render
from infra_scale.core.reporting.findings_github import workflow_commands
from infra_scale.core.reporting.findings_text import finding_text
from infra_scale.core.reporting.review import Links
from infra_scale.core.syntax.printable import printable
from infra_scale.errors import UsageError
from infra_scale.model.finding import Finding
from infra_scale.model.verdict import Unknown
from infra_scale.ports.forge import ReadOnlyError
from infra_scale.usecases.comment import Review, needs_no_comment, post, proposed_digest, review

_DESCRIPTION = """\
Report on a pull request what it changes: annotations, step summary, one
comment that is kept up to date, and the label needs-approval if it has plans.
With a read-only token (a pull request from a fork), only the annotations and
the step summary are written."""

_EXAMPLES = (
    ("infra-scale comment", "in GitHub Actions, on: pull_request"),
    ("infra-scale comment --no-plans", "for teams whose plans are proposed by `publish`"),
    ("infra-scale comment --pull 12 --base main", "anywhere else"),
)
_MORE = {
    "environment": (
        ("GITHUB_TOKEN", "the account that comments"),
        ("GITHUB_REPOSITORY", "owner/name; or GH_OWNER and GH_REPO"),
        ("GITHUB_API_URL", "for GitHub Enterprise"),
        ("GITHUB_EVENT_PATH", "set by GitHub Actions: the pull request"),
        ("GITHUB_STEP_SUMMARY", "set by GitHub Actions: the page of the run"),
        ("GITHUB_OUTPUT", "set by GitHub Actions: outputs of the step"),
    ),
    "outputs of the step": (
        ("changed", "true or false: whether plans change"),
        ("cost-delta", "change of the monthly cost, as 143.04; empty if unknown"),
    ),
}
_CODES = (
    ("0", "done"),
    ("1", "a request is invalid, a plan is stale, or a file is unexpected"),
    ("2", "wrong usage"),
)


class _Run(NamedTuple):
    root: Path
    event: PullRequestEvent
    found: Review
    proposed: str
    """The digest of the plans, if only plans change, as in a proposal of `infra-scale publish`."""


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.root_folder(given.root)
    event = _event(given, environment().github_event)
    # Actions checks out the merge; its first parent may be newer than the base in the event.
    base = given.base or (event.base and (commits.first_parent_of_merge(root) or event.base))
    now = clock.now(environment().source_date_epoch)
    found = review(root, base=base, plans_later=given.no_plans, now=now)
    must_match, lister = not given.no_plans, "`infra-scale validate`"
    view = View("compile", must_match, writes=False, verbose=False, width=terminal.width(), lister=lister)
    lines = formats.github_lines if environment().in_actions else report.text_lines
    for line in lines(found.outcome, view):
        terminal.out(line)
    is_proven = not given.no_plans or _proves_plans(found, base)
    _summarise(found)
    _set_outputs(found)
    if event.number is None:
        terminal.err("no comment was written: this run has no pull request; select one with --pull")
    else:
        _post(_Run(root, event, found, proposed_digest(root, found, base=base, branch=event.branch)), given.rules_page)
    return exit_codes.DONE if is_proven and status(found.outcome, view) == "ok" else exit_codes.FAILED


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("comment", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES, more=_MORE)
    chosen = command.add_argument_group("what is compared")
    chosen.add_argument(
        "--base", metavar="COMMIT", help="the commit to compare with (default: the base of the pull request)"
    )
    no_plans = chosen.add_argument(
        "--no-plans",
        action="store_true",
        help="do not expect plans in pull requests: `publish` proposes them after the merge",
    )
    renamed.add_old_name(chosen, "--plans-later", no_plans)
    options.add_root(chosen)
    there = command.add_argument_group("on GitHub")
    there.add_argument("--pull", metavar="N", type=int, help="number of the pull request (default: from the event)")
    there.add_argument(
        "--rules-page", metavar="URL", default="", help="base URL of the links in findings (default: no links)"
    )
    return command


def _proves_plans(found: Review, base: str | None) -> bool:
    """Whether the generated files equal the base or the compiled requests; reports those that do not."""
    if found.edited:
        help = "run `infra-scale compile`, or undo the change: `publish` proposes plans after the merge"
        edited = [Finding("PLN-003", "error", f"{path} was edited", path, help=help) for path in found.edited]
        for line in workflow_commands(edited) if environment().in_actions else map(finding_text, edited):
            terminal.out(line)
    elif found.report.uncompared:
        terminal.err(f"whether plans were edited was not checked: {found.report.uncompared}")
        return base is None
    return not found.edited


def _event(given: argparse.Namespace, path: str | None) -> PullRequestEvent:
    """The pull request of the run, from GitHub's event file."""
    if given.pull is not None or path is None:
        return PullRequestEvent(given.pull, None, from_fork=False)
    event = pull_request_event(files.read_bytes(Path(path)))
    if event is None:
        message = f"the event in {path} is not a pull request event of GitHub"
        raise UsageError(message, hint="select the pull request with --pull")
    return event


def _summarise(found: Review) -> None:
    path = environment().github_summary
    if path and not found.is_silent:
        files.append(Path(path), render.comment(found.report, (), Links()).encode())


def _set_outputs(found: Review) -> None:
    """Outputs of the step; the cost is unknown while a request is refused, which leaves no digest."""
    is_refused = not found.report.digest and not found.outcome.is_valid
    delta = monthly_delta(found.report.comparison.totalled)
    cost = "" if is_refused or isinstance(delta, Unknown) else exact(delta)
    step_outputs.write({"changed": "true" if found.report.digest else "false", "cost-delta": cost})


def _post(run: _Run, rules_page: str) -> None:
    event = run.event
    if event.from_fork or not (environment().github_token and environment().slug):
        why = "the pull request is from a fork" if event.from_fork else "there is no token"
        terminal.err(f"no comment was written: {why}; see the step summary")
        return
    github = wiring.forge()
    number = event.number or 0
    try:
        if run.proposed and needs_no_comment(github, number, run.proposed):
            terminal.err("no comment was written: the body of a pull request of `infra-scale publish` has the report")
            return
        done = post(github, run.root, number, run.found, Links(github.url, rules_page))
    except ReadOnlyError as error:
        terminal.err(f"no comment was written: {printable(error.message)}; see the step summary")
        terminal.err(f"    help: {error.hint}")
    else:
        terminal.err(f"comment: {done}")
