"""Builds in memory against those of the real kubectl: the known rules, and drawn trees."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.tree import Json, unknowns
from infra_scale.model.source import Found, NotAFile
from support import amounts
from support.build_cases import CASES
from support.build_trees import tree
from support.builds import FullKey, build, kubectl, sources, wrong

_MOST_UNKNOWN = 0.05
_FEWEST_BUILT = 0.6
_TREES, _FEW = 2_000, 15
"""Random trees in `make test-all`, and in `make test`; --trees draws another number of them."""
_TOGETHER = 100
"""Trees that one test builds: few, so that both workers have some until the end."""

Drawn = tuple[int, dict[str, str], str, dict[FullKey, Json] | str]
"""A seed, files, the folder to build, and what kubectl makes of it."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The trees are drawn in parts."""
    if "drawn" in metafunc.fixturenames:
        number = metafunc.config.getoption("--trees") or (_TREES if amounts.is_all() else _FEW)
        parts = [range(first, min(first + _TOGETHER, number)) for first in range(0, number, _TOGETHER)]
        names = [f"{part.start} to {part.stop - 1}" for part in parts]
        metafunc.parametrize("drawn", parts, indirect=True, scope="module", ids=names)


@pytest.mark.parametrize("name", CASES)
def test_kubectl_builds_or_refuses_the_same(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    assert wrong(build(case.files), kubectl(tmp_path, case.files)) == []


@pytest.fixture(scope="module")
def drawn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Drawn]:
    """Some random trees, and what kubectl makes of each.

    Each is built by a process of its own. Of several below one root, a single refused one would refuse all, and
    kustomize resolves references to names once, at the root, among the objects of all of them.
    """
    folder = tmp_path_factory.mktemp("trees")

    def draw(seed: int) -> Drawn:
        files, root = tree(seed)
        return seed, files, root, kubectl(folder / str(seed), files, root)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(draw, request.param))


def test_what_is_known_of_a_drawn_tree_is_what_kubectl_builds(drawn: list[Drawn]) -> None:
    found = {seed: wrong(build(files, root), theirs) for seed, files, root, theirs in drawn}
    assert {seed: faults for seed, faults in found.items() if faults} == {}


def test_most_drawn_trees_are_built_and_known(drawn: list[Drawn]) -> None:
    builds = [build(files, root) for _, files, root, _ in drawn]
    known = [one for one in builds if isinstance(one, Build) and not _is_open(one)]
    refused = [one for one in builds if isinstance(one, Refused)]
    assert len(known) >= _FEWEST_BUILT * len(drawn)
    assert len(drawn) - len(known) - len(refused) <= max(1, _MOST_UNKNOWN * len(drawn))


def _is_open(one: Build) -> bool:
    return bool(one.opens) or any(found.unsure or any(unknowns(found.doc)) for found in one.resources)


def test_what_is_known_beside_a_file_that_is_not_read_is_true_of_the_whole(drawn: list[Drawn]) -> None:
    found = {one[0]: _wrong_beside_a_hidden_file(one) for one in drawn}
    assert {seed: faults for seed, faults in found.items() if faults} == {}


def _wrong_beside_a_hidden_file(one: Drawn) -> list[object]:
    seed, files, root, theirs = one
    hidden = Random(seed).choice(sorted(path for path in files if not path.startswith(f"{root}/kust")))  # noqa: S311
    some: dict[str, Found] = {**sources(files), hidden: NotAFile(hidden, "a submodule")}
    return [] if isinstance(theirs, str) else wrong(Builder(some).build(root), theirs)
