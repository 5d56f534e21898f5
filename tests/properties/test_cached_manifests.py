"""The cache of what manifests declare decides about nothing: whatever is edited, all is as without it."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from infra_scale.cli.main import main
from support.amounts import examples
from support.build_cases import WEB
from support.repository import MOMENT, Repository

_KUSTOMIZATION, _OURS = "kustomization.yaml", "../../ops/rendered/infra-scale/c1/shop/deployment-web"
_HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 2, maxReplicas: 5}
"""
_BUDGET = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 2}
"""
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web}
spec:
  source: {path: apps/prod, repoURL: here, kustomize: {replicas: [{name: web, count: 7}]}}
  destination: {name: c1, namespace: shop}
"""
_RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: api, namespace: shop}
spec:
  chartRef: {kind: OCIRepository, name: api}
  valuesFrom: [{kind: ConfigMap, name: values}]
  values: {autoscaling: {enabled: false}}
"""
_VALUES = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: values, namespace: shop}
data: {values.yaml: "replicaCount: 3"}
"""
_CHART = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: api, namespace: shop}
spec: {url: oci://example.invalid/charts/web}
"""
_HELM = """\
clusters: [{name: c2}]
manifests: [charts, flux]
helm: [{chart: web}, {chart: web, release: shop-web, namespace: shop, files: [charts/web/values.yaml, flux/env.yaml]}]
"""
_OF_RELEASE = "../ops/rendered/infra-scale/c2/shop/helmrelease-api"
_SCALED = "target: charts\nnamespace: shop\nworkloads: [{kind: Deployment, name: %s, replicas: 6}]\n"
_START = {
    "ops/targets/charts.yaml": _HELM,
    "requests/api.yaml": _SCALED % "api-web",
    "requests/shop.yaml": _SCALED % "shop-web",
    "charts/web/Chart.yaml": "name: web\n",
    "charts/web/values.yaml": "replicaCount: 1\n",
    "flux/env.yaml": "replicaCount: 4\n",
    f"flux/{_KUSTOMIZATION}": f"resources: [release.yaml, values.yaml, chart.yaml]\ncomponents: [{_OF_RELEASE}]\n",
    "flux/release.yaml": _RELEASE,
    "flux/values.yaml": _VALUES,
    "flux/chart.yaml": _CHART,
    "ops/targets/prod.yaml": "clusters: [{name: c1}]\nmanifests: [apps]\n",
    "requests/web.yaml": "target: prod\nnamespace: shop\nworkloads: [{kind: Deployment, name: web, replicas: 6}]\n",
    f"apps/base/{_KUSTOMIZATION}": "resources: [web.yaml]\n",
    "apps/base/web.yaml": WEB,
    f"apps/prod/{_KUSTOMIZATION}": f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\n",
}
_TEXTS = {
    "ops/targets/prod.yaml": ["clusters: [{name: c1}]\nmanifests: [apps, more]\n", "clusters: [{name: c1}]\n"],
    f"apps/base/{_KUSTOMIZATION}": ["resources: [web.yaml, other.yaml]\n", "resources: [\n", "namePrefix: my-\n"],
    "apps/base/kustomization.yml": ["resources: [web.yaml]\n"],
    "apps/base/web.yaml": [WEB.replace("name: web", "name: api"), WEB.replace("replicas: 2", "replicas: 3"), "a: [\n"],
    "apps/base/other.yaml": [_HPA, _BUDGET, _APPLICATION, WEB],
    f"apps/prod/{_KUSTOMIZATION}": [
        "namespace: shop\nresources: [../base]\n",
        "namespace: other\nresources: [../base, hpa.yaml]\n",
        f"namespace: shop\nresources: [../base]\ncomponents: [{_OURS}]\npatches: [{{path: patch.json}}]\n",
        f"namespace: shop\nresources: [../base, 'https://example.invalid/x?ref=1']\ncomponents: [{_OURS}]\n",
    ],
    "apps/prod/patch.json": [
        '[{"op": "replace", "path": "/metadata/name", "value": "api"}]',
        '{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {"replicas": 9}}',
    ],
    "apps/prod/hpa.yaml": [_HPA],
    "apps/base/Chart.yaml": ["name: web\n"],
    "apps/loose.yaml": [WEB, _BUDGET, _APPLICATION, "---\nno: kind\n"],
    "charts/web/values.yaml": ["replicaCount: 2\n", "replicas: 1\n", "a: [\n"],
    "flux/env.yaml": ["replicaCount: 5\n", "{}\n"],
    f"flux/{_KUSTOMIZATION}": [
        "resources: [release.yaml, values.yaml, chart.yaml]\n",
        f"resources: [release.yaml, chart.yaml]\ncomponents: [{_OF_RELEASE}]\npatches: [{{path: patch.yaml}}]\n",
    ],
    "flux/patch.yaml": [_RELEASE.replace("{autoscaling", "{replicaCount: 9, autoscaling")],
    "flux/release.yaml": [_RELEASE.replace("enabled: false", "enabled: true"), _RELEASE.replace("api,", "web,")],
    "flux/values.yaml": [_VALUES.replace("3", "8"), "{}\n"],
    "flux/chart.yaml": [_CHART.replace("charts/web", "charts/other"), _CHART.replace("name: api", "name: other")],
    f"more/{_KUSTOMIZATION}": ["namespace: shop\nresources: [../apps/base]\n"],
}
Edit = Callable[[Path], None]


def _write(path: str, text: str) -> Edit:
    def edit(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")

    return edit


def _remove(path: str) -> Edit:
    return lambda root: (root / path).unlink(missing_ok=True)


def _rewrite_unseen(root: Path) -> None:
    """As many bytes, and the time of the old file."""
    file = root / "apps/base/web.yaml"
    before = file.stat()
    file.write_text(file.read_text(encoding="utf-8").replace("replicas: 2", "replicas: 4"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def _swap(root: Path) -> None:
    one, other = root / "apps/base/web.yaml", root / "apps/swapped.yaml"
    one.rename(other)
    shutil.copy2(other, one)


def _cut_cache(root: Path) -> None:
    for file in (root / ".artifacts/cache").glob("[!.]*"):
        file.write_bytes(file.read_bytes()[:-7])


def _drop_cache(root: Path) -> None:
    shutil.rmtree(root / ".artifacts", ignore_errors=True)


_WRITES = [_write(path, text) for path, texts in _TEXTS.items() for text in texts]
_RESETS = [_write(path, text) for path, text in _START.items()]
_REMOVALS = [_remove(path) for path in _TEXTS if path not in _START]
_EDITS = st.sampled_from(
    [*_WRITES, *_WRITES, *_RESETS, *_REMOVALS, _rewrite_unseen, _swap, _cut_cache, _drop_cache],
)
_COMMANDS = st.sampled_from([["compile"], ["compile", "--check"], ["validate"], ["validate", "requests/web.yaml"]])


@examples(40, HealthCheck.function_scoped_fixture)
@given(steps=st.lists(st.tuples(st.lists(_EDITS, max_size=3), _COMMANDS), min_size=2, max_size=8))
def test_with_facts_of_earlier_runs_every_command_does_what_it_does_without(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    steps: list[tuple[list[Edit], list[str]]],
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", MOMENT)
    both = cached, plain = Repository(tmp_path / "cached"), Repository(tmp_path / "plain")
    for edit, repository in ((edit, repository) for edit in _RESETS for repository in both):
        edit(repository.root)
    for edits, command in steps:
        found = []
        for repository, option in ((cached, []), (plain, ["--no-cache"])):
            for edit in edits:
                edit(repository.root)
            monkeypatch.chdir(repository.root)
            found.append([(main([*command, *option]), *capsys.readouterr()) for _ in range(2)])
        assert found[0] == found[1]
        assert cached.tree("ops") == plain.tree("ops")
    assert not (plain.root / ".artifacts").exists()
    for repository in both:
        shutil.rmtree(repository.root)
