"""The only module that prints: data to stdout, everything else to stderr, colour on terminals only."""

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
    """Standard output cannot be written."""


class ReaderGone(Exception):  # noqa: N818 (no error: the reader closed the pipe)
    """Standard output is closed by its reader."""


_CODES: dict[Style, str] = {"bold": "1", "red": "31", "yellow": "33", "green": "32", "blue": "34", "dim": "2"}


def prepare() -> None:
    """Make any text printable: UTF-8 into pipes and files in every locale, escapes where a terminal cannot show it."""
    # A stream that the caller has closed is None: then there is no output.
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
    """Flush the output, so that an error can still be reported. Raises OutputError."""
    with _output():
        if sys.stdout:  # closed after the first error
            sys.stdout.flush()


def err(text: str) -> None:
    """A message on standard error, wrapped to the width of the terminal."""
    _line.erase()
    with suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()  # if both streams are the same, as in a hook, keep the order
    print(fitted(text, stream=sys.stderr), file=sys.stderr)


def command(text: str) -> None:
    """A command to copy: wrapped only where a shell accepts it."""
    from infra_scale.cli.wrapping import command_lines  # noqa: PLC0415 (only where there is a next step)

    room = _room(sys.stderr) or len(text) + len(_MARGIN)
    print("\n".join(command_lines(text, room, first=_MARGIN)), file=sys.stderr)


def quote(line: str) -> None:
    """A line of a file to copy: not wrapped."""
    print(f"{_MARGIN}{line}", file=sys.stderr)


def fitted(text: str, *, stream: TextIO | None = None) -> str:
    """`text` with long lines wrapped at spaces, if the stream (standard output) is a terminal, which would break
    them within words. Pipes get whole lines.
    """
    room = _room(stream or sys.stdout)
    lines = text.split("\n")
    if not room or (text.isascii() and max(map(len, lines)) <= room):
        return text
    from infra_scale.cli.wrapping import hanging  # noqa: PLC0415 (only for long lines on a terminal)

    return "\n".join(part for line in lines for part in hanging(line, room))


def _room(stream: TextIO) -> int:
    """Columns of a terminal; 0 if it is not a terminal or the size is unknown."""
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
"""On narrower terminals, lines are not wrapped here."""


def styled(text: str, style: Style, *, stream: TextIO | None = None) -> str:
    """`text` in a colour, if the stream (standard output) is a terminal that supports colours."""
    to = stream or sys.stdout
    if not to.isatty() or environment().no_color:
        return text
    return f"\x1b[{_CODES[style]}m{text}\x1b[0m"


def has_colour() -> bool:
    """Whether standard output is a terminal that supports colours, and NO_COLOR is not set."""
    return sys.stdout.isatty() and not environment().no_color


def width(*, elsewhere: int = 100) -> int:
    """Columns of the terminal; without one, COLUMNS, else `elsewhere`."""
    return _width(sys.stdout, elsewhere)


def width_aside() -> int:
    """The same for standard error."""
    return _width(sys.stderr, 100)


def _width(stream: TextIO, elsewhere: int) -> int:
    known = environment().columns or (_columns(stream) or 80 if stream.isatty() else elsewhere)
    return max(_NARROWEST, known)


def is_interactive() -> bool:
    """Whether prompts are possible."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def read_line(prompt: str) -> str:
    """One line of input from the terminal. Raises KeyboardInterrupt also at the end of the input."""
    try:
        return input(prompt)
    except EOFError:
        raise KeyboardInterrupt from None


def read_bytes() -> bytes:
    """All of standard input. Raises OutputError if it is closed."""
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
    """A progress line on standard error for work longer than a second, on terminals only.

    Call it with verb, done and total. It is erased before anything else is printed, and at the end.
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
    """Whether both streams are interactive: not in CI, and not with standard output in a pipe."""
    known = environment()
    return sys.stderr.isatty() and sys.stdout.isatty() and not known.no_color and not known.in_ci


class _Line:
    """The progress line: overwritten with blanks, because log viewers do not support erase codes.

    The runner of GitHub Actions removes colours from a line; of ESC[K it keeps the K before the next text.
    """

    def __init__(self) -> None:
        self._width = 0

    def show(self, text: str) -> None:
        """Replace the current text with `text`, up to the width of the terminal."""
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
        sys.stdout = None  # buffered output must not fail again when the interpreter shuts down
        if isinstance(error, BrokenPipeError):
            raise ReaderGone from error
        message = f"cannot write the output: {error.strerror}"
        raise OutputError(message, hint="the files were written as usual") from error


@contextmanager
def completion(choices: Sequence[str]) -> Iterator[None]:
    """Let Tab complete `choices` while a line is read, if the platform has readline."""
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
