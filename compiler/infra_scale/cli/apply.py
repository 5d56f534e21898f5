"""infra-scale apply."""

import argparse
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from infra_scale.adapters import clock, files
from infra_scale.adapters.environment import environment
from infra_scale.cli import apply_text, exit_codes, options, terminal, wiring
from infra_scale.core.documents.run import write_run
from infra_scale.core.executing.outcome import contract_lines, exit_code
from infra_scale.errors import UsageError
from infra_scale.model.names import PLANS, REQUESTS
from infra_scale.model.plan import ScalePlan
from infra_scale.model.run import Actor
from infra_scale.model.workload import Cluster
from infra_scale.ports.cluster import LiveCluster
from infra_scale.usecases.apply import Applied, Applier
from infra_scale.usecases.applying.committed import (
    RUNS,
    Committed,
    previous_plan,
    read_committed,
    selected,
    snapshot_uids,
)
from infra_scale.usecases.applying.preparing import Wanted
from infra_scale.usecases.applying.session import Clock, Limits, Means, RunEvent

_DESCRIPTION = """\
Apply committed plans to their clusters with kubectl, wave by wave, and watch
until every workload is healthy. A step that fails is undone, and so are those
before it on that cluster.

It is safe to interrupt at any time: the same command goes on where the last one
ended. Every write succeeds only if the field still has the value that was read."""

_EXAMPLES = (
    ("infra-scale apply requests/web.yaml --dry-run", "check everything, and show the exact API requests"),
    ("infra-scale apply requests/web.yaml", "apply the plan of one request"),
    ("infra-scale apply --target prod", "apply every plan of a target"),
    ("infra-scale apply --target prod --cluster prod-eu-1", "on one of its clusters"),
    ("infra-scale apply requests/web.yaml --retry", "try a plan again that failed before"),
)
_CODES = (
    ("0", "applied, or applied already"),
    ("1", "not applied; the clusters are as before"),
    ("2", "wrong usage"),
    ("3", "in between: a person is needed"),
    ("4", "not now: locked, or a rollout is in progress"),
)
_DURATION = re.compile(r"(\d+)(s|m|h)")
_UNITS = {"s": 1, "m": 60, "h": 3600}
CALL_SECONDS = 10.0
"""For each call of kubectl."""


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.root_folder(given.root)
    committed = read_committed(root, base=given.base)
    plans = selected(
        committed,
        paths=[options.below_root(path, root, (REQUESTS, PLANS)) for path in given.plans],
        target=given.target,
    )
    codes = [_apply(plan, committed, given, root) for plan in plans]
    if not codes:
        message = "there is no plan to apply"
        raise UsageError(message, hint="`infra-scale compile` makes them from requests/; commit both")
    return max(codes, key=_SEVERITY.index)


