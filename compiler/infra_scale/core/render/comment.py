"""The one comment on a pull request that edits requests, and the step summary with the same text."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from infra_scale.core.deciding import Decision
from infra_scale.core.planning.collisions import Collision
from infra_scale.core.render.changes_markdown import changes_sections
from infra_scale.core.render.decisions import decisions_section
from infra_scale.core.render.markdown import cell
from infra_scale.core.render.review import Links, consequences_section, findings_section
from infra_scale.model.comparison import Comparison
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan

MARKER = "<!-- infra-scale:comment -->"
_BEGIN, _END = "<!-- infra-scale:collisions -->", "<!-- infra-scale:collisions end -->"
_NUMBER = re.compile(r"#(\d{1,9})")
_DIGEST = re.compile(r"^Digest of the plans: `([0-9a-f]{64})`$", re.MULTILINE)
_NAMED = 30
_OWN_POLICIES = "So only the policies of this pull request itself were applied."


class Report(NamedTuple):
    """What a comment tells."""

    headline: str
    advice: str
    """What to do next; empty where nothing is to be done."""
    comparison: Comparison
    uncompared: str
    """Why the plans on the base could not be read; empty where they could."""
    findings: Sequence[Finding]
    digest: str
    """Of all changed plans; empty where none changes."""
    plans: Sequence[ScalePlan] = ()
    """The changed ones."""
    decisions: Sequence[Decision] = ()
    """The changed files that decide how the pull request is checked."""


def comment(report: Report, collisions: Sequence[Collision], links: Links, *, all_looked_at: bool = True) -> str:
    """The text of the comment, below GitHub's limit of 65,536 characters: each of its sections is cut by itself."""
    blocks = [
        f"{MARKER}\n### infra.scale: {report.headline}",
        report.advice,
        decisions_section(report.decisions).rstrip(),
        *(section.rstrip() for section in changes_sections(report.comparison)),
        consequences_section(report.plans).rstrip(),
        f"What was before is not known: {report.uncompared} {_OWN_POLICIES}" if report.uncompared else "",
        findings_section(report.findings, links).rstrip(),
        _collisions_section(collisions),
        "" if all_looked_at else "Not all open pull requests were looked at: others may scale the same workloads.",
        f"Digest of the plans: `{report.digest}`" if report.digest else "",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def digest_of(text: str) -> str | None:
    """The digest of the plans that a comment told of; None where it told of none."""
    found = _DIGEST.search(text.replace("\r\n", "\n"))
    return found[1] if found else None


def with_collisions(text: str, collisions: Sequence[Collision]) -> str:
    """A comment with what is known now about other pull requests; unchanged where it has no place for that."""
    before, _, after = _parted(text)
    return f"{before}{_collisions_section(collisions)}{after}" if after else text


def mentioned(text: str) -> frozenset[int]:
    """The numbers of the pull requests that a comment names as scaling the same workloads."""
    return frozenset(int(number) for number in _NUMBER.findall(_parted(text)[1]))


def _parted(text: str) -> tuple[str, str, str]:
    """What stands before, in and after our list of collisions.

    A finding above it can quote a request that says what our markers say: the last ones are ours.
    """
    above, end, after = text.replace("\r\n", "\n").rpartition(_END)
    before, begin, inside = above.rpartition(_BEGIN)
    return (before, inside, after) if begin and end else (text, "", "")


def _collisions_section(collisions: Sequence[Collision]) -> str:
    lines = [
        f"- {cell(str(found.scaled.ref))} in {cell(found.scaled.ref.namespace)} for {cell(found.scaled.target)}: "
        f"#{found.number} scales it too"
        for found in collisions[:_NAMED]
    ]
    more = [f"- and {len(collisions) - _NAMED} more"] if len(collisions) > _NAMED else []
    told = ["## Also in Other Pull Requests", "", *lines, *more] if lines else []
    return "\n".join([_BEGIN, *told, _END])
