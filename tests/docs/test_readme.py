"""The README is run: files are written, commands executed, and what they print is what it shows.

`make golden` writes the shown files and outputs anew.
"""

import re
from pathlib import Path

from support.repository import CHECKOUT, Repository

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_README = CHECKOUT / "README.md"


def _generated(path: str) -> bool:
    return path.startswith(("ops/plans/", "ops/rendered/"))


def _shown(repository: Repository, language: str, body: str) -> str:
    """What a block should say after it was run in the repository."""
    first = body.split("\n", 1)[0]
    if language == "console":
        outputs = []
        for command in re.findall(r"^\$ (.*)$", body, re.MULTILINE):
            done = repository.tool("sh", "-c", command, code=None, variables={"SOURCE_DATE_EPOCH": "1767225600"})
            outputs.append(f"$ {command}\n{done.stdout}{done.stderr}")
        return "\n".join(outputs)
    if language in ("yaml", "markdown") and _generated(path := first.removeprefix("# ")):
        return f"{first}\n{repository.read(path)}"
    if language == "yaml" and first.startswith(("# requests/", "# ops/")):
        repository.write(first.removeprefix("# "), body.split("\n", 1)[1])
    if language == "python":
        repository.tool("python", "-c", body)
    return body


def test_everything_that_the_readme_shows_is_real(repository: Repository, refresh: bool) -> None:
    text = _README.read_text(encoding="utf-8")

    real = _BLOCK.sub(lambda block: f"```{block[1]}\n{_shown(repository, block[1], block[2])}```", text)

    if refresh:
        _README.write_text(real, encoding="utf-8")
    assert _README.read_text(encoding="utf-8") == real


def test_the_workflow_that_the_readme_shows_passes_the_linters(repository: Repository, tmp_path: Path) -> None:
    blocks = _BLOCK.findall(_README.read_text(encoding="utf-8"))
    (workflow,) = [body for _, body in blocks if body.startswith("# .github/workflows/plan.yml")]
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
