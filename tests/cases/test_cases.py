"""Every folder below accepted/ and refused/ is a case: adding a case is adding a folder.

`make golden` writes the expected files anew.
"""

import json
import shutil
from pathlib import Path

import pytest

from infra_scale import api
from infra_scale.cli.main import main
from infra_scale.core.evaluation.summary import listed
from infra_scale.core.reporting.findings_json import Json, finding_json
from support.repository import MOMENT, Repository

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


def _of_others(rule: str) -> bool:
    """Whether only a compile of the whole repository can find it: conflicts, orphaned autoscalers, generated files."""
    return rule.startswith(("GIT-", "PLN-")) or rule in ("FIL-003", "OWN-007")


@pytest.mark.parametrize("case", [*_cases("accepted"), *_cases("refused")], ids=lambda case: case.name)
def test_the_python_interface_finds_in_a_request_what_validate_finds(
    case: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _prepared(case, repository)
    monkeypatch.chdir(repository.root)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    main(["validate", "--format", "json"])
    expected: dict[str, list[Json]] = {}
    for one in json.loads(capsys.readouterr().out)["findings"]:
        if not _of_others(one["rule"]):
            expected.setdefault(one["path"], []).append(one)

    files = sorted((repository.root / "requests").rglob("*.y*ml"))
    plain = (file for file in files if not (file.is_symlink() or file.name.startswith(".")))
    paths = [file.relative_to(repository.root).as_posix() for file in plain]
    for path in paths:
        loaded = api.load_request(path, root=repository.root)
        found = listed(api.compile_request(loaded, root=repository.root).findings)
        assert [finding_json(one) for one in found if one.path == path] == expected.get(path, [])


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
