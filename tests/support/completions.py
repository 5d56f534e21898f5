"""The completion scripts, as shtab writes them from the parsers of all commands."""

import argparse
import re
from collections.abc import Mapping
from importlib import import_module
from typing import Final

import shtab

from infra_scale.cli.main import COMMANDS

SHELLS = ("bash", "zsh", "fish")

# File names of somebody's repository never reach `compgen -W`, `eval` or `( … )` here: all of these would run the name
# `$(…).yaml`. Only what can be a target's name is offered.
_TARGETS_BASH = r"""
# $1=the word so far; the targets of the nearest folder that has some
_infra_scale_targets() {
  local folder=$PWD name
  while [[ -n $folder && ! -d $folder/ops/targets ]]; do folder=${folder%/*}; done
  for name in "$folder"/ops/targets/*.yaml; do
    name=${name##*/} name=${name%.yaml}
    [[ $name == "$1"* && $name != *[!a-z0-9-]* ]] && printf '%s\n' "$name"
  done
}
"""

_TARGETS_ZSH = r"""
# the targets of the nearest folder that has some
_infra_scale_targets() {
  local folder=$PWD name
  local -a names
  while [[ -n $folder && ! -d $folder/ops/targets ]]; do folder=${folder%/*}; done
  for name in $folder/ops/targets/*.yaml(N:t:r); do
    [[ $name != *[^a-z0-9-]* ]] && names+=($name)
  done
  _wanted targets expl target compadd -a names
}
"""

_TARGETS_FISH = r"""
# the targets of the nearest folder that has some
function _infra_scale_targets
  set -l folder $PWD
  while test -n "$folder"; and not test -d "$folder/ops/targets"
    set folder (string replace -r '/[^/]*$' '' -- "$folder")
  end
  for file in "$folder"/ops/targets/*.yaml
    string match -r '^[a-z0-9-]+(?=\.yaml$)' -- (string replace -r '^.*/' '' -- "$file")
  end
end
"""

# Readline hands over `--target=prod` as three words.
_EQUALS_BASH = """
# Complete `--target=prod` as `--target prod`.
_infra_scale() {
  local line word words=()
  for word in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
    [[ $word == "=" ]] || words+=("$word")
  done
  word=${COMP_WORDS[COMP_CWORD]}
  words+=("${word#=}")
  COMP_WORDS=("${words[@]}")
  COMP_CWORD=$(( ${#words[@]} - 1 ))
  _shtab_infra_scale
}

complete -o bashdefault -F _infra_scale infra-scale
"""

_Complete = Mapping[str, str | Mapping[str, str]]

_TARGETS: Final[_Complete] = {
    "bash": "_infra_scale_targets",
    "zsh": "_infra_scale_targets",
    "fish": "(_infra_scale_targets)",
    "preamble": {"bash": _TARGETS_BASH, "zsh": _TARGETS_ZSH, "fish": _TARGETS_FISH},
}
_BY_METAVAR: Final[Mapping[str, _Complete]] = {"PATH": shtab.FILE, "FILE": shtab.FILE, "DIR": shtab.DIRECTORY}


def script(shell: str) -> str:
    """The completion script for a shell."""
    text = shtab.complete(_everything(), shell)
    text = re.sub(r"# Usage:\n(#.*\n)+", "# `infra-scale completion --help` says where it belongs.\n", text)
    if shell == "bash":
        text = _bash(text)
    elif shell == "zsh":
        text = _zsh(text)
    lines = (line.rstrip() for line in text.strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def _everything() -> argparse.ArgumentParser:
    """One parser with all commands below it."""
    made = argparse.ArgumentParser(prog="infra-scale")
    made.add_argument("--version", action="version", help="show the version", version="")
    commands = made.add_subparsers()
    for name, module in COMMANDS.items():
        command: argparse.ArgumentParser = import_module(module).parser()
        for action in command._actions:  # noqa: SLF001 (argparse has no public list, and shtab reads it too)
            _teach(action)
        summary = re.split(r"(?<=\.) ", " ".join((command.description or "").split()))[0]
        commands.add_parser(name, parents=[command], add_help=False, help=summary, description=summary)
    return made


def _teach(action: argparse.Action) -> None:
    """Say what completes an action's values; its choices come by themselves."""
    complete = _TARGETS if action.dest == "target" else _BY_METAVAR.get(str(action.metavar))
    if complete is not None:
        action.complete = complete  # type: ignore[attr-defined]  # where shtab looks
    if isinstance(action.metavar, str):
        action.metavar = action.metavar.replace(":", r"\:")  # zsh takes what follows a colon for a command


def _bash(text: str) -> str:
    """Completion of `--name=value`, and function names of our own: other tools bring shtab's in other versions."""
    text = re.sub(r"\b(?=_set_parser_|_set_new_|_shtab_(?!infra_scale))", "_shtab_infra_scale", text)
    body, registration, _ = text.rpartition("complete -o bashdefault")
    assert registration, "shtab registers its function in another way now"
    return body + _EQUALS_BASH


def _zsh(text: str) -> str:
    """Completion of `--name=value`, and of every PATH, not just the first."""
    text = re.sub(r'^( +"\*?--[\w-]+)(\[.*\]:)', r"\1=\2", text, flags=re.MULTILINE)
    return text.replace('"(*)::', '"*:')
