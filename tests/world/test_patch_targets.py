"""A workload that no name alone finds, or that is not known, is patched by a target: the build holds."""

from pathlib import Path

import pytest

from support.kustomize import build
from support.repository import Repository

_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: example/web:1, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
"""
_OURS = "../../ops/rendered/infra-scale/c1/shop/deployment-"


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A target with one cluster, and a base."""
    made = Repository(tmp_path)
    made.write("ops/targets/prod.yaml", "clusters: [{name: c1}]\nmanifests: [app]\n")
    made.write("app/base/web.yaml", _WEB)
    made.write("app/base/kustomization.yaml", "resources: [web.yaml]\n")
    return made


def _requested(shop: Repository, name: str, workload: str) -> None:
    shop.write(
        "requests/web.yaml",
        f"target: prod\nnamespace: shop\nworkloads:\n  - {{kind: Deployment, name: {name}, {workload}}}\n",
    )


def test_a_workload_that_only_a_target_can_name_gets_its_values(shop: Repository) -> None:
    shop.write("app/inner/kustomization.yaml", "resources: [../base]\nnamePrefix: a-\n")
    shop.write("app/outer/kustomization.yaml", "resources: [../inner]\nnamePrefix: b-\n")
    shop.write("app/live/a-web.yaml", _WEB.replace("{name: web}", "{name: a-web}", 1))
    shop.write(
        "app/live/kustomization.yaml",
        f"namespace: shop\nresources: [../outer, a-web.yaml]\ncomponents: [{_OURS}a-web]\n",
    )
    _requested(shop, "a-web", "replicas: 7, container: app, requests: {cpu: 300m}")
    output = shop.run("compile")
    assert "MAN-008" not in output
    built = build(shop.root / "app/live")
    assert built["Deployment", "shop", "a-web"]["spec"]["replicas"] == 7
    (container,) = built["Deployment", "shop", "a-web"]["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["requests"]["cpu"] == "300m"
    assert built["Deployment", "shop", "b-a-web"]["spec"]["replicas"] == 2


@pytest.mark.parametrize("namespace", ["", ", namespace: shop"])
def test_a_workload_behind_a_link_is_patched_whatever_its_file_says(shop: Repository, namespace: str) -> None:
    shop.write("elsewhere/web.yaml", _WEB.replace("{name: web}", f"{{name: web{namespace}}}", 1))
    shop.write("elsewhere/kustomization.yaml", "resources: [web.yaml]\n")
    (shop.root / "app/linked").symlink_to("../elsewhere")
    (shop.root / "app/base/kustomization.yaml").unlink()
    (shop.root / "app/base/web.yaml").unlink()
    shop.write("app/live/kustomization.yaml", f"namespace: shop\nresources: [../linked]\ncomponents: [{_OURS}web]\n")
    _requested(shop, "web", "replicas: 7")
    done = shop.completed("compile")
    assert "MAN-008 warning" in done.stdout + done.stderr
    assert build(shop.root / "app/live")["Deployment", "shop", "web"]["spec"]["replicas"] == 7
