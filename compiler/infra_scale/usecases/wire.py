"""Add our Components to the kustomizations that build the workloads of requests."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters import checkout
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.compiling.context import Context
from infra_scale.core.documents.header import COMPONENT_FILE
from infra_scale.core.documents.request import read_request
from infra_scale.core.documents.target import Targets, read_targets
from infra_scale.core.manifests.editing import Uneditable, with_component
from infra_scale.core.manifests.files import read_files
from infra_scale.core.manifests.wiring import Line
from infra_scale.core.manifests.workloads import Manifests
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError
from infra_scale.model.filechange import FileChange
from infra_scale.model.names import REQUESTS, SUFFIXES
from infra_scale.model.request import ScaleRequest
from infra_scale.model.scope import Scope
from infra_scale.model.source import Found, Source
from infra_scale.model.tagged import tagged
from infra_scale.usecases.environment import context_of


@tagged
class Problem(NamedTuple):
    """A workload of a request whose Component has to be joined by hand."""

    request: str
    what: str
    help: str


class Wired(NamedTuple):
    """The edits of kustomization files."""

    changes: tuple[FileChange, ...]
    problems: tuple[Problem, ...]
    absent: tuple[str, ...]
    """Components that are joined and not rendered yet: a build of them fails."""
    requests: int
    """How many requests were read."""
    invalid: tuple[str, ...] = ()
    """The paths of those that cannot be read."""
    unread: tuple[str, ...] = ()
    """The targets of some of them that name no `manifests`."""


def wire(root: Path, scope: Scope) -> Wired:
    """The edits that let each build of a requested workload join its Component. Raises FilesError and GitError."""
    with closing(WorkTree(root)) as tree:
        context = context_of(tree, scope=scope)
        targets, faults = read_targets(context.targets, schema=context.schemas.target)
        if any(fault.severity == "error" for fault in faults):
            message = "a target file is invalid"
            raise InfraScaleError(message, hint="`infra-scale validate` shows the error")
        requests: list[ScaleRequest] = []
        invalid: list[str] = []
        for item in tree.names(REQUESTS):
            if not (item.path.endswith(SUFFIXES) and scope.has_path(item.path)):
                continue
            source = tree.content(item.path, limit=limits.MAX_BYTES)
            reading = read_request(source, schema=context.schemas.request) if isinstance(source, Source) else None
            if reading is None or reading.request is None or reading.findings:
                invalid.append(item.path)
            elif scope.has_request(item.path, reading.target):
                requests.append(reading.request)
    wired = _wired(context, targets, requests)
    named = {request.target for request in requests}
    unread = tuple(sorted(name for name in named if not (known := targets.by_name.get(name)) or not known.manifests))
    absent = tuple(path for path in wired.absent if not checkout.is_there(root, f"{path}/{COMPONENT_FILE}"))
    return wired._replace(absent=absent, requests=len(requests), invalid=tuple(invalid), unread=unread)


def write(root: Path, wired: Wired) -> None:
    """Write the edits, never through a link. Raises FilesError and GitError."""
    for change in wired.changes:
        checkout.write_within(root, change.path, change.after or b"")


def _wired(context: Context, targets: Targets, requests: list[ScaleRequest]) -> Wired:
    files = {item.path: item for item in context.manifests}
    edited: dict[str, bytes] = {}
    problems: dict[Problem, None] = {}
    joined: dict[str, None] = {}
    for request, line in _lines(files, targets, requests):
        if isinstance(line, Problem):
            problems[line] = None
            continue
        try:
            edited[line.path] = _joined(files, edited, line)
        except Uneditable as error:
            help = f"add `{line.item}` to `{line.field}` in {line.path}"
            problems[Problem(request, str(error), help)] = None
        else:
            joined[line.component] = None
    changes = (FileChange(path, _content(files.get(path)), content) for path, content in sorted(edited.items()))
    return Wired(tuple(one for one in changes if one.before != one.after), (*problems,), (*joined,), 0)


def _lines(
    files: dict[str, Found], targets: Targets, requests: list[ScaleRequest]
) -> Iterator[tuple[str, Line | Problem]]:
    """The missing lines of each request, and why others are not known."""
    manifests = Manifests(read_files(files.values()))
    for request in requests:
        target = targets.by_name.get(request.target)
        if target is None or not target.manifests:
            continue
        deployments = manifests.deployments(target)
        for workload in request.workloads:
            for cluster in target.clusters_of(workload.cluster):
                patched = manifests.patched(target, workload.ref, cluster.name)
                for line in deployments.lines(patched, cluster.name) if patched else ():
                    if isinstance(line, Line):
                        yield request.path, line
                    else:
                        yield request.path, Problem(request.path, line.what, line.help)


def _joined(files: dict[str, Found], edited: dict[str, bytes], line: Line) -> bytes:
    """The file with a line. Raises Uneditable."""
    if not line.is_kustomization:
        message = f"{line.path} is not edited, because several Applications build this folder"
        raise Uneditable(message)
    return with_component(line.path, edited.get(line.path) or _content(files.get(line.path)), line.item)


def _content(file: Found | None) -> bytes:
    return file.content if isinstance(file, Source) else b""
