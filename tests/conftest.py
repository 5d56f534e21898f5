"""Fixtures and options of all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

from support.repository import Repository

settings.register_profile("infra-scale", settings(), deadline=None)  # a slow machine is no fault of the code
settings.load_profile("infra-scale")


def pytest_addoption(parser: pytest.Parser) -> None:
    """--refresh writes golden files anew, to be reviewed as code; the others test more than there is time for."""
    parser.addoption("--refresh", action="store_true", help="write the golden files anew")
    parser.addoption("--all-faults", action="store_true", help="break every call to GitHub in every way")
    parser.addoption("--mutants", type=int, default=20_000, help="changed documents for the check of schemas")
    parser.addoption("--trees", type=int, default=100, help="drawn kustomizations for the check of builds")
    parser.addoption("--scenarios", type=int, default=150, help="simulated clusters for the check of verdicts")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The full matrix of faults takes a quarter of an hour: it is run when asked for."""
    if not config.getoption("--all-faults"):
        left_out = [item for item in items if item.get_closest_marker("all_faults")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--refresh"))


@pytest.fixture
def mutants(request: pytest.FixtureRequest) -> int:
    """How many changed documents to try."""
    number: int = request.config.getoption("--mutants")
    return number


@pytest.fixture
def scenarios(request: pytest.FixtureRequest) -> int:
    """How many simulated clusters to judge."""
    number: int = request.config.getoption("--scenarios")
    return number


@pytest.fixture
def trees(request: pytest.FixtureRequest) -> int:
    """How many drawn kustomizations to build."""
    number: int = request.config.getoption("--trees")
    return number


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
