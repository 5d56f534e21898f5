"""infra-scale compile."""

import argparse
import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from infra_scale.adapters import files
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, output_options, report, terminal
from infra_scale.cli.output import Output, begin
from infra_scale.cli.view import View, status
from infra_scale.core.syntax.printable import printable
from infra_scale.errors import UsageError
from infra_scale.model.names import GENERATED
from infra_scale.usecases.compile import How
from infra_scale.usecases.outcome import Outcome
from infra_scale.usecases.streaming.job import Wants

_DESCRIPTION = """\
Update the plans below ops/plans/infra-scale/ to match the requests below
requests/. While a request is invalid, nothing is written."""

_EXAMPLES = (
    ("infra-scale compile", "compile everything, write what changed"),
    ("infra-scale compile requests/web.yaml", "only this request"),
    ("infra-scale compile --target staging", "only the requests for one target"),
    ("infra-scale compile --check", "write nothing; exit 1 if a plan is stale (CI)"),
    ("infra-scale compile --check --base main", "check only what changed since main (CI)"),
    ("infra-scale compile --diff", "write nothing; show what would change"),
    ("infra-scale compile --staged", "compile the staged files (pre-commit)"),
    ("infra-scale compile --prune", "also delete unexpected files among plans and manifests"),
)
_CODES = (
    ("0", "done"),
    ("1", "a request is invalid, --check failed, or --staged found plans to stage or unexpected files"),
    ("2", "wrong usage"),
)


_FEW = 3
"""With more folders than this, `git add` names their parent."""


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    _refuse_partial_pruning(given)
    if given.base is not None and not given.check:
        message = "--base needs --check"
        raise UsageError(message, hint="infra-scale compile --check --base REF")
    begun = begin("compile", arguments, given)
    outcome = begun.outcome(How(keep_going=given.keep_going, wants=_wants(given)))
    if outcome is None:
        return exit_codes.DONE
    view = View(
        "compile",
        must_match=given.check or given.staged,
        writes=not (given.check or given.diff),
        verbose=given.verbose,
        width=terminal.width(),
        is_part=given.shard is not None,
        is_quiet=given.quiet,
    )
    begun.show(_output(outcome, view, given), outcome)
    if outcome.changed and given.format != "json" and not given.quiet:
        _advise(outcome, given)
    return exit_codes.DONE if status(outcome, view) == "ok" else exit_codes.FAILED


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("compile", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    chosen = command.add_argument_group("what is compiled")
    options.add_scope(chosen)
    chosen.add_argument(
        "--staged", action="store_true", help="compile the staged files (git's index); fail if a plan is left to stage"
    )
    options.add_shard(chosen)
    written = command.add_argument_group("what is written")
    written.add_argument(
        "--check", action="store_true", help="write nothing; fail if a plan is missing, stale or orphaned"
    )
    written.add_argument(
        "--base",
        metavar="REF",
        help="with --check: apply the policies of this commit, fail only for changes since then, note the rest",
    )
    written.add_argument("--diff", action="store_true", help="write nothing; show the changes as a unified diff")
    written.add_argument(
        "--keep-going", action="store_true", help="write the plans of valid requests even if others are invalid"
    )
    written.add_argument(
        "--prune",
        action="store_true",
        help="also delete unexpected files below ops/plans/infra-scale/ and ops/rendered/infra-scale/",
    )
    output_options.add_output(command)
    options.add_speed(command)
    return command


def _refuse_partial_pruning(given: argparse.Namespace) -> None:
    """Raise UsageError for --prune with an option that writes nothing or compiles only a part."""
    others = {"PATH": given.paths, "--target": given.target, "--shard": given.shard}
    others |= {"--check": given.check, "--diff": given.diff, "--staged": given.staged}
    if beside := [name for name, value in others.items() if given.prune and value]:
        message = f"--prune cannot be combined with {beside[0]}"
        raise UsageError(message, hint="--prune compares the whole work tree; --check lists what it would delete")


def _wants(given: argparse.Namespace) -> Wants:
    shows_unchanged = given.verbose or given.format != "text" or given.base is not None
    return Wants(
        writes=not (given.check or given.diff),
        details=given.diff,
        unchanged_plans=shows_unchanged,
        unchanged_findings=shows_unchanged,
        judges=given.check or given.staged,
        prunes=given.prune,
        world=_world(given),
    )


def _world(given: argparse.Namespace) -> Literal["none", "changed", "all"]:
    """The hook and --check depend on no snapshot; JSON has the forecasts of all, and a diff of files has none."""
    if given.check or given.staged or (given.diff and given.format == "text"):
        return "none"
    return "all" if given.format == "json" else "changed"


def _output(outcome: Outcome, view: View, given: argparse.Namespace) -> Output:
    as_diff = given.diff and outcome.compared and given.format == "text" and not given.quiet
    lines = _unified(outcome) if as_diff else report.LINES[given.format](outcome, view)
    if not given.quiet and (as_diff or given.format not in ("text", "json")):
        return Output(lines, (report.summary_line(outcome, view),))
    return Output(lines)


def _unified(outcome: Outcome) -> Iterator[str]:
    from infra_scale.cli.unified import diff_lines  # noqa: PLC0415 (only for --diff)

    return diff_lines(outcome.details)


def _advise(outcome: Outcome, given: argparse.Namespace) -> None:
    """The next step, if any."""
    if outcome.ignored_by:
        terminal.err(f"git ignores these plans: {printable(outcome.ignored_by)}")
        terminal.err(
            "    help: plans must be committed; remove that line, or exclude ops/plans/ and ops/rendered/ from it"
        )
    elif given.staged and not given.check:
        folders = [plan.folder for plan in outcome.plans if plan.state != "unchanged"]
        folders += [state.folder for state in outcome.rendered]
        changed = [top for top in GENERATED if any(folder.startswith(top) for folder in folders)]
        shown = folders if len(folders) <= _FEW else changed
        terminal.err("these plans are not staged; run this, then commit again:")
        root = options.root_folder(given.root)
        terminal.command(f"git add -A -- {shlex.join(_from_here(root, folder) for folder in shown)}")
        if environment().in_pre_commit and _is_rolled_back(changed):
            tops = " and ".join(changed)
            terminal.err(f"pre-commit rolls this back, because of unstaged edits below {tops}; discard these first:")
            terminal.command(f"git restore -- {shlex.join(_from_here(root, top) for top in changed)}")
    elif given.check:
        terminal.err("to update the plans, run `infra-scale compile` and commit the result")


def _is_rolled_back(folders: Sequence[str]) -> bool:
    from infra_scale.adapters.pre_commit import has_put_aside  # noqa: PLC0415 (only for a hook that fails)

    return has_put_aside(folders)


def _from_here(root: Path, path: str) -> str:
    """A path below `root`, relative to the current folder."""
    return Path(os.path.relpath(root / path, files.current_folder())).as_posix()
