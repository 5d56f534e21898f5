"""A terminal of a certain width, and what a command shows on it."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from support.amounts import HANGS
from support.repository import COMMAND, environment


def shown(
    root: Path, *arguments: str, columns: int, variables: Mapping[str, str] | None = None, code: int | None = 0
) -> str:
    """What infra-scale writes to a terminal with so many columns, with the codes for colours.

    0 columns: the terminal does not know. None as `code` accepts any exit code.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    child = subprocess.Popen(
        [COMMAND, *arguments],
        cwd=root,
        env={**_without_size(), "TERM": "xterm-256color", **(variables or {})},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    with suppress(OSError):  # how Linux says that the other side is closed
        while more := os.read(ours, 65536):
            said += more
    os.close(ours)
    ended = child.wait(timeout=HANGS)
    assert code in (None, ended), said
    return said.decode("utf-8").replace("\r\n", "\n")


def _without_size() -> dict[str, str]:
    """The environment without what would be taken for the size of the terminal: pytest's own."""
    return {name: value for name, value in environment().items() if name not in ("COLUMNS", "LINES")}
