"""Findings as text: path:line:column, the line with a caret, and the fix."""

from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding
from infra_scale.model.position import Position

_CONTEXT = 24
"""Characters shown before the caret when a long line has to be cut."""


def finding_text(finding: Finding, *, width: int = 100) -> str:
    """One finding on several lines of about `width` characters, without a final newline."""
    lines = [f"{printable(place(finding))}: {finding.rule} {finding.severity}: {printable(finding.message)}"]
    if finding.position and finding.position.excerpt.strip():
        lines += excerpt_lines(finding.position, width)
    if advice := advice_of(finding):
        lines.append(f"    {printable(advice)}")
    return "\n".join(lines)


def advice_of(finding: Finding) -> str:
    """The fix of a finding, or its waiver; empty if it has neither."""
    if finding.waiver:
        return f"allowed until {finding.waiver.until}: {' '.join(finding.waiver.reason.split())}"
    return f"help: {finding.help}" if finding.help else ""


def flag_line(finding: Finding) -> str:
    """A finding about a command-line flag on one line."""
    flag = finding.position.excerpt if finding.position else ""
    return printable(f"{flag or finding.path}: {finding.message}")


def flag_details(finding: Finding, *, width: int) -> list[str]:
    """The flag with a caret below its faulty part, and the fix."""
    lines = excerpt_lines(finding.position, width) if finding.position and finding.position.excerpt else []
    return [*lines, *([f"    help: {printable(finding.help)}"] if finding.help else [])]


def place(finding: Finding) -> str:
    """path:line:column, or only the path if the finding is about the whole file."""
    if finding.position is None:
        return finding.path
    return f"{finding.path}:{finding.position.line}:{finding.position.column}"


def excerpt_lines(position: Position, width: int) -> list[str]:
    """The line with a caret below the place, cut to about `width` characters."""
    from infra_scale.core.reporting.cells import cells, window  # noqa: PLC0415 (only where there is something to show)

    gutter = f"{position.line:>4} | "
    room = max(20, width - len(gutter))
    line, start = window(printable(position.excerpt.replace("\t", " ")), position.column - 1, room, context=_CONTEXT)
    before, marked = cells(line[:start]), cells(line[start : start + position.length])
    caret = "^" * max(1, min(marked, room - before))
    return [f"{gutter}{line}".rstrip(), f"{' ' * (len(gutter) - 2)}| {' ' * before}{caret}"]
