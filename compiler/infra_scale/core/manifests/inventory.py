"""What the files of a target declare, and which kustomizations lead to which: known before anything is built."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from infra_scale.core.manifests.build import Builder, Known
from infra_scale.core.manifests.facts import (
    SUBSTITUTED,
    KustomizationFacts,
    facts_of_kustomization,
    patches_names,
)
from infra_scale.core.manifests.files import CHART, Read, Scoped, is_below
from infra_scale.core.manifests.outcome import Place, Reason, Refusal, Unavailable
from infra_scale.core.manifests.reading import KUSTOMIZATION_NAMES, Parsed, is_remote, resolved
from infra_scale.model.names import RENDERED
from infra_scale.model.source import NotAFile, Source

Key = tuple[str, str]
"""Kind and name."""


class Inventory:
    """The files of one set of manifest folders."""

    def __init__(self, read: Read, folders: tuple[str, ...]) -> None:
        self.read = read
        self.files = Scoped(read.files, folders)
        self.known = Known(Parsed(read.streams, {}), {}, {})
        """What the builders of these files share."""
        self.builder = Builder(self.files, empty=(RENDERED,), known=self.known)
        self.doubts: list[Reason] = []
        """Why there may be objects that are not known."""
        self.joined: dict[str, str] = {}
        """A kustomization that joins each Component of ours, by the folder of that."""
        self.declared: dict[Key, list[str]] = {}
        """The files that declare each workload."""
        self.aimed_at: dict[Key, list[str]] = {}
        """The files with an autoscaler of each workload."""
        self.releases: dict[Key, list[str]] = {}
        """The files that declare each HelmRelease."""
        self.charts: dict[Key, str] = {}
        """The path or URL of the chart of each object that a HelmRelease may name."""
        self.rollouts: dict[Key, str] = {}
        """The Argo Rollout that takes its pods from each workload."""
        self.budgets: list[str] = []
        """The files with a budget."""
        self.outer: dict[str, list[str]] = {}
        """The folders of the kustomizations that name each file or folder."""
        self._kustomizations: dict[str, KustomizationFacts] = {}
        renaming = self._read_kustomizations()
        self.not_followed = tuple(self.doubts)
        """Why parts of kustomizations are not known."""
        self.renaming = frozenset(root for folder in renaming for root in self.roots_of(folder))
        """The roots that may build an object under another name or kind than its file has."""
        self._read_objects()

    @cached_property
    def roots(self) -> frozenset[str]:
        """The folders whose kustomization no other names."""
        found = self._kustomizations.items()
        return frozenset(folder for folder, one in found if folder not in self.outer and not one.is_component)

    def declaring(self, kind: str, name: str) -> Sequence[str]:
        """The files that declare a workload or a HelmRelease."""
        files = self.releases if kind == "HelmRelease" else self.declared
        return files.get((kind, name), ())

    def roots_of(self, path: str) -> set[str]:
        """The roots that a file or folder is part of."""
        return self.leading_to(path) & self.roots

    def leading_to(self, path: str) -> set[str]:
        """A file or folder, and all kustomizations that it is part of."""
        seen, queue = {path}, [path]
        for one in queue:
            new = [outer for outer in self.outer.get(one, ()) if outer not in seen]
            seen.update(new)
            queue += new
        return seen

    def may_be_in(self, root: str, namespace: str) -> bool:
        """Whether a root may build objects of a namespace: its own `namespace` overrides all others."""
        one = self._kustomizations[root]
        return not (one.is_last and one.namespace not in ("", namespace) and SUBSTITUTED not in one.namespace)

    def is_loose(self, path: str) -> bool:
        """Whether no kustomization decides about a file."""
        if path in self.outer or is_below(path, self.read.charts):
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
                one = self._kustomization(folder)
            except (Refusal, Unavailable) as error:
                self._broken[folder] = str(error)
                path = next(path for name in KUSTOMIZATION_NAMES if (path := f"{folder}/{name}") in self.files)
                if not self.read.is_faulty(path):
                    self.doubts.append(Reason(str(error), Place(path)))
                continue
            self._kustomizations[folder] = one
            self._note_names(folder, one)
            if one.renames or any(self._may_rename(folder, path) for path in one.patches):
                renaming.add(folder)
        return renaming

    def _kustomization(self, folder: str) -> KustomizationFacts:
        """The kustomization of a folder. Raises Refusal, Unavailable."""
        path = self.builder.kustomization_of(folder)
        facts = self.read.facts.get(path)
        if facts and facts.kustomization:
            return facts.kustomization
        found = facts_of_kustomization(self.builder.kustomization(folder))
        if facts:
            self.read.facts[path] = facts._replace(kustomization=found)
        return found

    def _may_rename(self, folder: str, text: str) -> bool:
        """Whether a file with a patch may change names."""
        try:
            path = resolved(folder, text)
        except Unavailable:
            return False
        found, facts = self.files.get(path), self.read.facts.get(path)
        if facts is None or not isinstance(found, Source):
            return isinstance(found, Source) and patches_names(found.content)
        return facts.patches_names

    def _note_names(self, folder: str, one: KustomizationFacts) -> None:
        for field, index, text in one.names:
            place = Place(one.path, 0, (field, index))
            try:
                target = resolved(folder, text)
            except Unavailable as error:
                self.doubts.append(Reason(str(error), place))
                continue
            self.outer.setdefault(target, []).append(folder)
            if field == "components" and target.startswith(f"{RENDERED}/"):
                self.joined.setdefault(target, one.path)
            elif reason := self._unseen(target, text):
                self.doubts.append(Reason(reason, place))
        for field in one.adding:
            self.doubts.append(Reason(f"{field} are not run", Place(one.path, 0, (field,))))

    def _unseen(self, target: str, text: str) -> str:
        """Why the objects of a resource are not known; empty if they are, or if a build refuses it."""
        found = self.files.get(target)
        if isinstance(found, NotAFile) and not (is_remote(text)):
            return f"{target} is {found.what}"
        is_there = found is not None or any(f"{target}/{name}" in self.files for name in KUSTOMIZATION_NAMES)
        return f"{text} is remote" if is_remote(text) and (isinstance(found, NotAFile) or not is_there) else ""

    def _read_objects(self) -> None:
        for path in self.files:
            facts = self.read.facts.get(path)
            if facts:
                for note in facts.notes:
                    self._note_object(path, *note)
            elif self.read.is_faulty(path) and (self.is_loose(path) or path.rpartition("/")[2] in KUSTOMIZATION_NAMES):
                self.doubts.append(Reason(f"{path} could not be read", Place(path)))
        for path, found in self.files.items():
            if isinstance(found, NotAFile):
                self.doubts.append(Reason(f"{path} is {found.what}", Place(path)))
        chart = (one for one in self.read.charts if f"{one}/{CHART}" in self.files)
        self.doubts += (Reason(f"{one} is a Helm chart", Place(f"{one}/{CHART}")) for one in chart)

    def _note_object(self, path: str, what: str, *names: str) -> None:
        if what == "declared":
            _append(self.declared, (names[0], names[1]), path)
        elif what == "substituted":
            self.doubts.append(Reason(f"Flux substitutes the name of a {names[0]} in {path}", Place(path)))
        elif what == "aimed":
            _append(self.aimed_at, (names[0], names[1]), path)
        elif what == "release":
            _append(self.releases, (names[0], names[1]), path)
        elif what == "chart":
            self.charts[names[0], names[1]] = names[2]
        elif what == "rollout":
            self.rollouts[names[0], names[1]] = names[2]
        elif path not in self.budgets[-1:]:
            self.budgets.append(path)

    def delivering(self) -> Iterator[str]:
        """The files that may declare what Argo CD or Flux builds."""
        return (path for path in self.files if (facts := self.read.facts.get(path)) and facts.delivers)

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
