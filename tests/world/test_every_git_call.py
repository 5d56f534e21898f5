"""Every git that the compiler starts is started in one way: hardened, in the repository that was found, in time."""

import ast
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra_scale.adapters import commits, git, git_command
from infra_scale.cli.main import COMMANDS
from infra_scale.errors import InfraScaleError
from support.amounts import HANGS
from support.github_server import GitHubServer
from support.hostile_git import Call, Recorder, program
from support.repository import CHECKOUT, REQUEST, Repository
from support.shop import AS_OF, open_shop

_CONFIG = {
    "safe.bareRepository": "explicit",
    "core.fsmonitor": "false",
    "core.hooksPath": "/dev/null",
    "log.showSignature": "false",
    "protocol.allow": "never",
}
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_NAMING_PROGRAMS = {
    "GIT_EXTERNAL_DIFF",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_PROXY_COMMAND",
    "GIT_EDITOR",
    "GIT_SEQUENCE_EDITOR",
    "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR",
    "GIT_TRACE",
    "GIT_TRACE2_EVENT",
    "SSH_ASKPASS",
}
_NEVER_START_GIT = {"explain", "schema", "completion", "snapshot"}


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    """A git that notes how it is called."""
    return Recorder(tmp_path / "recorder")


def _refuse_soft(call: Call, top: Path) -> None:
    assert call.config.items() >= _CONFIG.items() or call.command in ("config", "rev-parse"), call
    assert {key: call.config[key] for key in _CONFIG if key != "core.hooksPath"}, call
    assert call.environment.items() >= _ENVIRONMENT.items(), call
    assert not _NAMING_PROGRAMS & call.environment.keys(), call
    assert call.environment["GIT_PAGER"] == "cat"
    assert "--no-pager" in call.arguments
    assert "--no-replace-objects" in call.arguments
    if call.command != "check-ref-format":
        assert f"--git-dir={top}/.git" in call.arguments, call
        assert f"--work-tree={top}" in call.arguments, call
    if call.command in ("diff", "diff-files", "log", "show"):
        assert {"--no-ext-diff", "--no-textconv"} <= set(call.arguments), call


def _commands() -> Iterator[tuple[str, ...]]:
    yield ("compile",)
    yield ("compile", "--as-of", AS_OF)
    yield ("compile",)
    yield ("compile",)
    yield ("compile", "--check")
    yield ("compile", "--staged")
    yield ("validate",)
    yield ("validate", "--staged")
    yield ("diff", "HEAD", "--as-of", AS_OF)
    yield ("diff", "no-such-branch")
    yield ("doctor", "--offline")
    yield ("init",)
    yield ("new", "shop/new", "--workload", "Deployment:new:3")
    yield ("plan", "--workload", "Deployment:web:3", "--branch", "infra/x")
    yield ("plan", "--workload", "Deployment:web:3", "--apply")
    yield ("comment", "--base", "HEAD")
    yield ("wire", "--dry-run")
    yield ("publish", "--dry-run")
    yield ("publish",)
    yield ("nightly",)
    yield ("apply", "--dry-run")
    yield ("rollback", "requests/shop/new.yaml")
    yield ("rbac",)


def test_every_git_call_of_every_command_is_hardened(
    git_repository: Repository, server: GitHubServer, recorder: Recorder
) -> None:
    shop = open_shop(git_repository)
    shop.write("requests/shop/empty.yaml", "")
    shop.write("ops/nightly.yaml", "tasks: [{name: plans, requests: requests}]\n")
    shop.git("add", "--all")
    shop.git("commit", "--quiet", "--message", "more")
    server.push(shop)
    shop.git("remote", "add", "origin", "https://git.example.com/shop")
    inherited = dict.fromkeys(_NAMING_PROGRAMS - {"GIT_TRACE2_EVENT"}, str(recorder.folder / "never"))
    variables = {**server.environment, **inherited, "PATH": recorder.path}
    seen: dict[str, set[str]] = {}

    for command in _commands():
        recorder.forget()
        shop.run(*command, code=None, variables=variables)
        calls = recorder.calls()
        seen.setdefault(command[0], set()).update(call.command for call in calls)
        for call in calls:
            _refuse_soft(call, shop.root)

    assert {name for name, commands in seen.items() if not commands} <= {"new", "wire", "rbac"}
    assert seen.keys() | _NEVER_START_GIT == COMMANDS.keys()
    everything = set().union(*seen.values())
    assert everything >= {"diff", "ls-files", "cat-file", "ls-tree", "log", "rev-parse", "check-ref-format"}, everything


