"""Findings as JUnit XML, which Jenkins, GitLab, Azure Pipelines and others show as test results.

An error is a failed test. A warning or a note is a skipped one: a passed test would hide what was not checked.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from infra_scale.core.reporting.findings_text import advice_of, place
from infra_scale.core.syntax.printable import printable
from infra_scale.model.finding import Finding

_PASSED = "no findings"
"""The name of the only test if there are no findings: Jenkins refuses a report without tests."""


def junit(findings: Sequence[Finding], suite: str) -> Iterator[str]:
    """The lines of a report with one suite, and one test for each finding."""
    counts = Counter(finding.severity == "error" for finding in findings)
    totals = _attributes(tests=str(len(findings) or 1), failures=str(counts[True]), errors="0")
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f"<testsuites{totals}>"
    yield f"  <testsuite{_attributes(name=suite)}{totals}{_attributes(skipped=str(counts[False]))}>"
    if not findings:
        yield f"    <testcase{_attributes(classname=suite, name=_PASSED)}/>"
    for finding in findings:
        yield from _case(finding)
    yield "  </testsuite>"
    yield "</testsuites>"


def _case(finding: Finding) -> Iterator[str]:
    position = f" (line {finding.position.line})" if finding.position else ""
    yield f"    <testcase{_attributes(classname=finding.path, name=f'{finding.rule}{position}')}>"
    message = _attributes(message=finding.message)
    if finding.severity == "error":
        text = " ".join(part for part in (place(finding), advice_of(finding)) if part)
        yield f"      <failure{message}{_attributes(type=finding.rule)}>{_escaped(text)}</failure>"
    else:
        yield f"      <skipped{message}/>"
    yield "    </testcase>"


def _attributes(**values: str) -> str:
    return "".join(f' {name}="{_escaped(value)}"' for name, value in values.items())


def _escaped(text: str) -> str:
    """Safe in an attribute and between tags; `printable` replaces the control characters, which XML does not allow."""
    return escape(printable(text).replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd"))
