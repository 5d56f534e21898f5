"""What is reported of a Component that no overlay joins, or that breaks one."""

from infra_scale.core.manifests.deployments import Deployments
from infra_scale.core.manifests.files import read_files
from infra_scale.core.manifests.inventory import Inventory
from infra_scale.model.manifest import Fault
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, WorkloadRef
from support.build_cases import WEB
from support.builds import Texts, sources

_OURS = "../../ops/rendered/infra-scale"
_BASE = {"app/base/kustomization.yaml": "resources: [web.yaml]\n", "app/base/web.yaml": WEB}
_WEB = WorkloadRef("Deployment", "shop", "web")
_OVERLAY = "namespace: shop\nresources: [../base]\n"


def _faults(
    files: Texts, *clusters: Cluster, ref: WorkloadRef = _WEB, cluster: str = "c1", is_autoscaled: bool = False
) -> list[Fault]:
    target = Target("live", clusters or (Cluster("c1", "c1", 0),), ("app",))
    inventory = Inventory(read_files(sources({**_BASE, **files}).values()), target.manifests)
    return list(Deployments(inventory, target).faults(ref, cluster, is_autoscaled=is_autoscaled))


def test_the_line_and_the_file_of_a_missing_component_are_named() -> None:
    (fault,) = _faults({"app/x/kustomization.yaml": _OVERLAY})
    assert (fault.kind, fault.is_certain) == ("unjoined", False)
    assert fault.fix == (
        f"add `{_OURS}/c1/shop/deployment-web` to `components` in `app/x/kustomization.yaml`, or run `infra-scale wire`"
    )


def test_an_overlay_that_joins_has_no_fault() -> None:
    for component in ("c1/shop", "c1/shop/deployment-web"):
        assert _faults({"app/x/kustomization.yaml": f"{_OVERLAY}components: [{_OURS}/{component}]\n"}) == []


def test_an_autoscaler_that_a_deployed_overlay_lacks_is_certain() -> None:
    mapped = Cluster("c1", "c1", 0, overlays=("app/x",))
    (fault,) = _faults({"app/x/kustomization.yaml": _OVERLAY}, mapped, is_autoscaled=True)
    assert fault.is_certain
    (fault,) = _faults({"app/x/kustomization.yaml": _OVERLAY}, mapped)
    assert not fault.is_certain


def test_a_new_request_breaks_an_overlay_that_joins_the_whole_namespace() -> None:
    files = {
        "app/x/kustomization.yaml": f"{_OVERLAY}components: [{_OURS}/c1/shop]\n",
        "app/other/kustomization.yaml": "resources: [worker.yaml]\nnamespace: shop\n",
        "app/other/worker.yaml": WEB.replace("web", "worker"),
    }
    worker = WorkloadRef("Deployment", "shop", "worker")
    kinds = [(fault.kind, "app/x" in fault.what or "app/x" in fault.fix) for fault in _faults(files, ref=worker)]
    assert ("breaks", True) in kinds


def test_a_workload_that_no_overlay_builds_is_stranded_beside_one_that_joins_its_namespace() -> None:
    files = {"app/x/kustomization.yaml": f"{_OVERLAY}components: [{_OURS}/c1/shop]\n"}

    (fault,) = _faults(files, ref=WorkloadRef("Deployment", "shop", "worker"))

    assert fault.kind == "stranded"


def test_each_cluster_has_its_own_overlay() -> None:
    files = {
        "app/x/kustomization.yaml": f"{_OVERLAY}components: [{_OURS}/c1/shop]\n",
        "app/y/kustomization.yaml": f"{_OVERLAY}components: [{_OURS}/c2/shop]\n",
    }
    clusters = Cluster("c1", "c1", 0), Cluster("c2", "c2", 0)
    assert [_faults(files, *clusters, cluster=name) for name in ("c1", "c2")] == [[], []]


def test_an_application_that_adds_the_component_joins_it() -> None:
    application = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source: {{path: app/base, kustomize: {{components: [{_OURS}/c1/shop]}}}}
  destination: {{name: c1, namespace: shop}}
"""
    assert _faults({"app/argocd/web.yaml": application}) == []


def test_plain_files_that_no_kustomization_names_join_nothing() -> None:
    files = {"app/plain/api.yaml": WEB.replace("{name: web}", "{name: api}")}
    (fault,) = _faults(files, ref=WorkloadRef("Deployment", "shop", "api"))
    assert (fault.kind, fault.is_certain) == ("unjoined", False)
    assert "app/plain/api.yaml is in no kustomization" in fault.fix
    assert "app/plain/kustomization.yaml" in fault.fix
    assert f"`{_OURS}/c1/shop/deployment-api`" in fault.fix


def test_plain_files_of_another_namespace_are_none_of_the_workload() -> None:
    files = {"app/plain/api.yaml": WEB.replace("{name: web}", "{name: api, namespace: other}")}
    assert _faults(files, ref=WorkloadRef("Deployment", "shop", "api")) == []


def test_plain_files_that_an_application_builds_are_a_build_of_it() -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: api}\nspec:\n"
        "  source: {path: app/plain}\n  destination: {name: c1, namespace: shop}\n"
    )
    files = {"app/plain/api.yaml": WEB.replace("{name: web}", "{name: api}"), "app/argocd/api.yaml": application}
    (fault,) = _faults(files, ref=WorkloadRef("Deployment", "shop", "api"))
    assert "app/plain has no kustomization" in fault.fix


def test_the_folder_that_an_application_builds_joins_rather_than_one_that_lists_it() -> None:
    application = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n"
        "  source: {path: app/x}\n  destination: {server: 'https://example.invalid', namespace: shop}\n"
    )
    files = {
        "app/x/kustomization.yaml": _OVERLAY,
        "app/kustomization.yaml": "resources: [x]\n",
        "app/argocd/web.yaml": application,
    }
    (fault,) = _faults(files)
    assert "in `app/x/kustomization.yaml`" in fault.fix


def test_the_line_of_a_list_that_is_there_is_named() -> None:
    files = {
        "app/x/kustomization.yaml": f"{_OVERLAY}components:\n- ../extra\n",
        "app/extra/kustomization.yaml": "kind: Component\nresources: []\n",
    }
    (fault,) = _faults(files)
    assert "to `components` in `app/x/kustomization.yaml:" in fault.fix


def test_the_line_that_joins_a_component_without_its_workload_is_named() -> None:
    files = {"app/x/kustomization.yaml": f"{_OVERLAY}components:\n- {_OURS}/c1/shop/deployment-worker\n"}
    (fault,) = _faults(files, ref=WorkloadRef("Deployment", "shop", "worker"))
    assert fault.fix == "delete that line in `app/x/kustomization.yaml:4`"
