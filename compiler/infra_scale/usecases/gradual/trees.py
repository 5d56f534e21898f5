"""What a run reads and compares with: the work tree as it lies, or what the next commit holds."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import NamedTuple, Protocol

from infra_scale.adapters import git, gradual, objects
from infra_scale.adapters.checkout import LeftOut
from infra_scale.adapters.gradual import Rest
from infra_scale.adapters.index import Index
from infra_scale.core.documents.header import origin
from infra_scale.core.generated.tree import contents
from infra_scale.core.syntax import limits
from infra_scale.errors import InfraScaleError
from infra_scale.model.filechange import Change
from infra_scale.model.names import GENERATED, PLANS
from infra_scale.model.source import EMPTY_FOLDER, OWN_REPOSITORY, UNFINISHED_FILE, Found, NotAFile, Source
from infra_scale.usecases.gradual.memory import digest


class Look(NamedTuple):
    """What is where a generated file belongs. Contents have the line ends that we write."""

    found: Found | None
    before: bytes | None
    """What a change is told against."""


class Tree(Protocol):
    """Where a run reads requests and what was generated from them."""

    @property
    def root(self) -> Path:
        """Where the work tree is."""

    @property
    def memory(self) -> str:
        """The name that the cache has for what was found here."""

    @property
    def is_written(self) -> bool:
        """Whether it holds what a run has written."""

    def names(self, folder: str) -> Iterator[Found]:
        """Everything below a folder, without content. Raises InfraScaleError."""

    def request(self, path: str) -> Source:
        """A request file that was there when its name was read. Raises InfraScaleError."""

    def asked(self, path: str) -> tuple[bytes, Callable[[], Source]]:
        """What stands for the bytes of a request, and a way to it. Raises InfraScaleError."""

    def look(self, path: str) -> Look:
        """What is at the path of a generated file. Raises InfraScaleError."""

    def mark(self, path: str, look: Callable[[str], Look]) -> bytes:
        """What stands for the bytes of a generated file, where `look` is known to be cheap the second time."""

    def has(self, path: str, content: bytes | None) -> bool:
        """Whether the work tree needs not be written to, to have a content at a path that the run says is changed.

        None: no file of ours or of anybody; what is no file at all stays.
        """

    def left_out_of(self, changes: Iterable[Change]) -> list[str]:
        """Paths of changed files that are in the index and not checked out, so that they cannot be changed here."""

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:
        """Those of some missing requests that the index assumes to be unchanged, as far as git says."""

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """What lies in the folders of generated files besides `wanted`, see gradual.rest. Raises InfraScaleError."""

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:
        """What counts of that, and of temporary files: what Git tracks or would add.

        Outside of a repository, every unexpected file does. Raises GitError.
        """


class Lying:
    """What is where the generated files of one request belong, each looked at when it is asked for."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._looks: dict[str, Look] = {}

    def look(self, path: str) -> Look:
        """See Tree."""
        if path not in self._looks:
            self._looks[path] = self._tree.look(path)
        return self._looks[path]

    def mark(self, path: str) -> bytes:
        """See Tree."""
        return self._tree.mark(path, self.look)

    def contents(self) -> dict[str, bytes]:
        """The contents of all files that were looked at."""
        return contents(look.found for look in self._looks.values() if look.found)


class WorkTree(NamedTuple):
    """The files as they lie, and those that are in the index and not checked out."""

    root: Path
    left_out: LeftOut
    memory: str = "pieces"
    is_written: bool = True

    def names(self, folder: str) -> Iterator[Found]:
        """See Tree."""
        more = tuple(self.left_out.names(folder))
        lying = gradual.names(self.root, folder)
        return iter(sorted((*lying, *more), key=lambda item: item.path)) if more else lying

    def request(self, path: str) -> Source:
        """See Tree."""
        return _there(self._content(path, limits.MAX_BYTES), path)

    def _content(self, path: str, limit: int) -> Found | None:
        return gradual.content(self.root, path, limit=limit) or self.left_out.content(path, limit=limit)

    def asked(self, path: str) -> tuple[bytes, Callable[[], Source]]:
        """See Tree."""
        source = self.request(path)
        return source.content, lambda: source

    def look(self, path: str) -> Look:
        """See Tree."""
        found = self._content(path, limits.MAX_GENERATED_BYTES)
        content = contents([found]).get(path) if found else None
        return Look(found, content)

    def mark(self, path: str, look: Callable[[str], Look]) -> bytes:
        """See Tree."""
        return digest(look(path).before or b"")

    def has(self, path: str, content: bytes | None) -> bool:  # noqa: ARG002 (it was compared with just that)
        """See Tree."""
        return False

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """See Tree."""
        limit = limits.MAX_GENERATED_BYTES
        lying = gradual.rest(self.root, GENERATED, wanted, passed_over=passed_over, limit=limit)
        more = (
            self.left_out.content(item.path, limit=limit)
            for folder in GENERATED
            for item in self.left_out.names(folder)
            if hash(item.path) not in wanted and hash(item.path.rpartition("/")[0]) not in passed_over
        )
        return lying._replace(found=(*lying.found, *(item for item in more if item)))

    def left_out_of(self, changes: Iterable[Change]) -> list[str]:
        """See Tree."""
        return [one.path for one in changes if one.path in self.left_out] if self.left_out.is_possible else []

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:
        """See Tree."""
        return objects.assumed_unchanged(self.root, paths)

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:
        """See Tree. An empty folder and what an interrupted run has left count only where they are tracked."""
        found = (*unexpected, *(NotAFile(path, UNFINISHED_FILE) for path in unfinished))
        doubtful = {item.path for item in found if isinstance(item, NotAFile) and item.what in _UNTRACKED}
        tracked = git.tracked(self.root, sorted({path.partition("/")[0] for path in doubtful})) if doubtful else ()
        asked = _asked_for([item for item in found if item.path not in doubtful])
        ignored = git.ignored(self.root, sorted({*asked.values()})) if asked else frozenset()
        uncounted = doubtful.difference(tracked) | {path for path, place in asked.items() if place in ignored}
        counted = (item for item in found if item.path not in uncounted)
        return tuple(NotAFile(item.path, _SUBMODULE) if _is_empty(item) else item for item in counted)


