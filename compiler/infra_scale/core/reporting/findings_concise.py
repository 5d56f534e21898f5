"""Findings with one line each, for editors, scripts and logs."""

from infra_scale.core.reporting.findings_text import place
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding


def concise_line(finding: Finding) -> str:
    """path:line:column: severity RULE message."""
    return printable(f"{place(finding)}: {finding.severity} {finding.rule} {finding.message}")
