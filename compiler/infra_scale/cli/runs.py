"""What `apply` and `rollback` share: options, clusters, and the result."""

import argparse
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from infra_scale.adapters import clock, files
from infra_scale.adapters.environment import environment
from infra_scale.cli import apply_text, options, terminal, wiring
from infra_scale.core.documents.run import RUNS, write_run
from infra_scale.core.executing.outcome import contract_lines, exit_code
from infra_scale.errors import UsageError
from infra_scale.model.plan import ScalePlan
from infra_scale.model.run import Actor
from infra_scale.model.workload import Cluster
from infra_scale.ports.cluster import LiveCluster
from infra_scale.usecases.apply import Applied
from infra_scale.usecases.applying.session import Clock, Limits, Means, RunEvent

if TYPE_CHECKING:
    from infra_scale.usecases.applying.committed import Committed


_DURATION = re.compile(r"(\d+)(s|m|h)")
_UNITS = {"s": 1, "m": 60, "h": 3600}
CALL_SECONDS = 10.0
"""For each call of kubectl."""


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


def clusters_of(plan: ScalePlan, committed: "Committed", name: str | None) -> tuple[Cluster, ...]:
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
