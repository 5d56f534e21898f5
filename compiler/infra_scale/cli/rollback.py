"""infra-scale rollback."""

from collections.abc import Sequence

from infra_scale.cli import apply_text, exit_codes, options
from infra_scale.cli.apply import actor, add_reaching, clusters_of, conclude, duration, means
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError
from infra_scale.model.names import PLANS, REQUESTS
from infra_scale.usecases.applying.committed import read_committed, recorded_request, selected
from infra_scale.usecases.applying.session import Limits
from infra_scale.usecases.rollback import Undo, rollback

_DESCRIPTION = """\
Undo the last run of a plan: every value that it wrote is set back to what it was
before, if it still is what the run wrote. What another writer has changed since
is left alone, and named."""

_EXAMPLES = (
    ("infra-scale rollback requests/web.yaml", "undo the last run of its plan, on every cluster"),
    ("infra-scale rollback 20261130T134500Z-3f9a2c", "undo this run"),
    ("infra-scale rollback requests/web.yaml --cluster prod-eu-1", "on one cluster"),
)
_CODES = (
    ("0", "undone"),
    ("1", "nothing was undone"),
    ("2", "wrong usage"),
    ("3", "partly undone: a person is needed"),
    ("4", "not now: locked"),
)


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.root_folder(given.root)
    committed = read_committed(root, base=None)
    request = recorded_request(root, given.what)
    paths = (request or options.below_root(given.what, root, (REQUESTS, PLANS)),)
    plans = selected(committed, paths=paths, target=None)
    if not plans:
        message = f"there is no run or plan {given.what}"
        raise UsageError(message, hint=did_you_mean(given.what, [], "name a run, a request file or a plan file"))
    [plan] = plans
    wanted = Undo(plan, given.what if request else "", given.reason or "", actor())
    with apply_text.watching(given.events) as watch:
        reached = means(given.kubeconfig, Limits(given.timeout, 0.0), watch)
        done = rollback(wanted, clusters_of(plan, committed, given.cluster), reached)
    code = conclude(done, root)
    return exit_codes.DONE if done.run.state == "rolled_back" else code


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("rollback", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    chosen = command.add_argument_group("what is undone")
    chosen.add_argument("what", metavar="RUN|PLAN", help="a run, a request file, a plan file or its folder")
    chosen.add_argument("--cluster", metavar="C", help="only on this cluster of the target")
    chosen.add_argument("--reason", metavar="TEXT", help="recorded; required if the run is older than a day")
    options.add_root(chosen)
    how = command.add_argument_group("how")
    how.add_argument("--timeout", metavar="T", type=duration, default=600.0, help="for each step, as 10m or 90s (10m)")
    add_reaching(command)
    return command
