"""Findings as GitHub workflow commands, which the runner turns into annotations."""

from collections.abc import Iterable, Iterator

from infra_scale.core.reporting.findings_text import advice_of
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding

_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}

PER_LEVEL = 9
"""GitHub shows 10 annotations of a level per step and drops the rest silently; the tenth shows the number dropped."""

MESSAGE = 4096
"""UTF-16 units of a message that the runner keeps (Runner.Worker/ExecutionContext.cs); it drops the rest silently."""


def workflow_commands(findings: Iterable[Finding]) -> Iterator[str]:
    """One workflow command per line, at most ten of a level."""
    by_level: dict[str, list[Finding]] = {"error": [], "warning": [], "note": []}
    for finding in findings:
        by_level[finding.severity].append(finding)
    for level, found in by_level.items():
        shown = found if len(found) <= PER_LEVEL + 1 else found[:PER_LEVEL]
        yield from (_command(finding) for finding in shown)
        if len(shown) < len(found):
            rest = len(found) - len(shown)
            yield f"::{_COMMANDS[level]} title=infra-scale::{rest} more; run `infra-scale validate` to see all"


def _command(finding: Finding) -> str:
    properties = {"file": finding.path, "title": finding.rule}
    if finding.position:
        properties["line"] = str(finding.position.line)
        properties["col"] = str(finding.position.column)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    advice = advice_of(finding).removeprefix("help: ")
    message = f"{finding.message}\n{advice}" if advice else finding.message
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(_cut(message))}"


def _cut(message: str) -> str:
    units = message.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MESSAGE:
        return message
    return f"{units[: 2 * (MESSAGE - 1)].decode('utf-16-le', 'ignore')}…"


def _data(text: str) -> str:
    """Escaped as the runner's toolkit does (actions/toolkit, packages/core/src/command.ts), and safe in a log."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "%0A".join(printable(line).replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
