"""Choose the command, import only it, and run it inside the boundary.

Imports at the top are loaded at every start: `--help` and `--version` need nothing else, and take about as long as
Python itself.
"""

import gc
import sys

from infra_scale import __version__
from infra_scale.cli import exit_codes

_HELP = """\
usage: infra-scale COMMAND [OPTIONS]

Compile small scale requests into reviewed Kubernetes plans.

set up:
  init        add requests, schemas, hook and workflows to a repository
  new         write a request file from flags or prompts
  plan        plan from flags, the original CLI; also named infra.scale
  doctor      diagnose the setup, and suggest a fix for each problem

every day:
  compile     update ops/plans/infra-scale/ to match requests/
  validate    check requests, write nothing
  wire        add rendered Components to the overlays that need them
  diff        show changes since a commit, with cost and capacity
  explain     explain a rule: its trigger, reason, fix and source

after the merge:
  apply       apply plans to their clusters, and undo what fails
  rollback    undo the last run of a plan
  rbac        print the least role that these need

in CI:
  comment     report on a pull request what it changes
  publish     open, update or close one approval pull request per target
  nightly     run the tasks of ops/nightly.yaml
  snapshot    capture the state of a cluster, to check capacity and cost

for editors and shells:
  schema      print the JSON Schema of a request, target, plan, ...
  completion  print a completion script for bash, zsh or fish

options:
  -h, --help  show this help; `infra-scale help COMMAND` for a command
  --version   show the version

examples:
  infra-scale compile                   compile all requests
  infra-scale compile --check           in CI: fail if a plan is stale
  infra-scale validate requests/web.yaml
"""

COMMANDS = {  # imported only when selected; each has `run(arguments)` and `parser()`
    "init": "infra_scale.cli.init",
    "compile": "infra_scale.cli.compile",
    "validate": "infra_scale.cli.validate",
    "wire": "infra_scale.cli.wire",
    "diff": "infra_scale.cli.diff",
    "new": "infra_scale.cli.new",
    "snapshot": "infra_scale.cli.snapshot",
    "apply": "infra_scale.cli.apply",
    "rollback": "infra_scale.cli.rollback",
    "rbac": "infra_scale.cli.rbac",
    "nightly": "infra_scale.cli.nightly",
    "plan": "infra_scale.cli.seed",
    "publish": "infra_scale.cli.publish",
    "comment": "infra_scale.cli.comment",
    "doctor": "infra_scale.cli.doctor",
    "explain": "infra_scale.cli.explain",
    "schema": "infra_scale.cli.schema",
    "completion": "infra_scale.cli.completion",
}

_OF_EXTRAS = ("git", "github", "requests")


def main(arguments: list[str] | None = None) -> int:
    """The console script. Returns the exit code."""
    given = _spelled_out(sys.argv[1:] if arguments is None else arguments)
    said = _said_at_once(given)
    if (said and _is_written(said)) or _is_printed_again(given):
        return exit_codes.DONE
    gc.disable()  # a command creates no reference cycles: the collector would take a tenth of its time
    try:
        from infra_scale.cli.boundary import guarded  # noqa: PLC0415 (see above)

        return guarded(lambda: _dispatch(given))
    finally:
        gc.enable()


def _spelled_out(arguments: list[str]) -> list[str]:
    """`help COMMAND` as `COMMAND --help`."""
    is_about_one = arguments[:1] == ["help"] and len(arguments) > 1 and not arguments[1].startswith("-")
    return [arguments[1], "--help"] if is_about_one else arguments


def _said_at_once(arguments: list[str]) -> str | None:
    """The output of `--help` and `--version`."""
    name = arguments[0] if arguments else ""
    if name in ("-h", "--help", "help"):
        return _as_started(_HELP)
    return f"infra-scale {__version__}\n" if name in ("--version", "-V") else None


def _as_started(text: str) -> str:
    from infra_scale.cli.program import as_started  # noqa: PLC0415 (a run that prints no help does not need it)

    return as_started(text)


def _is_printed_again(arguments: list[str]) -> bool:
    """Whether the output of an earlier run was printed, because no file has changed since."""
    if arguments[:1] not in (["compile"], ["validate"]):
        return False
    from infra_scale.cli.replay import printed_again  # noqa: PLC0415 (only for these)

    return printed_again(arguments)


def _is_written(text: str) -> bool:
    """Whether standard output accepted a text of ASCII; if not, the boundary reports the reason."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):  # closed by the caller, full, or not read
        return False
    return True


def _dispatch(arguments: list[str]) -> int:
    from infra_scale.cli import terminal  # noqa: PLC0415 (see above)

    if said := _said_at_once(arguments):
        terminal.out(said.rstrip())
        return exit_codes.DONE
    if not arguments:
        terminal.err(_as_started(_HELP).rstrip())
        return exit_codes.USAGE
    name, *rest = arguments
    if name not in COMMANDS:
        return _unknown(name)
    return _run(name, rest)


def _run(name: str, arguments: list[str]) -> int:
    from importlib import import_module  # noqa: PLC0415 (see above)

    try:
        command = import_module(COMMANDS[name])
    except ModuleNotFoundError as error:
        from infra_scale.adapters.installation import with_extra  # noqa: PLC0415 (only for an error)
        from infra_scale.errors import UsageError  # noqa: PLC0415

        if error.name not in _OF_EXTRAS:
            raise
        message = f"`infra-scale {name}` needs libraries that are not installed"
        raise UsageError(message, hint=with_extra("github")) from error
    try:
        code: int = command.run(arguments)
    except SystemExit as stop:  # argparse exits for --help and for wrong usage
        return stop.code if isinstance(stop.code, int) else exit_codes.USAGE
    return code


def _unknown(name: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 (only for a typo)

    from infra_scale.cli import terminal  # noqa: PLC0415 (see above)

    close = get_close_matches(name, COMMANDS, n=1)
    advice = f"did you mean `infra-scale {close[0]}`?" if close else "`infra-scale --help` lists the commands"
    terminal.err(f"infra-scale: unknown command {name!r}")
    terminal.err(_as_started(f"    help: {advice}"))
    return exit_codes.USAGE
