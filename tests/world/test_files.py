"""The door to the disk, where a command cannot show what it does."""

import os
import sys
from pathlib import Path

import pytest

from infra_scale.adapters.disk import FilesError
from infra_scale.adapters.files import read_tree, write_changes
from infra_scale.model.filechange import FileChange
from infra_scale.model.source import Source
from support.repository import Repository

_UNTOLD = Path("/proc/sys/kernel/random/boot_id")


def _write(root: Path, path: str, content: bytes) -> None:
    write_changes(root, ["ops"], [FileChange(path, None, content)])


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 4])
def test_a_file_is_read_up_to_one_byte_more_than_the_limit_and_its_size_is_told(tmp_path: Path, limit: int) -> None:
    (tmp_path / "requests").mkdir()
    (tmp_path / "requests/web.yaml").write_bytes(b"abc")

    tree = read_tree(tmp_path, "requests", limit=limit)

    assert tree is not None
    assert tree == (Source("requests/web.yaml", b"abc"[: limit + 1], 3),)


@pytest.mark.skipif(sys.platform != "linux", reason="a file that has content and no size is a thing of Linux's /proc")
def test_a_file_that_claims_to_be_empty_is_read_to_its_end() -> None:
    tree = read_tree(_UNTOLD.parent.parent, "random", limit=1000)

    assert tree is not None
    found = {item.path: item for item in tree}
    content = _UNTOLD.read_bytes()
    assert found["random/boot_id"] == Source("random/boot_id", content, len(content))


def test_a_new_file_is_what_the_umask_makes_of_it(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        _write(tmp_path, "ops/plans/plan.yaml", b"a")
    finally:
        os.umask(before)

    assert (tmp_path / "ops/plans/plan.yaml").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "ops/plans").stat().st_mode & 0o777 == 0o750


def test_a_link_that_waits_where_an_unfinished_file_will_be_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (tmp_path / "root/ops").mkdir(parents=True)
    (tmp_path / f"root/ops/.plan.yaml.{os.getpid()}.infra-scale-tmp").symlink_to(victim)

    with pytest.raises(FilesError):
        _write(tmp_path / "root", "ops/plan.yaml", b"theirs")

    assert victim.read_bytes() == b"mine"
    _write(tmp_path / "root", "ops/plan.yaml", b"ours")
    assert (tmp_path / "root/ops/plan.yaml").read_bytes() == b"ours"


def test_a_file_where_a_folder_is_needed_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "ops").mkdir()
    (tmp_path / "ops/plans").write_bytes(b"mine")

    with pytest.raises(FilesError, match=r"cannot write ops/plans/plan\.yaml: Not a directory"):
        _write(tmp_path, "ops/plans/plan.yaml", b"a")

    assert (tmp_path / "ops/plans").read_bytes() == b"mine"


def test_a_folder_that_is_a_link_is_found_among_folders_that_are_none(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "ops/plans/a").mkdir(parents=True)
    (root / "ops/plans/b").symlink_to(tmp_path)
    changes = [FileChange(f"ops/plans/{folder}/c/plan.yaml", None, b"a") for folder in ("a", "a", "b")]

    with pytest.raises(FilesError, match="ops/plans/b is a symbolic link"):
        write_changes(root, ["ops"], changes)

    assert list((root / "ops/plans/a").iterdir()) == []


def test_folders_that_lie_too_deep_in_one_another_are_refused_before_they_are_too_many(repository: Repository) -> None:
    repository.tool("sh", "-c", "mkdir requests && cd requests && for i in $(seq 300); do mkdir a && cd a; done")

    done = repository.completed("compile", code=1)

    assert "requests/a/a/a/" in done.stderr
    assert "has more than 200 nested folders\n    help: move their files to a higher level" in done.stderr
