"""The same requests give the same bytes, wherever and whenever they are compiled."""

import shutil
import subprocess
from pathlib import Path

import pytest

from support.repository import CHECKOUT, Repository


def _samples(root: Path, *, backwards: bool = False) -> Repository:
    """The sample requests of this project, created in one order or the other, without their plans."""
    repository = Repository(root)
    files = [
        file for folder in ("requests", "ops/targets") for file in (CHECKOUT / folder).rglob("*") if file.is_file()
    ]
    for file in sorted(files, reverse=backwards):
        repository.write(file.relative_to(CHECKOUT).as_posix(), file.read_bytes())
    return repository


_LOCALES = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split()


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4242"},
        {"LC_ALL": "C"},
        pytest.param(
            {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
            marks=pytest.mark.skipif("tr_TR.utf8" not in _LOCALES, reason="the locale tr_TR.UTF-8 is not installed"),
        ),
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

    assert here.tree() == there.tree()
    assert len(here.tree()) >= 20


def test_compiling_in_parts_gives_the_same_bytes_as_compiling_at_once(tmp_path: Path) -> None:
    whole, parts = _samples(tmp_path / "whole"), _samples(tmp_path / "parts")
    whole.run("compile")

    for target in ("staging", "ci", "prod"):
        parts.run("compile", "--target", target)

    assert whole.tree() == parts.tree()


def test_the_committed_plans_of_the_samples_are_in_step(tmp_path: Path) -> None:
    repository = Repository(tmp_path)
    for folder in ("requests", "ops"):
        shutil.copytree(CHECKOUT / folder, tmp_path / folder)

    repository.run("compile", "--check")
