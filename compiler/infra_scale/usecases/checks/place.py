"""The work tree of a git repository to check."""

from pathlib import Path
from typing import NamedTuple

from infra_scale.model.tagged import tagged


@tagged
class Clone(NamedTuple):
    """A work tree."""

    root: Path
    """The folder with requests/."""
    top: Path
    """The top of the work tree."""
