"""What documents show beside commands: workflows, links, versions, the table of commands."""

import re
from pathlib import Path

import pytest

from infra_scale import __version__
from support.pages import blocks
from support.repository import CHECKOUT, Repository

_README = CHECKOUT / "README.md"
_DOCUMENTS = [
    _README,
    CHECKOUT / "CONTRIBUTING.md",
    CHECKOUT / "SECURITY.md",
    *sorted((CHECKOUT / "docs").rglob("*.md")),
]
_WORKFLOWS = [
    pytest.param(block["body"], id=f"{document.name}:{block['body'].splitlines()[0]}")
    for document in _DOCUMENTS
    for block in blocks(document.read_text(encoding="utf-8"))
    if block["body"].startswith("# .github/workflows/")
]


@pytest.mark.parametrize("workflow", _WORKFLOWS)
def test_a_workflow_that_is_shown_passes_the_linters(repository: Repository, workflow: str) -> None:
    file = str(repository.write(".github/workflows/shown.yml", workflow))

    repository.tool("zizmor", "--offline", "--quiet", "--persona=pedantic", file)
    repository.tool("actionlint", "-shellcheck=", "-pyflakes=", file)
    repository.tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", file)


def test_several_workflows_are_shown() -> None:
    assert len(_WORKFLOWS) > 4


@pytest.mark.parametrize("workflow", _WORKFLOWS)
def test_a_workflow_that_is_shown_runs_nothing_that_a_moved_tag_could_change(workflow: str) -> None:
    used = re.findall(r"uses: (.+)", workflow)

    assert used
    assert [action for action in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v[0-9.]+", action)] == []
    assert "pip install" not in workflow


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda document: document.name)
def test_the_links_of_a_document_lead_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / link).exists(), link


@pytest.mark.parametrize("document", _DOCUMENTS, ids=lambda document: document.name)
def test_a_document_knows_this_version(document: Path) -> None:
    text = document.read_text(encoding="utf-8")

    assert set(re.findall(r"(?:infra\.scale@v|rev: v)([0-9.]+[0-9])", text)) <= {__version__}


def test_the_table_of_commands_names_every_command(repository: Repository) -> None:
    listed = set(re.findall(r"^\| `infra-scale (\w+)", _README.read_text(encoding="utf-8"), re.MULTILINE))

    helped = set(re.findall(r"^  (\w+) {2,}", repository.run("--help").split("options:")[0], re.MULTILINE))
    assert listed == helped
