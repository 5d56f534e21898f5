"""What a command brings into memory before it does anything."""

import json
import subprocess
import sys

import pytest

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

    assert loaded & {"github", "git", "requests", "cel_expr_python"} == set()
