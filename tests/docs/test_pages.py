"""Every page is run: no command in the documentation is one that nobody has tried; `make golden` writes outputs."""

import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from infra_scale import __version__
from infra_scale.core.setup.templates import NO_COMMIT, PLACEHOLDER
from support.cluster_server import serving
from support.github_server import GitHubServer
from support.kube_objects import cluster
from support.pages import COMMANDS, LANGUAGES, World, blocks, refreshed, run
from support.repository import CHECKOUT, Repository, released

_PAGES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").rglob("*.md"))]
_INSTALLING = ("how-to-install.md", "how-to-pre-commit.md")
_RUN = [
    pytest.param(page, marks=[pytest.mark.long] * (page.name in _INSTALLING), id=page.name)
    for page in _PAGES
    if any(block["language"] in COMMANDS for block in blocks(page.read_text("utf-8")))
]

_LEFT_OUT = {"README.md": 1}
"""How many blocks of a page have a reason why no test runs them: `<!-- not run: … -->` above them."""


@contextmanager
def _anywhere(repository: Repository, folder: Path) -> Iterator[World]:
    """An empty folder, where nobody has a home or a cluster."""
    yield World(repository, {"HOME": str(folder), "KUBECONFIG": str(folder / "none")})


@contextmanager
def _first(repository: Repository, folder: Path) -> Iterator[World]:
    """The repository of the first example, before its edit."""
    shutil.copytree(CHECKOUT / "examples/first/repository", repository.root, dirs_exist_ok=True)
    repository.run("compile")
    yield World(repository, {"SOURCE_DATE_EPOCH": "1767268800"})  # noon of the day of the snapshot


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
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": f"url.file://{ours.root}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://git.example.com/tools/infra.scale",
        "GIT_CONFIG_KEY_1": f"url.file://{ours.root}.insteadOf",
        "GIT_CONFIG_VALUE_1": PLACEHOLDER,
    }
    commit = ours.git("rev-parse", "HEAD").strip()
    # The page is about an installation from git, which knows its commit; that of the tests is editable.
    yield World(repository, variables, meant={NO_COMMIT: commit, "init --source": f"init --commit {commit} --source"})


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


@contextmanager
def _at_noon(repository: Repository, folder: Path) -> Iterator[World]:
    """A git repository whose commits are all of one moment: the age of snapshots is judged by it."""
    repository.git("init", "--quiet", "--initial-branch=main")
    noon = "2026-01-01T12:00:00Z"
    yield World(repository, {"HOME": str(folder), "GIT_AUTHOR_DATE": noon, "GIT_COMMITTER_DATE": noon})


@contextmanager
def _with_requests(repository: Repository, folder: Path) -> Iterator[World]:
    """A repository with two requests, one in each of two parts."""
    for name, replicas in (("web", 3), ("cache", 2)):
        workload = f"{{kind: Deployment, name: {name}, replicas: {replicas}}}"
        repository.write(f"requests/{name}.yaml", f"target: prod\nworkloads: [{workload}]\n")
    yield World(repository, {"HOME": str(folder)})


@contextmanager
def _on_github(repository: Repository, folder: Path) -> Iterator[World]:
    """A clone of an empty repository on GitHub, by a look-alike that hears of each push."""
    server = GitHubServer(folder)
    server.start_over()
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "origin.git"))
    repository.git("remote", "add", "origin", str(folder / "origin.git"))

    def pushed(script: str) -> None:
        if "git push" in script:
            server.push(repository)

    try:
        shown_as = {re.escape(f"{server.api}/{server.slug}"): "https://github.com/your-org/platform"}
        yield World(repository, server.environment, shown_as, pushed)
        server.finish()
    finally:
        server.close()


@contextmanager
def _before_github(repository: Repository, folder: Path) -> Iterator[World]:
    """A machine without credentials and without a cluster, where a moment and a duration are others on each run."""
    nobody = {"GH_OWNER": "", "GH_REPO": "", "GITHUB_TOKEN": "", "GITHUB_REPOSITORY": "", "GITHUB_ACTIONS": ""}
    variables = {**nobody, "ENABLE_INFRA_SCALE": "", "HOME": str(folder), "KUBECONFIG": str(folder / "none")}
    shown_as = {
        re.escape(str(repository.root)): "/home/you/platform",
        r"\d{4}(-\d\d){5}-\d{3}Z": "2026-01-01-03-00-00-000Z",
        r"(succeeded|failed)( +)\d+\.\d": r"\g<1>\g<2>0.4",
    }
    yield World(repository, variables, shown_as)


_CURRENT = '"current-context": "prod-eu-1"'

_World = Callable[[Repository, Path], AbstractContextManager[World]]
_WORLDS: dict[str, _World] = {
    "README.md": _first,
    "how-to-capacity-and-cost.md": _at_noon,
    "how-to-gitops.md": _checkout,
    "how-to-install.md": _installing,
    "how-to-large-repositories.md": _with_requests,
    "how-to-migrate.md": _before_github,
    "how-to-nightly.md": _before_github,
    "how-to-pre-commit.md": _installing,
    "how-to-snapshot.md": _with_cluster,
    "tutorial.md": _on_github,
}


@pytest.mark.parametrize("page", _RUN)
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
