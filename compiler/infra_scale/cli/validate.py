"""infra-scale validate."""

from collections.abc import Sequence

from infra_scale.cli import exit_codes, options, output_options, report, terminal
from infra_scale.cli.output import Output, begin
from infra_scale.cli.view import View
from infra_scale.usecases.compile import How
from infra_scale.usecases.streaming.job import Wants

_EXAMPLES = (
    ("infra-scale validate", "check all requests"),
    ("infra-scale validate requests/web.yaml", "check one"),
    ("infra-scale validate --base main", "judge only what changed since main (CI)"),
    ("infra-scale validate --staged", "check the staged files (pre-commit)"),
    ("infra-scale validate --quiet", "show only errors"),
    ("infra-scale validate --format json", "for scripts"),
)
_CODES = (
    ("0", "valid; warnings and notes may be shown"),
    ("1", "a request is invalid"),
    ("2", "wrong usage"),
)


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    begun = begin("validate", arguments, given)
    wants = Wants(
        writes=False,
        unchanged_plans=given.verbose or given.base is not None,
        unchanged_findings=True,
        world="none" if given.staged else "all",
        judges_world=True,
    )
    outcome = begun.outcome(How(by_clock=True, wants=wants))
    if outcome is None:
        return exit_codes.DONE
    view = View(
        "validate",
        must_match=False,
        writes=False,
        verbose=given.verbose,
        width=terminal.width(),
        is_part=given.shard is not None,
        is_quiet=given.quiet,
    )
    begun.show(Output(report.LINES[given.format](outcome, view)), outcome)
    return exit_codes.DONE if outcome.is_valid else exit_codes.FAILED


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "validate", description="Check requests, and write nothing.", examples=_EXAMPLES, codes=_CODES
    )
    chosen = command.add_argument_group("what is checked")
    options.add_scope(chosen)
    chosen.add_argument(
        "--staged", action="store_true", help="check the staged files (git's index), without cluster snapshots"
    )
    options.add_shard(chosen)
    chosen.add_argument(
        "--base",
        metavar="REF",
        help="judge by the policies of this commit, fail only for what changed since, note the rest (CI)",
    )
    output_options.add_output(command)
    options.add_speed(command)
    return command