class Staged(NamedTuple):
    """What the next commit holds, with the work tree beside it: there, plans may lie that are not staged yet."""

    root: Path
    held: Index
    requests: Set[str]
    """The paths of those that are staged."""
    memory: str = "staged"
    is_written: bool = False

    def names(self, folder: str) -> Iterator[Found]:
        """See Tree."""
        return self.held.names(folder)

    def request(self, path: str) -> Source:
        """See Tree."""
        return _there(self.held.content(path, limit=limits.MAX_BYTES), path)

    def asked(self, path: str) -> tuple[bytes, Callable[[], Source]]:
        """See Tree."""
        return self.held.blob(path), lambda: self.request(path)

    def look(self, path: str) -> Look:
        """See Tree."""
        if path in self.held:
            found = self.held.content(path, limit=limits.MAX_GENERATED_BYTES)
            content = contents([found]).get(path) if found else None
            return Look(found, content)
        return Look(gradual.content(self.root, path, limit=limits.MAX_GENERATED_BYTES), None)

    def _is_ours(self, lying: Found) -> bool:
        """Whether it is a plan of a request that is staged: it goes with its request."""
        if not isinstance(lying, Source) or not lying.path.startswith(f"{PLANS}/"):
            return False
        return origin(lying.path, lying.content) in self.requests

    def mark(self, path: str, look: Callable[[str], Look]) -> bytes:  # noqa: ARG002 (git has told it with the name)
        """See Tree."""
        return self.held.blob(path)

    def has(self, path: str, content: bytes | None) -> bool:
        """See Tree."""
        lying = gradual.content(self.root, path, limit=limits.MAX_GENERATED_BYTES)
        return (contents([lying]).get(path) if lying else None) == content

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """See Tree."""
        found = list(self._staged(wanted, passed_over))
        known = {hash(item.path) for folder in GENERATED for item in self.held.names(folder)}
        lying = gradual.rest(
            self.root, GENERATED, {*wanted, *known}, passed_over=passed_over, limit=limits.MAX_GENERATED_BYTES
        )
        others = [item for item in lying.found if item.path not in self.held]
        ours = {item.path: item for item in others if self._is_ours(item)}
        beside = tuple(item for item in others if item.path not in ours)
        return Rest((*found, *ours.values()), lying.unfinished, beside, frozenset(ours))

    def left_out_of(self, changes: Iterable[Change]) -> list[str]:
        """See Tree."""
        return [one.path for one in changes if self.held.is_left_out(one.path)] if self.held.leaves_out else []

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 (what the index has is what counts)
        """See Tree."""
        return ()

    def _staged(self, wanted: Collection[int], passed_over: Collection[int]) -> Iterator[Found]:
        for folder in GENERATED:
            for item in self.held.names(folder):
                is_wanted = hash(item.path) in wanted and isinstance(item, Source)
                if is_wanted or (passed_over and hash(item.path.rpartition("/")[0]) in passed_over):
                    continue
                if content := self.held.content(item.path, limit=limits.MAX_GENERATED_BYTES):
                    yield content

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:  # noqa: ARG002 (lies in the work tree)
        """See Tree. All of it is in the index."""
        return tuple(unexpected)


_SUBMODULE = "a submodule"
_UNTRACKED = (EMPTY_FOLDER, UNFINISHED_FILE)


def _asked_for(found: Iterable[Found]) -> dict[str, str]:
    """What Git is asked about for each path: of a repository in the repository, only the folder is its business."""
    found = tuple(found)
    repositories = (item for item in found if isinstance(item, NotAFile) and item.what == OWN_REPOSITORY)
    folders = sorted(item.path.rpartition("/")[0] for item in repositories)
    return {
        item.path: next((folder for folder in folders if item.path.startswith(f"{folder}/")), item.path)
        for item in found
    }


def _is_empty(item: Found) -> bool:
    return isinstance(item, NotAFile) and item.what == EMPTY_FOLDER


def _there(found: Found | None, path: str) -> Source:
    if found is None or isinstance(found, NotAFile):
        message = f"{path} changed while it was read"
        raise InfraScaleError(message, hint="run the command again")
    return found
