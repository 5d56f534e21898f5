"""What the README shows beside commands: a workflow, links, the table of commands."""

import re
from pathlib import Path

from support.pages import blocks
from support.repository import CHECKOUT, Repository

_README = CHECKOUT / "README.md"


def test_the_workflow_that_the_readme_shows_passes_the_linters(repository: Repository, tmp_path: Path) -> None:
    bodies = [block["body"] for block in blocks(_README.read_text(encoding="utf-8"))]
    (workflow,) = [body for body in bodies if body.startswith("# .github/workflows/plan.yml")]
    file = str(repository.write(".github/workflows/plan.yml", workflow))

    repository.tool("zizmor", "--offline", "--quiet", file)
    repository.tool("actionlint", "-shellcheck=", "-pyflakes=", file)
    repository.tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", file)


def test_the_links_of_the_documents_lead_somewhere() -> None:
    for document in (
        _README,
        CHECKOUT / "CONTRIBUTING.md",
        CHECKOUT / "SECURITY.md",
        *(CHECKOUT / "docs").glob("*.md"),
    ):
        for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"


def test_the_table_of_commands_names_every_command(repository: Repository) -> None:
    listed = set(re.findall(r"^\| `infra-scale (\w+)", _README.read_text(encoding="utf-8"), re.MULTILINE))

    helped = set(re.findall(r"^  (\w+) {2,}", repository.run("--help").split("options:")[0], re.MULTILINE))
    assert listed == helped
