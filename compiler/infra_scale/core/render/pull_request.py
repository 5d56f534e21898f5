"""Title and body of the pull request that asks for approval, in the original's format."""

from infra_scale.core.render.summary import summary
from infra_scale.model.plan import ScalePlan

LABEL = "needs-approval"

_CHECKLIST = """\
**Review checklist**:
- [ ] Verify replica counts match expected load
- [ ] Confirm HPA settings align with capacity
- [ ] Check resource requests/limits are appropriate
- [ ] Ensure rollback plan is clear
"""


def title(target: str, *, created_at: str) -> str:
    """`infra.scale: prod (2025-01-15)`; the day is that of the plan's createdAt."""
    return f"infra.scale: {target} ({created_at[:10]})"


def body(plan: ScalePlan) -> str:
    """Header, the whole summary, and the review checklist."""
    request = plan.request
    facts = (("Target", request.target), ("Namespace", request.namespace), ("Autoscaling", request.autoscaling))
    header = "\n".join(f"**{name}**: {value}" for name, value in facts)
    return f"# Infrastructure Scaling Plan\n\n{header}\n\n## Summary\n\n{summary(plan)}\n---\n\n{_CHECKLIST}"
