"""Manifests in a submodule are not read, wherever a command looks: Git's index and commits do not have them."""

import json

import pytest

from support.repository import REQUEST, Repository


@pytest.fixture
def with_submodule(git_repository: Repository) -> Repository:
    """A request for a workload whose manifests are in a submodule, checked out."""
    application = Repository(git_repository.root / "../application")
    application.write(
        "base/web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
    )
    application.write("base/kustomization.yaml", "resources: [web.yaml]\n")
    application.git("init", "--quiet", "--initial-branch=main")
    application.git("add", "--all")
    application.git("commit", "--quiet", "--message", "application")
    git_repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(application.root), "app")
    git_repository.write("requests/web.yaml", REQUEST)
    return git_repository


@pytest.mark.parametrize("folder", ["app", "app/base"])
def test_the_work_tree_the_index_and_a_commit_agree_and_name_the_submodule(
    with_submodule: Repository, folder: str
) -> None:
    with_submodule.write("ops/targets/prod.yaml", f"manifests: [{folder}]\n")

    compiled = json.loads(with_submodule.run("compile", "--format", "json"))
    with_submodule.git("add", "--all")
    staged = json.loads(with_submodule.run("compile", "--staged", "--format", "json"))
    with_submodule.git("commit", "--quiet", "--message", "plans")
    with_submodule.git("submodule", "--quiet", "deinit", "--force", "app")
    (with_submodule.root / "app").rmdir()

    for outcome in (compiled, staged):
        (finding,) = [one for one in outcome["findings"] if one["rule"] == "MAN-004"]
        assert finding["severity"] == "warning"
        assert finding["message"].startswith(f"{folder}/ is in a submodule, which is not read")
    assert staged["plans"]["unchanged"] == 1
    with_submodule.run("diff", "HEAD~0..HEAD")


def test_a_submodule_among_the_manifests_is_not_read_either(with_submodule: Repository) -> None:
    with_submodule.git("mv", "app", "apps-app")
    with_submodule.write("ops/targets/prod.yaml", "manifests: [platform]\n")
    (with_submodule.root / "platform").mkdir()
    with_submodule.git("mv", "apps-app", "platform/app")
    with_submodule.write("platform/other.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n")

    found = json.loads(with_submodule.run("compile", "--format", "json"))["findings"]
    with_submodule.git("add", "--all")
    staged = json.loads(with_submodule.run("compile", "--staged", "--format", "json"))

    assert staged["plans"]["unchanged"] == 1
    assert staged["findings"] == found
    assert not [one for one in found if one["severity"] == "error"]
