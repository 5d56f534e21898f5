"""The same files are the same state, whether they are on disk, in git's index, in a commit or in memory."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from infra_scale.adapters.states.commit import Commit
from infra_scale.adapters.states.index import Index
from infra_scale.adapters.states.memory import Edited, Memory
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.model.names import GENERATED, REQUESTS, TARGETS
from infra_scale.model.source import Found, NotAFile, Source
from infra_scale.model.state import RepositoryState, read_folder
from support.repository import REQUEST, Repository

_LIMIT = 100
_FOLDERS = (REQUESTS, TARGETS, *GENERATED, "apps/base", "nowhere")


def _fill(repository: Repository) -> None:
    repository.write("requests/web.yaml")
    repository.write("requests/team/api.yml", REQUEST.replace("web", "api"))
    repository.write("requests/team-b/.draft.yaml", "hidden")
    repository.write("requests/large.yaml", b"#" * (10 * _LIMIT))
    (repository.root / "requests/link.yaml").symlink_to("web.yaml")
    repository.write("ops/targets/prod.yaml", "manifests: [apps/base]\n")
    repository.write(f"{GENERATED[0]}/prod/web/.hidden", "counts")
    repository.write("apps/base/web.yaml", "kind: Deployment\r\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "state")


@pytest.fixture
def states(git_repository: Repository) -> Iterator[dict[str, RepositoryState]]:
    _fill(git_repository)
    with ExitStack() as stack:
        commit = stack.enter_context(closing(Commit(git_repository.root, "HEAD")))
        tree = stack.enter_context(closing(WorkTree(git_repository.root)))
        index = stack.enter_context(closing(Index(git_repository.root, (REQUESTS,))))
        whole = [item for folder in _FOLDERS for item in read_folder(commit, folder, limit=100 * _LIMIT)]
        yield {
            "commit": commit,
            "work tree": tree,
            "index": index,
            "memory": Memory(reversed(whole), committed_at=commit.committed_at()),
            "edited": Edited(Memory(), _FOLDERS, Memory(whole)),
        }


def _seen(found: Found | None) -> object:
    """What a reader depends on: of a file that is too large, only that it is."""
    if isinstance(found, Source) and found.size > _LIMIT:
        return found.path, found.size
    return found


def test_every_state_of_the_same_files_reads_the_same(states: dict[str, RepositoryState]) -> None:
    read = {
        name: {folder: [_seen(item) for item in read_folder(state, folder, limit=_LIMIT)] for folder in _FOLDERS}
        for name, state in states.items()
    }

    expected = read.pop("commit")
    assert [getattr(item, "path", item) for item in expected[REQUESTS]] == [
        ("requests/large.yaml", 10 * _LIMIT),
        "requests/link.yaml",
        "requests/team/api.yml",
        "requests/web.yaml",
    ]
    assert expected[REQUESTS][1] == NotAFile("requests/link.yaml", "a symbolic link")
    assert len(expected[GENERATED[0]]) == 1
    assert expected["nowhere"] == []
    assert all(found == expected for found in read.values()), read


def test_nothing_is_at_a_path_without_a_file(states: dict[str, RepositoryState]) -> None:
    assert {name: state.content("requests/none.yaml", limit=_LIMIT) for name, state in states.items()} == dict.fromkeys(
        states
    )


def test_every_state_of_a_repository_has_the_time_of_its_newest_commit(states: dict[str, RepositoryState]) -> None:
    del states["edited"]

    times = {state.committed_at() for state in states.values()}

    assert len(times) == 1
    assert None not in times


def test_an_edited_state_has_only_the_edit_in_the_folders_that_it_replaces() -> None:
    web, api, prod = (Source(path, b"a: b", 4) for path in ("requests/web.yaml", "requests/api.yaml", "ops/targets/p"))

    state = Edited(Memory((web, prod)), (REQUESTS,), Memory((api,)))

    assert [*state.names(REQUESTS)] == [api]
    assert state.content("requests/web.yaml", limit=9) is None
    assert [*state.names(TARGETS)] == [prod]
