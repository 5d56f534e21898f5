"""Choose the command, import only it, and run it inside the boundary."""

import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from infra_scale import __version__
from infra_scale.cli import exit_codes, terminal
from infra_scale.cli.boundary import guarded
from infra_scale.errors import UsageError

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


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script. Returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    return guarded(lambda: _dispatch(given))


def _dispatch(arguments: list[str]) -> int:
    if not arguments:
        terminal.err(_HELP.rstrip())
        return exit_codes.USAGE
    name, *rest = arguments
    if name in ("-h", "--help", "help"):
        terminal.out(_HELP.rstrip())
        return exit_codes.DONE
    if name in ("--version", "-V"):
        terminal.out(f"infra-scale {__version__}")
        return exit_codes.DONE
    if name not in COMMANDS:
        return _unknown(name)
    try:
        code: int = _module(name).run(rest)
    except SystemExit as stop:  # argparse leaves this way for --help and for wrong usage
        return stop.code if isinstance(stop.code, int) else exit_codes.USAGE
    return code


def _module(name: str) -> ModuleType:
    try:
        return import_module(COMMANDS[name])
    except ModuleNotFoundError as error:
        if error.name not in _OF_EXTRAS:
            raise
        message = f"`infra-scale {name}` needs libraries that are not installed"
        raise UsageError(message, hint='pip install "infra-scale[github]"') from error


def _unknown(name: str) -> int:
    from difflib import get_close_matches  # noqa: PLC0415 (only for a typo)

    close = get_close_matches(name, COMMANDS, n=1)
    advice = f"did you mean `infra-scale {close[0]}`?" if close else "`infra-scale --help` lists the commands"
    terminal.err(f"infra-scale: unknown command {name!r}")
    terminal.err(f"    help: {advice}")
    return exit_codes.USAGE
