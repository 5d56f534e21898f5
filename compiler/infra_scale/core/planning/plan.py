"""A valid request to its ScalePlan."""

from collections.abc import Iterable
from typing import NamedTuple

from infra_scale.core.planning.actions import actions, request_of, workload_of
from infra_scale.core.planning.commands import command
from infra_scale.core.planning.consequences import consequences
from infra_scale.core.planning.handover import transfers
from infra_scale.core.planning.ownership import ownership
from infra_scale.core.planning.steps import undo
from infra_scale.model.action import Action
from infra_scale.model.finding import Finding
from infra_scale.model.manifest import NO_BASES, Bases
from infra_scale.model.plan import PlanMetadata, ScalePlan
from infra_scale.model.request import ScaleRequest
from infra_scale.model.target import Target


def plan_request(request: ScaleRequest, target: Target, findings: Iterable[Finding], bases: Bases) -> ScalePlan:
    """The plan of a valid request; it has the warnings and notes of `findings`."""
    planned = actions(request, target, bases)
    commands = undo_commands(planned, target, request, bases)
    return ScalePlan(
        findings=stated(findings, request),
        metadata=metadata_of(request),
        namespace=request.namespace,
        autoscaling=request.autoscaling,
        kube_context=target.kube_context,
        actions=planned,
        rollback_hints=commands.hints,
        preparations=commands.preparations,
        consequences=consequences(planned, request, bases),
        ownership=ownership(request, bases),
        transfers=transfers(request, target, bases),
    )


def stated(findings: Iterable[Finding], request: ScaleRequest) -> tuple[Finding, ...]:
    """Warnings and notes without their positions, which are not part of a plan."""
    path = request.path if request.id else ""
    kept = (
        Finding(one.rule, one.severity, one.message, path, workload=one.workload, waiver=one.waiver)
        for one in findings
        if one.severity != "error"
    )
    return tuple(dict.fromkeys(kept))  # variants of a workload have some in common


class UndoCommands(NamedTuple):
    """The commands around a plan."""

    preparations: tuple[str, ...]
    hints: tuple[str, ...]


def undo_commands(actions: tuple[Action, ...], target: Target, request: ScaleRequest, bases: Bases) -> UndoCommands:
    """The commands that save the state before the actions, and those that undo them."""
    steps = undo(actions, target, workload_of(request), bases)
    preparations, hints = ((command(step, target) for step in some) for some in steps)
    return UndoCommands(tuple(preparations), tuple(hints))


def with_commands_of_actions(plan: ScalePlan, target: Target) -> ScalePlan:
    """A plan with the commands that follow from its actions alone."""
    commands = undo_commands(plan.actions, target, request_of(plan), NO_BASES)
    return plan._replace(rollback_hints=commands.hints, preparations=commands.preparations)


def metadata_of(request: ScaleRequest) -> PlanMetadata:
    """What a plan of a request is made from and for."""
    path = request.path if request.id else ""
    return PlanMetadata(
        request.target, request.id, path, request.owner, request.reason, request.ticket, request.created_at
    )
