"""The tour of the house is generated, and whole."""

from pathlib import Path

import pytest

from support.house import HOUSE, said, tour
from support.repository import CHECKOUT

_PAGE = CHECKOUT / "docs/house.md"
_FILES = sorted(HOUSE.rglob("*.py"))


def test_the_tour_says_what_the_files_say(refresh: bool) -> None:
    if refresh:
        _PAGE.write_text(tour(), encoding="utf-8")

    assert _PAGE.read_text(encoding="utf-8") == tour(), "run `make golden`"


def test_every_folder_and_file_has_its_line() -> None:
    page = tour()

    rooms = [file for file in _FILES if file.name == "__init__.py"]
    assert page.count("\n## ") == len(rooms)
    assert page.count("\n| `") == len(_FILES) - len(rooms)
    assert {file.parent for file in _FILES} == {room.parent for room in rooms}


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.relative_to(HOUSE).as_posix())
def test_a_file_says_in_a_sentence_what_it_is_for(file: Path) -> None:
    assert said(file)[-1:] in (".", "!", "?")


def test_no_sentence_is_cut_at_an_abbreviation() -> None:
    assert [line for line in tour().splitlines() if line.rstrip(" |").endswith(("e.g.", "i.e.", "etc."))] == []


def test_unit_tests_are_in_the_folder_of_the_package_that_they_test() -> None:
    unit = CHECKOUT / "tests/unit"
    folders = {file.parent.relative_to(unit) for file in unit.rglob("test_*.py")}

    assert [folder for folder in sorted(folders) if not (HOUSE / folder).is_dir()] == []
    assert not list((unit / "core").glob("*.py")), "core has only packages"
