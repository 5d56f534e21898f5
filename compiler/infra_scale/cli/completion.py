"""infra-scale completion."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from infra_scale.adapters import files
from infra_scale.cli import exit_codes, options, terminal

_SHELLS = ("bash", "zsh", "fish")
_SCRIPTS = Path(__file__).parent.parent / "completions"
"""Written by `make golden`: printing a file costs no library and no time."""

_EXAMPLES = """\
  bash, with the package bash-completion:
    infra-scale completion bash > ~/.local/share/bash-completion/completions/infra-scale
  zsh, where ~/.zshrc has `fpath=(~/.zfunc $fpath)` before `autoload -Uz compinit && compinit`:
    infra-scale completion zsh > ~/.zfunc/_infra-scale
  fish:
    infra-scale completion fish > ~/.config/fish/completions/infra-scale.fish

create the folder first where it is missing; open a new shell afterwards"""


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises FilesError."""
    shell: str = parser().parse_args(arguments).shell
    terminal.out(files.read_bytes(_SCRIPTS / f"infra-scale.{shell}").decode("utf-8").rstrip("\n"))
    return exit_codes.DONE


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = options.parser(
        "completion", description="Print a script that lets Tab complete commands and options.", examples=_EXAMPLES
    )
    made.add_argument("shell", choices=_SHELLS, metavar="SHELL", help=f"one of {', '.join(_SHELLS)}")
    return made
