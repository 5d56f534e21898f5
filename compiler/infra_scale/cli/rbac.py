"""infra-scale rbac."""

from collections.abc import Sequence

from infra_scale.cli import exit_codes, options, terminal
from infra_scale.core.executing.roles import capturing_role, identifying_role, roles
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError
from infra_scale.usecases.roles import actions_of

_DESCRIPTION = """\
Print the least role that a command needs in the clusters of a target, as YAML for
`kubectl apply`. Bind it to the account that runs the command; in CI, an account
with short-lived credentials (OIDC)."""

_EXAMPLES = (
    ("infra-scale rbac --target prod", "a role for each namespace, to apply plans"),
    ("infra-scale rbac --target prod --for validate", "to check plans with a dry run on the server"),
    ("infra-scale rbac --target prod --for capture", "to capture snapshots"),
)
_CODES = (("0", "done"), ("1", "a request cannot be compiled"), ("2", "wrong usage"))


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises InfraScaleError."""
    given = parser().parse_args(arguments)
    root = options.root_folder(given.root)
    actions, targets = actions_of(root, given.target)
    if given.target is not None and given.target not in targets:
        message = f"there is no target {given.target}"
        raise UsageError(message, hint=did_you_mean(given.target, targets, "name a target of ops/targets/"))
    if given.purpose == "capture":
        documents = [capturing_role()]
    else:
        documents = [identifying_role(), *roles(actions, given.purpose)]
    terminal.out("---\n".join(documents).rstrip("\n"))
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser("rbac", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    chosen = command.add_argument_group("what is printed")
    chosen.add_argument("--target", metavar="T", help="only for the requests of this target (default: all)")
    chosen.add_argument(
        "--for",
        dest="purpose",
        choices=("apply", "validate", "capture"),
        default="apply",
        help="what the role is for (default: apply)",
    )
    options.add_root(chosen)
    return command
