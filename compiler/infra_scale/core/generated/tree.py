"""Plans to the generated tree: the files of plans, and obsolete files."""

from collections.abc import Iterable, Iterator, Mapping, Set

from infra_scale.core.documents.header import (
    PLAN_FILE,
    SUMMARY_FILE,
    is_component_file,
    is_namespace_file,
    origin,
    plan_format,
    target_of,
)
from infra_scale.core.documents.plan import write_plan
from infra_scale.core.documents.planned_scalers import PlannedScaler, planned_scalers
from infra_scale.core.reporting.summary import summary
from infra_scale.model.finding import Finding
from infra_scale.model.plan import FORMAT, ScalePlan
from infra_scale.model.position import Position
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source

Tree = Mapping[str, bytes]
"""File contents by path relative to the root of the repository."""

_START = Position(1, 1, 1, "")


def contents(found: Iterable[Found]) -> dict[str, bytes]:
    """The contents of files by path, with LF line ends: git may check files out with others."""
    return {item.path: item.content.replace(b"\r\n", b"\n") for item in found if isinstance(item, Source)}


def render(plan: ScalePlan) -> dict[str, bytes]:
    """The files of one plan."""
    return {plan_path(plan.folder): write_plan(plan).encode(), f"{plan.folder}/{SUMMARY_FILE}": summary(plan).encode()}


def plan_path(folder: str) -> str:
    """The plan.yaml of the plan in a folder."""
    return f"{folder}/{PLAN_FILE}"


def newer(committed: Tree) -> dict[str, Finding]:
    """PLN-001 by the path of the request, for each plan in a newer format: it must stay unchanged."""
    findings: dict[str, Finding] = {}
    for path, content in committed.items():
        request = origin(path, content) if path.endswith(f"/{PLAN_FILE}") else None
        if request and (found := plan_format(content)) > FORMAT:
            message = f"this plan has format {found}; this infra-scale writes format {FORMAT}"
            findings[request] = Finding("PLN-001", "error", message, path, help="upgrade infra-scale", position=_START)
    return findings


def obsolete(left: Tree, *, unplanned: Set[str], scope: Scope) -> tuple[str, ...]:
    """Generated files of `scope` in `left` without a request, sorted.

    Files of the `unplanned` requests stay: these requests exist, but cannot be compiled.
    """
    named = ((path, origin(path, content)) for path, content in left.items())
    return tuple(
        sorted(
            path
            for path, request in named
            if request and request not in unplanned and scope.has_generated(request, target_of(path, left[path]))
        )
    )


def component_warnings(gone: Iterable[str], joined: Mapping[str, str]) -> Iterator[Finding]:
    """PLN-005 for each deleted Component that a kustomization names, or may name: its build would fail.

    `joined` are the kustomizations that name a Component, by its folder.
    """
    for path in gone:
        namer = joined.get(path.rpartition("/")[0])
        if is_namespace_file(path):
            message = (
                "this Component is deleted with the last request: kustomizations that name it can no longer be built"
            )
            help = "list the namespace in `clusters[].namespaces` of the target to keep an empty one"
            yield Finding("PLN-005", "warning", message, path, help=help, position=_START)
        elif namer and is_component_file(path):
            message = f"this Component is deleted, but {namer} names it and can no longer be built"
            help = "remove that line in the same commit"
            yield Finding("PLN-005", "warning", message, path, help=help, position=_START)


def committed_scalers(found: Iterable[Found], *, unread: Set[str], scope: Scope) -> Iterator[PlannedScaler]:
    """The autoscalers of plans in `scope`, except those of the `unread` requests: their plans stay unchanged."""
    for item in found:
        if isinstance(item, Source) and item.path.endswith(f"/{PLAN_FILE}"):
            request, target = origin(item.path, item.content), target_of(item.path, item.content)
            if request and target and request not in unread and scope.has_generated(request, target):
                yield from planned_scalers(item, target=target, request=request)
