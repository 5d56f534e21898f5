"""What users install: the wheel, in a clean environment outside the checkout."""

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from support.repository import CHECKOUT, REQUEST, Repository

PACKAGE = CHECKOUT / "compiler/infra_scale"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel_command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*wheel_command, str(folder), str(CHECKOUT)], check=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_the_schemas_the_templates_and_the_type_marker(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    schemas = {f"infra_scale/schemas/{file.name}" for file in (CHECKOUT / "schemas").glob("*.json")}
    assert schemas <= names
    assert "infra_scale/py.typed" in names
    templates = {f"infra_scale/templates/{file.name}" for file in (PACKAGE / "templates").iterdir()}
    assert templates
    assert templates <= names
    assert not [name for name in names if name.startswith(("requests/", "ops/", "tests/"))]


@pytest.mark.long
def test_the_wheel_compiles_in_a_clean_environment_with_nothing_but_what_it_needs(
    wheel: Path, repository: Repository, tmp_path: Path
) -> None:
    venv.create(tmp_path / "clean", with_pip=True)
    python = tmp_path / "clean/bin/python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", wheel], check=True)
    repository.write("requests/web.yaml")
    # A package of this name is what PyGithub imports: the command must never pick up the folder of requests instead.
    repository.write("requests/__init__.py", "raise SystemExit('a file of the repository was executed')\n")
    repository.write("requests/bad.yaml", REQUEST.replace("web", "Web"))

    refused = repository.tool(str(tmp_path / "clean/bin/infra-scale"), "compile", code=1)
    (repository.root / "requests/bad.yaml").unlink()
    repository.tool(str(tmp_path / "clean/bin/infra-scale"), "compile")
    repository.tool(str(tmp_path / "clean/bin/infra-scale"), "init", str(tmp_path / "another"))

    assert "requests/bad.yaml:5:11: SCH-005" in refused.stdout
    assert (tmp_path / "another/ops/plans/infra-scale/prod/example/web/plan.yaml").is_file()
    assert "to: 6" in repository.read("ops/plans/infra-scale/prod/web/plan.yaml")
    installed = repository.tool(str(python), "-m", "pip", "list", "--format=freeze").stdout.lower()
    names = {line.split("==")[0] for line in installed.split()}
    needed = {"infra-scale", "pyyaml", "jsonschema", "jsonschema-specifications", "referencing", "rpds-py", "attrs"}
    drawing = {"rich", "pygments", "markdown-it-py", "mdurl"}
    assert names - {"pip", "setuptools", "typing_extensions"} == needed | drawing
