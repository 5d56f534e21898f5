"""Fixtures and options of all tests."""

import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from urllib3 import Retry

from infra_scale.adapters import clock, git_command
from infra_scale.adapters.kubernetes import kubectl
from infra_scale.core.capacity.demand import Demand
from infra_scale.core.capacity.scenarios import Capacity, capacity_of
from infra_scale.core.forecast import outlooks
from infra_scale.model.snapshot import ClusterSnapshot
from support import amounts
from support.github_server import GitHubServer
from support.repository import Repository

amounts.register()

_SCENARIOS = 300
"""Simulated clusters that `make test-all` judges."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """--refresh writes golden files, to be reviewed as code; the others test more than there is time for."""
    parser.addoption("--refresh", action="store_true", help="write the golden files")
    parser.addoption("--all", action="store_true", help="run the long tests too, with all examples and inputs")
    parser.addoption("--scenarios", type=int, help="simulated clusters for the check of verdicts")
    parser.addoption("--trees", type=int, help="random kustomizations for the check of builds")


def pytest_configure(config: pytest.Config) -> None:
    """Select the profile before the tests are imported, because they read it."""
    settings.load_profile(amounts.NIGHTLY if config.getoption("--all") else amounts.FAST)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests, except with --all, and with --refresh: some of them have golden files."""
    if not (config.getoption("--all") or config.getoption("--refresh")):
        left_out = [item for item in items if item.get_closest_marker("long")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def refresh(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written instead of compared."""
    return bool(request.config.getoption("--refresh"))


@pytest.fixture
def scenarios(request: pytest.FixtureRequest) -> int:
    """How many simulated clusters to judge."""
    number: int | None = request.config.getoption("--scenarios")
    return amounts.share(_SCENARIOS) if number is None else number


@pytest.fixture(scope="session", autouse=True)
def _patience() -> Iterator[None]:
    """No limit of ours ends what a slow machine would still have done."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(git_command, "SECONDS", float(amounts.HANGS))
        patch.setattr(kubectl, "_CONTEXT_SECONDS", float(amounts.HANGS))
        yield


@pytest.fixture(scope="session", autouse=True)
def _haste() -> Iterator[None]:
    """No call of GitHub's API waits in this process before it is repeated: the look-alike needs no rest."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Retry, "sleep", lambda *_, **__: None)
        patch.setattr(clock, "sleep", lambda _: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _capacity_once() -> Iterator[None]:
    """Equal demands on equal clusters are simulated once: commands that run in process show the same samples often."""
    known: dict[bytes, Capacity] = {}

    def once(snapshot: ClusterSnapshot, asked: Iterable[Demand]) -> Capacity:
        all_asked = tuple(asked)
        key = pickle.dumps((snapshot, all_asked))
        if key not in known:
            known[key] = capacity_of(snapshot, all_asked)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outlooks, "capacity_of", once)
        yield


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
