"""A terminal of a certain width, and what a command shows on it."""

import fcntl
import os
import pty
import struct
import termios
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from support.repository import called, environment


def shown(
    root: Path, *arguments: str, columns: int, variables: Mapping[str, str] | None = None, code: int | None = 0
) -> str:
    """What infra-scale writes to a terminal with so many columns, with the codes for colours.

    0 columns: the terminal does not know. None as `code` accepts any exit code.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    said = bytearray()
    reader = threading.Thread(target=_read, args=(ours, said))
    reader.start()
    known = {**_without_size(), "TERM": "xterm-256color", **(variables or {})}
    with (
        _as_output(theirs),
        open(theirs, encoding="utf-8", closefd=False) as given,
        open(theirs, "w", buffering=1, encoding="utf-8", closefd=False) as out,
        open(theirs, "w", buffering=1, encoding="utf-8", closefd=False) as err,
    ):
        ended = called(root, arguments, known, (given, out, err))
    os.close(theirs)
    reader.join()
    os.close(ours)
    assert code in (None, ended), said
    return said.decode("utf-8").replace("\r\n", "\n")


def _read(terminal: int, said: bytearray) -> None:
    with suppress(OSError):  # how Linux says that the other side is closed
        while more := os.read(terminal, 65536):
            said += more


@contextmanager
def _as_output(terminal: int) -> Iterator[None]:
    """The terminal as the standard output of this process, for whoever asks the descriptor and not the stream."""
    before = os.dup(1)
    os.dup2(terminal, 1)
    try:
        yield
    finally:
        os.dup2(before, 1)
        os.close(before)


def _without_size() -> dict[str, str]:
    """The environment without what would be taken for the size of the terminal: pytest's own."""
    return {name: value for name, value in environment().items() if name not in ("COLUMNS", "LINES")}
