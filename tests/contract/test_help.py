"""What `infra-scale COMMAND --help` says, on terminals of any width."""

import re
from importlib import import_module

import pytest

from infra_scale.cli.main import COMMANDS
from infra_scale.cli.options import CommandParser
from support.repository import Repository
from support.screen import shown

_WIDTHS = (40, 60, 80, 120, 200)


def _parser(command: str) -> CommandParser:
    made: CommandParser = import_module(COMMANDS[command]).parser()
    return made


def _help(command: str, width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", str(width))
    return _parser(command).format_help()


def _is_one_word(line: str) -> bool:
    return len(line.removesuffix(" \\").removeprefix("    > ").split()) == 1


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("width", _WIDTHS)
def test_every_line_fits_unless_it_is_a_single_word(command: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _help(command, width, monkeypatch).splitlines()

    too_wide = [line for line in lines if len(line) > min(width, 100)]
    assert [line for line in too_wide if width >= 80 or not _is_one_word(line)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_options_stand_in_groups_and_examples_and_exit_codes_below(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped = _help(command, 80, monkeypatch)

    titles = re.findall(r"^(\w[\w ,]*):$", helped, re.MULTILINE)
    assert helped.isascii()
    assert not {"options", "positional arguments"} & set(titles)
    assert [title for title in titles if title in ("general", "examples", "exit codes")] == [
        "general",
        "examples",
        "exit codes",
    ]
    assert titles.index("general") > 0


@pytest.mark.parametrize("command", COMMANDS)
def test_the_usage_names_what_has_to_stand_where(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = _help(command, 80, monkeypatch).splitlines()[0]

    named = {"init": " [DIR]", "compile": " [PATH ...]", "validate": " [PATH ...]", "diff": " [BASE] [PATH ...]"}
    named |= {"new": " [NAME]", "snapshot": " CLUSTER", "explain": " [RULE]", "schema": " [NAME]"}
    named |= {"completion": " SHELL", "wire": " [PATH ...]", "apply": " [PLAN ...]", "rollback": " RUN|PLAN"}
    assert usage == f"usage: infra-scale {command} [OPTIONS]{named.get(command, '')}"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("width", _WIDTHS)
def test_an_example_is_still_one_command_for_a_shell_when_it_is_broken(
    command: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    helped = _help(command, width, monkeypatch)

    joined = re.sub(r" \\\n +", " ", helped)
    assert [line for line, _ in _parser(command).sections["examples"] if f"  {line}" not in joined] == []


def test_a_terminal_and_a_pipe_get_the_same_help(repository: Repository) -> None:
    on_a_terminal = shown(repository.root, "diff", "--help", columns=80)

    assert on_a_terminal == repository.run("diff", "--help")
    assert "usage: infra-scale diff [OPTIONS] [BASE] [PATH ...]\n" in on_a_terminal


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["compile", "--chekc"], "did you mean --check?"),
        (["compile", "--formt=json"], "did you mean --format?"),
        (["compile", "--nonsense"], "`infra-scale compile --help` lists the options"),
        (["compile", "--jobs", "0"], "`infra-scale compile --help` lists the options"),
        (["completion"], "`infra-scale completion --help` lists the options"),
        (["schema", "request"], "did you mean scale-request?"),
        (["schema", "prices"], "did you mean price-sheet?"),
        (["schema", "xyzzy"], "`infra-scale schema --help` lists the options"),
        (["compile", "--format", "jsn"], "did you mean json?"),
        (["publish", "-x"], "`infra-scale publish --help` lists the options"),
    ],
    ids=" ".join,
)
def test_wrong_usage_says_what_was_meant_or_where_to_look(
    repository: Repository, arguments: list[str], advice: str
) -> None:
    done = repository.completed(*arguments, code=2)

    assert done.stdout == ""
    assert done.stderr.splitlines()[1:] == [f"    help: {advice}"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_is_what_its_own_help_option_prints(repository: Repository, command: str) -> None:
    assert repository.run("help", command) == repository.run(command, "--help")


def test_help_of_an_unknown_command_suggests_the_nearest(repository: Repository) -> None:
    done = repository.completed("help", "complie", code=2)

    assert done.stderr.splitlines() == [
        "infra-scale: unknown command 'complie'",
        "    help: did you mean `infra-scale compile`?",
    ]
