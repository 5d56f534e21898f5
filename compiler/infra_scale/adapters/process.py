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
            env=_calm(),
            process_group=0 if is_group else None,
        ) as child:
            try:
                output, complaint = child.communicate(given, timeout=seconds)
            except BaseException:
                _end(child, is_group=is_group)
                raise
    except OSError as error:
        raise _unstarted(program, error) from error
    except subprocess.TimeoutExpired as error:
        message = f"{program} did not answer within {seconds:g} seconds"
        raise SlowProgramError(message, hint="try again") from error
    return Completed(child.returncode, output, complaint.decode("utf-8", "replace").strip())


class Dialogue:
    """A program that is asked again and again, and answers each time: to start it takes longer than to ask it."""

    def __init__(self, arguments: Sequence[str], *, folder: Path) -> None:
        """Start it in `folder`, in the C locale. Raises InfraScaleError when it cannot be started."""
        import subprocess  # noqa: PLC0415 (as above)

        try:
            self._child = subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
                arguments,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_calm(),
            )
        except OSError as error:
            raise _unstarted(arguments[0], error) from error

    def ask(self, question: bytes) -> bytes:
        """The first line of the answer, with its end; nothing where the program is gone."""
        if self._child.stdin is None or self._child.stdout is None:
            return b""
        with suppress(BrokenPipeError):
            self._child.stdin.write(question)
            self._child.stdin.flush()
        return self._child.stdout.readline()

    def more(self, size: int) -> bytes:
        """The next bytes of the answer; fewer where the program is gone."""
        return self._child.stdout.read(size) if self._child.stdout else b""

    def close(self) -> None:
        """End it."""
        self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()


def _calm() -> dict[str, str]:
    """The environment of a program that must ask nobody, and answer in the words that we know."""
    return inherited(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0")


def _unstarted(program: str, error: OSError) -> InfraScaleError:
    if isinstance(error, FileNotFoundError):
        return InfraScaleError(f"{program} is not installed", hint=f"install {program} and put it on the PATH")
    message = f"{program} cannot be run: {error.strerror}"  # not executable, or built for another machine
    return InfraScaleError(message, hint=f"see whether `{program}` runs in a shell")


def _end(child: "subprocess.Popen[bytes]", *, is_group: bool) -> None:
    import signal  # noqa: PLC0415 (as above)

    if is_group and sys.platform != "win32":
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def own_command() -> tuple[str, ...]:
    """How to run infra-scale as another process; -P keeps the current folder's files from being imported."""
    return (sys.executable, "-P", "-m", "infra_scale")
