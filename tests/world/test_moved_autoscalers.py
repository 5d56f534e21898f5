"""The help of MAN-003, followed word for word, moves an autoscaler out of the base and loses nothing."""

import json
import re
from pathlib import Path

import pytest

from support.kustomize import Built, build
from support.repository import Repository

_WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: example/web:1, resources: {requests: {cpu: 100m, memory: 64Mi}}}]}
"""
_HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 9
"""
_OVERLAY = "namespace: shop\nresources:\n- ../base\n"
_REQUEST = """\
target: prod
namespace: shop
workloads:
  - {kind: Deployment, name: web, hpa: {min: 3, max: 6, targetCPU: 70}}
"""
_LINE = re.compile(r"add `([^`]+)` to `components` in `([^`]+)`")


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """A base with its own HPA, and an overlay of production."""
    made = Repository(tmp_path)
    made.write("ops/targets/prod.yaml", "clusters: [{name: c1}]\nmanifests: [app]\n")
    made.write("requests/web.yaml", _REQUEST)
    made.write("app/base/web.yaml", _WEB)
    made.write("app/base/hpa.yaml", _HPA)
    made.write("app/base/kustomization.yaml", "resources:\n- web.yaml\n- hpa.yaml\n")
    made.write("app/prod/kustomization.yaml", _OVERLAY)
    return made


def _help(shop: Repository) -> str:
    found = json.loads(shop.run("compile", "--format", "json", code=1))["findings"]
    (help,) = [one["help"] for one in found if one["rule"] == "MAN-003"]
    return str(help)


def _join(shop: Repository, help: str) -> None:
    for item, path in _LINE.findall(help):
        shop.write(path, f"{shop.read(path)}components:\n- {item}\n")


def _bounds(built: Built, name: str = "web") -> tuple[int, int]:
    spec = built["HorizontalPodAutoscaler", "shop", name]["spec"]
    return spec["minReplicas"], spec["maxReplicas"]


@pytest.mark.parametrize("is_joined", [False, True])
def test_a_file_of_its_own_is_deleted_with_its_line_and_the_component_is_joined(
    shop: Repository, *, is_joined: bool
) -> None:
    before = build(shop.root / "app/prod")
    if is_joined:
        ours = "../../ops/rendered/infra-scale/c1/shop/deployment-web"
        shop.write("app/prod/kustomization.yaml", f"{_OVERLAY}components:\n- {ours}\n")
    help = _help(shop)
    assert "delete `app/base/hpa.yaml` and its line in `resources` of `app/base/kustomization.yaml`" in help
    assert bool(_LINE.findall(help)) is not is_joined
    (shop.root / "app/base/hpa.yaml").unlink()
    shop.write("app/base/kustomization.yaml", "resources:\n- web.yaml\n")
    _join(shop, help)
    shop.run("compile")
    built = build(shop.root / "app/prod")
    assert built.keys() == before.keys()
    assert _bounds(built) == (3, 6)


def test_an_object_among_others_is_deleted_by_its_line(shop: Repository) -> None:
    shop.write("app/base/web.yaml", f"{_WEB}---\n{_HPA}")
    shop.write("app/base/kustomization.yaml", "resources:\n- web.yaml\n")
    help = _help(shop)
    line = _WEB.count("\n") + 2
    assert f"delete it from `app/base/web.yaml:{line}`" in help
    shop.write("app/base/web.yaml", _WEB)
    _join(shop, help)
    shop.run("compile")
    assert _bounds(build(shop.root / "app/prod")) == (3, 6)


def test_an_overlay_that_keeps_the_autoscaler_is_named(shop: Repository) -> None:
    shop.write("app/staging/kustomization.yaml", _OVERLAY)
    shop.write("app/prod/kustomization.yaml", f"{_OVERLAY}components:\n- ../../ops/rendered/infra-scale/c1/shop\n")
    help = _help(shop)
    assert "`app/staging` builds it too: move it there" in help
    (shop.root / "app/base/hpa.yaml").rename(shop.root / "app/staging/hpa.yaml")
    shop.write("app/base/kustomization.yaml", "resources:\n- web.yaml\n")
    shop.write("app/staging/kustomization.yaml", f"{_OVERLAY}- hpa.yaml\n")
    _join(shop, help)
    shop.run("compile")
    assert _bounds(build(shop.root / "app/prod")) == (3, 6)
    assert _bounds(build(shop.root / "app/staging")) == (2, 9)
