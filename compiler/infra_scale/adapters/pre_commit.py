"""The unstaged edits that pre-commit has put aside while it runs us."""

import os
from collections.abc import Sequence
from pathlib import Path

from infra_scale.adapters.environment import variable

_MAX_BYTES = 16 << 20


def has_put_aside(folders: Sequence[str]) -> bool:
    """Whether pre-commit, our parent process, restores unstaged edits below one of `folders` when it ends.

    It saves them as `patch<time>-<its process id>` in its cache, and rolls back what a hook writes to these files.
    """
    marks = tuple(f"/{folder}/".encode() for folder in folders)
    for patch in _cache().glob(f"patch*-{os.getppid()}"):
        try:
            with patch.open("rb") as file:
                heads = (line for line in file.read(_MAX_BYTES).split(b"\n") if line.startswith(b"diff --git "))
                if any(mark in head for head in heads for mark in marks):
                    return True
        except OSError:
            continue
    return False


def _cache() -> Path:
    """As pre_commit/store.py finds it."""
    home = variable("PRE_COMMIT_HOME")
    return Path(home or Path(variable("XDG_CACHE_HOME") or Path("~/.cache").expanduser(), "pre-commit"))
