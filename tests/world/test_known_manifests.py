"""Manifests that have not changed since an earlier run are read only if something is built from them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from infra_scale.adapters import cache
from infra_scale.adapters.states.index import Index
from infra_scale.adapters.states.work_tree import WorkTree
from infra_scale.core.manifests.files import Read, read_files
from infra_scale.errors import InfraScaleError
from infra_scale.model.source import Source, Unread
from infra_scale.usecases.streaming.manifests import KnownManifests
from support.build_cases import WEB
from support.repository import Repository

_FILES = {"apps/web/kustomization.yaml": "resources: [web.yaml]\n", "apps/web/web.yaml": WEB}


@pytest.fixture
def committed(git_repository: Repository) -> Repository:
    for path, text in _FILES.items():
        git_repository.write(path, text)
    git_repository.git("add", ".")
    return git_repository


@contextmanager
def _known(root: Path, *, staged: bool = False) -> Iterator[KnownManifests]:
    with closing(Index(root, ()) if staged else WorkTree(root)) as state:
        yield KnownManifests(state, "staged-manifests" if staged else "manifests")


def _run(root: Path, *, staged: bool = False) -> list[str]:
    """A run; the paths that it has not read."""
    with _known(root, staged=staged) as known:
        read = _read(known)
        known.keep(read.kept())
        return sorted(path for path, one in read.files.items() if isinstance(one, Unread))


def _read(known: KnownManifests) -> Read:
    found = tuple(known.below("apps"))
    return read_files(found, known.facts)


@pytest.mark.parametrize("staged", [False, True])
def test_the_second_run_caches_what_the_third_does_not_read(committed: Repository, *, staged: bool) -> None:
    assert [_run(committed.root, staged=staged) for _ in range(3)] == [[], [], sorted(_FILES)]
    committed.write("apps/web/web.yaml", WEB.replace("web", "api"))
    committed.git("add", ".")
    assert _run(committed.root, staged=staged) == ["apps/web/kustomization.yaml"]


def test_a_file_that_may_have_changed_since_the_run_began_is_read_again(committed: Repository) -> None:
    with closing(WorkTree(committed.root)) as tree:
        for since, is_known in (((0, 0), False), (cache.probe(str(committed.root)), True)):
            marks = [mark for _, mark in tree.marked("apps", since)]
            assert [bool(mark) for mark in marks] == [is_known, is_known]
            read = [tree.read_marked(path, since, limit=1 << 20) for path in _FILES]
            assert [mark for _, mark in read] == marks
            assert [found.content.decode() for found, _ in read if isinstance(found, Source)] == [*_FILES.values()]


def test_a_file_that_changes_before_it_is_read_stops_the_run(committed: Repository) -> None:
    for _ in range(2):
        _run(committed.root)
    with _known(committed.root) as known:
        read = _read(known)
        committed.write("apps/web/web.yaml", WEB.replace("web", "api"))
        with pytest.raises(InfraScaleError, match=r"apps/web/web\.yaml changed during the run"):
            read.stream("apps/web/web.yaml")


def test_a_cache_of_another_version_is_ignored(committed: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        _run(committed.root)
    monkeypatch.setattr("infra_scale.usecases.streaming.manifests.program", lambda: b"another version")
    assert _run(committed.root) == []
    assert _run(committed.root) == sorted(_FILES)
