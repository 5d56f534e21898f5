"""infra-scale completion."""

from collections.abc import Sequence
from pathlib import Path

from infra_scale.adapters import files
from infra_scale.cli import exit_codes, options, terminal

_SHELLS = ("bash", "zsh", "fish")
_SCRIPTS = Path(__file__).parent.parent / "completions"
"""Written by `make golden`: printing a file costs no library and no time."""

_DESCRIPTION = """\
Print a script that lets Tab complete commands and options. Create the folder
that it goes to first where it is missing; open a new shell afterwards."""

_EXAMPLES = (
    (
        "infra-scale completion bash > ~/.local/share/bash-completion/completions/infra-scale",
        "bash, with the package bash-completion",
    ),
    (
        "infra-scale completion zsh > ~/.zfunc/_infra-scale",
        "zsh, where ~/.zshrc has `fpath=(~/.zfunc $fpath)` before `autoload -Uz compinit && compinit`",
    ),
    ("infra-scale completion fish > ~/.config/fish/completions/infra-scale.fish", "fish"),
)
_CODES = (("0", "done"), ("2", "wrong usage"))


def run(arguments: Sequence[str]) -> int:
    """Run the command. Returns the exit code; raises FilesError."""
    shell: str = parser().parse_args(arguments).shell
    terminal.out(files.read_bytes(_SCRIPTS / f"infra-scale.{shell}").decode("utf-8").rstrip("\n"))
    return exit_codes.DONE


def parser() -> options.CommandParser:
    """The command's options."""
    made = options.parser("completion", description=_DESCRIPTION, examples=_EXAMPLES, codes=_CODES)
    made.add_argument_group("what is printed").add_argument(
        "shell", choices=_SHELLS, metavar="SHELL", help=f"one of {', '.join(_SHELLS)}"
    )
    return made
