"""Plans to the generated tree: what has to stand among the generated files, and what no longer belongs there."""

from collections.abc import Iterable, Iterator, Mapping, Set

from infra_scale.core.reading.planned import PlannedScaler, planned_scalers
from infra_scale.core.render.generated import (
    PLAN_FILE,
    SUMMARY_FILE,
    captured_at,
    created_at,
    is_component_file,
    is_generated,
    is_namespace_file,
    origin,
    plan_format,
    target_of,
)
from infra_scale.core.render.plan_yaml import plan_yaml
from infra_scale.core.render.summary import summary
from infra_scale.model.finding import Finding
from infra_scale.model.names import GENERATED, PLANS
from infra_scale.model.plan import FORMAT, ScalePlan
from infra_scale.model.position import Position
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, NotAFile, Source

Tree = Mapping[str, bytes]
"""File contents by path from the root of the repository."""

_START = Position(1, 1, 1, "")
_INSIDE = tuple(f"{folder}/" for folder in GENERATED)


def contents(found: Iterable[Found]) -> dict[str, bytes]:
    """The contents of files by path, with the line ends that we write: git may check files out with others."""
    return {item.path: item.content.replace(b"\r\n", b"\n") for item in found if isinstance(item, Source)}


def render(plan: ScalePlan, committed: Tree, *, now: str) -> dict[str, bytes]:
    """The files of one plan.

    A plan that says what the committed one says keeps its createdAt; any other was first produced `now`
    (RFC 3339, UTC, milliseconds).
    """
    path = f"{plan.folder}/{PLAN_FILE}"
    said, content = _plan_bytes(plan, committed.get(path), now)
    return {path: content, f"{plan.folder}/{SUMMARY_FILE}": summary(said).encode()}


def _plan_bytes(plan: ScalePlan, before: bytes | None, now: str) -> tuple[ScalePlan, bytes]:
    """With the plan that they say: a younger snapshot in which nothing differs changes no plan."""
    if before is not None and (kept := created_at(before)):
        same = _as_captured(plan, before)
        content = plan_yaml(same, created_at=kept).encode()
        if content == before:
            return same, content
    return plan, plan_yaml(plan, created_at=now).encode()


def _as_captured(plan: ScalePlan, before: bytes) -> ScalePlan:
    """The plan by the snapshots that the committed one was judged by, as far as they were of that moment only."""
    if not plan.capacity:
        return plan
    moments = captured_at(before)
    return plan._replace(
        capacity=tuple(
            one._replace(captured_at=moments.get(one.cluster, one.captured_at)) if one.captured_at else one
            for one in plan.capacity
        )
    )


def newer(committed: Tree) -> dict[str, Finding]:
    """PLN-001 by the path of the request, for each plan whose format is not known here and which must stay as it is."""
    findings: dict[str, Finding] = {}
    for path, content in committed.items():
        request = origin(path, content) if path.endswith(f"/{PLAN_FILE}") else None
        if request and (found := plan_format(content)) > FORMAT:
            message = f"this plan has format {found}; this infra-scale writes format {FORMAT}"
            findings[request] = Finding("PLN-001", "error", message, path, help="upgrade infra-scale", position=_START)
    return findings


def obsolete(committed: Tree, files: Tree, *, unplanned: Set[str], scope: Scope) -> tuple[str, ...]:
    """Generated files of `scope` that are not in `files` any more, sorted.

    What was generated from one of the `unplanned` requests stays: they exist, but nothing says what they compile to.
    """
    named = ((path, origin(path, content)) for path, content in committed.items() if path not in files)
    return tuple(
        sorted(
            path
            for path, request in named
            if request and request not in unplanned and scope.has_generated(request, target_of(path, committed[path]))
        )
    )


def in_the_way(found: Iterable[Found], wanted: Mapping[str, Iterable[str]]) -> dict[str, Finding]:
    """PLN-004 by each key of `wanted` that has a path whose place is taken by something that we did not generate."""
    foreign = {item.path: item for item in found if not _is_ours(item)}
    if not foreign:
        return {}
    holders = {above: path for path in foreign for above in _above(path)}
    findings: dict[str, Finding] = {}
    for key, paths in wanted.items():
        blockers = [(above, path) for path in paths for above in (path, *_above(path)) if above in foreign]
        blockers += [(holders[path], path) for path in paths if path in holders]
        if blockers:
            blocker, path = blockers[0]
            what = "a plan" if path.startswith(f"{PLANS}/") else "a rendered manifest"
            message = f"in the way of {what}: {_what(foreign[blocker])}"
            findings[key] = Finding("PLN-004", "error", message, blocker, help="move it elsewhere", position=_START)
    return findings


def parting(gone: Iterable[str], joined: Mapping[str, str]) -> Iterator[Finding]:
    """PLN-005 for each Component that goes and that something names, or may name: that could not be built any more.

    `joined` are the kustomizations that are known to name one, by its folder.
    """
    for path in gone:
        namer = joined.get(path.rpartition("/")[0])
        if is_namespace_file(path):
            message = "this Component goes with the last request: what names it cannot be built any more"
            help = "list the namespace in `clusters[].namespaces` of the target to keep an empty one"
            yield Finding("PLN-005", "warning", message, path, help=help, position=_START)
        elif namer and is_component_file(path):
            message = f"this Component goes, and {namer} names it: that cannot be built any more"
            help = "take the line out there, in the same commit"
            yield Finding("PLN-005", "warning", message, path, help=help, position=_START)


def strangers(found: Iterable[Found], *, besides: Set[str]) -> Iterator[Finding]:
    """PLN-002 for each thing in the generated tree, `besides` some paths, that we did not put there and leave alone."""
    for item in found:
        if item.path not in besides and not _is_ours(item):
            message = f"left alone: {_what(item)}"
            yield Finding("PLN-002", "note", message, item.path, help="keep own files elsewhere", position=_START)


def committed_scalers(found: Iterable[Found], *, unread: Set[str], scope: Scope) -> Iterator[PlannedScaler]:
    """The autoscalers of our plans in `scope`, but for those of the `unread` requests: their plans stay as they are."""
    for item in found:
        if isinstance(item, Source) and item.path.endswith(f"/{PLAN_FILE}"):
            request, target = origin(item.path, item.content), target_of(item.path, item.content)
            if request and target and request not in unread and scope.has_generated(request, target):
                yield from planned_scalers(item, target=target, request=request)


def _is_ours(item: Found) -> bool:
    return isinstance(item, Source) and is_generated(item.path, item.content)


def _what(item: Found) -> str:
    return item.what if isinstance(item, NotAFile) else "a file that infra-scale did not generate"


def _above(path: str) -> Iterator[str]:
    """The folders that a path stands in, up to that of all plans or of everything that is rendered."""
    while path.startswith(_INSIDE):
        path = path.rpartition("/")[0]
        yield path