def _starting(tree: ast.AST) -> Iterator[str]:
    """What a module has that can start a program, by the name of the function or module."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from {alias.name.partition(".")[0] for alias in node.names} & _LIBRARIES
            case ast.ImportFrom(module=str(module)):
                yield from {module.partition(".")[0]} & _LIBRARIES
            case ast.Attribute(attr=name) if name.startswith(_STARTERS):
                yield name
            case ast.Call(args=[ast.Tuple(elts=[ast.Constant(value="git"), *_]), *_]):
                yield "git as a program"


_LIBRARIES = {"subprocess", "git", "pty", "pexpect", "sh"}
_STARTERS = ("posix_spawn", "spawnv", "spawnl", "execv", "execl", "popen", "system", "startfile", "create_subprocess")


def test_nothing_else_starts_a_program() -> None:
    package = CHECKOUT / "compiler/infra_scale"
    found = {
        (file.relative_to(package).as_posix(), name)
        for file in package.rglob("*.py")
        for name in _starting(ast.parse(file.read_text(encoding="utf-8")))
    }

    assert found == {
        ("adapters/commits.py", "git"),
        ("adapters/process.py", "subprocess"),
    }


def test_git_is_asked_for_its_arguments_wherever_it_is_started() -> None:
    package = CHECKOUT / "compiler/infra_scale"
    users = {
        file.relative_to(package).as_posix()
        for file in package.rglob("*.py")
        if "git_command.program(" in file.read_text(encoding="utf-8")
    }

    assert users == {"adapters/git.py"}


def _signed(repository: Repository) -> None:
    """A commit with a signature that only gpg.program could judge."""
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--message", "requests")
    raw = repository.git("cat-file", "commit", "HEAD")
    head, _, message = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"
    repository.write("../signed", f"{head}\n{signature}\n\n{message}")
    made = repository.git("hash-object", "-t", "commit", "-w", "../signed").strip()
    repository.git("reset", "--quiet", "--hard", made)


def test_a_program_that_checks_signatures_is_not_run(git_repository: Repository, tmp_path: Path) -> None:
    git_repository.write("requests/web.yaml")
    _signed(git_repository)
    gpg = program(tmp_path, "gpg", marker=tmp_path / "markers")
    (tmp_path / "markers").mkdir()
    git_repository.git("config", "log.showSignature", "true")
    git_repository.git("config", "gpg.program", str(gpg))
    root = git_repository.root

    assert list(commits.last_changes(root, "HEAD", ["requests/web.yaml"])) == ["requests/web.yaml"]
    assert commits.committed_at(root, "HEAD") == git.newest_commit(root)
    assert list((tmp_path / "markers").iterdir()) == []
    git_repository.git("log", "-1")
    assert [file.name for file in (tmp_path / "markers").iterdir()] == ["gpg"]


def test_programs_of_the_users_own_config_are_not_run_either(git_repository: Repository, tmp_path: Path) -> None:
    """Which of them is run for which file, a `.gitattributes` of a pull request could decide."""
    git_repository.write("requests/web.yaml")
    git_repository.write("requests/empty.yaml", "")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "requests")
    (tmp_path / "markers").mkdir()
    for key in ("core.fsmonitor", "core.pager", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.clean"):
        git_repository.git("config", key, str(program(tmp_path, key, marker=tmp_path / "markers")))
    git_repository.write(".gitattributes", "* diff=x filter=x\n")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "7"))
    git_repository.git("-c", "filter.x.clean=cat", "-c", "core.fsmonitor=false", "add", "--all")
    git_repository.write("requests/web.yaml", REQUEST.replace("6", "8"))

    for command in (("compile", "--staged"), ("compile",), ("diff", "HEAD"), ("doctor", "--offline")):
        git_repository.run(*command, code=None)

    assert [file.name for file in (tmp_path / "markers").iterdir()] == []


_PATIENCE = 3.0


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git that never answers; its child outlives it unless both are ended."""
    folder = tmp_path / "hanging"
    folder.mkdir()
    script = folder / "git"
    script.write_text(f"#!/bin/sh\nsleep 600 & echo $! > {folder}/child\nwait\n")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    # Long enough for the script to start its child, however busy the machine is.
    monkeypatch.setattr(git_command, "SECONDS", _PATIENCE)
    return folder


