"""A committed bare repository, whose config names programs, is never taken for the repository."""

import os
from pathlib import Path

import pytest

from infra_scale.adapters import git
from infra_scale.cli.main import main
from support.hostile_git import ATTRIBUTES, bare, started
from support.repository import REQUEST, Repository
from support.shop import open_shop

_COMMANDS = (
    ("compile",),
    ("compile", "--check"),
    ("compile", "--staged"),
    ("validate",),
    ("validate", "--staged"),
    ("diff", "HEAD"),
    ("diff",),
    ("doctor", "--offline"),
    ("init",),
    ("plan", "--workload", "Deployment:web:3", "--branch", "infra/x", "--apply"),
    ("comment", "--base", "HEAD"),
    ("new", "shop/new", "--workload", "Deployment:new:3"),
)
_RAW = (
    ("status",),
    ("diff", "HEAD"),
    ("log",),
    ("cat-file", "-p", "2" * 40),
)


@pytest.fixture
def shop(git_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A root below the top, with snapshots, whose age is judged by the newest commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    return open_shop(Repository(git_repository.root / "between/deploy"))


@pytest.mark.parametrize("place", [".", "ops", "..", "requests"])
def test_no_command_runs_a_program_of_a_bare_repository(
    shop: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """In the root, in a folder of it that is the current one, and between the root and the top."""
    bare(shop, place, tmp_path / "programs")
    monkeypatch.chdir(shop.root / place if place != ".." else shop.root)

    for command in _COMMANDS:
        main([*command])
        if command[0] != "plan":
            main([*command, "--root", str(shop.root)])

    assert started(tmp_path / "programs") == set()


def test_git_itself_would_run_them(git_repository: Repository, tmp_path: Path) -> None:
    """Else the tests here would prove nothing."""
    bare(git_repository, "deploy", tmp_path / "programs")

    for command in _RAW:
        git_repository.git("-C", "deploy", *command, code=None)

    assert {"core.fsmonitor", "promisor"} <= started(tmp_path / "programs")


@pytest.mark.parametrize("command", [("compile", "--check"), ("validate",), ("diff", "HEAD"), ("doctor", "--offline")])
def test_what_is_said_is_about_the_repository_around_it(
    git_repository: Repository, tmp_path: Path, command: tuple[str, ...]
) -> None:
    git_repository.write("deploy/requests/web.yaml")
    git_repository.write("deploy/.gitattributes", ATTRIBUTES)  # doctor reports what git itself reads there
    git_repository.run("compile", "--root", "deploy")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "request")
    expected = git_repository.run(*command, "--root", "deploy", code=None)

    bare(git_repository, "deploy", tmp_path / "programs")

    assert git_repository.run(*command, "--root", "deploy", code=None) == expected


def test_a_bare_repository_alone_is_no_repository(repository: Repository, tmp_path: Path) -> None:
    bare(repository, ".", tmp_path / "programs")
    repository.write("requests/web.yaml", REQUEST)

    done = repository.completed("compile", "--staged", code=1)

    assert "not in a git repository" in done.stderr
    assert started(tmp_path / "programs") == set()


@pytest.mark.parametrize("name", [".git", "deploy/.git", "deploy/.git/config", "deploy/.git/HEAD"])
def test_no_commit_can_bring_what_we_search_for(git_repository: Repository, name: str) -> None:
    """A pull request can add any file but `.git`: Git refuses it in an index, and in a checkout."""
    content = git_repository.write("content", "gitdir: ../bare\n")
    blob = git_repository.git("hash-object", "-w", str(content)).strip()

    refused = git_repository.tool("git", "update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", code=128)

    assert f"Invalid path '{name}'" in refused.stderr


@pytest.mark.parametrize("content", ["", "not a gitdir", "gitdir", "\0"])
def test_a_git_file_that_names_no_repository_is_passed_over(git_repository: Repository, content: str) -> None:
    git_repository.write("deploy/requests/web.yaml")
    git_repository.write("deploy/.git", content)

    assert git.top(git_repository.root / "deploy") == git_repository.root
