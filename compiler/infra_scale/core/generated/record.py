"""The record of a plan from flags, which `infra-scale plan --apply` proposes: read back, and rendered again to compare.

It has no request to be compiled from. So its own values decide: they have to render to the very same plan and summary.
"""

from collections.abc import Iterable, Iterator, Mapping

from infra_scale.core.documents.header import PLAN_FILE, SUMMARY_FILE
from infra_scale.core.documents.plan_writer import plan_document
from infra_scale.core.planning.rollback import undo
from infra_scale.core.reading.json_values import Json, as_list, as_map, as_text
from infra_scale.core.reporting.summary import summary
from infra_scale.core.syntax.yaml import parse
from infra_scale.model.action import DETECT, Action, ApplyHpa, ScaleWorkload, UpdateResources
from infra_scale.model.autoscaler import Hpa
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.names import PLANS, is_context, is_label, is_name
from infra_scale.model.ownership import Consequence, Ownership, Setter
from infra_scale.model.plan import ScalePlan
from infra_scale.model.quantity import Quantity, QuantityError
from infra_scale.model.request import ScaleRequest, Workload
from infra_scale.model.resources import Resources
from infra_scale.model.source import Source
from infra_scale.model.target import Cluster, Target
from infra_scale.model.workload import KINDS, WorkloadRef

_DEPTH = PLANS.count("/") + 2
_SETTERS: dict[str, Setter] = {"replicas": "replicas", "hpa": "hpa", "keda": "keda", "unknown": "unknown"}


def records(held: Mapping[str, bytes]) -> Iterator[str]:
    """Paths among `held` files of plans from flags, each with its summary, that are as they were written."""
    for path, content in held.items():
        if path.endswith(f"/{PLAN_FILE}") and path.startswith(f"{PLANS}/") and path.count("/") == _DEPTH:
            beside = f"{path.removesuffix(PLAN_FILE)}{SUMMARY_FILE}"
            plan = read_record(path, content)
            if plan and held.get(beside) == summary(plan).encode():
                yield from (path, beside)


def read_record(path: str, content: bytes) -> ScalePlan | None:
    """The plan from flags that a plan.yaml in the folder of its target holds; None for anything else."""
    document, faults = parse(Source(path, content, len(content)), limit=len(content))
    written = as_map(document.value) if document and not faults else {}
    metadata = as_map(written.get("metadata"))
    plan = _plan(written, metadata, target=path.split("/")[_DEPTH - 1])
    if plan is None:
        return None
    again = plan_document(plan)
    as_generated = {**as_map(again["metadata"]), "generator": metadata.get("generator")}  # whichever version it was
    return plan if {**again, "metadata": as_generated} == written else None


def _plan(written: Json, metadata: Json, *, target: str) -> ScalePlan | None:
    environment, autoscaling = as_map(written.get("context")), as_map(written.get("assumptions")).get("autoscaling")
    context, namespace = as_text(environment.get("kubeContext")), as_text(environment.get("namespace"))
    if not (namespace and is_label(namespace) and is_label(target) and (context is None or is_context(context))):
        return None
    cluster = Cluster(context, context, 0) if context else None
    actions = tuple(_actions(as_list(written.get("actions")), cluster))
    request = ScaleRequest(
        path="",
        id="",
        target=target,
        namespace=namespace,
        autoscaling="none" if autoscaling == "none" else "hpa",
        owner=as_text(metadata.get("owner")),
        reason=as_text(metadata.get("reason")),
        ticket=as_text(metadata.get("ticket")),
        workloads=tuple(_workloads(actions)),
        created_at=as_text(metadata.get("createdAt")),
    )
    around_it = undo(actions, Target(target, (cluster,) if cluster else ()), request, {})
    return ScalePlan(
        request=request,
        kube_context=context,
        actions=actions,
        rollback_hints=around_it.hints,
        preparations=around_it.preparations,
        consequences=tuple(_consequences(as_list(written.get("consequences")), actions)),
        findings=tuple(_findings(as_list(written.get("findings")))),
        ownership=tuple(_ownership(as_list(written.get("ownership")))),
    )


def _actions(written: Iterable[object], cluster: Cluster | None) -> Iterator[Action]:
    """Those that flags can ask for; an HPA comes after the other actions of its workload."""
    own: WorkloadRef | None = None
    for node in map(as_map, written):
        own = _ref(node) or own
        if own and own.name == node.get("name") and own.namespace == node.get("namespace"):
            action = _action(node, own, cluster)
            yield from (action,) if action else ()


def _action(node: Json, ref: WorkloadRef, cluster: Cluster | None) -> Action | None:
    verb, wanted = node.get("action"), _number(node.get("to"))
    if verb == "scale_workload" and wanted is not None:
        before = node.get("from")
        return ScaleWorkload(ref, wanted, cluster, None if before == DETECT else _number(before))
    if verb == "update_resources":
        requests, limits = (_resources(node.get(key)) for key in ("requests", "limits"))
        return UpdateResources(ref, as_text(node.get("container")), requests, limits, cluster)
    hpa = as_map(node.get("hpa"))
    minimum, maximum, percent = (_number(hpa.get(key)) for key in ("min", "max", "targetCPU"))
    if verb == "apply_hpa" and minimum is not None and maximum is not None and percent is not None:
        return ApplyHpa(ref, Hpa(minimum, maximum, percent), cluster)
    return None


def _workloads(actions: Iterable[Action]) -> Iterator[Workload]:
    """What the actions were made from, as far as it decides how to undo them."""
    replicas = {action.ref: action.to for action in actions if isinstance(action, ScaleWorkload)}
    for ref in dict.fromkeys(action.ref for action in actions):
        yield Workload(ref, (), replicas.get(ref), None, None, None, None, None, None)


def _consequences(written: Iterable[object], actions: Iterable[Action]) -> Iterator[Consequence]:
    for line, action in zip(written, actions, strict=False):
        words = (as_text(line) or "").removeprefix(f"{action.ref}: ")
        yield Consequence(action.ref, words, action.cluster)


def _ownership(written: Iterable[object]) -> Iterator[Ownership]:
    for node in map(as_map, written):
        ref = _ref(node)
        before, after = (_SETTERS.get(as_text(node.get(key)) or "") for key in ("before", "after"))
        if ref and before and after:
            yield Ownership(ref, before, after)


def _findings(written: Iterable[object]) -> Iterator[Finding]:
    for node in map(as_map, written):
        rule, message = as_text(node.get("rule")), as_text(node.get("message"))
        if rule and message:
            severity: Severity = "warning" if node.get("severity") == "warning" else "note"
            yield Finding(rule, severity, message, "", workload=_ref(as_map(node.get("workload"))))


def _ref(node: Json) -> WorkloadRef | None:
    kind = next((kind for kind in KINDS if kind == node.get("kind")), None)
    namespace, name = as_text(node.get("namespace")), as_text(node.get("name"))
    if kind and namespace and name and is_label(namespace) and is_name(name):
        return WorkloadRef(kind, namespace, name)
    return None


def _number(value: object) -> int | None:
    """A whole number from 0 on."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _resources(value: object) -> Resources | None:
    quantities = {key: _quantity(written) for key, written in as_map(value).items()}
    return Resources(quantities.get("cpu"), quantities.get("mem")) if quantities else None


def _quantity(value: object) -> Quantity | None:
    try:
        return Quantity.parse(value) if isinstance(value, str) else None
    except QuantityError:
        return None
