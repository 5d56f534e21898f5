"""Run a program with a time limit and a predictable environment."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.adapters.environment import inherited
from infra_scale.errors import InfraScaleError

if TYPE_CHECKING:
    import subprocess


class SlowProgramError(InfraScaleError):
    """A program took too long, and was ended."""


class Completed(NamedTuple):
    """What a program left behind."""

    code: int
    output: bytes
    complaint: str
    """Standard error, decoded."""


def run(
    arguments: Sequence[str],
    *,
    folder: Path | None = None,
    given: bytes = b"",
    seconds: float,
    with_children: bool = False,
) -> Completed:
    """Run a program in `folder` (the current one) with `given` on standard input, in the C locale.

    With `with_children`, what it has started is ended with it: a child that outlives it holds on to its output, and
    would be waited for. Raises SlowProgramError after `seconds`, and InfraScaleError when it cannot be started.
    """
    import subprocess  # noqa: PLC0415 (slow to import, and most compiles run no program)

    program = arguments[0]
    is_group = with_children and sys.platform != "win32"
    try:
        with subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
            arguments,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=inherited(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0"),
            process_group=0 if is_group else None,
        ) as child:
            try:
                output, complaint = child.communicate(given, timeout=seconds)
            except BaseException:
                _end(child, is_group=is_group)
                raise
    except FileNotFoundError as error:
        message = f"{program} is not installed"
        raise InfraScaleError(message, hint=f"install {program} and put it on the PATH") from error
    except OSError as error:  # not executable, or built for another machine
        message = f"{program} cannot be run: {error.strerror}"
        raise InfraScaleError(message, hint=f"see whether `{program}` runs in a shell") from error
    except subprocess.TimeoutExpired as error:
        message = f"{program} did not answer within {seconds:g} seconds"
        raise SlowProgramError(message, hint="try again") from error
    return Completed(child.returncode, output, complaint.decode("utf-8", "replace").strip())


def _end(child: "subprocess.Popen[bytes]", *, is_group: bool) -> None:
    import signal  # noqa: PLC0415 (as above)

    if is_group and sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def own_command() -> tuple[str, ...]:
    """How to run infra-scale as another process; -P keeps the current folder's files from being imported."""
    return (sys.executable, "-P", "-m", "infra_scale")
