"""Findings as a GitLab Code Quality report, which merge requests show.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from collections.abc import Sequence

from infra_scale.core.reporting.findings_json import Json
from infra_scale.core.reporting.findings_text import advice_of
from infra_scale.core.reporting.fingerprints import fingerprints
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def code_quality(findings: Sequence[Finding]) -> list[Json]:
    """One entry for each finding; one about a whole file is on its first line, because GitLab needs a line."""
    return [_entry(*both) for both in zip(findings, fingerprints(findings), strict=True)]


def _entry(finding: Finding, fingerprint: str) -> Json:
    advice = advice_of(finding)
    return {
        "description": printable(f"{finding.message} ({advice})" if advice else finding.message),
        "check_name": finding.rule,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {
            "path": finding.path.encode("utf-8", "replace").decode("utf-8"),
            "lines": {"begin": finding.position.line if finding.position else 1},
        },
    }
