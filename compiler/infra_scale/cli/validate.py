"""infra-scale validate."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from infra_scale.cli import exit_codes, options, output_options, report, terminal, wiring
from infra_scale.cli.output import Output, begin
from infra_scale.cli.view import View
from infra_scale.errors import UsageError
from infra_scale.model.workload import Cluster
from infra_scale.ports.cluster import LiveCluster
from infra_scale.usecases.compile import How
from infra_scale.usecases.outcome import Outcome
from infra_scale.usecases.streaming.job import Wants

_EXAMPLES = (
    ("infra-scale validate", "check all requests"),
    ("infra-scale validate requests/web.yaml", "check one"),
    ("infra-scale validate --base main", "judge only what changed since main (CI)"),
    ("infra-scale validate --staged", "check the staged files (pre-commit)"),
    ("infra-scale validate --server", "also ask the API servers, with a dry run of every write"),
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
    _refuse(given)
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
    if given.server:
        outcome = _with_server(outcome, given, begun.root)
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


def _with_server(outcome: Outcome, given: argparse.Namespace, root: Path) -> Outcome:
    """The outcome with what the API servers of the clusters say. Raises InfraScaleError."""
    from infra_scale.cli.apply import CALL_SECONDS  # noqa: PLC0415 (only with --server)
    from infra_scale.usecases.server_check import server_findings, with_findings  # noqa: PLC0415 (likewise)

    def connect(cluster: Cluster) -> LiveCluster:
        return wiring.live_cluster(cluster.context, kubeconfig=given.kubeconfig, seconds=CALL_SECONDS)

    scope = options.scope(given.paths, given.target, root=root)
    found = server_findings(root, scope, only=given.cluster, connect=connect)
    terminal.err(
        "note: a dry run on the server does not check quotas of pods, scheduling, or what controllers do later"
    )
    return with_findings(outcome, found)


def _refuse(given: argparse.Namespace) -> None:
    """Raise UsageError for options that need --server, or cannot be combined with it."""
    alone = [name for name, value in (("--cluster", given.cluster), ("--kubeconfig", given.kubeconfig)) if value]
    if alone and not given.server:
        message = f"{alone[0]} needs --server"
        raise UsageError(message, hint="infra-scale validate --server --cluster NAME")
    beside = [name for name, value in (("--staged", given.staged), ("--base", given.base)) if value]
    if beside and given.server:
        message = f"--server cannot be combined with {beside[0]}"
        raise UsageError(message, hint="it checks the requests of the work tree")


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
    reached = command.add_argument_group("on the API server")
    reached.add_argument(
        "--server", action="store_true", help="also send every planned write to its cluster as a dry run"
    )
    reached.add_argument("--cluster", metavar="C", help="with --server: only this cluster of the targets")
    reached.add_argument("--kubeconfig", metavar="FILE", help="kubectl's configuration (default: kubectl's default)")
    output_options.add_output(command)
    options.add_speed(command)
    return command
