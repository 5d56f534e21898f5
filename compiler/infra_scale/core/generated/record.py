"""The record of a plan from flags, which `infra-scale plan --apply` proposes: read, and rendered again to compare.

It has no request to compile. It is valid if its own values render to exactly the same plan and summary.
"""

from collections.abc import Iterator, Mapping

from infra_scale.core.documents.header import PLAN_FILE, SUMMARY_FILE
from infra_scale.core.documents.plan import plan_document, plan_of
from infra_scale.core.planning.plan import with_commands_of_actions
from infra_scale.core.reading.json_values import as_map
from infra_scale.core.reporting.summary import summary
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.action import ApplyHpa, ScaleWorkload, UpdateResources
from infra_scale.model.names import PLANS, is_context, is_label, is_name
from infra_scale.model.plan import ScalePlan
from infra_scale.model.source import Source
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster

_DEPTH = PLANS.count("/") + 2


def records(held: Mapping[str, bytes]) -> Iterator[str]:
    """Paths in `held` of unmodified plans from flags and their summaries."""
    for path, content in held.items():
        if path.endswith(f"/{PLAN_FILE}") and path.startswith(f"{PLANS}/") and path.count("/") == _DEPTH:
            beside = f"{path.removesuffix(PLAN_FILE)}{SUMMARY_FILE}"
            plan = read_record(path, content)
            if plan and held.get(beside) == summary(plan).encode():
                yield from (path, beside)


def read_record(path: str, content: bytes) -> ScalePlan | None:
    """The plan from flags in a plan.yaml in the folder of its target; None for anything else."""
    document, faults = parse(Source(path, content, len(content)), limit=len(content))
    written = document.value if document and not faults and isinstance(document.value, dict) else {}
    plan = plan_of(written)
    if plan is None or not _is_from_flags(plan, target=path.split("/")[_DEPTH - 1]):
        return None
    again = plan_document(_with_commands(plan))
    as_generated = {**as_map(again["metadata"]), "generator": as_map(written["metadata"]).get("generator")}
    return plan if {**again, "metadata": as_generated} == written else None  # whichever version it was


def _is_from_flags(plan: ScalePlan, *, target: str) -> bool:
    """Whether flags can express the plan, and its names are safe in a command."""
    context, metadata = plan.kube_context, plan.metadata
    return (
        (metadata.target, metadata.path) == (target, "")
        and all(isinstance(action, _FROM_FLAGS) for action in plan.actions)
        and all(map(is_label, (target, plan.namespace, *(action.ref.namespace for action in plan.actions))))
        and all(is_name(action.ref.name) for action in plan.actions)
        and (context is None or is_context(context))
    )


_FROM_FLAGS = (ScaleWorkload, UpdateResources, ApplyHpa)


def _with_commands(plan: ScalePlan) -> ScalePlan:
    clusters = (Cluster(plan.kube_context, plan.kube_context, 0),) if plan.kube_context else ()
    return with_commands_of_actions(plan, Target(plan.metadata.target, clusters))
