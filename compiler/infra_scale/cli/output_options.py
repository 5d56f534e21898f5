"""Options about output that several commands share."""

from infra_scale.cli.options import CommandParser, Group


def add_output(to: CommandParser) -> None:
    """--format, --verbose and --quiet."""
    output = to.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("text", "concise", "json", "github", "gitlab", "junit", "sarif"),
        default="text",
        metavar="FORMAT",
        help="text, concise (one line per finding), json, github (annotations), gitlab (Code Quality), junit (XML) "
        "or sarif (code scanning) (default: text)",
    )
    amount = output.add_mutually_exclusive_group()
    amount.add_argument("-v", "--verbose", action="store_true", help="show every plan and all its warnings and notes")
    add_quiet(amount)


def add_quiet(to: Group) -> None:
    """--quiet."""
    to.add_argument("-q", "--quiet", action="store_true", help="show only errors; no output means that there are none")


def add_format(to: CommandParser) -> Group:
    """--format text or json. Returns the group of options about output."""
    output = to.add_argument_group("output")
    output.add_argument(
        "--format",
        choices=("text", "json"),
        default="text",
        metavar="FORMAT",
        help="text or json (default: text)",
    )
    return output
