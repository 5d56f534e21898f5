"""What a Component sets is compared with what the builds that join it hold."""

import pytest

from infra_scale.core.manifests import reading
from infra_scale.core.manifests.build import Builder
from infra_scale.core.manifests.files import read_files
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.core.manifests.promised import Checked, checked, component_files
from infra_scale.core.manifests.provenance import position_of
from infra_scale.core.manifests.reach import deployed
from infra_scale.core.syntax.stream import Stream, read_stream
from infra_scale.model.names import RENDERED
from infra_scale.model.source import Source
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, WorkloadRef
from support.build_cases import WEB
from support.builds import Texts, sources

_NAMESPACE = f"{RENDERED}/c1/shop"
_OWN = f"{_NAMESPACE}/deployment-web"
_WEB = WorkloadRef("Deployment", "shop", "web")
_BASE = {"app/base/kustomization.yaml": "resources: [web.yaml]\n", "app/base/web.yaml": WEB}
_SCALED = {
    f"{_OWN}/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 4
        template:
          spec:
            containers:
              - name: a
              - name: b
                resources: {requests: {cpu: 200m}}
"""
}
_AUTOSCALED = {
    f"{_OWN}/kustomization.yaml": """\
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources: [hpa-web.yaml]
patches:
  - patch: |
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: web}
      spec: {replicas: null}
""",
    f"{_OWN}/hpa-web.yaml": """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 5
""",
}


def _checked(rendered: Texts, more: str = "", files: Texts | None = None, component: str = _OWN) -> Checked:
    overlay = f"namespace: shop\nresources: [../base]\n{more}components: [../../{component}]\n"
    manifests = {**_BASE, "app/x/kustomization.yaml": overlay, **(files or {})}
    read = sources(manifests)
    target = Target("live", (Cluster("c1", "c1", 0),), ("app",))
    inventory = Inventory(read_files(read.values()), target.manifests)
    found = deployed(inventory.builder, inventory.files, target)
    (one,) = [one for one in found if list(one.joins((_OWN, _NAMESPACE)))]
    made = component_files(_NAMESPACE, ["deployment-web"], {path: text.encode() for path, text in rendered.items()})
    return checked(inventory, one, _WEB, "c1", made)


def _shown(found: Checked) -> list[tuple[str, str | None, str | None, str]]:
    return [(".".join(map(str, one.route)), one.planned, one.built, one.place.file) for one in found.differences]


def test_a_build_that_holds_everything_has_no_difference() -> None:
    for rendered in (_SCALED, _AUTOSCALED):
        for component in (_OWN, _NAMESPACE):
            assert _checked(rendered, component=component)[1:4] == ((), None, ())


def test_replicas_of_the_overlay_come_after_the_component() -> None:
    found = _checked(_SCALED, "replicas: [{name: web, count: 9}]\n")
    assert _shown(found) == [("spec.replicas", "4", "9", "app/x/kustomization.yaml")]


def test_a_patch_of_the_overlay_names_the_container_and_the_line() -> None:
    patch = (
        "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec:\n"
        "      template: {spec: {containers: [{name: b, resources: {requests: {cpu: 1}}}]}}\n"
    )
    found = _checked(_SCALED, patch)
    assert _shown(found) == [
        ("spec.template.spec.containers.b.resources.requests.cpu", "200m", "1", "app/x/kustomization.yaml")
    ]


def test_an_autoscaler_that_the_overlay_changes_is_a_difference() -> None:
    patch = (
        "patches:\n- target: {kind: HorizontalPodAutoscaler}\n"
        '  patch: \'[{"op": "replace", "path": "/spec/maxReplicas", "value": 3}]\'\n'
    )
    assert _shown(_checked(_AUTOSCALED, patch)) == [("spec.maxReplicas", "5", "3", "app/x/kustomization.yaml")]


def test_an_autoscaler_that_the_overlay_deletes_is_a_difference() -> None:
    patch = (
        "patches:\n- target: {kind: HorizontalPodAutoscaler}\n  patch: |-\n    apiVersion: autoscaling/v2\n"
        "    kind: HorizontalPodAutoscaler\n    metadata: {name: web}\n    $patch: delete\n"
    )
    (one,) = _checked(_AUTOSCALED, patch).differences
    assert (one.kind, one.route, one.built) == ("HorizontalPodAutoscaler", (), None)


def test_a_number_that_is_set_again_beside_an_autoscaler_is_a_difference() -> None:
    found = _checked(_AUTOSCALED, "replicas: [{name: web, count: 9}]\n")
    assert _shown(found) == [("spec.replicas", None, "9", "app/x/kustomization.yaml")]


def test_a_prefix_renames_the_workload_and_its_autoscaler_together() -> None:
    overlay = f"namespace: shop\nnamePrefix: my-\nresources: [../base]\ncomponents: [../../{_OWN}]\n"
    read = sources({**_BASE, "app/x/kustomization.yaml": overlay})
    target = Target("live", (Cluster("c1", "c1", 0),), ("app",))
    renamed = WorkloadRef("Deployment", "shop", "my-web")
    own = {path.replace("-web/", "-my-web/"): text.encode() for path, text in _AUTOSCALED.items()}
    read["app/x/kustomization.yaml"] = sources({"k": overlay.replace("-web]", "-my-web]")})["k"]._replace(
        path="app/x/kustomization.yaml"
    )
    (one,) = [one for one in deployed(Builder(read, empty=(RENDERED,)), read, target) if one.root == "app/x"]
    made = component_files(_NAMESPACE, ["deployment-my-web"], own)
    inventory = Inventory(read_files(read.values()), target.manifests)
    assert checked(inventory, one, renamed, "c1", made).differences == ()


def test_a_prefix_of_the_joining_overlay_hides_no_workload_that_the_request_names_without_it() -> None:
    assert _checked(_SCALED, "namePrefix: my-\n")[1:4] == ((), None, ())
    assert _checked(_AUTOSCALED, "namePrefix: my-\n")[1:4] == ((), None, ())


def test_a_build_that_kustomize_refuses_with_the_component_is_refused() -> None:
    hpa = _AUTOSCALED[f"{_OWN}/hpa-web.yaml"]
    files = {"app/base/hpa.yaml": hpa, "app/base/kustomization.yaml": "resources: [web.yaml, hpa.yaml]\n"}
    found = _checked(_AUTOSCALED, files=files)
    assert found.refused is not None
    assert "already registered id" in found.refused.what


def test_what_an_application_sets_is_a_difference_with_its_line() -> None:
    application = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source:
    path: app/base
    kustomize:
      replicas: [{{name: web, count: 9}}]
      components: [../../{_OWN}]
  destination: {{name: c1, namespace: shop}}
"""
    files = {"app/argocd/web.yaml": application, "app/x/kustomization.yaml": "resources: [../base]\n"}
    found = _checked(_SCALED, files=files)
    assert _shown(found) == [("spec.replicas", "4", "9", "app/argocd/web.yaml")]
    position = position_of(sources(files), found.differences[0].place)
    assert position.line == 8


