"""What is no plain file is never waited for: a FIFO without another end would stop a command for ever."""

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from infra_scale.adapters import cache, files
from infra_scale.adapters.disk import FilesError
from infra_scale.cli.main import main
from support.repository import REQUEST, Repository
from support.shop import open_shop

_CACHE = ".artifacts/cache"


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the name of a socket may have 107 bytes
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(path.name)
    os.chdir(here)


_KINDS: dict[str, Callable[[Path], object]] = {
    "FIFO": os.mkfifo,
    "socket": _socket,
    "folder": Path.mkdir,
    "link to a FIFO": lambda path: path.symlink_to("../fifo"),
    "link to nowhere": lambda path: path.symlink_to("../../outside"),
}


@pytest.mark.parametrize("kind", _KINDS)
def test_what_is_no_plain_file_in_the_cache_folder_is_passed_over(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    monkeypatch.chdir(repository.root)
    repository.write("requests/web.yaml")
    repository.write(f"{_CACHE}/kept", "")
    os.mkfifo(repository.root / ".artifacts/fifo")
    names = ("unchanged", "pieces", "staged", ".pieces.1.infra-scale-tmp", ".gitignore")
    for name in names:
        _KINDS[kind](repository.root / _CACHE / name)
        os.utime(repository.root / _CACHE / name, (0, 0), follow_symlinks=False)
    before = {name: (repository.root / _CACHE / name).lstat().st_ino for name in names}

    assert [main(["compile"]) for _ in range(3)] == [0, 0, 0]

    assert capsys.readouterr().out.count("1 request: all plans are up to date; nothing found\n") == 2
    assert {name: (repository.root / _CACHE / name).lstat().st_ino for name in names} == before
    assert not (repository.root / "outside").exists()


def test_a_device_is_not_read_as_a_cache(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "FOLDER", "../../../../../../../../../../dev")

    assert cache.load(str(repository.root), "zero") is None


@pytest.mark.parametrize("command", [("compile",), ("compile", "--check"), ("validate",), ("diff", "HEAD")])
@pytest.mark.parametrize(
    "place",
    [
        "requests/shop/pipe.yaml",
        "ops/targets/pipe.yaml",
        "ops/clusters/eu-1/snapshot.yaml",
        "ops/plans/infra-scale/prod/shop/checkout/plan.yaml",
        "ops/rendered/infra-scale/eu-1/shop/kustomization.yaml",
        "app/pipe.yaml",
    ],
)
def test_a_pipe_where_a_file_belongs_is_never_waited_for(
    shop: Repository, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], place: str
) -> None:
    monkeypatch.chdir(shop.root)
    pipe = shop.root / place
    pipe.parent.mkdir(parents=True, exist_ok=True)
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)

    assert main([*command]) in (0, 1)


@pytest.fixture
def shop(git_repository: Repository, tmp_path: Path) -> Repository:
    """A shop whose manifests lie in app."""
    open_shop(git_repository)
    target = git_repository.read("ops/targets/prod.yaml")
    git_repository.write("ops/targets/prod.yaml", f"{target}manifests: [app]\n")
    git_repository.write("app/web.yaml", "kind: Deployment\n")
    return git_repository


def test_files_that_somebody_names_may_be_pipes_but_nobody_at_the_other_end_is_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    assert files.read_bytes(pipe) == b""
    for write in (files.append, files.write_output):
        with pytest.raises(FilesError, match=f"cannot write {pipe}"):
            write(pipe, b"text")


def test_a_pipe_with_another_end_is_read_and_written(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    files.write_output(Path(f"/dev/fd/{writing}"), b"some")
    files.append(Path(f"/dev/fd/{writing}"), b"thing")
    os.close(writing)

    assert files.read_bytes(Path(f"/dev/fd/{reading}")) == b"something"
    os.close(reading)


def test_commands_that_are_given_a_pipe_end_with_a_message(repository: Repository, tmp_path: Path) -> None:
    repository.write("requests/web.yaml", REQUEST)
    pipe = str(tmp_path / "pipe")
    os.mkfifo(pipe)

    event = repository.completed("comment", code=2, variables={"GITHUB_EVENT_PATH": pipe})
    saved = repository.completed("snapshot", "c1", "--from", pipe, "--captured-at", "2026-01-01T00:00:00Z", code=1)

    assert f"the event in {pipe} is not a pull request event" in event.stderr
    assert "nothing was written" in saved.stderr


def test_an_event_that_is_written_into_a_pipe_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, json.dumps({"pull_request": None}).encode())
    os.close(writing)

    assert json.loads(files.read_bytes(Path(f"/dev/fd/{reading}"))) == {"pull_request": None}
    os.close(reading)
