"""Where checks of a git repository look."""

from pathlib import Path
from typing import NamedTuple

from infra_scale.model.tagged import tagged


@tagged
class Clone(NamedTuple):
    """A work tree."""

    root: Path
    """The folder that has requests/."""
    top: Path
    """The top of the work tree."""