def test_a_build_with_remote_parts_tells_that_not_all_is_checked() -> None:
    found = _checked(_SCALED, "bases: ['https://example.invalid/x?ref=1']\n")
    assert (found.differences, bool(found.unknown)) == ((), True)


def test_other_components_of_ours_are_left_out() -> None:
    other = f"{RENDERED}/c1/shop/deployment-other"
    overlay = f"namespace: shop\nresources: [../base]\ncomponents: [../../{_OWN}, ../../{other}]\n"
    assert _checked(_SCALED, files={"app/x/kustomization.yaml": overlay})[1:4] == ((), None, ())


def test_a_file_outside_of_the_manifests_is_no_error_of_the_component() -> None:
    for more in ("patches: [{path: ../../elsewhere/patch.yaml}]\n", "configurations: [../../elsewhere/names.yaml]\n"):
        found = _checked(_SCALED, more)
        assert (found.refused, found.differences) == (None, ())
        assert "not in a folder of `manifests`" in " ".join(one.what for one in found.unknown), more


def test_what_is_rendered_for_one_workload_does_not_decide_about_the_next() -> None:
    overlay = f"namespace: shop\nresources: [../base]\ncomponents: [../../{_NAMESPACE}]\n"
    other = _OWN.replace("web", "worker")
    base = {"app/base/kustomization.yaml": "resources: [web.yaml, worker.yaml]\n"}
    base |= {"app/base/web.yaml": WEB, "app/base/worker.yaml": WEB.replace("web", "worker")}
    read = sources({**base, "app/x/kustomization.yaml": overlay})
    target = Target("live", (Cluster("c1", "c1", 0),), ("app",))
    inventory = Inventory(read_files(read.values()), target.manifests)
    (one,) = deployed(inventory.builder, inventory.files, target)

    def found(name: str, folder: str, replicas: int) -> Checked:
        text = next(iter(_SCALED.values())).replace("name: web", f"name: {name}").replace("4", str(replicas))
        made = component_files(_NAMESPACE, [f"deployment-{name}"], {f"{folder}/kustomization.yaml": text.encode()})
        return checked(inventory, one, WorkloadRef("Deployment", "shop", name), "c1", made)._replace(files={})

    assert [found("web", _OWN, 4), found("worker", other, 5), found("web", _OWN, 6)] == [Checked(one)] * 3


def test_a_folder_that_no_component_of_ours_decides_about_is_built_once_for_all_requests(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = sources({**_BASE, "app/x/kustomization.yaml": f"resources: [../base]\ncomponents: [../../{_NAMESPACE}]\n"})
    target = Target("live", (Cluster("c1", "c1", 0),), ("app",))
    inventory = Inventory(read_files(read.values()), target.manifests)
    (one,) = deployed(inventory.builder, inventory.files, target)
    parsed: list[str] = []

    def parse(source: Source, **options: bool) -> Stream:
        parsed.append(source.path)
        return read_stream(source, **options)

    monkeypatch.setattr(reading, "read_stream", parse)
    made = component_files(_NAMESPACE, [], {})
    assert checked(inventory, one, _WEB, "c1", made).refused
    assert parsed == [f"{_NAMESPACE}/kustomization.yaml"]
