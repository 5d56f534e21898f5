"""infra-scale validate."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from infra_scale.adapters import clock
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, replay, report, terminal
from infra_scale.cli.output import Output, show
from infra_scale.usecases.compile import How, compile_staged, compile_work_tree
from infra_scale.usecases.outcome import Outcome
from infra_scale.usecases.streaming.job import Wants, Watch

if TYPE_CHECKING:
    from datetime import datetime

_EXAMPLES = (
    ("infra-scale validate", "check all requests"),
    ("infra-scale validate requests/web.yaml", "check one"),
    ("infra-scale validate --base main", "judge only what changed since main (CI)"),
    ("infra-scale validate --staged", "check the staged files (pre-commit)"),
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
    options.refuse_parts_of_parts(given)
    options.refuse_base_beside(given)
    root = options.root_folder(given.root)
    begun = None if given.base else replay.begin(str(root), ["validate", *arguments])
    now = clock.now(environment().source_date_epoch)
    with terminal.counting() as watch:
        outcome = _outcome(given, root, now, watch)
    if outcome is None:
        return exit_codes.DONE
    view = report.View(
        "validate",
        must_match=False,
        writes=False,
        verbose=given.verbose,
        width=terminal.width(),
        is_part=given.shard is not None,
    )
    show(Output(report.LINES[given.format](outcome, view)), outcome, begun, day=now.date().isoformat())
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
    options.add_output(command)
    options.add_speed(command)
    return command


def _outcome(given: argparse.Namespace, root: Path, now: "datetime", watch: Watch | None) -> Outcome | None:
    world: Literal["none", "all"] = "none" if given.staged else "all"
    how = How(
        options.as_of(given),
        by_clock=True,
        wants=Wants(writes=False, everything=True, world=world, judges_world=True),
        jobs=given.jobs,
        watch=watch,
        uses_cache=not given.no_cache,
    )
    if given.base is not None:
        from infra_scale.usecases.against_base import against, check  # noqa: PLC0415 (only for a base)
        from infra_scale.usecases.diff import base_of  # noqa: PLC0415 (likewise)

        return check(root, against(root, base_of(root, given.base).commit), now=now, how=how)
    work = compile_staged if given.staged else compile_work_tree
    scope = options.scope(given.paths, given.target, root=root)._replace(shard=given.shard)
    return work(root, scope=scope, now=now, how=how)
