"""Fixtures and options of all tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from support.github_server import GitHubServer
from support.repository import Repository

settings.register_profile("infra-scale", settings(), deadline=None)  # a slow machine is no fault of the code
settings.load_profile("infra-scale")


def pytest_addoption(parser: pytest.Parser) -> None:
    """--refresh writes golden files anew, to be reviewed as code; the others test more than there is time for."""
    parser.addoption("--refresh", action="store_true", help="write the golden files anew")
    parser.addoption("--all-faults", action="store_true", help="break every call to GitHub in every way")
    parser.addoption("--mutants", type=int, default=20_000, help="changed documents for the check of schemas")
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


@pytest.fixture(scope="session")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitHubServer]:
    """The one look-alike of GitHub of this session: it starts slowly."""
    running = GitHubServer(tmp_path_factory.mktemp("github"))
    yield running
    running.close()


@pytest.fixture
def server(github: GitHubServer) -> Iterator[GitHubServer]:
    """An empty repository on GitHub."""
    github.start_over()
    yield github
    github.finish()


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
