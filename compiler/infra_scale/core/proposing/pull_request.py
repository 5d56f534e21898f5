"""Title and body of an approval pull request, in the format of the original CLI."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from infra_scale.core.proposing.owned_text import Marks, normal, split
from infra_scale.core.reporting.changes_markdown import changes_sections
from infra_scale.core.reporting.review import Links, Origin, findings_section, origins_section
from infra_scale.core.reporting.summary import summary
from infra_scale.model.comparison import NOTHING_CHANGES, Comparison
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from infra_scale.model.proposal import Label

NEEDS_APPROVAL = Label("needs-approval", "d93f0b", "A scale plan that needs approval before it is applied to a cluster")

BODY_BYTES = 60_000
"""GitHub refuses a body of more than 65,536 characters on creation, and has dropped longer updates silently."""

_NAMED = 20
"""The number of omitted plans, or of other items of a kind, that are listed."""

_DAY = re.compile(r" \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$")
_TICKED = re.compile(r"^- \[[xX]\]", re.MULTILINE)

MARKS = Marks("<!-- infra-scale:begin -->", "<!-- infra-scale:end -->")
_MARKER = re.compile(r"<!-- infra-scale:v1 target=\S+ digest=([0-9a-f]{64}) -->")

_CHECKLIST = """\
**Review checklist**:
- [ ] Verify replica counts match expected load
- [ ] Confirm HPA settings align with capacity
- [ ] Check resource requests/limits are appropriate
- [ ] Ensure rollback plan is clear
"""


def title(target: str, *, day: date) -> str:
    """`infra.scale: prod (2025-01-15)`; the date is that of the proposal."""
    return f"infra.scale: {target} ({day})"


def is_same_title(one: str, other: str) -> bool:
    """Whether two titles differ at most in their date."""
    return _DAY.sub("", one) == _DAY.sub("", other)


class Contents(NamedTuple):
    """The content of the body of a target's pull request."""

    target: str
    plans: Sequence[ScalePlan]
    """The new and the changed plans."""
    removed: Sequence[str]
    """Paths of the deleted files."""
    digest: str
    findings: Sequence[Finding] = ()
    comparison: Comparison = NOTHING_CHANGES
    origins: Mapping[str, Origin] = {}
    links: Links = Links()


def body(contents: Contents) -> str:
    """Header, errors, changes, other findings, origin, summaries, removed plans, digest, and the review checklist.

    At most 60,000 bytes: a longer body is cut between two plans and lists the paths of the rest. The part between the
    markers is rewritten; the checklist below them belongs to the reviewers.
    """
    plans = contents.plans
    marker = f"<!-- infra-scale:v1 target={contents.target} digest={contents.digest} -->"
    errors = [finding for finding in contents.findings if finding.severity == "error"]
    others = [finding for finding in contents.findings if finding.severity != "error"]
    sections = (
        findings_section(errors, contents.links, title="Errors to Decide On"),
        *changes_sections(contents.comparison),
        findings_section(others, contents.links),
        origins_section(contents.origins, contents.links),
    )
    head = f"{MARKS.begin}\n{marker}\n{_header(plans, target=contents.target)}\n"
    head += "".join(f"{section}\n" for section in sections if section) + "## Summary\n\n"
    tail = f"{_gone(contents.removed)}\nDigest of the plans: `{contents.digest}`\n{MARKS.end}\n\n---\n\n{_CHECKLIST}"
    room = BODY_BYTES - len((head + tail).encode()) - len(_left_out(plans).encode())
    summaries: list[str] = []
    for plan in plans:
        text = f"{summary(plan)}\n"
        room -= len(text.encode())
        if room < 0:
            break
        summaries.append(text)
    rest = plans[len(summaries) :]
    return head + "".join(summaries) + (_left_out(rest) if rest else "") + tail


def is_same(old: str, new: str) -> bool:
    """Whether our part of two bodies is the same."""
    return _our_part(old) == _our_part(new)


def digest_of(text: str) -> str | None:
    """The digest in the marker of our part of a body; None without a marker."""
    found = _MARKER.search(_our_part(text))
    return found[1] if found else None


def with_foreign_parts(old: str, new: str, *, reset_ticks: bool) -> str:
    """`new`, with the reviewers' text and ticks around our part of `old`; old ticks can be reset."""
    parts = split(old, MARKS)
    if parts is None:
        return new
    after = _TICKED.sub("- [ ]", parts.after) if reset_ticks else parts.after
    return f"{parts.before}{MARKS.around([_our_part(new)])}{after}"


def withdrawn(old: str) -> str:
    """The body for a branch with content that infra-scale did not make: it states nothing about the plans."""
    notice = (
        "> [!WARNING]\n> **Not verified.** This branch has content that infra-scale did not make. "
        "Earlier statements here about the plans no longer apply; review every file."
    )
    return with_foreign_parts(normal(old), MARKS.around([notice]), reset_ticks=True)


def _our_part(text: str) -> str:
    parts = split(text, MARKS)
    return parts.ours if parts else ""


def _gone(removed: Sequence[str]) -> str:
    listed = "".join(f"- Removed: `{path}`\n" for path in removed[:_NAMED])
    return listed + (f"- and {len(removed) - _NAMED} more removed files\n" if len(removed) > _NAMED else "")


def _left_out(plans: Sequence[ScalePlan]) -> str:
    """The paths of the first plans that do not fit into the body."""
    folders = [f"- `{plan.folder}/SUMMARY.md`\n" for plan in plans[:_NAMED]]
    more = f"- and {len(plans) - _NAMED} more\n" if len(plans) > _NAMED else ""
    return f"\n**{len(plans)} more plans** are in the files of this pull request:\n\n{''.join(folders)}{more}"


def _header(plans: Sequence[ScalePlan], *, target: str) -> str:
    facts: dict[str, set[str]] = {
        "Target": {plan.metadata.target for plan in plans} or {target},
        "Namespace": {plan.namespace for plan in plans},
        "Autoscaling": {str(plan.autoscaling) for plan in plans},
    }
    lines = (f"**{name}**: {_some(sorted(values))}" for name, values in facts.items() if values)
    return "# Infrastructure Scaling Plan\n\n" + "\n".join(lines) + "\n"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
