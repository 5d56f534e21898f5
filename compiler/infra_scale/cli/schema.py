"""infra-scale schema."""

from collections.abc import Sequence

from infra_scale.adapters import files
from infra_scale.cli import exit_codes, options, terminal

_NAMES = ("scale-request", "target", "cluster-snapshot", "price-sheet", "nightly", "scale-plan")

_EXAMPLES = (
    ("infra-scale schema", "list the schemas"),
    ("infra-scale schema scale-request", "print one, for an editor or a validator"),
)
_CODES = (("0", "done"), ("2", "wrong usage"))


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises FilesError."""
    name: str | None = parser().parse_args(arguments).name
    for line in _NAMES if name is None else [files.schema_text(f"{name}.schema.json").rstrip()]:
        terminal.out(line)
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "schema",
        description="Print a published JSON Schema (draft 2020-12).",
        examples=_EXAMPLES,
        codes=_CODES,
    )
    command.add_argument_group("what is printed").add_argument(
        "name", nargs="?", choices=_NAMES, metavar="NAME", help=f"one of {', '.join(_NAMES)} (default: a list of them)"
    )
    return command
