"""Foreign files in the generated folders: unexpected (PLN-002), or at the path of a generated file (PLN-004)."""

from collections.abc import Iterable, Iterator, Mapping, Set

from infra_scale.core.documents.header import is_generated
from infra_scale.model.finding import Finding, Severity
from infra_scale.model.names import GENERATED, PLANS
from infra_scale.model.position import Position
from infra_scale.model.source import EMPTY_FOLDER, Found, NotAFile, Source

RULE = "PLN-002"

_START = Position(1, 1, 1, "")
_INSIDE = tuple(f"{folder}/" for folder in GENERATED)


def foreign(found: Iterable[Found]) -> Iterator[Found]:
    """Files and folders that infra-scale did not generate."""
    return (item for item in found if not (isinstance(item, Source) and is_generated(item.path, item.content)))


def unexpected(left: Iterable[Found], *, besides: Set[str]) -> tuple[Found, ...]:
    """Files that no compile of the repository writes, among those that no request of a run generates.

    Files with our header are not included: they are deleted with their request, or belong to a request that this run
    cannot compile. The paths in `besides` are already reported.
    """
    return tuple(item for item in foreign(left) if item.path not in besides)


def is_prunable(item: Found) -> bool:
    """Whether it is below the folders of generated files, where everything may be deleted."""
    return item.path.startswith(_INSIDE)


def unexpected_findings(found: Iterable[Found], severity: Severity) -> Iterator[Finding]:
    """PLN-002 for each item; Git has no empty folders."""
    for item in found:
        if _is_empty(item):
            continue
        what = item.what if isinstance(item, NotAFile) else "a file"
        message = f"unexpected: {what} that no compile of this repository writes"
        yield Finding(RULE, severity, message, item.path, help=_ways_out(item.path, "delete"), position=_START)


def blockers(found: Iterable[Found], paths: Iterable[str]) -> dict[str, Found]:
    """For each of `paths` that cannot be written: the foreign file or folder at, above or below it."""
    others = {item.path: item for item in foreign(found)}
    if not others:
        return {}
    solid = {path for path, item in others.items() if not _is_empty(item)}
    holders = {above: path for path in others for above in _above(path)}
    blocked: dict[str, Found] = {}
    for path in paths:
        above = (folder for folder in _above(path) if folder in solid)
        blocker = path if path in others else next(above, None) or holders.get(path)
        if blocker:
            blocked[path] = others[blocker]
    return blocked


def in_the_way(found: Iterable[Found], wanted: Mapping[str, Iterable[str]]) -> dict[str, Finding]:
    """PLN-004 for each key of `wanted` with a path that a foreign file or folder blocks."""
    blocked = blockers(found, (path for paths in wanted.values() for path in paths))
    findings: dict[str, Finding] = {}
    for key, paths in wanted.items() if blocked else ():
        path = next((path for path in paths if path in blocked), None)
        if path:
            blocker = blocked[path]
            what = "a plan" if path.startswith(f"{PLANS}/") else "a rendered manifest"
            message = f"in the way of {what}: {_what(blocker)}"
            help = _ways_out(blocker.path, "replace")
            findings[key] = Finding("PLN-004", "error", message, blocker.path, help=help, position=_START)
    return findings


def _what(item: Found) -> str:
    return item.what if isinstance(item, NotAFile) else "a file that infra-scale did not generate"


def _is_empty(item: Found) -> bool:
    return isinstance(item, NotAFile) and item.what == EMPTY_FOLDER


def _ways_out(path: str, verb: str) -> str:
    if not path.startswith(_INSIDE):
        return "remove it from the repository: a folder belongs at this path"
    above = next(folder for folder in GENERATED if path.startswith(f"{folder}/")).rpartition("/")[0]
    return f"move it one level up, to {above}/, if it is yours, or let `infra-scale compile --prune` {verb} it"


def _above(path: str) -> Iterator[str]:
    """The parent folders of a path, up to the folder of all plans or of all rendered files."""
    while path.startswith(_INSIDE):
        path = path.rpartition("/")[0]
        yield path
