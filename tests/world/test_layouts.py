"""Every repository of `examples/layouts` compiles, and kubectl builds the requested values from it."""

import shutil
from pathlib import Path

import pytest

from support.kustomize import build, without_components
from support.repository import CHECKOUT, Repository

_LAYOUTS = {
    "argocd-app-of-apps": ("apps/web/overlays/prod",),
    "flux-substitution": ("apps/web/overlays/prod",),
    "kustomize-per-cluster": ("apps/web/overlays/prod-eu-1", "apps/web/overlays/prod-us-1"),
    "plain-yaml": ("apps/shop",),
}
"""The folders that are applied to a cluster, by layout."""


@pytest.fixture(params=_LAYOUTS)
def layout(request: pytest.FixtureRequest, git_repository: Repository) -> Repository:
    shutil.copytree(CHECKOUT / "examples/layouts" / request.param, git_repository.root, dirs_exist_ok=True)
    git_repository.write("layout", request.param)
    return git_repository


def _web(folder: Path) -> tuple[int, str]:
    """The replicas and the cpu request that a folder builds."""
    (spec,) = (
        found["spec"] for (kind, _, name), found in build(folder).items() if (kind, name) == ("Deployment", "web")
    )
    return spec["replicas"], spec["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"]


def test_every_layout_has_an_entry_here_and_on_the_page_about_layouts() -> None:
    page = (CHECKOUT / "docs/does-it-fit.md").read_text("utf-8")
    folders = {path.name for path in (CHECKOUT / "examples/layouts").iterdir()}

    assert folders == {*_LAYOUTS}
    assert all(f"examples/layouts/{name}" in page for name in folders)


def test_a_layout_compiles_without_findings_and_every_overlay_joins(layout: Repository) -> None:
    done = layout.completed("compile")

    assert done.stdout.endswith("1 plan created; nothing found\n")
    layout.run("wire", "--check")
    layout.run("validate")


def test_kubectl_builds_the_requested_values_only_with_the_component(layout: Repository) -> None:
    layout.run("compile")

    for folder in _LAYOUTS[layout.read("layout")]:
        assert _web(layout.root / folder) == (6, "500m")
        without_components(layout.root / folder)
        assert _web(layout.root / folder) == (3, "250m")
