"""Merges of branches with requests and plans, by real git: `compile` repairs generated files."""

import pytest

from infra_scale.core.setup.templates import MERGE_COMMAND
from support.repository import Repository

_REQUEST = "target: prod\nnamespace: shop\nworkloads:\n  - kind: Deployment\n    name: {}\n    replicas: {}\n"


def _both(repository: Repository, *, web: tuple[int, int]) -> None:
    """Two branches that change one request, and each add another in its namespace."""
    for branch, replicas, other in (("feature", web[0], "yak"), ("main", web[1], "zoo")):
        repository.git("switch", "--quiet", "--force-create" if branch != "main" else "--quiet", branch)
        repository.write("requests/shop/web.yaml", _REQUEST.format("web", replicas))
        repository.write(f"requests/shop/{other}.yaml", _REQUEST.format(other, 2))
        _commit(repository)


def _commit(repository: Repository) -> None:
    repository.run("compile")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "change")


@pytest.fixture
def merging(git_repository: Repository) -> Repository:
    git_repository.git("switch", "--quiet", "--orphan", "main")
    git_repository.write("ops/targets/prod.yaml", "apiVersion: infra.scale/v1\nkind: Target\nclusters: [{name: eu}]\n")
    git_repository.write("requests/shop/web.yaml", _REQUEST.format("web", 3))
    return git_repository


def test_compile_repairs_conflicts_in_generated_files(merging: Repository) -> None:
    _commit(merging)
    _both(merging, web=(5, 4))
    merging.git("merge", "feature", code=1)
    assert "<<<<<<<" in merging.read("ops/plans/infra-scale/prod/shop/web/plan.yaml")
    merging.write("requests/shop/web.yaml", _REQUEST.format("web", 6))

    merging.run("compile")

    assert "to: 6\n" in merging.read("ops/plans/infra-scale/prod/shop/web/plan.yaml")
    assert not any(b"<<<<<<<" in content for content in merging.tree("ops").values())
    merging.git("add", ".")
    merging.git("commit", "--quiet", "--no-edit")
    merging.run("compile", "--check")


def test_with_the_merge_driver_only_requests_conflict(merging: Repository) -> None:
    merging.run("init", "--merge-driver")
    merging.paste(MERGE_COMMAND)
    _commit(merging)
    _both(merging, web=(5, 4))

    merging.git("merge", "feature", code=1)

    assert merging.git("diff", "--name-only", "--diff-filter=U") == "requests/shop/web.yaml\n"
    merging.write("requests/shop/web.yaml", _REQUEST.format("web", 6))
    merging.run("compile")
    merging.git("add", ".")
    merging.git("commit", "--quiet", "--no-edit")
    merging.run("compile", "--check")


def test_check_fails_after_a_merge_that_the_driver_settled_and_compile_repairs_it(merging: Repository) -> None:
    merging.run("init", "--merge-driver")
    merging.paste(MERGE_COMMAND)
    _commit(merging)
    _both(merging, web=(5, 5))

    merging.git("merge", "--no-edit", "feature")

    merging.run("compile", "--check", code=1)
    merging.run("compile")
    merging.run("compile", "--check")


def test_a_clone_without_the_driver_merges_as_text(merging: Repository) -> None:
    merging.run("init", "--merge-driver")
    _commit(merging)
    _both(merging, web=(5, 4))

    merging.git("merge", "feature", code=1)

    assert "<<<<<<<" in merging.read("ops/plans/infra-scale/prod/shop/web/plan.yaml")
