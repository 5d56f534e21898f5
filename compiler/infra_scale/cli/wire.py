"""infra-scale wire."""

from collections.abc import Sequence

from infra_scale.cli import exit_codes, options, terminal
from infra_scale.cli.unified import diff_lines
from infra_scale.cli.wire_text import report
from infra_scale.usecases.wire import wire, write

_DESCRIPTION = """\
Add the Components of requested workloads to the kustomizations that build them.

Without such a line, a plan changes nothing in the cluster. The kustomization is
searched in the folders that the target lists under `manifests`; which overlay is
for which cluster follows from the target's `clusters[].overlays`, from the
Components that an overlay joins already, or from the names of its folders."""

_EXAMPLES = (
    ("infra-scale wire", "for all requests"),
    ("infra-scale wire requests/web.yaml", "for one"),
    ("infra-scale wire --dry-run", "show the changes as a diff, and write nothing"),
    ("infra-scale wire --check", "in CI: fail if a line is missing"),
)
_CODES = (
    ("0", "done, or nothing to do"),
    ("1", "with --check, a line is missing; a line has to be added by hand"),
    ("2", "wrong usage"),
)


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.root_folder(given.root)
    wired = wire(root, options.scope(given.paths, given.target, root=root))
    only_shown = given.dry_run or given.check
    if only_shown:
        for line in diff_lines(wired.changes):
            terminal.out(line)
    else:
        write(root, wired)
        for change in wired.changes:
            terminal.out(f"{change.verb:<9} {change.path}")
    report(wired, only_shown=only_shown)
    return exit_codes.FAILED if wired.problems or (given.check and wired.changes) else exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("wire", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    chosen = command.add_argument_group("what is joined")
    chosen.add_argument(
        "paths", nargs="*", metavar="PATH", help="request files or folders below requests/ (default: all)"
    )
    chosen.add_argument("--target", metavar="T", help="only requests for this target")
    options.add_root(chosen)
    mode = command.add_argument_group("mode").add_mutually_exclusive_group()
    mode.add_argument("--dry-run", action="store_true", help="show the changes as a diff, and write nothing")
    mode.add_argument("--check", action="store_true", help="the same, and fail if there are any")
    return command
