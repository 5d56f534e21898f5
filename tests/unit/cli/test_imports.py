"""What a command brings into memory before it does anything."""

import json
import subprocess
import sys

import pytest

from support.repository import Repository

_LOADED = """
import contextlib, io, json, sys
from infra_scale.cli.main import main
with contextlib.redirect_stdout(io.StringIO()):
    main(sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
"""


def _loaded(*arguments: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", _LOADED, *arguments], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_load_neither_a_library_nor_the_compiler(arguments: list[str]) -> None:
    loaded = _loaded(*arguments)

    assert loaded & {"yaml", "jsonschema", "github", "git", "requests", "argparse", "difflib"} == set()
    assert [name for name in loaded if name.startswith(("infra_scale.core", "infra_scale.usecases"))] == []


def test_compiling_loads_no_library_for_github_or_for_own_rules(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("root")
    (root / "requests").mkdir()

    loaded = _loaded("compile", "--root", str(root))

    assert loaded & {"github", "git", "requests", "cel_expr_python", "rich"} == set()


@pytest.mark.parametrize("shape", ["json", "markdown"])
def test_a_diff_for_programs_loads_nothing_that_draws_and_no_library_for_git(
    git_repository: Repository, shape: str
) -> None:
    git_repository.write("requests/web.yaml")
    git_repository.git("add", "--all")
    git_repository.git("commit", "--quiet", "--message", "request")

    loaded = _loaded("diff", "HEAD", "--format", shape, "--root", str(git_repository.root))

    assert loaded & {"git", "github", "rich"} == set()
