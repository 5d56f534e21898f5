"""The same requests give the same bytes, wherever and whenever they are compiled."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import CHECKOUT, Repository


def _samples(root: Path, *, backwards: bool = False) -> Repository:
    """The sample requests of this project, created in one order or the other, without their plans."""
    repository = Repository(root)
    files = [
        file
        for folder in ("requests", "ops/targets", "examples")
        for file in (CHECKOUT / folder).rglob("*")
        if file.is_file()
    ]
    for file in sorted(files, reverse=backwards):
        repository.write(file.relative_to(CHECKOUT).as_posix(), file.read_bytes())
    return repository


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4242"},
        {"LC_ALL": "C"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"TZ": "Asia/Kathmandu"},
        {"HOME": "/nonexistent", "COLUMNS": "40", "NO_COLOR": "1"},
    ],
    ids=str,
)
def test_another_locale_time_zone_or_hash_seed_gives_the_same_bytes(tmp_path: Path, variables: dict[str, str]) -> None:
    here, there = _samples(tmp_path / "here"), _samples(tmp_path / "there", backwards=True)
    here.run("compile")

    there.run("compile", "--verbose", variables=variables)

    assert here.tree("ops") == there.tree("ops")
    assert len(here.tree("ops")) >= 60


def _turkish(folder: Path) -> dict[str, str]:
    """Variables for a locale that hardly any machine has, and in which `I` and `i` are no pair."""
    folder.mkdir()
    localedef = shutil.which("localedef")
    if localedef is None:
        pytest.skip("localedef is not installed here")
    made = subprocess.run(
        [localedef, "-i", "tr_TR", "-f", "UTF-8", folder / "tr_TR.UTF-8"], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip(f"localedef cannot make tr_TR: {made.stderr.decode(errors='replace').strip()}")
    return {"LOCPATH": str(folder), "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}


def test_a_locale_with_other_letters_gives_the_same_bytes(tmp_path: Path) -> None:
    variables = _turkish(tmp_path / "locales")
    here, there = _samples(tmp_path / "here"), _samples(tmp_path / "there")
    here.run("compile")

    asked = "import locale; print(locale.setlocale(locale.LC_ALL, ''))"
    active = there.tool(sys.executable, "-c", asked, variables=variables).stdout.strip()
    there.run("compile", "--verbose", variables=variables)

    assert active == "tr_TR.UTF-8"
    assert here.tree("ops") == there.tree("ops")


def test_compiling_in_parts_gives_the_same_bytes_as_compiling_at_once(tmp_path: Path) -> None:
    whole, parts = _samples(tmp_path / "whole"), _samples(tmp_path / "parts")
    whole.run("compile")

    for target in ("staging", "ci", "prod"):
        parts.run("compile", "--target", target)

    assert whole.tree("ops") == parts.tree("ops")


def test_the_committed_plans_of_the_samples_are_in_step(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for folder in ("requests", "ops", "examples"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)

    repository.run("compile", "--check")
