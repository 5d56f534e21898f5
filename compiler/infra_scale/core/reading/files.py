"""Which files are requests and targets, and what is wrong with the rest: names, kinds of file, two files for one id."""

import re
from collections import defaultdict
from collections.abc import Iterable

from infra_scale.model.finding import Finding
from infra_scale.model.names import REQUESTS, SUFFIXES, TARGETS, is_label, request_id, target_name, target_path
from infra_scale.model.position import Position
from infra_scale.model.source import Found, NotAFile, Source

_START = Position(1, 1, 1, "")
_ODD = re.compile(r"[^a-z0-9/._-]+")


def request_files(found: Iterable[Found]) -> tuple[tuple[Source, ...], tuple[Finding, ...]]:
    """The files below requests/ that can be read as requests, sorted by path, and a finding (FIL-…) for each other."""
    sources: list[Source] = []
    findings: list[Finding] = []
    by_id: defaultdict[str, list[Source]] = defaultdict(list)
    for item in sorted(found, key=lambda item: item.path):
        identity = request_id(item.path)
        if isinstance(item, NotAFile):
            findings.append(not_a_file(item))
        elif not _is_yaml(item):
            continue
        elif identity is None or not item.path.endswith(SUFFIXES):
            findings.append(
                _fault("FIL-002", "this path cannot be the id of a request", item.path, _better_path(item.path))
            )
        else:
            by_id[identity].append(item)
    for twins in by_id.values():
        if len(twins) == 1:
            sources += twins
        else:
            names = " and ".join(twin.path for twin in twins)
            help = "keep one of the two"
            findings += [_fault("FIL-003", f"{names} are one request", twin.path, help) for twin in twins]
    return tuple(sources), tuple(findings)


def target_files(found: Iterable[Found]) -> tuple[dict[str, Source], tuple[Finding, ...]]:
    """The files of ops/targets/ by the name of their target, and a finding (FIL-…) for each that is no target."""
    targets: dict[str, Source] = {}
    findings: list[Finding] = []
    for item in sorted(found, key=lambda item: item.path):
        name = target_name(item.path)
        if isinstance(item, NotAFile):
            findings.append(not_a_file(item))
        elif not _is_yaml(item):
            continue
        elif is_label(name) and item.path.endswith(".yaml"):
            targets[name] = item
        else:
            stem = item.path.lower().removeprefix(f"{TARGETS}/").rpartition(".")[0]
            better = f"rename it to {target_path(stem)}" if is_label(stem) else "name it <target>.yaml"
            help = f"{better}: lower-case letters, digits and '-', at most 63"
            findings.append(_fault("FIL-002", "this file name cannot be the name of a target", item.path, help))
    return targets, tuple(findings)


def _better_path(path: str) -> str:
    """Advice for a path whose parts are not `[a-z0-9][a-z0-9._-]*`, or are named like generated files."""
    parts = [_ODD.sub("-", part).lstrip("._-") for part in path.lower().removeprefix(f"{REQUESTS}/").split("/")]
    suggestion = f"{REQUESTS}/{'/'.join(parts)}"
    if request_id(suggestion) and suggestion != path and suggestion.endswith(SUFFIXES):
        return f"rename it, for example to {suggestion}"
    return (
        "use lower-case letters, digits, '.', '_' and '-', and not the names of generated files (plan.yaml, summary.md)"
    )


def _is_yaml(source: Source) -> bool:
    """Whether a file has a YAML suffix; a README among the requests has not."""
    return source.path.lower().endswith(SUFFIXES)


def not_a_file(item: NotAFile) -> Finding:
    """FIL-001 for anything but a file at the path of a file."""
    return _fault("FIL-001", f"this is {item.what}, not a file", item.path, "commit the file itself in its place")


def _fault(rule: str, message: str, path: str, help: str) -> Finding:
    return Finding(rule, "error", message, path, help=help, position=_START)
