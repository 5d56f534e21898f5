"""Choose the command, import only it, and run it inside the boundary.

What stands at the top is loaded by every start: `--help` and `--version` need nothing else, and take about as long as
Python itself.
"""

import sys

from infra_scale import __version__
from infra_scale.cli import exit_codes

_HELP = """\
usage: infra-scale COMMAND [OPTIONS]

Compile small scale requests into reviewed Kubernetes plans.

commands:
  init        bring requests, schemas, hook and workflow into a repository
  compile     bring the plans below ops/plans/infra-scale/ in step with requests/
  validate    check requests without writing anything
  diff        show what changes for the clusters since a commit, with cost and capacity
  new         write a request file from flags or answers
  snapshot    capture what a cluster holds, for checks of capacity and cost
  nightly     run the tasks of ops/nightly.yaml, each to its own contract lines
  plan        the original's flags instead of a request file; also installed as infra.scale
  publish     the CI bot: open, update or close one approval pull request per target
  comment     say on a pull request what it will do: annotations, summary, one comment, label
  doctor      find what is wrong with a set-up, and say how to mend it
  explain     what a rule is about: what fires it, why, and what to do
  schema      print the JSON Schema of a request, target, snapshot, price sheet, nightly file or plan
  completion  print a completion script for bash, zsh or fish

options:
  -h, --help     show this help; `infra-scale COMMAND --help` shows a command's own
  --version      show the version

examples:
  infra-scale compile                   compile all requests
  infra-scale compile --check           in CI: fail when a plan is out of step
  infra-scale validate requests/web.yaml
"""

COMMANDS = {  # imported only when asked for; each has `run(arguments)` and `parser()`
    "init": "infra_scale.cli.init",
    "compile": "infra_scale.cli.compile",
    "validate": "infra_scale.cli.validate",
    "diff": "infra_scale.cli.diff",
    "new": "infra_scale.cli.new",
    "snapshot": "infra_scale.cli.snapshot",
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
    given = sys.argv[1:] if arguments is None else arguments
    said = _said_at_once(given)
    if said and _is_written(said):
        return exit_codes.DONE
    from infra_scale.cli.boundary import guarded  # noqa: PLC0415 (see above)

    return guarded(lambda: _dispatch(given))


def _said_at_once(arguments: list[str]) -> str | None:
    """The answer to a question that needs no command."""
    name = arguments[0] if arguments else ""
    if name in ("-h", "--help", "help"):
        return _HELP
    return f"infra-scale {__version__}\n" if name in ("--version", "-V") else None


def _is_written(text: str) -> bool:
    """Whether standard output has taken a text of ASCII; where it has not, the boundary says why."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except (AttributeError, OSError, ValueError):  # closed by the caller, full, or nobody reads it
        return False
    return True


def _dispatch(arguments: list[str]) -> int:
    from infra_scale.cli import terminal  # noqa: PLC0415 (see above)

    if said := _said_at_once(arguments):
        terminal.out(said.rstrip())
        return exit_codes.DONE
    if not arguments:
        terminal.err(_HELP.rstrip())
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
        from infra_scale.errors import UsageError  # noqa: PLC0415 (only for an error)

        if error.name not in _OF_EXTRAS:
            raise
        message = f"`infra-scale {name}` needs libraries that are not installed"
        raise UsageError(message, hint='pip install "infra-scale[github]"') from error
    try:
        code: int = command.run(arguments)
    except SystemExit as stop:  # argparse leaves this way for --help and for wrong usage
        return stop.code if isinstance(stop.code, int) else exit_codes.USAGE
    return code


def _unknown(name: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 (only for a typo)

    from infra_scale.cli import terminal  # noqa: PLC0415 (see above)

    close = get_close_matches(name, COMMANDS, n=1)
    advice = f"did you mean `infra-scale {close[0]}`?" if close else "`infra-scale --help` lists the commands"
    terminal.err(f"infra-scale: unknown command {name!r}")
    terminal.err(f"    help: {advice}")
    return exit_codes.USAGE
