"""Title and body of the pull request that asks for approval, in the original's format."""

from collections.abc import Sequence

from infra_scale.core.render.summary import summary
from infra_scale.model.plan import ScalePlan

LABEL = "needs-approval"
LABEL_COLOUR = "d93f0b"
LABEL_DESCRIPTION = "A scale plan that people have to approve before anything touches a cluster"

BODY_BYTES = 60_000
"""GitHub refuses a body of more than 65,536 characters on creation, and has dropped longer updates silently."""

_NAMED = 20
"""How many plans that had no room are named."""

BEGIN, END = "<!-- infra-scale:begin -->", "<!-- infra-scale:end -->"

_CHECKLIST = """\
**Review checklist**:
- [ ] Verify replica counts match expected load
- [ ] Confirm HPA settings align with capacity
- [ ] Check resource requests/limits are appropriate
- [ ] Ensure rollback plan is clear
"""


def title(target: str, *, created_at: str) -> str:
    """`infra.scale: prod (2025-01-15)`; the day is that of the newest createdAt."""
    return f"infra.scale: {target} ({created_at[:10]})"


def body(plan: ScalePlan) -> str:
    """Header, the whole summary, and the review checklist."""
    return f"{_header([plan])}\n## Summary\n\n{summary(plan)}\n---\n\n{_CHECKLIST}"


def target_body(target: str, plans: Sequence[ScalePlan], removed: Sequence[str], *, digest: str) -> str:
    """The body for all changed plans of a target: header, summaries, removed plans, digest, and the review checklist.

    At most 60,000 bytes: where it would be more, it is cut between two plans and says where the rest is. What stands
    between the markers is ours to rewrite; the checklist below them is the reviewers'.
    """
    marker = f"<!-- infra-scale:v1 target={target} digest={digest} -->"
    head = f"{BEGIN}\n{marker}\n{_header(plans, target=target)}\n## Summary\n\n"
    gone = "".join(f"- Removed: `{path}`\n" for path in removed)
    tail = f"{gone}\nDigest of the plans: `{digest}`\n{END}\n\n---\n\n{_CHECKLIST}"
    room = BODY_BYTES - len((head + tail).encode()) - len(_left_out(plans).encode())
    sections: list[str] = []
    for plan in plans:
        section = f"{summary(plan)}\n"
        room -= len(section.encode())
        if room < 0:
            break
        sections.append(section)
    rest = plans[len(sections) :]
    return head + "".join(sections) + (_left_out(rest) if rest else "") + tail


def _left_out(plans: Sequence[ScalePlan]) -> str:
    """What is said of plans that the body has no room for: where the first of them are."""
    folders = [f"- `{plan.folder}/SUMMARY.md`\n" for plan in plans[:_NAMED]]
    more = f"- and {len(plans) - _NAMED} more\n" if len(plans) > _NAMED else ""
    return f"\n**{len(plans)} more plans** are in the files of this pull request:\n\n{''.join(folders)}{more}"


def _header(plans: Sequence[ScalePlan], *, target: str = "") -> str:
    requests = [plan.request for plan in plans]
    facts: dict[str, set[str]] = {
        "Target": {request.target for request in requests} or {target},
        "Namespace": {request.namespace for request in requests},
        "Autoscaling": {str(request.autoscaling) for request in requests},
    }
    lines = (f"**{name}**: {', '.join(sorted(values))}" for name, values in facts.items() if values)
    return "# Infrastructure Scaling Plan\n\n" + "\n".join(lines) + "\n"
