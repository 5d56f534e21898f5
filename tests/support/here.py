"""A command in this process, for tests that a process of its own would prove nothing more to."""

import os
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple
from unittest.mock import patch

from infra_scale.cli.main import main
from support.repository import Repository, environment


class Done(NamedTuple):
    """How a command ended, and what it wrote."""

    code: int
    stdout: str
    stderr: str


def run(repository: Repository, *arguments: str, variables: Mapping[str, str] | None = None) -> Done:
    """Run infra-scale in a repository."""
    out, err = StringIO(), StringIO()
    around = patch.dict(os.environ, {**environment(), **(variables or {})}, clear=True)
    with chdir(repository.root), around, redirect_stdout(out), redirect_stderr(err):
        code = main(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())
