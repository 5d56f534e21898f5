"""Completion as shells do it, with the script that the command prints."""

import shutil
import subprocess

import pytest

from support import completions
from support.repository import CHECKOUT, Repository

_SCRIPTS = CHECKOUT / "compiler/infra_scale/completions"

# What readline does when Tab is pressed after the last word, and what it would then offer.
_BASH = """
source <(infra-scale completion bash)
[[ $(complete -p infra-scale) == *" -F _infra_scale infra-scale" ]] || exit 1
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_infra_scale
printf '%s\\n' "${COMPREPLY[@]}"
"""


def _bash(repository: Repository, *words: str) -> list[str]:
    return repository.tool("bash", "--norc", "-c", _BASH, "bash", "infra-scale", *words).stdout.split()


def _installed(shell: str) -> str:
    path = shutil.which(shell)
    if path is None:
        pytest.skip(f"{shell} is not installed here")
    return path


def _fish(repository: Repository, line: str) -> list[str]:
    ask = 'infra-scale completion fish | source; complete -C "$argv[1]"'
    offers = repository.tool(_installed("fish"), "--no-config", "-c", ask, line).stdout
    return [offer.split("\t")[0] for offer in offers.splitlines()]


@pytest.fixture
def targets(repository: Repository) -> Repository:
    """A repository with two targets, and with files that are none."""
    for name in ("prod.yaml", "staging.yaml", "README.md", "$(touch executed).yaml", "a;b.yaml"):
        repository.write(f"ops/targets/{name}", "")
    repository.write("requests/web.yaml")
    return repository


@pytest.mark.parametrize("shell", completions.SHELLS)
def test_the_scripts_know_every_command_and_option_there_is(shell: str, refresh: bool) -> None:
    committed = _SCRIPTS / f"infra-scale.{shell}"

    fresh = completions.script(shell)

    if refresh:
        committed.write_text(fresh, encoding="utf-8")
    assert committed.read_text(encoding="utf-8") == fresh, "a command has changed: run `make golden`"


@pytest.mark.parametrize("shell", completions.SHELLS)
def test_the_command_prints_the_script_and_nothing_else(repository: Repository, shell: str) -> None:
    done = repository.completed("completion", shell)

    assert done.stdout == (_SCRIPTS / f"infra-scale.{shell}").read_text(encoding="utf-8")
    assert done.stderr == ""
    assert str(CHECKOUT) not in done.stdout


def test_another_shell_is_wrong_usage_that_names_the_known_ones(repository: Repository) -> None:
    done = repository.completed("completion", "tcsh", code=2)

    assert "'bash', 'zsh', 'fish'" in done.stderr


@pytest.mark.parametrize("shell", completions.SHELLS)
def test_the_shell_itself_accepts_the_script(shell: str) -> None:
    done = subprocess.run(
        [_installed(shell), "-n", _SCRIPTS / f"infra-scale.{shell}"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_bash_completes_commands(repository: Repository) -> None:
    offered = _bash(repository, "com")

    assert offered == ["compile", "comment", "completion"]


def test_bash_completes_options(repository: Repository) -> None:
    offered = _bash(repository, "compile", "--ta")

    assert offered == ["--target"]


def test_bash_completes_the_choices_of_an_option(repository: Repository) -> None:
    offered = _bash(repository, "compile", "--format", "")

    assert offered == ["text", "concise", "json", "github", "gitlab", "junit", "sarif"]


def test_bash_completes_the_choices_of_an_argument(repository: Repository) -> None:
    offered = _bash(repository, "completion", "")

    assert offered == ["bash", "zsh", "fish"]


def test_bash_completes_the_targets_of_this_repository(targets: Repository) -> None:
    offered = _bash(targets, "compile", "--target", "")

    assert offered == ["prod", "staging"]
    assert not (targets.root / "executed").exists()


def test_bash_completes_what_follows_an_equals_sign(targets: Repository) -> None:
    """Readline takes `=` for a word of its own."""
    right_after = _bash(targets, "compile", "--target", "=")
    in_the_word = _bash(targets, "compile", "--target", "=", "st")
    in_the_next = _bash(targets, "compile", "--target", "=", "prod", "--format", "=", "gith")

    assert (right_after, in_the_word, in_the_next) == (["prod", "staging"], ["staging"], ["github"])


def test_bash_completes_every_path_of_several(targets: Repository) -> None:
    offered = _bash(targets, "compile", "requests/web.yaml", "requests/w")

    assert offered == ["requests/web.yaml"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("infra-scale com", ["comment", "compile", "completion"]),
        ("infra-scale compile --ta", ["--target"]),
        ("infra-scale compile --format ", ["text", "concise", "json", "github", "gitlab", "junit", "sarif"]),
        ("infra-scale compile --target ", ["prod", "staging"]),
        ("infra-scale compile --target=s", ["--target=staging"]),
        ("infra-scale compile requests/web.yaml requests/w", ["requests/web.yaml"]),
    ],
)
def test_fish_completes_the_same(targets: Repository, line: str, expected: list[str]) -> None:
    offered = _fish(targets, line)

    assert sorted(offered) == sorted(expected)
    assert not (targets.root / "executed").exists()
