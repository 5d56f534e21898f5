"""infra-scale plan, alias infra.scale: the interface of the original CLI.

Standard output has only the contract lines; all other messages go to standard error.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from infra_scale.adapters import clock, git
from infra_scale.adapters.environment import environment
from infra_scale.cli import exit_codes, options, terminal, wiring
from infra_scale.cli.boundary import guarded
from infra_scale.core.reporting.actions import action_words
from infra_scale.core.reporting.findings_text import flag_details, flag_line
from infra_scale.core.syntax.printable import printable
from infra_scale.errors import InfraScaleError, UsageError
from infra_scale.model.names import BRANCH_PREFIX, is_context
from infra_scale.model.plan import ScalePlan
from infra_scale.model.time import in_milliseconds, in_path
from infra_scale.usecases.plan import Planned, plan_flags, write_artifacts

_EXAMPLES = (
    ("infra-scale plan --target=prod --namespace=assistant --workload=Deployment:web:8", "dry run"),
    (
        "infra-scale plan --workload=Deployment:web:6 --req=web:cpu=500m,mem=1Gi --lim=web:cpu=1,mem=2Gi "
        "--hpa=min:4,max:12,cpu:65",
        "with resources and an autoscaler",
    ),
    (
        "infra-scale plan --workload=Deployment:api:4 --workload=Deployment:worker:2 --req=api:cpu=300m",
        "several workloads",
    ),
    ("infra-scale plan --apply --workload=Deployment:web:10", "request approval"),
)
_MORE = {
    "standard output": (
        ("dry run", "artifacts_dir=..., plan_yaml=..., summary_md=... (absolute paths), then succeeded"),
        ("apply", "outputs_uri=URL of the pull request, then awaiting_approval"),
        ("error", "the error, then failed"),
    ),
}
_CODES = (("0", "done"), ("1", "any error, wrong usage included"))

_NO_CREDENTIALS = "set GH_OWNER, GH_REPO and GITHUB_TOKEN to open a pull request; nothing was published"


def main() -> int:
    """The console script `infra.scale`. Returns the exit code."""
    return guarded(lambda: run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns 0 or 1; every failure ends with the contract line `failed`."""
    code: int | None = None
    try:
        code = _answer(arguments)
    finally:
        if code is None:  # a bug or Ctrl-C, which the boundary reports
            terminal.out("failed")
    return code


def _answer(arguments: Sequence[str]) -> int:
    try:
        return _run(parser().parse_args(arguments))
    except terminal.OutputError:  # standard output is closed: the contract line cannot be printed
        raise
    except InfraScaleError as error:
        return _failed([printable(error.message)], [f"    help: {printable(error.hint)}"] if error.hint else [])
    except SystemExit:  # --help was printed
        return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "plan",
        description="Plan from flags instead of a request file, like the original CLI.",
        examples=_EXAMPLES,
        codes=_CODES,
        more=_MORE,
    )
    done = command.add_argument_group("what is done")
    mode = done.add_mutually_exclusive_group()
    mode.add_argument("--dry-run", action="store_true", help="write plan and summary to .artifacts/ (default)")
    mode.add_argument("--apply", action="store_true", help="open or update the approval pull request")
    done.add_argument("--branch", metavar="NAME", help="branch of the pull request (default: infra/scale-<timestamp>)")
    options.add_flags(command)
    return command


def _run(given: argparse.Namespace) -> int:
    if not given.workload:
        return _failed(["No workloads specified"], ["    help: add --workload=Kind:name:replicas"])
    root = options.folder_to_begin_in()
    if given.branch is not None and not git.is_branch_name(given.branch, folder=root):
        message = f"--branch={given.branch}: git does not accept this name"
        raise UsageError(message, hint="see `git check-ref-format --help`")
    now = clock.now(environment().source_date_epoch)
    planned = plan_flags(options.flags(given), root=root, created_at=in_milliseconds(now), kube_context=_kube_context)
    if planned.plan is None:
        return _refused(planned)
    if given.apply:
        next_step = _apply(planned.plan, root, now=now, branch=given.branch or f"{BRANCH_PREFIX}{in_path(now)}")
    else:
        next_step = "read the summary; run again with --apply to request approval"
        artifacts = write_artifacts(planned.plan, root=root)
        for name, path in (
            ("artifacts_dir", artifacts.folder),
            ("plan_yaml", artifacts.plan),
            ("summary_md", artifacts.summary),
        ):
            terminal.out(f"{name}={path}")
        terminal.out("succeeded")
    _show(planned.plan, next_step)
    return exit_codes.DONE


def _kube_context() -> str | None:
    context, reason = wiring.current_context()
    if context is not None and not is_context(context):
        reason = f"the current context {context!r} cannot be used in a command"
        context = None
    if context is None:
        terminal.err(f"note: the plan has no kubeContext: {printable(reason)}")
        terminal.err("    help: select one with `kubectl config use-context NAME`; the plan is complete without it")
    return context


def _apply(plan: ScalePlan, root: Path, *, now: datetime, branch: str) -> str:
    """Request approval if there are credentials. Returns the next step."""
    known = environment()
    next_step = "review and merge the pull request"
    if known.github_owner and known.github_repository and known.github_token:
        from infra_scale.usecases.publish import Settings, publish_record  # noqa: PLC0415 (brings the library for git)

        settings = Settings(now, actor=known.github_actor)
        published = publish_record(wiring.forge(), root, plan, settings, branch=branch)
        if published.state == "blocked":
            message = f"the branch {branch} has other content than this plan"
            raise InfraScaleError(message, hint="select another branch with --branch")
        if published.state == "rejected":
            message = f"a reviewer closed the pull request of this exact plan: {published.url}"
            raise InfraScaleError(message, hint="reopen it, or select another branch with --branch")
        terminal.out(f"outputs_uri={published.url}")
    else:
        terminal.out("outputs_uri=")
        terminal.err(f"note: {_NO_CREDENTIALS}")
        next_step = "set them, and run again"
    terminal.out("awaiting_approval")
    return next_step


def _refused(planned: Planned) -> int:
    errors = [finding for finding in planned.findings if finding.severity == "error"]
    details = [line for finding in errors for line in flag_details(finding, width=terminal.width_aside())]
    return _failed([flag_line(finding) for finding in errors], details)


def _failed(lines: Sequence[str], details: Sequence[str]) -> int:
    for line in lines:
        terminal.out(line)
    for line in details:
        terminal.err(line)
    terminal.out("failed")
    return exit_codes.FAILED


def _show(plan: ScalePlan, next_step: str) -> None:
    """Messages on standard error."""
    if not sys.stderr.isatty():
        return
    terminal.err("")
    for verb, words in action_words(plan):
        terminal.err(f"{verb:<10}{words}")
    for name, messages in (("risk", plan.risks), ("note", plan.notes)):
        for message in messages:
            terminal.err(f"{name + ':':<10}{message}")
    terminal.err(f"{'next:':<10}{next_step}")
