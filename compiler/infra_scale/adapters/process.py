"""Run a program with a time limit and a predictable environment."""

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from infra_scale.adapters.environment import inherited
from infra_scale.errors import InfraScaleError

if TYPE_CHECKING:
    import subprocess


_GROUP = None if sys.platform == "win32" else 0
"""A program and its children are one process group, which is killed as one."""


class SlowProgramError(InfraScaleError):
    """A program exceeded its time limit and was killed."""


class Completed(NamedTuple):
    """The result of a program."""

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
    environment: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program in `folder` (the current one) with `given` on standard input, in the C locale.

    Without an `environment` it gets ours. Its children are killed with it: a surviving child would keep the output pipe
    open. Raises SlowProgramError after `seconds`, and InfraScaleError if it cannot be started.
    """
    import subprocess  # noqa: PLC0415 (slow to import, and most compiles run no program)

    program = arguments[0]
    try:
        with subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
            arguments,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_calm() if environment is None else environment,
            process_group=_GROUP,
        ) as child:
            try:
                output, complaint = child.communicate(given, timeout=seconds)
            except BaseException:
                _end(child)
                raise
    except OSError as error:
        raise _unstarted(program, error) from error
    except subprocess.TimeoutExpired as error:
        raise too_slow(program, seconds) from error
    return Completed(child.returncode, output, complaint.decode("utf-8", "replace").strip())


class Dialogue:
    """A long-running program for several queries, because starting it takes longer than a query."""

    def __init__(
        self, arguments: Sequence[str], *, folder: Path, seconds: float, environment: Mapping[str, str]
    ) -> None:
        """Start it in `folder`; `seconds` is the limit of each answer. Raises InfraScaleError when it cannot start."""
        import subprocess  # noqa: PLC0415 (as above)

        self._program, self._seconds = arguments[0], seconds
        self._unread = b""
        try:
            self._child = subprocess.Popen(  # noqa: S603 (a list of arguments, never a shell)
                arguments,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env=environment,
                process_group=_GROUP,
            )
        except OSError as error:
            raise _unstarted(arguments[0], error) from error

    def ask(self, question: bytes) -> bytes:
        """The first line of the answer, with its end; empty if the program ended. Raises SlowProgramError."""
        if self._child.stdin is None:
            return b""
        with suppress(BrokenPipeError):
            self._child.stdin.write(question)
        deadline = time.monotonic() + self._seconds
        while b"\n" not in self._unread:
            if not self._read(deadline):
                return b""
        return self._taken(self._unread.index(b"\n") + 1)

    def more(self, size: int) -> bytes:
        """The next bytes of the answer; fewer if the program ended. Raises SlowProgramError."""
        deadline = time.monotonic() + self._seconds
        taken = bytearray(self._taken(size))
        while len(taken) < size and self._read(deadline):
            taken += self._taken(size - len(taken))
        return bytes(taken)

    def close(self) -> None:
        """End it."""
        _end(self._child)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _taken(self, size: int) -> bytes:
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken

    def _read(self, deadline: float) -> bool:
        """Read available bytes, or wait for some; False at the end."""
        if self._child.stdout is None:
            return False
        handle = self._child.stdout.fileno()
        if not _has_answer(handle, deadline):
            self.close()
            raise too_slow(self._program, self._seconds)
        more = os.read(handle, _AT_ONCE)
        self._unread += more
        return bool(more)


_AT_ONCE = 1 << 16


def _has_answer(handle: int, deadline: float) -> bool:
    """Whether a pipe has something to read, or its end, before the deadline."""
    if sys.platform == "win32":  # its pipes do not support select
        return True
    import select  # noqa: PLC0415 (only for a dialogue)

    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    return bool(waiting.poll(max(0.0, deadline - time.monotonic()) * 1000))


def _calm() -> dict[str, str]:
    """The environment of a program with untranslated output."""
    return inherited(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0")


def too_slow(program: str, seconds: float) -> SlowProgramError:
    """The error for a program that exceeded its time limit."""
    message = f"{Path(program).name} did not answer within {seconds:g} seconds"
    return SlowProgramError(message, hint="try again")


def _unstarted(program: str, error: OSError) -> InfraScaleError:
    program = Path(program).name
    if isinstance(error, FileNotFoundError):
        return InfraScaleError(f"{program} is not installed", hint=f"install {program} and put it on the PATH")
    message = f"{program} cannot be run: {error.strerror}"  # not executable, or built for another machine
    return InfraScaleError(message, hint=f"check whether `{program}` runs in a shell")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Kill a program and its children, unless it was waited for: then its id may be reused."""
    import signal  # noqa: PLC0415 (as above)

    if sys.platform != "win32" and child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def own_command() -> tuple[str, ...]:
    """How to run infra-scale as another process; -P keeps the current folder's files from being imported."""
    return (sys.executable, "-P", "-m", "infra_scale")
