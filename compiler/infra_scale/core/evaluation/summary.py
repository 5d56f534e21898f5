"""The findings that a run lists, and their number."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from infra_scale.core.syntax import limits
from infra_scale.model.finding import Finding


class FindingCounts(NamedTuple):
    """The number of findings, including those that are not listed."""

    errors: int
    warnings: int
    notes: int
    exact: bool
    """False if a file has so many that it was not checked completely: then it is a lower bound."""


def counts_of(findings: Iterable[Finding]) -> FindingCounts:
    """The number of findings for each severity."""
    count = Counter(finding.severity for finding in findings if finding.rule != limits.STOPPED)
    exact = all(finding.rule != limits.STOPPED for finding in findings)
    return FindingCounts(count["error"], count["warning"], count["note"], exact)


def listed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings of each file, sorted by path, up to a limit; then one that counts the rest."""
    for _, of_file in groupby(findings, key=lambda finding: finding.path):
        yield from _first(list(of_file))


def _first(findings: list[Finding]) -> list[Finding]:
    """The most severe, in order, and a last one with the number of the rest, if known."""
    stopped = [finding for finding in findings if finding.rule == limits.STOPPED]
    grave = sorted(
        (finding for finding in findings if finding.rule != limits.STOPPED),
        key=lambda finding: _GRAVITY.index(finding.severity),
    )
    kept, rest = grave[: limits.MAX_FINDINGS_PER_FILE], grave[limits.MAX_FINDINGS_PER_FILE :]
    shown = sorted(kept, key=lambda finding: finding.order)
    if not rest:
        return [*shown, *stopped]
    bound, plural = "at least " if stopped else "", "" if len(rest) == 1 else "s"
    message = f"{bound}{len(rest)} more finding{plural} in this file"
    return [*shown, Finding(limits.STOPPED, rest[0].severity, message, shown[-1].path, position=shown[-1].position)]


_GRAVITY = ("error", "warning", "note")
