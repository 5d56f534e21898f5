"""Run a program with a time limit and a predictable environment."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from infra_scale.adapters.environment import inherited
from infra_scale.errors import InfraScaleError


class SlowProgramError(InfraScaleError):
    """A program took too long, and was ended."""


class Completed(NamedTuple):
    """What a program left behind."""

    code: int
    output: bytes
    complaint: str
    """Standard error, decoded."""


def run(arguments: Sequence[str], *, folder: Path, given: bytes = b"", seconds: float) -> Completed:
    """Run a program in `folder` with `given` on standard input, in the C locale.

    Raises SlowProgramError after `seconds`, and InfraScaleError when it cannot be started.
    """
    program = arguments[0]
    try:
        done = subprocess.run(  # noqa: S603 (a list of arguments, never a shell)
            arguments,
            cwd=folder,
            input=given,
            capture_output=True,
            timeout=seconds,
            check=False,
            env=inherited(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0"),
        )
    except FileNotFoundError as error:
        message = f"{program} is not installed"
        raise InfraScaleError(message, hint=f"install {program} and put it on the PATH") from error
    except subprocess.TimeoutExpired as error:
        message = f"{program} did not answer within {seconds:g} seconds"
        raise SlowProgramError(message, hint="try again") from error
    return Completed(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())


def own_command() -> tuple[str, ...]:
    """How to run infra-scale as another process; -P keeps the current folder's files from being imported."""
    return (sys.executable, "-P", "-m", "infra_scale")
