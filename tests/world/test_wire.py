"""`infra-scale wire` edits the overlays that build requested workloads, and then they build what was planned."""

from pathlib import Path

import pytest

from support.kustomize import build
from support.repository import Repository

_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: example/web:1, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
"""
_REQUEST = """\
target: prod
namespace: shop
workloads:
  - {kind: Deployment, name: web, replicas: 4}
"""
_TARGET = "clusters: [{name: c1}]\nmanifests: [app]\n"
_OVERLAY = "# The shop.\nnamespace: shop\nresources:\n- ../base  # shared\n"
_LINE = "- ../../ops/rendered/infra-scale/c1/shop/deployment-web\n"


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A base, one overlay without our Component, and a request."""
    made = Repository(tmp_path)
    made.write("requests/web.yaml", _REQUEST)
    made.write("ops/targets/prod.yaml", _TARGET)
    made.write("app/base/web.yaml", _WEB)
    made.write("app/base/kustomization.yaml", "resources: [web.yaml]\n")
    made.write("app/live/kustomization.yaml", _OVERLAY)
    return made


def test_an_overlay_gets_the_line_and_builds_what_is_planned(shop: Repository) -> None:
    done = shop.completed("wire")
    assert done.stdout == "updated   app/live/kustomization.yaml\n"
    assert "ops/rendered/infra-scale/c1/shop/deployment-web" in done.stderr
    assert shop.read("app/live/kustomization.yaml") == f"{_OVERLAY}components:\n{_LINE}"
    shop.run("compile")
    assert build(shop.root / "app/live")["Deployment", "shop", "web"]["spec"]["replicas"] == 4


def test_an_overlay_with_a_helm_release_gets_the_line_of_its_values_and_builds_them(shop: Repository) -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n"
        "  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: x}}}\n"
        "  values: {replicaCount: 2, autoscaling: {enabled: false}}\n"
    )
    shop.write("ops/targets/prod.yaml", f"{_TARGET}helm: [{{chart: web}}]\n")
    shop.write("app/base/web.yaml", release)
    shop.run("wire")
    line = _LINE.replace("deployment-web", "helmrelease-web")
    assert shop.read("app/live/kustomization.yaml") == f"{_OVERLAY}components:\n{line}"
    shop.run("compile")
    built = build(shop.root / "app/live")["HelmRelease", "shop", "web"]
    assert built["spec"]["values"] == {"replicaCount": 4, "autoscaling": {"enabled": False}}


def test_a_second_run_changes_nothing(shop: Repository) -> None:
    shop.run("wire")
    before = shop.read("app/live/kustomization.yaml")
    done = shop.completed("wire")
    assert (done.stdout, "nothing to do" in done.stderr) == ("", True)
    assert shop.read("app/live/kustomization.yaml") == before
    assert shop.run("wire", "--check") == ""


def test_check_and_dry_run_print_a_diff_and_write_nothing(shop: Repository) -> None:
    for option, code in (("--check", 1), ("--dry-run", 0)):
        shown = shop.run("wire", option, code=code)
        assert f"+{_LINE}" in shown
        assert shown.startswith("--- a/app/live/kustomization.yaml\n+++ b/app/live/kustomization.yaml\n")
        assert shop.read("app/live/kustomization.yaml") == _OVERLAY


def test_each_cluster_gets_its_line_in_its_own_overlay(shop: Repository) -> None:
    shop.write(
        "ops/targets/prod.yaml",
        "clusters:\n- {name: c1, overlays: [app/eu]}\n- {name: c2, overlays: ['app/u?']}\nmanifests: [app]\n".replace(
            "u?", "u*"
        ),
    )
    shop.write("app/eu/kustomization.yaml", _OVERLAY)
    shop.write("app/us/kustomization.yaml", _OVERLAY)
    assert shop.run("wire") == "updated   app/eu/kustomization.yaml\nupdated   app/us/kustomization.yaml\n"
    assert "/c1/shop/deployment-web" in shop.read("app/eu/kustomization.yaml")
    assert "/c2/shop/deployment-web" in shop.read("app/us/kustomization.yaml")
    assert shop.read("app/live/kustomization.yaml") == _OVERLAY


def test_two_workloads_of_one_overlay_are_two_lines(shop: Repository) -> None:
    shop.write("app/base/worker.yaml", _WEB.replace("web", "worker"))
    shop.write("app/base/kustomization.yaml", "resources: [web.yaml, worker.yaml]\n")
    shop.write("requests/worker.yaml", _REQUEST.replace("name: web", "name: worker"))
    shop.run("wire")
    assert shop.read("app/live/kustomization.yaml").endswith(f"components:\n{_LINE}{_LINE.replace('-web', '-worker')}")


def test_only_the_selected_requests_are_joined(shop: Repository) -> None:
    shop.write("requests/other.yaml", _REQUEST.replace("name: web", "name: other"))
    assert shop.run("wire", "requests/other.yaml") == ""
    assert shop.run("wire", "--target", "other") == ""
    assert shop.read("app/live/kustomization.yaml") == _OVERLAY


def test_an_overlay_whose_cluster_is_unknown_is_left_to_the_user(shop: Repository) -> None:
    shop.write("app/second/kustomization.yaml", _OVERLAY)
    done = shop.completed("wire", code=1)
    assert "app/live and app/second build Deployment/web, and which of them is for c1 is unknown" in done.stderr
    assert "set `overlays` of cluster c1 in the target prod" in done.stderr
    assert shop.read("app/second/kustomization.yaml") == _OVERLAY


