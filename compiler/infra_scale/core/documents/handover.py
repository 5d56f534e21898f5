"""Who sets the replicas, and the steps from one owner to the next: for plan.yaml and for SUMMARY.md."""

from collections.abc import Iterator

from infra_scale.core.documents.blocks import present
from infra_scale.core.syntax.emitter import Node
from infra_scale.core.syntax.markdown import bullets, code, numbered, unlinked
from infra_scale.model.ownership import HandoverStep, Ownership, Phase, Setter, Transfer
from infra_scale.model.plan import ScalePlan
from infra_scale.model.workload import WorkloadRef

_SETTERS: dict[Setter, str] = {
    "replicas": "a fixed number in Git",
    "hpa": "HPA",
    "keda": "KEDA",
    "unchanged": "unchanged",
    "unknown": "unknown",
}
_PHASES: dict[Phase, str] = {"before": "Before the plan arrives", "plan": "The plan", "after": "Afterwards"}


def ownership_node(owner: Ownership) -> dict[str, Node]:
    """An item of `ownership`."""
    where = {"cluster": owner.cluster} if owner.cluster else {}
    return {**_named(owner.ref), **where, "before": owner.before, "after": owner.after}


def transfer_node(transfer: Transfer, default: str | None) -> dict[str, Node]:
    """An item of `handover`."""
    context = transfer.cluster.context if transfer.cluster else None
    elsewhere = {"context": context} if context and context != default else {}
    return {
        **_named(transfer.ref),
        **elsewhere,
        "from": transfer.before,
        "to": transfer.after,
        "steps": [_step_node(step) for step in transfer.steps],
    }


def ownership_lines(plan: ScalePlan) -> list[str]:
    """Each workload with who sets its replicas before and after."""
    return bullets(
        [
            unlinked(
                f"{owner.ref}{f' in {owner.cluster}' if owner.cluster else ''}: "
                f"{_SETTERS[owner.before]} → {_SETTERS[owner.after]}"
            )
            for owner in plan.ownership
        ]
    )


def transfer_lines(plan: ScalePlan) -> Iterator[str]:
    """Each hand-over with its steps; where Argo CD or Flux applies, the plan arrives with the merge."""
    yield "The plan arrives when it is applied: with Argo CD or Flux, soon after the merge."
    for transfer in plan.transfers:
        where = f" in {transfer.cluster.context}" if transfer.cluster else ""
        yield ""
        yield unlinked(f"**{transfer.ref}**{where}, from {transfer.before} to {transfer.after}:")
        yield ""
        yield from numbered([_step_line(step) for step in transfer.steps])


def _named(ref: WorkloadRef) -> dict[str, Node]:
    return {"kind": ref.kind, "name": ref.name, "namespace": ref.namespace}


def _step_node(step: HandoverStep) -> dict[str, Node]:
    return {
        "phase": step.phase,
        **present({"only": step.only}),
        "what": step.what,
        **present({"command": step.command}),
    }


def _step_line(step: HandoverStep) -> str:
    only = f" (only {step.only})" if step.only else ""
    command = f": {code(step.command)}" if step.command else ""
    return f"**{_PHASES[step.phase]}**{only}: {unlinked(step.what)}{command}"
