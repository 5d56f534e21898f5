"""Which findings are told one by one where a file has very many, and how many there are."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple

from infra_scale.core.syntax import limits
from infra_scale.model.finding import Finding


class Totals(NamedTuple):
    """How many findings there are, also those that are not listed one by one."""

    errors: int
    warnings: int
    notes: int
    exact: bool
    """False where a file has so many that it was not read to its end: then there are at least as many."""


def totals(findings: Iterable[Finding]) -> Totals:
    """The numbers of all of them."""
    count = Counter(finding.severity for finding in findings if finding.rule != limits.STOPPED)
    exact = all(finding.rule != limits.STOPPED for finding in findings)
    return Totals(count["error"], count["warning"], count["note"], exact)


def listed(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Those of each file in their order; where it has very many, the gravest."""
    for _, of_file in groupby(findings, key=lambda finding: finding.path):
        yield from _first(list(of_file))


def _first(findings: list[Finding]) -> list[Finding]:
    """The gravest, in their order, and a last one that counts the rest or says that nobody knows it."""
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
