"""The files in the folders of `manifests`, and what each of them declares."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.facts import FileFacts, facts_of
from infra_scale.core.manifests.reading import KUSTOMIZATION_NAMES
from infra_scale.core.syntax.stream import Stream, read_stream
from infra_scale.model.finding import Finding
from infra_scale.model.names import SUFFIXES, is_passed_over
from infra_scale.model.position import Position
from infra_scale.model.source import Found, NotAFile, Source

CHART = "Chart.yaml"
NOTHING_KNOWN: Mapping[str, FileFacts] = {}
_START = Position(1, 1, 1, "")
_JSON_MARKS = (b'"kind"', b'"apiVersion"')
"""What a JSON file has that may be a manifest."""


class Scoped(Mapping[str, Found]):
    """The files below some folders; what may be elsewhere is there, but not read."""

    def __init__(self, files: Mapping[str, Found], folders: Iterable[str]) -> None:
        self._inside = tuple(f"{folder}/" for folder in folders)
        self._files = {path: one for path, one in files.items() if path.startswith(self._inside)}

    def __getitem__(self, path: str) -> Found:
        found = self.get(path)
        if found is None:
            raise KeyError(path)
        return found

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.get(path) is not None

    def get(self, path: str, default: Found | None = None) -> Found | None:  # type: ignore[override]  # Found or None
        """What is at a path."""
        found = self._files.get(path, default)
        if found is not None or (path.startswith(self._inside) and "/." not in path):
            return found
        if is_passed_over(f"/{path}"):
            return NotAFile(path, "hidden, and not read")
        if not path.startswith(self._inside) and not any(one.startswith(f"{path}/") for one in self._inside):
            return NotAFile(path, "not in a folder of `manifests`")
        return default

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Read(NamedTuple):
    """Some files, each parsed once at most."""

    files: Mapping[str, Found]
    streams: dict[str, Stream]
    facts: dict[str, FileFacts]
    """Those of files without errors."""
    charts: tuple[str, ...]
    """The folders of Helm charts, each the outermost."""
    findings: tuple[Finding, ...]
    """MAN-001 for each file that cannot be read, MAN-002 for each chart."""

    def stream(self, path: str) -> Stream | None:
        """The documents of a file; None if it is no manifest."""
        found, facts = self.files.get(path), self.facts.get(path)
        if path not in self.streams and isinstance(found, Source) and facts and facts.is_manifest:
            self.streams[path] = read_stream(found, is_typed=True)
        return self.streams.get(path)

    def kept(self) -> Iterator[tuple[str, FileFacts]]:
        """The facts that depend on nothing but the path and the content of a file."""
        return ((path, facts) for path, facts in self.facts.items() if not is_below(path, self.charts))

    def is_faulty(self, path: str) -> bool:
        """Whether a manifest cannot be read."""
        stream = self.streams.get(path)
        return stream is not None and stream.fault is not None


def read_files(found: Iterable[Found], known: Mapping[str, FileFacts] = NOTHING_KNOWN) -> Read:
    """Parse what may be a manifest, except files with `known` facts."""
    files = {one.path: one for one in found}
    charts = tuple(_outermost(path.rpartition("/")[0] for path in files if path.rpartition("/")[2] == CHART))
    streams: dict[str, Stream] = {}
    findings = [_of_chart(folder) for folder in charts]
    facts: dict[str, FileFacts] = {}
    for path, one in files.items():
        if not isinstance(one, Source):
            continue
        is_in_chart = is_below(path, charts)
        if path in known and not is_in_chart:
            facts[path] = known[path]
        elif is_in_chart or not _may_be_manifest(one):
            facts[path] = facts_of(one.content, None)
        else:
            stream = streams[path] = read_stream(one, is_typed=True)
            if stream.fault:
                message = f"this manifest could not be read, so its workloads are unknown: {stream.fault.what}"
                fault = stream.fault
                findings.append(Finding("MAN-001", "warning", message, path, help=fault.help, position=fault.position))
            else:
                facts[path] = facts_of(one.content, stream.documents)
    return Read(files, streams, facts, charts, tuple(findings))


def _outermost(folders: Iterable[str]) -> Iterator[str]:
    found: list[str] = []
    for folder in sorted(folders):
        if not is_below(folder, found):
            found.append(folder)
            yield folder


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is in one of some folders."""
    return any(path.startswith(f"{folder}/") for folder in folders)


def _of_chart(folder: str) -> Finding:
    message = "this folder is a Helm chart: its templates are not read, so their objects are unknown"
    help = "list the folder of the rendered files in `manifests`"
    return Finding("MAN-002", "note", message, f"{folder}/{CHART}", help=help, position=_START)


def _may_be_manifest(source: Source) -> bool:
    """Whether kubectl or kustomize may read a file."""
    if source.path.endswith(".json"):
        return all(mark in source.content for mark in _JSON_MARKS)
    return source.path.endswith((*SUFFIXES, *KUSTOMIZATION_NAMES))
