"""The generated files that a compile is compared with: in the work tree, in git's index, or in any other state."""

from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from pathlib import Path

from infra_scale.adapters import cache, git, objects
from infra_scale.adapters.states import work_tree
from infra_scale.adapters.states.index import Index
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.documents.header import origin
from infra_scale.core.generated.tree import contents
from infra_scale.core.syntax import limits
from infra_scale.model.filechange import ChangedPath
from infra_scale.model.names import GENERATED, PLANS
from infra_scale.model.source import EMPTY_FOLDER, OWN_REPOSITORY, SUBMODULE, UNFINISHED_FILE, Found, NotAFile, Source
from infra_scale.model.state import RepositoryState, Rest
from infra_scale.usecases.streaming.job import Bytes, Look

_LIMIT = limits.MAX_GENERATED_BYTES


class ReadOnly:
    """The generated files of a read-only state; see Generated."""

    cache = ""
    is_written = False

    def __init__(self, state: RepositoryState) -> None:
        self._state = state
        self._there = {item.path for folder in GENERATED for item in state.names(folder)}

    def look(self, path: str) -> Look:
        """See Generated."""
        return _look(self._state.content(path, limit=_LIMIT)) if path in self._there else _NOTHING

    def blob(self, path: str, content: Bytes) -> bytes:  # noqa: ARG002 (nothing is cached)
        """See Generated."""
        return content()

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """See Generated."""
        return Rest(tuple(_besides(self._state, wanted, passed_over)))

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:  # noqa: ARG002
        """See Generated."""
        return tuple(unexpected)

    def is_in_step(self, path: str, content: bytes | None) -> bool:  # noqa: ARG002 (nothing is written)
        """See Generated."""
        return True

    def left_out_of(self, changes: Iterable[ChangedPath]) -> list[str]:  # noqa: ARG002
        """See Generated."""
        return []

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:  # noqa: ARG002
        """See Generated."""
        return ()


class InWorkTree:
    """The generated files on disk, and those that a sparse checkout left in the index; see Generated."""

    cache = "requests"
    is_written = True

    def __init__(self, tree: WorkTree) -> None:
        self._tree = tree

    def look(self, path: str) -> Look:
        """See Generated."""
        return _look(self._tree.content(path, limit=_LIMIT))

    def blob(self, path: str, content: Bytes) -> bytes:  # noqa: ARG002 (only the content identifies it)
        """See Generated."""
        return cache.digest(content())

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """See Generated."""
        left_out = self._tree.left_out
        here = work_tree.rest(self._tree.root, GENERATED, wanted, passed_over=passed_over, limit=_LIMIT)
        more = (
            left_out.content(item.path, limit=_LIMIT)
            for folder in GENERATED
            for item in left_out.names(folder)
            if hash(item.path) not in wanted and hash(item.path.rpartition("/")[0]) not in passed_over
        )
        return here._replace(found=(*here.found, *(item for item in more if item)))

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:
        """See Generated. Empty folders and files of an interrupted run count only if they are tracked."""
        root = self._tree.root
        found = (*unexpected, *(NotAFile(path, UNFINISHED_FILE) for path in unfinished))
        doubtful = {item.path for item in found if isinstance(item, NotAFile) and item.what in _UNTRACKED}
        tracked = git.tracked(root, sorted({path.partition("/")[0] for path in doubtful})) if doubtful else ()
        places = _places([item for item in found if item.path not in doubtful])
        ignored = git.ignored(root, sorted({*places.values()})) if places else frozenset()
        uncounted = doubtful.difference(tracked) | {path for path, place in places.items() if place in ignored}
        counted = (item for item in found if item.path not in uncounted)
        return tuple(NotAFile(item.path, SUBMODULE) if _is_empty(item) else item for item in counted)

    def is_in_step(self, path: str, content: bytes | None) -> bool:  # noqa: ARG002 (it was compared with just that)
        """See Generated."""
        return False

    def left_out_of(self, changes: Iterable[ChangedPath]) -> list[str]:
        """See Generated."""
        left_out = self._tree.left_out
        return [one.path for one in changes if one.path in left_out] if left_out.is_possible else []

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:
        """See Generated."""
        return objects.assumed_unchanged(self._tree.root, paths)


