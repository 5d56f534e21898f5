"""Every page is run: no command in the documentation is one that nobody has tried; `make golden` writes outputs."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from infra_scale import __version__
from support.cluster_server import serving
from support.kube_objects import cluster
from support.pages import COMMANDS, LANGUAGES, World, blocks, refreshed, run
from support.repository import CHECKOUT, Repository, released

_PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
_RUN = [page for page in _PAGES if any(block["language"] in COMMANDS for block in blocks(page.read_text("utf-8")))]

_LEFT_OUT = {"README.md": 1}
"""How many blocks of a page have a reason why no test runs them: `<!-- not run: … -->` above them."""


@contextmanager
def _anywhere(repository: Repository, folder: Path) -> Iterator[World]:
    """An empty folder, where nobody has a home or a cluster."""
    yield World(repository, {"HOME": str(folder), "KUBECONFIG": str(folder / "none")})


@contextmanager
def _checkout(repository: Repository, folder: Path) -> Iterator[World]:
    """Our own repository, whose examples the page shows."""
    for name in ("examples", "ops", "requests"):
        shutil.copytree(CHECKOUT / name, repository.root / name)
    yield World(repository)


@contextmanager
def _installing(repository: Repository, folder: Path) -> Iterator[World]:
    """A git repository; what the page installs from is our own."""
    ours = released(folder / "ours", version=__version__)
    repository.git("init", "--quiet", "--initial-branch=main")
    variables = {
        "PRE_COMMIT_HOME": str(folder / "cache"),
        "KUBECONFIG": str(folder / "none"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{ours.root}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://git.example.com/tools/infra.scale",
    }
    yield World(repository, variables)


@contextmanager
def _with_cluster(repository: Repository, folder: Path) -> Iterator[World]:
    """A git repository, and the API server of prod-eu-1 as kubectl's current context."""
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.write("requests/.keep", "")
    with serving(cluster()) as server:
        server.by_hand = True
        config = server.kubeconfig(folder / "kubeconfig", "prod-eu-1")
        config.write_text(config.read_text("utf-8").replace('"current-context": "elsewhere"', _CURRENT), "utf-8")
        kubectl = {"HOME": str(folder), "KUBECACHEDIR": str(folder / "cache"), "KUBECONFIG": str(config)}

        def on_another_machine(script: str) -> None:
            if script == "infra-scale snapshot prod-eu-1\n":
                shutil.rmtree(repository.root / "ops")

        yield World(repository, {**kubectl, "KUBECONFIG_OF_PROD_EU_1": str(config)}, after=on_another_machine)


_CURRENT = '"current-context": "prod-eu-1"'

_World = Callable[[Repository, Path], AbstractContextManager[World]]
_WORLDS: dict[str, _World] = {
    "how-to-gitops.md": _checkout,
    "how-to-install.md": _installing,
    "how-to-snapshot.md": _with_cluster,
}


@pytest.mark.parametrize("page", _RUN, ids=lambda page: page.name)
def test_everything_that_a_page_shows_is_real(
    page: Path, repository: Repository, tmp_path: Path, refresh: bool
) -> None:
    text = page.read_text(encoding="utf-8")

    with _WORLDS.get(page.name, _anywhere)(repository, tmp_path) as world:
        real = run(text, world)

    assert refreshed(page, real, refresh=refresh) == real, "run `make golden`"


def test_few_blocks_are_left_out_and_each_says_why() -> None:
    left_out = Counter(page.name for page in _PAGES for block in blocks(page.read_text("utf-8")) if block["reason"])

    assert left_out == _LEFT_OUT


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.name)
def test_no_command_hides_in_another_kind_of_block(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = [*blocks(text)]

    assert text.count("\n```") == 2 * len(found)
    for block in found:
        assert block["language"] in LANGUAGES, block[0]
        assert block["language"] in COMMANDS or "\n$ " not in f"\n{block['body']}", block[0]
