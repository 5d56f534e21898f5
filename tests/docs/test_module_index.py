"""The module index is generated and complete."""

from pathlib import Path

import pytest

from support.module_index import PACKAGE, index, summary_of
from support.repository import CHECKOUT

_PAGE = CHECKOUT / "docs/modules.md"
_FILES = sorted(PACKAGE.rglob("*.py"))


def test_the_index_has_the_docstrings_of_the_modules(refresh: bool) -> None:
    if refresh:
        _PAGE.write_text(index(), encoding="utf-8")

    assert _PAGE.read_text(encoding="utf-8") == index(), "run `make golden`"


def test_every_package_has_a_section_and_every_module_a_line() -> None:
    page = index()

    packages = [file for file in _FILES if file.name == "__init__.py"]
    assert page.count("\n## ") == len(packages)
    assert page.count("\n| `") == len(_FILES) - len(packages)
    assert {file.parent for file in _FILES} == {package.parent for package in packages}


@pytest.mark.parametrize("file", _FILES, ids=lambda file: file.relative_to(PACKAGE).as_posix())
def test_the_docstring_of_a_module_begins_with_a_sentence(file: Path) -> None:
    assert summary_of(file)[-1:] in (".", "!", "?")


def test_no_sentence_is_cut_at_an_abbreviation() -> None:
    assert [line for line in index().splitlines() if line.rstrip(" |").endswith(("e.g.", "i.e.", "etc."))] == []


def test_unit_tests_are_in_the_folder_of_the_package_that_they_test() -> None:
    unit = CHECKOUT / "tests/unit"
    folders = {file.parent.relative_to(unit) for file in unit.rglob("test_*.py")}

    assert [folder for folder in sorted(folders) if not (PACKAGE / folder).is_dir()] == []
    assert not list((unit / "core").glob("*.py")), "core has only packages"