_SEVERITY = (exit_codes.DONE, exit_codes.LATER, exit_codes.FAILED, exit_codes.IN_BETWEEN)


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("apply", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    chosen = command.add_argument_group("what is applied")
    chosen.add_argument("plans", nargs="*", metavar="PLAN", help="request files, plan files or their folders")
    chosen.add_argument("--target", metavar="T", help="all plans of this target")
    chosen.add_argument("--cluster", metavar="C", help="only on this cluster of the target")
    chosen.add_argument("--base", metavar="REF", help="the branch that plans are merged into (default: the remote's)")
    options.add_root(chosen)
    how = command.add_argument_group("how")
    how.add_argument("--dry-run", action="store_true", help="check everything, show the requests, write nothing")
    how.add_argument("--retry", action="store_true", help="also a plan that failed here, or over an interrupted run")
    how.add_argument(
        "--on-failure", choices=("rollback", "stop"), default="rollback", help="what follows a failed step (rollback)"
    )
    how.add_argument("--timeout", metavar="T", type=duration, default=600.0, help="for each step, as 10m or 90s (10m)")
    how.add_argument("--bake", metavar="T", type=duration, default=60.0, help="watched after the last step (60s)")
    add_reaching(command)
    return command


def add_reaching(to: options.CommandParser) -> None:
    """The options that every command has which writes to clusters."""
    reached = to.add_argument_group("through kubectl")
    reached.add_argument("--kubeconfig", metavar="FILE", help="kubectl's configuration (default: kubectl's default)")
    shown = to.add_argument_group("what is shown")
    shown.add_argument("--events", metavar="FILE", help="append every event as a line of JSON; - is standard error")


def means(kubeconfig: str | None, limits: Limits, watch: Callable[[RunEvent], None]) -> Means:
    """Clusters through kubectl, and the time of this machine."""
    # pathlib raises if the user does not exist; kubectl reports a missing file.
    place = os.path.expanduser(kubeconfig) if kubeconfig else None  # noqa: PTH111

    def connect(cluster: Cluster) -> LiveCluster:
        return wiring.live_cluster(cluster.context, kubeconfig=place, seconds=CALL_SECONDS)

    return Means(connect, Clock(lambda: clock.now(None), clock.monotonic, clock.sleep), limits, watch)


def duration(text: str) -> float:
    """Seconds of a duration such as 90s or 10m. Raises ArgumentTypeError."""
    found = _DURATION.fullmatch(text)
    if found is None:
        message = f"{text!r} is not a duration such as 90s or 10m"
        raise argparse.ArgumentTypeError(message)
    return float(int(found[1]) * _UNITS[found[2]])


def _apply(plan: ScalePlan, committed: Committed, given: argparse.Namespace, root: Path) -> int:
    clusters = clusters_of(plan, committed, given.cluster)
    wanted = Wanted(
        plan,
        committed.digest_of(plan),
        previous_plan(root, plan, clusters),
        snapshot_uids(root, committed.commit, clusters),
        retry=given.retry,
    )
    with apply_text.watching(given.events) as watch:
        applier = Applier(means(given.kubeconfig, Limits(given.timeout, given.bake), watch), given.on_failure)
        if given.dry_run:
            return _dry_run(applier, wanted, clusters, committed)
        done = applier.apply(wanted, clusters, commit=committed.commit, state=committed.state_of(plan), actor=actor())
    return conclude(done, root)


def _dry_run(applier: Applier, wanted: Wanted, clusters: Sequence[Cluster], committed: Committed) -> int:
    shown = applier.preview(wanted, clusters, state=committed.state_of(wanted.plan))
    for line in apply_text.preview_lines(shown):
        terminal.out(line)
    apply_text.report_refusals(shown.refusals)
    terminal.err("note: a dry run does not check quotas of pods, and starts none; the plan has the capacity verdict")
    return exit_codes.FAILED if shown.refusals else exit_codes.DONE


def conclude(done: Applied, root: Path) -> int:
    """Write the record, and print the result. Returns the exit code."""
    path = f"{RUNS}/{done.run.id}/run.json"
    files.write_within(root, path, write_run(done.run).encode())
    apply_text.report_refusals(done.refusals)
    apply_text.report_run(done.run)
    code = exit_code(done.run.state, wrote=done.wrote, is_later=done.is_later)
    record = (root / path).absolute()
    for line in contract_lines(done.run, record=str(record), outputs=done.run.actor.url, code=code):
        terminal.out(line)
    return code


def clusters_of(plan: ScalePlan, committed: Committed, name: str | None) -> tuple[Cluster, ...]:
    """The clusters of a plan, in the order of execution. Raises UsageError."""
    target = committed.targets.get(plan.metadata.target)
    known = target.clusters_of(None) if target else ()
    found = tuple(one for one in known if name in (None, one.name))
    if not found:
        which = f"no cluster {name}" if name else "no clusters"
        message = f"target {plan.metadata.target} has {which}"
        names = ", ".join(one.name for one in known)
        raise UsageError(
            message, hint=f"its clusters: {names}" if names else f"list them in ops/targets/{plan.metadata.target}.yaml"
        )
    return found


def actor() -> Actor:
    """The account that runs the command."""
    known = environment()
    if known.in_actions:
        return Actor(known.github_actor or "github-actions", "github-actions", known.run_url)
    return Actor(known.user, "ci" if known.in_ci else "terminal")
