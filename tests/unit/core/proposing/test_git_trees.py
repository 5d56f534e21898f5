"""Ids of trees, held against those of git itself."""

import subprocess

import pytest

from infra_scale.core.proposing.git_trees import Entries, Read, blob_id, entries, entries_at, tree_with
from support.repository import Repository

_FILES = {
    "a": "one",
    "a.b/c": "two",  # git sorts a folder as if its name ended in a slash: a, a-b, a.b, a/…
    "a-b": "three",
    "ops/plans/infra-scale/prod/web/plan.yaml": "plan",
    "ops/README.md": "read me",
    "ü/ß": "four",
}


@pytest.fixture
def repository(git_repository: Repository) -> Repository:
    """Some files, one of them executable, and a link."""
    for path, content in _FILES.items():
        git_repository.write(path, content)
    (git_repository.root / "a").chmod(0o755)
    (git_repository.root / "link").symlink_to("a")
    return git_repository


def _tree(repository: Repository) -> str:
    repository.git("add", "--all")
    return repository.git("write-tree").strip()


def _read(repository: Repository) -> Read:
    def read(tree: str) -> Entries:
        command = ["git", "cat-file", "tree", tree]
        return entries(subprocess.run(command, cwd=repository.root, check=True, capture_output=True).stdout)

    return read


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"ops/plans/infra-scale/prod/web/plan.yaml": b"another"},
        {"new/deep/folder/file": b"x", "a/b": b"a file makes way for a folder"},
        {"ops/plans/infra-scale/prod/web/plan.yaml": None},
        {"ops": b"a folder makes way for a file"},
        {"a": None, "a.b/c": None, "is/not/there": None},
        {"a": b"no longer executable", "link": b"no longer a link"},
        dict.fromkeys((*_FILES, "link")),
    ],
    ids=["nothing", "change", "add", "delete with its folders", "folder to file", "delete", "modes", "delete all"],
)
def test_a_changed_tree_has_the_id_that_git_gives_it(repository: Repository, changes: dict[str, bytes | None]) -> None:
    before = _tree(repository)
    made = tree_with(_read(repository), before, changes)

    for path, content in changes.items():
        file = repository.root / path
        if content is None:
            file.unlink(missing_ok=True)
            continue
        for standing in (file, *file.parents):
            if standing.is_symlink() or standing.is_file():
                standing.unlink()
        if file.is_dir():
            repository.git("rm", "-r", "--quiet", "--force", path)
        repository.write(path, content)

    assert made.id == _tree(repository)


def test_what_a_tree_has_at_a_path_is_told_for_files_folders_and_nothing(repository: Repository) -> None:
    tree = _tree(repository)

    found = entries_at(_read(repository), tree, ["ops/README.md", "ops/plans", "ops/none/below", "a/below", "link"])

    modes = {path: entry and entry.mode for path, entry in found.items()}
    assert modes == {
        "ops/README.md": "100644",
        "ops/plans": "40000",
        "ops/none/below": None,
        "a/below": None,
        "link": "120000",
    }
    assert found["ops/README.md"] is not None
    assert found["ops/README.md"].id == blob_id(b"read me")
