"""infra-scale explain."""

import json
from collections.abc import Sequence

from infra_scale.cli import exit_codes, options, output_options, terminal
from infra_scale.core.evaluation.catalogue import CATALOGUE
from infra_scale.core.reporting.rules_text import entry_lines, list_lines
from infra_scale.core.syntax.similar import did_you_mean
from infra_scale.errors import UsageError

_EXAMPLES = (
    ("infra-scale explain", "list all rules"),
    ("infra-scale explain REP-001", "its trigger, reason, fix and source"),
    ("infra-scale explain HPA", "list rules with ids that begin with HPA"),
    ("infra-scale explain --format json", "for scripts"),
)
_CODES = (("0", "done"), ("2", "wrong usage, or an unknown rule"))


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises UsageError for a rule that does not exist."""
    given = parser().parse_args(arguments)
    wanted = (given.rule or "").upper()
    entries = [entry for entry in CATALOGUE if given.rule is None or wanted in (entry.id, entry.id.partition("-")[0])]
    if not entries:
        message = f"unknown rule {given.rule}"
        known = [entry.id for entry in CATALOGUE]
        raise UsageError(message, hint=did_you_mean(given.rule, known, "`infra-scale explain` lists them"))
    if given.format == "json":
        lines = [json.dumps([entry._asdict() for entry in entries], ensure_ascii=False, indent=2)]
    else:
        said = entry_lines(entries[0]) if entries[0].id == wanted else list_lines(entries)
        lines = [*map(terminal.fitted, said)]
    for line in lines:
        terminal.out(line)
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    command = options.parser(
        "explain",
        description="Explain a rule: its trigger, reason, fix and source.",
        examples=_EXAMPLES,
        codes=_CODES,
    )
    command.add_argument_group("what is explained").add_argument(
        "rule", nargs="?", metavar="RULE", help="the id in a finding, such as REP-001, or REP for a list (default: all)"
    )
    output_options.add_format(command)
    return command
