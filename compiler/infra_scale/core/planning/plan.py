"""A valid request to its ScalePlan."""

from collections.abc import Iterable

from infra_scale.core.planning.actions import Bases, actions
from infra_scale.core.planning.consequences import consequences
from infra_scale.core.planning.handover import transfers
from infra_scale.core.planning.ownership import ownership
from infra_scale.core.planning.rollback import undo
from infra_scale.model.finding import Finding
from infra_scale.model.plan import ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target


def plan_request(request: ScaleRequest, target: Target, findings: Iterable[Finding], bases: Bases) -> ScalePlan:
    """The plan of a request that no error was found in; of `findings` it carries the warnings and notes."""
    planned = actions(request, target, bases)
    environment = undo(planned, target, request, bases)
    return ScalePlan(
        request=request,
        kube_context=target.kube_context,
        actions=planned,
        rollback_hints=environment.hints,
        preparations=environment.preparations,
        consequences=consequences(planned, request, bases),
        findings=tuple(finding for finding in findings if finding.severity != "error"),
        ownership=ownership(request, bases),
        transfers=transfers(request, target, bases),
    )
