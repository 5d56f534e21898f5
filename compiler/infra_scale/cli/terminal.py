"""The only module that prints: plain data to stdout, everything else to stderr, colour for people only."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Literal, TextIO

from infra_scale.adapters import clock
from infra_scale.adapters.environment import environment
from infra_scale.errors import InfraScaleError

Style = Literal["bold", "red", "yellow", "green", "blue", "dim"]


class OutputError(InfraScaleError):
    """Standard output does not take what is written to it."""


class ReaderGone(Exception):  # noqa: N818 (no error: whoever read our output has seen enough)
    """Nobody reads standard output any more."""


_CODES: dict[Style, str] = {"bold": "1", "red": "31", "yellow": "33", "green": "32", "blue": "34", "dim": "2"}


def prepare() -> None:
    """Make any text printable: UTF-8 into pipes and files in every locale, escapes where a terminal cannot show it."""
    # A stream that the caller has closed is None: what would be said is then nobody's business.
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def out(text: str = "") -> None:
    """One line of the result. Raises OutputError."""
    _line.erase()
    with _output():
        print(text)


def flush() -> None:
    """Let everything out, while there is somebody to tell that it failed. Raises OutputError."""
    with _output():
        if sys.stdout:  # it is given up once it has refused something
            sys.stdout.flush()


def err(text: str) -> None:
    """Something for the person in front of the terminal, in its width."""
    _line.erase()
    with suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()  # where both streams are one, as in a hook, it comes behind what it is about
    print(fitted(text, stream=sys.stderr), file=sys.stderr)


def command(text: str) -> None:
    """A command for that person to copy: broken as shells take it, if at all."""
    from infra_scale.cli.wrapping import command_lines  # noqa: PLC0415 (only where there is a next step)

    room = _room(sys.stderr) or len(text) + len(_MARGIN)
    print("\n".join(command_lines(text, room, first=_MARGIN)), file=sys.stderr)


def quote(line: str) -> None:
    """A line of a file for that person to copy: as it is."""
    print(f"{_MARGIN}{line}", file=sys.stderr)


def fitted(text: str, *, stream: TextIO | None = None) -> str:
    """`text` with its long lines broken at spaces, where the stream (standard output) is a terminal: it would break
    them in the middle of words. Programs get whole lines.
    """
    room = _room(stream or sys.stdout)
    lines = text.split("\n")
    if not room or (text.isascii() and max(map(len, lines)) <= room):
        return text
    from infra_scale.cli.wrapping import hanging  # noqa: PLC0415 (only for long lines on a terminal)

    return "\n".join(part for line in lines for part in hanging(line, room))


def _room(stream: TextIO) -> int:
    """Columns of a terminal; 0 for what is none, or does not know."""
    if not stream.isatty():
        return 0
    columns = environment().columns or _columns(stream)
    return max(_NARROWEST, columns) if columns else 0


def _columns(stream: TextIO) -> int:
    with suppress(OSError, ValueError):
        return os.get_terminal_size(stream.fileno()).columns
    return 0


_MARGIN = "    "
_NARROWEST = 40
"""Below, it is left to the terminal to break lines."""


def styled(text: str, style: Style, *, stream: TextIO | None = None) -> str:
    """`text` in a colour, where the stream (standard output) is a terminal that knows colours."""
    to = stream or sys.stdout
    if not to.isatty() or environment().no_color:
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def has_colour() -> bool:
    """Whether standard output is a terminal that knows colours, and NO_COLOR is not set."""
    return sys.stdout.isatty() and not environment().no_color


def width(*, elsewhere: int = 100) -> int:
    """Columns of the terminal; as COLUMNS says, else `elsewhere`, where there is none."""
    return _width(sys.stdout, elsewhere)


def width_aside() -> int:
    """The same for what goes to standard error."""
    return _width(sys.stderr, 100)


def _width(stream: TextIO, elsewhere: int) -> int:
    known = environment().columns or (_columns(stream) or 80 if stream.isatty() else elsewhere)
    return max(_NARROWEST, known)


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def read_line(prompt: str) -> str:
    """One line from the person in front of the terminal. Raises KeyboardInterrupt also when the input ends."""
    try:
        return input(prompt)
    except EOFError:
        raise KeyboardInterrupt from None


def read_bytes() -> bytes:
    """All of standard input. Raises OutputError where there is none."""
    if sys.stdin is None:
        message = "there is no standard input"
        raise OutputError(message, hint="name a file")
    return sys.stdin.buffer.read()


@contextmanager
def progress(verb: str) -> Iterator[Callable[[str, int, int], None]]:
    """The same line as `counting`, for one verb: call it with name, done and total."""
    with counting() as count:

        def watch(name: str, done: int, total: int) -> None:
            if count:
                count(f"{verb} {name}", done, total)

        yield watch


@contextmanager
def counting() -> Iterator[Callable[[str, int, int], None] | None]:
    """A line on standard error for what takes more than a second, for people only: call it with verb, done and total.

    It is erased before anything else is printed, and at the end, whatever that is.
    """
    if not _is_watched():
        yield None
        return
    started = shown = clock.monotonic()

    def count(verb: str, done: int, total: int) -> None:
        nonlocal shown
        now = clock.monotonic()
        if now - started >= _PATIENCE and now - shown >= _A_GLANCE:
            shown = now
            filled = "#" * (_BAR * done // max(1, total))
            _line.show(f"{verb} [{filled:<{_BAR}}] {done:,} of {total:,}")

    try:
        yield count
    finally:
        _line.erase()


def _is_watched() -> bool:
    """Whether a person looks at both streams: in CI, or with standard output in a pipe, a program reads one of them."""
    known = environment()
    return sys.stderr.isatty() and sys.stdout.isatty() and not known.no_color and not known.in_ci


class _Line:
    """The line of progress: written over with blanks, because readers of logs know no code for erasing.

    The runner of GitHub Actions takes colours out of a line; of ESC[K it leaves the K, in front of what comes next.
    """

    def __init__(self) -> None:
        self._width = 0

    def show(self, text: str) -> None:
        """Write `text` in the place of what is there, as far as the terminal has room."""
        fitting = text[: width_aside() - 1]
        self._write(fitting.ljust(self._width))
        self._width = len(fitting)

    def erase(self) -> None:
        """Leave an empty line, if there is anything."""
        if self._width:
            self._write(" " * self._width)
            self._write("")
            self._width = 0

    def _write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"\r{text}")
            sys.stderr.flush()


_line = _Line()
_PATIENCE = 1.0
_A_GLANCE = 0.1
_BAR = 30


@contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        sys.stdout = None  # what is left must not fail again when the interpreter shuts down
        if isinstance(error, BrokenPipeError):
            raise ReaderGone from error
        message = f"cannot write the output: {error.strerror}"
        raise OutputError(message, hint="the files are as if it had been written") from error


@contextmanager
def completion(choices: Sequence[str]) -> Iterator[None]:
    """Let Tab complete `choices` while a line is read, where the platform has readline."""
    try:
        import readline  # noqa: PLC0415 (only for questions)
    except ImportError:
        yield
        return
    readline.set_completer(lambda text, state: [*[c for c in choices if c.startswith(text)], None][state])
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        readline.set_completer(None)
