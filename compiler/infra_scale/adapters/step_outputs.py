"""The outputs of a step of GitHub Actions, which later steps read."""

from collections.abc import Mapping
from pathlib import Path

from infra_scale.adapters import files
from infra_scale.adapters.environment import environment


def write(outputs: Mapping[str, str]) -> None:
    """Write outputs where GitHub Actions reads them; elsewhere, do nothing. Values have one line. Raises FilesError."""
    path = environment().github_output
    if path:
        lines = (f"{name}={' '.join(value.split())}\n" for name, value in outputs.items())
        files.append(Path(path), "".join(lines).encode())
