"""What the files of a target declare, and which kustomizations lead to which: known before anything is built."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from infra_scale.core.manifests.build import Builder
from infra_scale.core.manifests.kustomization import Kustomization
from infra_scale.core.manifests.outcome import Place, Reason, Refusal, Unavailable
from infra_scale.core.manifests.reading import KUSTOMIZATION_NAMES, is_remote, resolved
from infra_scale.core.manifests.tree import member, text_at
from infra_scale.core.syntax.stream import Stream, read_stream
from infra_scale.model.finding import Finding
from infra_scale.model.names import RENDERED, SUFFIXES, is_name, is_passed_over
from infra_scale.model.position import Position
from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.model.workload import KINDS

_START = Position(1, 1, 1, "")
_JSON_MARKS = (b'"kind"', b'"apiVersion"')  # of a manifest
_CHART = "Chart.yaml"
_CHART_SOURCES = {"OCIRepository": "url", "HelmChart": "chart"}
_ADDING = ("helmCharts", "helmChartInflationGenerator", "generators")
_AFTER_NAMESPACE = ("patchesJson6902", "replacements", "transformers")
"""Fields that may change namespaces after `namespace` has set them."""
_RENAMING = ("namePrefix", "nameSuffix", "transformers", "replacements")
SUBSTITUTED = "${"
"""What a text has of which Flux substitutes parts."""
_NAME_PATCH = "/metadata/name"
Key = tuple[str, str]
"""Kind and name."""


class Scoped(Mapping[str, Found]):
    """The files below some folders; what may be elsewhere is there, but not read."""

    def __init__(self, files: Mapping[str, Found], folders: Iterable[str]) -> None:
        self._inside = tuple(f"{folder}/" for folder in folders)
        self._files = {path: one for path, one in files.items() if path.startswith(self._inside)}

    def __getitem__(self, path: str) -> Found:
        found = self._files.get(path)
        if found is not None:
            return found
        if is_passed_over(f"/{path}"):
            return NotAFile(path, "hidden, and not read")
        if not path.startswith(self._inside) and not any(one.startswith(f"{path}/") for one in self._inside):
            return NotAFile(path, "not in a folder of `manifests`")
        raise KeyError(path)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Read(NamedTuple):
    """Some files, each parsed once."""

    files: Mapping[str, Found]
    streams: dict[str, Stream]
    charts: tuple[str, ...]
    """The folders of Helm charts, each the outermost."""
    findings: tuple[Finding, ...]
    """MAN-001 for each file that cannot be read, MAN-002 for each chart."""


def read_files(found: Iterable[Found]) -> Read:
    """Parse what may be a manifest."""
    files = {one.path: one for one in found}
    charts = tuple(_outermost(path.rpartition("/")[0] for path in files if path.rpartition("/")[2] == _CHART))
    streams: dict[str, Stream] = {}
    findings = [_of_chart(folder) for folder in charts]
    for path, one in files.items():
        if isinstance(one, Source) and _may_be_manifest(one) and not is_below(path, charts):
            stream = streams[path] = read_stream(one, is_typed=True)
            if stream.fault:
                message = f"this manifest could not be read, so its workloads are unknown: {stream.fault.what}"
                fault = stream.fault
                findings.append(Finding("MAN-001", "warning", message, path, help=fault.help, position=fault.position))
    return Read(files, streams, charts, tuple(findings))


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
    return Finding("MAN-002", "note", message, f"{folder}/{_CHART}", help=help, position=_START)


def _may_be_manifest(source: Source) -> bool:
    """Whether kubectl or kustomize may read a file."""
    if source.path.endswith(".json"):
        return all(mark in source.content for mark in _JSON_MARKS)
    return source.path.endswith((*SUFFIXES, *KUSTOMIZATION_NAMES))


class Inventory:
    """The files of one set of manifest folders."""

    def __init__(self, read: Read, folders: tuple[str, ...]) -> None:
        self.read = read
        self.files = Scoped(read.files, folders)
        self.builder = Builder(self.files, empty=(RENDERED,), streams=read.streams)
        self.doubts: list[Reason] = []
        """Why there may be objects that are not known."""
        self.joined: dict[str, str] = {}
        """A kustomization that joins each Component of ours, by the folder of that."""
        self.declared: dict[Key, list[str]] = {}
        """The files that declare each workload."""
        self.aimed_at: dict[Key, list[str]] = {}
        """The files with an autoscaler of each workload."""
        self.releases: dict[Key, list[str]] = {}  # the files that declare each HelmRelease
        self.charts: dict[Key, str] = {}  # the path or URL of the chart of each _CHART_SOURCES
        self.rollouts: dict[Key, str] = {}
        """The Argo Rollout that takes its pods from each workload."""
        self.budgets: list[str] = []
        """The files with a budget."""
        self._outer: dict[str, list[str]] = {}
        """The kustomizations that name each file or folder."""
        self._kustomizations: dict[str, Kustomization] = {}
        renaming = self._read_kustomizations()
        self.not_followed = tuple(self.doubts)
        """Why parts of kustomizations are not known."""
        self.roots = frozenset(
            folder for folder, one in self._kustomizations.items() if folder not in self._outer and not one.is_component
        )
        self.renaming = frozenset(root for folder in renaming for root in self.roots_of(folder))
        """The roots that may build an object under another name than its file has."""
        self._read_objects()

    def roots_of(self, path: str) -> set[str]:
        """The roots that a file or folder is part of."""
        return self.leading_to(path) & self.roots

    def leading_to(self, path: str) -> set[str]:
        """A file or folder, and all kustomizations that it is part of."""
        seen, queue = {path}, [path]
        for one in queue:
            new = [outer for outer in self._outer.get(one, ()) if outer not in seen]
            seen.update(new)
            queue += new
        return seen

    def may_be_in(self, root: str, namespace: str) -> bool:
        """Whether a root may build objects of a namespace: its own `namespace` overrides all others."""
        one = self._kustomizations[root]
        written = one.text("namespace")
        is_last = not any(one.fields.get(field) for field in _AFTER_NAMESPACE)
        return not (is_last and written not in ("", namespace) and SUBSTITUTED not in written)

    def is_loose(self, path: str) -> bool:
        """Whether no kustomization decides about a file."""
        if path in self._outer or is_below(path, self.read.charts):
            return False
        folder = path
        while folder := folder.rpartition("/")[0]:
            if folder in self._kustomizations or folder in self._broken:
                return False
        return True

    def _read_kustomizations(self) -> set[str]:
        """Notes what each names; the folders of those that may rename objects."""
        renaming = set()
        self._broken: dict[str, str] = {}
        folders = {path.rpartition("/")[0] for path in self.files if path.rpartition("/")[2] in KUSTOMIZATION_NAMES}
        for folder in sorted(folders):
            if is_below(folder, self.read.charts):
                continue
            try:
                one = self.builder.kustomization(folder)
            except (Refusal, Unavailable) as error:
                self._broken[folder] = str(error)
                path = next(path for name in KUSTOMIZATION_NAMES if (path := f"{folder}/{name}") in self.files)
                if (stream := self.read.streams.get(path)) and not stream.fault:
                    self.doubts.append(Reason(str(error), Place(path)))
                continue
            self._kustomizations[folder] = one
            self._note_names(folder, one)
            if any(one.fields.get(field) for field in _RENAMING) or _renames(self.files, one):
                renaming.add(folder)
        return renaming

    def _note_names(self, folder: str, one: Kustomization) -> None:
        for field in ("resources", "bases", "components"):
            for index, text in enumerate(one.texts(field)):
                try:
                    target = resolved(folder, text)
                except Unavailable as error:
                    self.doubts.append(Reason(str(error), one.place(field, index)))
                    continue
                self._outer.setdefault(target, []).append(folder)
                if field == "components" and target.startswith(f"{RENDERED}/"):
                    self.joined.setdefault(target, one.path)
                elif reason := self._unseen(target, text):
                    self.doubts.append(Reason(reason, one.place(field, index)))
        for field in _ADDING:
            if one.items(field):
                self.doubts.append(Reason(f"{field} are not run", one.place(field)))

    def _unseen(self, target: str, text: str) -> str:
        """Why the objects of a resource are not known; empty if they are, or if a build refuses it."""
        found = self.files.get(target)
        if isinstance(found, NotAFile) and not (is_remote(text)):
            return f"{target} is {found.what}"
        is_there = found is not None or any(f"{target}/{name}" in self.files for name in KUSTOMIZATION_NAMES)
        return f"{text} is remote" if is_remote(text) and (isinstance(found, NotAFile) or not is_there) else ""

    def _read_objects(self) -> None:
        for path in self.files:
            stream = self.read.streams.get(path)
            if stream is None:
                continue
            if stream.fault and (self.is_loose(path) or path.rpartition("/")[2] in KUSTOMIZATION_NAMES):
                self.doubts.append(Reason(f"{path} could not be read", Place(path)))
            for item in objects_among(stream.documents):
                self._note_object(path, item)
        for path, found in self.files.items():
            if isinstance(found, NotAFile):
                self.doubts.append(Reason(f"{path} is {found.what}", Place(path)))
        chart = (one for one in self.read.charts if f"{one}/{_CHART}" in self.files)
        self.doubts += (Reason(f"{one} is a Helm chart", Place(f"{one}/{_CHART}")) for one in chart)

    def _note_object(self, path: str, item: object) -> None:
        kind, name = text_at(item, "kind"), text_at(item, "metadata", "name")
        if kind in KINDS and is_name(name):
            _append(self.declared, (kind, str(name)), path)
        elif kind in KINDS and SUBSTITUTED in name:
            self.doubts.append(Reason(f"Flux substitutes the name of a {kind} in {path}", Place(path)))
        elif kind in ("HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"):
            aim = "targetRef" if kind == "VerticalPodAutoscaler" else "scaleTargetRef"
            aimed = text_at(item, "spec", aim, "kind") or "Deployment", text_at(item, "spec", aim, "name")
            _append(self.aimed_at, (str(aimed[0]), str(aimed[1])), path)
        elif kind == "HelmRelease":
            _append(self.releases, (kind, str(name)), path)
        elif kind in _CHART_SOURCES:
            self.charts[str(kind), str(name)] = str(text_at(item, "spec", _CHART_SOURCES[kind]))
        elif kind == "Rollout" and is_name(name):
            key = text_at(item, "spec", "workloadRef", "kind"), text_at(item, "spec", "workloadRef", "name")
            self.rollouts[str(key[0]), str(key[1])] = str(name)
        elif kind == "PodDisruptionBudget" and path not in self.budgets[-1:]:
            self.budgets.append(path)

    def nameless(self, key: Key) -> str:
        """Why a workload that files declare may be in no build: no kustomization names these files."""
        for path in self.declared.get(key, ()):
            if not self.roots_of(path) and not self.is_loose(path):
                folder = path
                while folder := folder.rpartition("/")[0]:
                    if folder in self._broken:
                        return f"{self._broken[folder]} in {folder}"
                return f"no kustomization that is built names {path}"
        return ""


def _append(of: dict[Key, list[str]], key: Key, path: str) -> None:
    paths = of.setdefault(key, [])
    if path not in paths[-1:]:
        paths.append(path)


def objects_among(documents: Iterable[object]) -> Iterator[object]:
    """The objects of some documents, also those inside lists."""
    queue = list(documents)
    for one in queue:
        items = member(one, "items")
        if text_at(one, "kind").endswith("List") and isinstance(items, list):
            queue += items
        elif isinstance(one, dict):
            yield one


def _renames(files: Mapping[str, Found], one: Kustomization) -> bool:
    """Whether a patch of a kustomization may change names."""
    for field in ("patches", "patchesJson6902"):
        for entry in one.items(field):
            if text_at(entry, "options", "allowNameChange"):
                return True
            text = text_at(entry, "patch")
            if path := text_at(entry, "path"):
                try:
                    found = files.get(resolved(one.folder, path))
                except Unavailable:
                    continue
                text = found.content.decode("utf-8", "replace") if isinstance(found, Source) else ""
            if _NAME_PATCH in text:
                return True
    return False
