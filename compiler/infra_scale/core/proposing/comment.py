"""The one comment on a pull request that edits requests, and the step summary with the same text."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from infra_scale.core.comparing.collisions import Collision, Scaled
from infra_scale.core.comparing.deciding_files import Decision
from infra_scale.core.proposing.owned_text import Marks, normal, split
from infra_scale.core.reporting.changes_markdown import changes_sections
from infra_scale.core.reporting.decisions import decisions_section
from infra_scale.core.reporting.review import Links, consequences_section, findings_section
from infra_scale.core.syntax.markdown import cell
from infra_scale.model.comparison import Comparison
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan

MARKER = "<!-- infra-scale:comment -->"
_COLLISIONS = Marks("<!-- infra-scale:collisions -->", "<!-- infra-scale:collisions end -->", is_last=True)
_LINE = re.compile(r"- .+: #(\d{1,9}) scales it too")
_CUT = re.compile(r"- and \d+ more")
_DIGEST = re.compile(r"^Digest of the plans: `([0-9a-f]{64})`$", re.MULTILINE)
_NAMED = 30
_OWN_POLICIES = "Only the policies of this pull request itself were applied."


class Report(NamedTuple):
    """The content of a comment."""

    headline: str
    advice: str
    """The next step; empty if there is none."""
    comparison: Comparison
    uncompared: str
    """Why the plans on the base could not be read; empty if they could."""
    findings: Sequence[Finding]
    digest: str
    """The digest of all changed plans; empty if none changes."""
    plans: Sequence[ScalePlan] = ()
    """The changed plans."""
    decisions: Sequence[Decision] = ()
    """The changed files that decide how the pull request is checked."""


def comment(
    report: Report, collisions: Sequence[Collision], links: Links, *, kept: Sequence[str] = (), unchecked: str = ""
) -> str:
    """The text of the comment, below GitHub's limit of 65,536 characters: the length of each section is limited.

    `kept` are lines of `mentions`; `unchecked` is a text of `unchecked`.
    """
    blocks = [
        f"{MARKER}\n### infra.scale: {report.headline}",
        report.advice,
        decisions_section(report.decisions).rstrip(),
        *(section.rstrip() for section in changes_sections(report.comparison)),
        consequences_section(report.plans).rstrip(),
        f"The previous state is unknown: {report.uncompared} {_OWN_POLICIES}" if report.uncompared else "",
        findings_section(report.findings, links).rstrip(),
        _collisions_section([*map(_line, collisions), *kept]),
        unchecked,
        f"Digest of the plans: `{report.digest}`" if report.digest else "",
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def digest_of(text: str) -> str | None:
    """The digest of the plans in a comment; None if it has none."""
    found = _DIGEST.search(normal(text))
    return found[1] if found else None


def with_collisions(text: str, number: int, collisions: Sequence[Collision]) -> str:
    """A comment with the current collisions of pull request `number`; unchanged if it has no section for them."""
    parts = split(text, _COLLISIONS)
    if parts is None:
        return normal(text)
    lines = parts.ours.splitlines()
    others = [line for line in lines if _number(line) not in (number, None)]
    cut = [line for line in lines if _CUT.fullmatch(line)]
    return f"{parts.before}{_collisions_section([*others, *map(_line, collisions)], cut)}{parts.after}"


def mentions(text: str) -> dict[str, int]:
    """The lines of a comment about pull requests that scale the same workloads, with their numbers."""
    parts = split(text, _COLLISIONS)
    numbers = ((line, _number(line)) for line in (parts.ours.splitlines() if parts else ()))
    return {line: number for line, number in numbers if number is not None}


def is_about(line: str, scaled: Scaled) -> bool:
    """Whether a line of `mentions` is about this workload."""
    return line.startswith(f"{_workload(scaled)}: ")


def unchecked(pulls: Mapping[int, str], *, older: int) -> str:
    """The pull requests that were not checked, and why; empty if all were."""
    named = [f"#{number} {why}" for number, why in pulls.items()]
    named += [f"{older} older pull requests"] if older else []
    return f"Not checked for the same workloads: {'; '.join(named)}." if named else ""


def _collisions_section(lines: Sequence[str], cut: Sequence[str] = ()) -> str:
    lines = sorted(set(lines))
    more = [f"- and {len(lines) - _NAMED} more"] if len(lines) > _NAMED else cut
    return _COLLISIONS.around(["## Also in Other Pull Requests", "", *lines[:_NAMED], *more] if lines else [])


def _line(found: Collision) -> str:
    return f"{_workload(found.scaled)}: #{found.number} scales it too"


def _workload(scaled: Scaled) -> str:
    return f"- {cell(str(scaled.ref))} in {cell(scaled.ref.namespace)} for {cell(scaled.target)}"


def _number(line: str) -> int | None:
    found = _LINE.fullmatch(line)
    return int(found[1]) if found else None