def test_one_overlay_of_several_clusters_is_left_to_the_user(shop: Repository) -> None:
    shop.write("ops/targets/prod.yaml", _TARGET.replace("{name: c1}", "{name: c1}, {name: c2}"))
    done = shop.completed("wire", code=1)
    assert "app/live builds Deployment/web, and is not an overlay of one cluster" in done.stderr


def test_a_file_that_cannot_be_edited_is_left_with_the_line_to_add(shop: Repository) -> None:
    shop.write(
        "app/live/kustomization.yaml",
        f"resources: &all [../base]\nnamespace: shop\ncomponents:\n-\n  {_LINE[2:].replace('-web', '-x')}",
    )
    done = shop.completed("wire", code=1)
    assert "add `../../ops/rendered/infra-scale/c1/shop/deployment-web`" in done.stderr


def test_a_folder_without_a_kustomization_is_left_to_the_user(shop: Repository) -> None:
    shop.write("app/argocd/web.yaml", _APPLICATION.replace("PATH", "app/plain"))
    shop.write("app/plain/web.yaml", _WEB)
    (shop.root / "app/live/kustomization.yaml").unlink()
    (shop.root / "app/base/kustomization.yaml").unlink()
    done = shop.completed("wire", code=1)
    assert "app/plain has no kustomization that could join" in done.stderr


def test_several_applications_of_one_folder_join_by_themselves(shop: Repository) -> None:
    for name in ("c1", "c2"):
        application = _APPLICATION.replace("PATH", "app/live").replace("c1", name)
        shop.write(f"app/argocd/{name}.yaml", application)
    shop.write("ops/targets/prod.yaml", _TARGET.replace("{name: c1}", "{name: c1}, {name: c2}"))
    done = shop.completed("wire", code=1)
    assert "to `spec.source.kustomize.components` in app/argocd/c1.yaml" in " ".join(done.stderr.split())
    assert "to `spec.source.kustomize.components` in app/argocd/c2.yaml" in " ".join(done.stderr.split())


def test_a_request_that_is_invalid_is_skipped_and_named(shop: Repository) -> None:
    shop.write("requests/bad.yaml", "target: prod\n")
    done = shop.completed("wire")
    assert "requests/bad.yaml: skipped" in done.stderr
    assert done.stdout == "updated   app/live/kustomization.yaml\n"


def test_a_target_without_manifests_has_nothing_to_edit(shop: Repository) -> None:
    shop.write("ops/targets/prod.yaml", "clusters: [{name: c1}]\n")
    assert "target prod: skipped, because it lists no overlays" in shop.completed("wire", "--check").stderr


def test_a_target_that_is_invalid_is_an_error(shop: Repository) -> None:
    shop.write("ops/targets/prod.yaml", "clusters: 3\n")
    assert "a target file is invalid" in shop.completed("wire", code=1).stderr


def test_a_link_in_place_of_the_kustomization_is_not_followed(shop: Repository, tmp_path: Path) -> None:
    outside = shop.write("outside.yaml", _OVERLAY)
    (shop.root / "app/live/kustomization.yaml").unlink()
    (shop.root / "app/live/kustomization.yaml").symlink_to(outside)
    shop.completed("wire", code=None)
    assert outside.read_text(encoding="utf-8") == _OVERLAY


_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web-c1}
spec:
  source: {path: PATH, repoURL: https://git.example/x.git}
  destination: {name: c1, namespace: shop}
"""


@pytest.mark.parametrize("way", ["a target", "an Application"])
def test_the_place_of_joining_is_that_of_the_values_also_below_one_root_of_all(shop: Repository, way: str) -> None:
    overlays = ", overlays: [app/live]" if way == "a target" else ""
    shop.write("ops/targets/prod.yaml", f"clusters: [{{name: c1{overlays}}}]\nmanifests: [app]\n")
    shop.write("app/kustomization.yaml", "resources: [live, api]\n")
    shop.write("app/api/kustomization.yaml", "namespace: api\nresources: [../base]\n")
    if way == "an Application":
        shop.write(
            "app/argocd/web.yaml",
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n"
            "  source: {path: app/live}\n  destination: {name: c1, namespace: shop}\n",
        )
    rendered = "ops/rendered/infra-scale/c1/shop/deployment-web/kustomization.yaml"
    shop.run("compile")
    before = shop.read(rendered)
    assert shop.run("wire") == "updated   app/live/kustomization.yaml\n"
    shop.run("compile")
    assert shop.read(rendered) == before
    built = build(shop.root / "app")
    assert built["Deployment", "shop", "web"]["spec"]["replicas"] == 4
    assert "replicas" not in built["Deployment", "api", "web"]["spec"]


def test_plain_files_are_reported_with_what_joins_them(shop: Repository) -> None:
    shop.write("app/plain/api.yaml", _WEB.replace("{name: web}", "{name: api}", 1))
    shop.write("requests/web.yaml", _REQUEST.replace("name: web", "name: api"))
    done = shop.completed("wire", code=1)
    assert "app/plain/api.yaml is in no kustomization" in done.stderr
