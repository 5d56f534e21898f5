"""Fixtures and options of all tests."""

from pathlib import Path

import pytest

from support.repository import Repository


def pytest_addoption(parser: pytest.Parser) -> None:
    """--refresh: write the expected files of tests/cases anew, to be reviewed as code."""
    parser.addoption("--refresh", action="store_true", help="write the golden files anew")


@pytest.fixture
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--refresh"))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty folder to work in."""
    (tmp_path / "repository").mkdir()
    return Repository(tmp_path / "repository")


@pytest.fixture
def git_repository(repository: Repository) -> Repository:
    """A folder with a fresh git repository on branch main."""
    repository.git("init", "--quiet", "--initial-branch=main")
    return repository
