"""Ask the API server before the merge: every planned write once as a dry run, each refusal at its workload."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.evaluation.summary import FindingCounts, counts_of, listed
from infra_scale.core.executing.writes import Live
from infra_scale.core.syntax import limits
from infra_scale.core.syntax.document import Document
from infra_scale.core.syntax.yaml import parse
from infra_scale.errors import InfraScaleError
from infra_scale.model.finding import Finding, Severity, has_error
from infra_scale.model.plan import ScalePlan
from infra_scale.model.position import Route
from infra_scale.model.scope import Scope
from infra_scale.model.source import Source
from infra_scale.model.step import ObjectRef, workload_object
from infra_scale.model.workload import Cluster
from infra_scale.ports.cluster import LiveCluster
from infra_scale.usecases.applying.preparing import planned, read_live, refused_by_the_server
from infra_scale.usecases.compile import compile_state
from infra_scale.usecases.environment import context_of
from infra_scale.usecases.outcome import Outcome

_UNREAD = "not checked"


def server_findings(
    root: Path, scope: Scope, *, only: str | None, connect: Callable[[Cluster], LiveCluster]
) -> tuple[Finding, ...]:
    """SRV-001 for each write that a server refuses, SRV-002 for each cluster or workload that was not checked.

    `only` names one cluster. Raises InfraScaleError.
    """
    with closing(WorkTree(root)) as tree:
        compilation = compile_state(root, tree, context_of(tree, scope=scope))
        found: list[Finding] = []
        for plan in compilation.plans:
            target = compilation.targets.get(plan.metadata.target)
            clusters = [one for one in (target.clusters_of(None) if target else ()) if only in (None, one.name)]
            if not clusters:
                continue
            source = tree.content(plan.metadata.path, limit=limits.MAX_BYTES)
            document = parse(source, limit=limits.MAX_BYTES)[0] if isinstance(source, Source) else None
            for cluster in clusters:
                found += (
                    document.locate(one) if document else one
                    for one in _of_cluster(plan, cluster, connect(cluster), document)
                )
    return tuple(sorted(found, key=lambda finding: finding.order))


def _of_cluster(plan: ScalePlan, where: Cluster, cluster: LiveCluster, document: Document | None) -> Iterator[Finding]:
    def finding(rule: str, severity: Severity, message: str, ref: ObjectRef | None, fix: str) -> Finding:
        route = _route(document, ref) if document and ref else ("workloads",)
        return Finding(rule, severity, message, plan.metadata.path, route=route, help=fix)

    try:
        live = read_live(plan, where, cluster)
    except InfraScaleError as error:
        message = f"{_UNREAD} on {where.name}: {error.message}"
        yield finding("SRV-002", "warning", message, None, error.hint or "check whether kubectl reaches the cluster")
        return
    for ref in dict.fromkeys(workload_object(one.ref) for one in plan.actions if one.cluster == where):
        if ref not in live.objects:
            message = f"{_UNREAD} on {where.name}: {ref.kind}/{ref.name} does not exist in namespace {ref.namespace}"
            yield finding("SRV-002", "warning", message, ref, "deploy it first, or correct kind, name or namespace")
    yield from _refused(plan, where, live, cluster, finding)


def _refused(
    plan: ScalePlan,
    where: Cluster,
    live: Live,
    cluster: LiveCluster,
    finding: Callable[[str, Severity, str, ObjectRef | None, str], Finding],
) -> Iterator[Finding]:
    for step, words in refused_by_the_server(planned(plan, where, live), live, cluster):
        message = f"{where.name} refuses to change {step.ref.kind}/{step.ref.name}: {words}"
        fix = "the words are those of the API server; it needs the role that `infra-scale rbac --for validate` prints"
        yield finding("SRV-001", "error", message, step.ref, fix)


def _route(document: Document, ref: ObjectRef) -> Route:
    """The workload in the request; an autoscaler has the name of its workload."""
    written = document.value
    workloads = written.get("workloads") if isinstance(written, dict) else None
    for index, one in enumerate(workloads if isinstance(workloads, list) else ()):
        if isinstance(one, dict) and one.get("name") == ref.name:
            return ("workloads", index)
    return ("workloads",)


def with_findings(outcome: Outcome, found: tuple[Finding, ...]) -> Outcome:
    """An outcome with further findings of its files."""
    merged = tuple(listed(sorted((*outcome.findings, *found), key=lambda finding: finding.order)))
    counts, more = outcome.totals, counts_of(found)
    totals = FindingCounts(
        counts.errors + more.errors, counts.warnings + more.warnings, counts.notes + more.notes, exact=counts.exact
    )
    return outcome._replace(
        findings=merged, totals=totals, is_valid=outcome.is_valid and not has_error(found), seen=None
    )
