"""Where checks of a git repository look."""

from pathlib import Path
from typing import NamedTuple


class Clone(NamedTuple):
    """A work tree."""

    root: Path
    """The folder that has requests/."""
    top: Path
    """The top of the work tree."""
