"""Sections of Markdown for reviewers, in pull requests and comments.

Text from a request is always inside code: it can neither mention users, close issues, nor leave its cell.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from infra_scale.core.evaluation.families import FAMILIES
from infra_scale.core.reporting.actions import happenings
from infra_scale.core.syntax.markdown import cell, folded, table, unlinked
from infra_scale.core.syntax.text import shortened
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan

_TABLE_BYTES = 12_000
_FEW = 3
"""More consequences than this are folded."""
_SEVERITIES = ("error", "warning", "note")


class Origin(NamedTuple):
    """The last commit that changed a request."""

    author: str
    commit: str
    """Its full SHA."""


class Links(NamedTuple):
    """Base URLs of links; an empty one makes no link."""

    repository: str = ""
    """The repository's URL, without a final slash."""
    rules: str = ""
    """The URL of the rules page; `#rep-001` is appended."""


def consequences_section(plans: Iterable[ScalePlan]) -> str:
    """The effects on the pods of each workload, one row per action; empty if there are none."""
    found = [happening for plan in plans for happening in happenings(plan)]
    if not found:
        return ""
    rows = [(cell(one.namespace), cell(one.workload), one.what) for one in found]
    heads = ("Namespace", "Workload", "Effect on its pods")
    listed = table(heads, rows, room=_TABLE_BYTES, rest="lines; every plan has them all")
    return f"## Consequences\n\n{listed if len(rows) <= _FEW else folded(f'{len(rows)} effects on pods', listed)}"


def findings_section(findings: Iterable[Finding], links: Links, *, title: str = "Findings") -> str:
    """The findings, most severe first, and explanations of their rules; empty if there are none."""
    found = sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))
    if not found:
        return ""
    rows = [(finding.severity, _rule(finding.rule, links), cell(_place(finding)), _said(finding)) for finding in found]
    listed = table(
        ("Severity", "Rule", "Place", "Finding"), rows, room=_TABLE_BYTES, rest="findings; `infra-scale validate`"
    )
    return f"## {title}\n\n{listed}{_meanings({finding.rule for finding in found})}"


def origins_section(origins: Mapping[str, Origin], links: Links) -> str:
    """The author and commit of the last change of each request; empty if unknown."""
    if not origins:
        return ""
    rows = [
        (cell(path), cell(shortened(origin.author) or "unknown"), _commit(origin.commit, links))
        for path, origin in origins.items()
    ]
    listed = table(("Request", "Last changed by", "Commit"), rows, room=_TABLE_BYTES, rest="requests")
    return f"## Requests\n\n{listed}"


def _rule(rule: str, links: Links) -> str:
    return f"[{rule}]({links.rules}#{rule.lower()})" if links.rules else rule


def _place(finding: Finding) -> str:
    line = f":{finding.position.line}" if finding.position else ""
    return f"{finding.path}{line}"


def _said(finding: Finding) -> str:
    if finding.severity == "error":
        return cell(shortened(finding.message, 200))
    said = unlinked(finding.message.replace("|", "\\|")) if finding.workload else cell(finding.message)
    waiver = finding.waiver
    if waiver is None:
        return said
    return f"{said.removesuffix('.')}; allowed until {waiver.until}: {cell(shortened(waiver.reason, 200))}"


def _meanings(rules: set[str]) -> str:
    known = [rule for family in FAMILIES if rules & {*family.ids} for rule in family.rules if rule.id in rules]
    if not known:
        return ""
    lines = "".join(f"- **{rule.id}**: {rule.why} Fix: {rule.fix}. Source: {rule.source}.\n" for rule in known)
    return f"\n{folded('What these rules mean', lines)}\n"


def _commit(sha: str, links: Links) -> str:
    return f"[`{sha[:7]}`]({links.repository}/commit/{sha})" if links.repository else f"`{sha[:7]}`"
