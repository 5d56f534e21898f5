"""Every folder below accepted/ and refused/ is a case: adding a case is adding a folder.

`make golden` writes the expected files anew.
"""

import shutil
from pathlib import Path

import pytest

from support.repository import Repository

_HERE = Path(__file__).parent


def _cases(kind: str) -> list[Path]:
    return sorted(folder for folder in (_HERE / kind).iterdir() if folder.is_dir())


def _prepared(case: Path, repository: Repository) -> None:
    for part in ("requests", "ops", "apps"):
        if (case / part).exists():
            shutil.copytree(case / part, repository.root / part, symlinks=True)


def _generated(repository: Repository) -> dict[str, bytes]:
    return repository.tree("ops/plans") | repository.tree("ops/rendered")


@pytest.mark.parametrize("case", _cases("accepted"), ids=lambda case: case.name)
def test_an_accepted_case_gives_the_expected_plans(case: Path, repository: Repository, refresh: bool) -> None:
    _prepared(case, repository)

    repository.run("compile")

    expected = Repository(case / "expected")
    if refresh:
        shutil.rmtree(expected.root, ignore_errors=True)
        for path, content in _generated(repository).items():
            expected.write(path, content)
    assert _generated(expected) == _generated(repository)
    assert expected.tree() != {}


@pytest.mark.parametrize("case", _cases("refused"), ids=lambda case: case.name)
def test_a_refused_case_says_what_is_wrong_and_writes_nothing(
    case: Path, repository: Repository, refresh: bool
) -> None:
    _prepared(case, repository)

    said = repository.run("compile", code=1)

    assert "nothing was written" in said  # lest a crash, which exits with 1 too, is taken for what is expected
    if refresh:
        (case / "output.txt").write_text(said, encoding="utf-8")
    assert (case / "output.txt").read_text(encoding="utf-8") == said
    assert _generated(repository) == {}