def test_a_git_that_never_answers_is_ended_with_its_children(git_repository: Repository, hanging: Path) -> None:
    with pytest.raises(InfraScaleError, match=r"git did not answer within 3 seconds"):
        git.ask(git_repository.root, "rev-parse", "HEAD")

    assert _is_gone(hanging)


def test_a_git_that_never_answers_in_a_dialogue_is_ended_with_its_children(
    git_repository: Repository, hanging: Path
) -> None:
    dialogue = git.dialogue(git_repository.root, "cat-file", "--batch=%(objectsize)")

    with pytest.raises(InfraScaleError, match=r"git did not answer within 3 seconds"):
        dialogue.ask(b"0" * 40 + b"\n")

    assert _is_gone(hanging)


def test_a_git_that_never_answers_the_library_is_ended(git_repository: Repository, hanging: Path) -> None:
    with pytest.raises(InfraScaleError, match=r"git did not answer within 3 seconds"):
        commits._history(git.call(git_repository.root, "log"))  # noqa: SLF001 (the rest asks git by other ways)


def _is_gone(hanging: Path) -> bool:
    if not (hanging / "child").exists():  # it was ended before it had started one
        return True
    child = (hanging / "child").read_text().strip()
    state = Path(f"/proc/{child}/stat")
    for _ in range(HANGS * 10):  # what was killed takes a moment to be gone
        if not state.exists() or state.read_text().rpartition(") ")[2].startswith("Z"):
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("entry", ["", ".", "tools"])
def test_a_git_in_the_current_folder_is_never_run(
    git_repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    (tmp_path / "markers").mkdir()
    (git_repository.root / "tools").mkdir()
    program(git_repository.root / entry, "git", marker=tmp_path / "markers")
    git_repository.write("requests/web.yaml")
    path = f"{entry}{os.pathsep}{os.environ['PATH']}"

    git_repository.run("compile", "--staged", code=None, variables={"PATH": path})
    git_repository.run("comment", "--base", "HEAD", code=None, variables={"PATH": path})

    assert list((tmp_path / "markers").iterdir()) == []


def test_a_submodule_and_a_linked_work_tree_are_repositories_of_their_own(git_repository: Repository) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "requests")
    root = git_repository.root
    git_repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(root), "inner")
    git_repository.git("worktree", "add", "--quiet", "../linked")

    for place in (root / "inner", root.parent / "linked"):
        assert git.top(place / "requests") == place
        assert git.commit_of(place, "HEAD") == git.commit_of(root, "HEAD")


def test_a_repository_of_another_user_is_refused_unless_its_folder_is_declared_safe(
    git_repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an explicit --git-dir, git itself no longer looks at the owner."""
    root = git_repository.root
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert git.top(root) == root  # git knows better whose it is
    git._refuse_untrusted.cache_clear()  # noqa: SLF001 (as a new process)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    with pytest.raises(InfraScaleError, match="belongs to another user") as refused:
        git.top(root / "requests")

    assert refused.value.hint == f"if you trust it: git config --global --add safe.directory {root}"
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "safe.directory")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", str(root))
    assert git.top(root) == root
