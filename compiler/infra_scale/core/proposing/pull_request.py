"""Title and body of the pull request that asks for approval, in the original's format."""

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

NEEDS_APPROVAL = Label(
    "needs-approval", "d93f0b", "A scale plan that people have to approve before anything touches a cluster"
)

BODY_BYTES = 60_000
"""GitHub refuses a body of more than 65,536 characters on creation, and has dropped longer updates silently."""

_NAMED = 20
"""How many plans that had no room, and how many other things of a kind, are named."""

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
    """`infra.scale: prod (2025-01-15)`; the day is the one when the plans were proposed."""
    return f"infra.scale: {target} ({day})"


def is_same_title(one: str, other: str) -> bool:
    """Whether two titles differ in nothing but their day."""
    return _DAY.sub("", one) == _DAY.sub("", other)


class Contents(NamedTuple):
    """What the body of a target's pull request tells."""

    target: str
    plans: Sequence[ScalePlan]
    """The new and the changed ones."""
    removed: Sequence[str]
    """Paths of the files that go."""
    digest: str
    findings: Sequence[Finding] = ()
    comparison: Comparison = NOTHING_CHANGES
    origins: Mapping[str, Origin] = {}
    links: Links = Links()


def body(contents: Contents) -> str:
    """Header, errors, what changes, other findings, origin, summaries, removed plans, digest, and the review checklist.

    At most 60,000 bytes: where it would be more, it is cut between two plans and says where the rest is. What stands
    between the markers is ours to rewrite; the checklist below them is the reviewers'.
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
    """The digest in the marker of our part of a body, None where there is none."""
    found = _MARKER.search(_our_part(text))
    return found[1] if found else None


def with_foreign_parts(old: str, new: str, *, reset_ticks: bool) -> str:
    """`new`, with what reviewers have written and ticked around our part of `old`; their ticks are for old plans."""
    parts = split(old, MARKS)
    if parts is None:
        return new
    after = _TICKED.sub("- [ ]", parts.after) if reset_ticks else parts.after
    return f"{parts.before}{MARKS.around([_our_part(new)])}{after}"


def withdrawn(old: str) -> str:
    """A body whose branch has content that infra-scale did not make: our part vouches for nothing."""
    notice = (
        "> [!WARNING]\n> **Not verified.** This branch has content that infra-scale did not make. "
        "What infra-scale said here about the plans no longer applies; review every file."
    )
    return with_foreign_parts(normal(old), MARKS.around([notice]), reset_ticks=True)


def _our_part(text: str) -> str:
    parts = split(text, MARKS)
    return parts.ours if parts else ""


def _gone(removed: Sequence[str]) -> str:
    listed = "".join(f"- Removed: `{path}`\n" for path in removed[:_NAMED])
    return listed + (f"- and {len(removed) - _NAMED} more removed files\n" if len(removed) > _NAMED else "")


def _left_out(plans: Sequence[ScalePlan]) -> str:
    """What is said of plans that the body has no room for: where the first of them are."""
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