class InIndex:
    """The staged files, and the work tree, because plans may not be staged yet; see Generated."""

    cache = "staged"
    is_written = False

    def __init__(self, root: Path, index: Index, requests: Set[str]) -> None:
        """`requests` are the paths of the staged requests."""
        self._root, self._index, self._requests = root, index, requests

    def look(self, path: str) -> Look:
        """See Generated."""
        if path in self._index:
            return _look(self._index.content(path, limit=_LIMIT))
        return Look(work_tree.content(self._root, path, limit=_LIMIT), None)

    def _is_ours(self, found: Found) -> bool:
        """Whether it is a plan of a staged request: it is deleted with its request."""
        if not isinstance(found, Source) or not found.path.startswith(f"{PLANS}/"):
            return False
        return origin(found.path, found.content) in self._requests

    def blob(self, path: str, content: Bytes) -> bytes:  # noqa: ARG002 (git has its id)
        """See Generated."""
        return self._index.blob(path)

    def is_in_step(self, path: str, content: bytes | None) -> bool:
        """See Generated."""
        found = work_tree.content(self._root, path, limit=_LIMIT)
        return (contents([found]).get(path) if found else None) == content

    def rest(self, wanted: Collection[int], passed_over: Collection[int]) -> Rest:
        """See Generated."""
        found = tuple(_besides(self._index, wanted, passed_over))
        known = {hash(item.path) for folder in GENERATED for item in self._index.names(folder)}
        here = work_tree.rest(self._root, GENERATED, {*wanted, *known}, passed_over=passed_over, limit=_LIMIT)
        others = [item for item in here.found if item.path not in self._index]
        ours = {item.path: item for item in others if self._is_ours(item)}
        beside = tuple(item for item in others if item.path not in ours)
        return Rest((*found, *ours.values()), here.unfinished, beside, frozenset(ours))

    def left_out_of(self, changes: Iterable[ChangedPath]) -> list[str]:
        """See Generated."""
        return [one.path for one in changes if self._index.is_left_out(one.path)] if self._index.leaves_out else []

    def assumed(self, paths: Sequence[str]) -> Sequence[str]:  # noqa: ARG002 (what the index has is what counts)
        """See Generated."""
        return ()

    def counted(self, unexpected: Iterable[Found], unfinished: Iterable[str]) -> tuple[Found, ...]:  # noqa: ARG002
        """See Generated. All of it is in the index."""
        return tuple(unexpected)


_UNTRACKED = (EMPTY_FOLDER, UNFINISHED_FILE)
_NOTHING = Look(None, None)


def _look(found: Found | None) -> Look:
    return Look(found, contents([found]).get(found.path) if found else None)


def _besides(state: RepositoryState, wanted: Collection[int], passed_over: Collection[int]) -> Iterator[Found]:
    for folder in GENERATED:
        for item in state.names(folder):
            is_wanted = hash(item.path) in wanted and isinstance(item, Source)
            if is_wanted or (passed_over and hash(item.path.rpartition("/")[0]) in passed_over):
                continue
            if content := state.content(item.path, limit=_LIMIT):
                yield content


def _places(found: Iterable[Found]) -> dict[str, str]:
    """The path to check with Git for each path: inside a nested repository, the folder of that repository."""
    found = tuple(found)
    repositories = (item for item in found if isinstance(item, NotAFile) and item.what == OWN_REPOSITORY)
    folders = sorted(item.path.rpartition("/")[0] for item in repositories)
    return {
        item.path: next((folder for folder in folders if item.path.startswith(f"{folder}/")), item.path)
        for item in found
    }


def _is_empty(item: Found) -> bool:
    return isinstance(item, NotAFile) and item.what == EMPTY_FOLDER
