"""Which builds deploy a workload to a cluster, and whether they join our Component of it."""

from infra_scale.core.manifests.build import Builder
from infra_scale.core.manifests.reach import Reach, deployed, is_mapped, reach
from infra_scale.model.target import Target
from infra_scale.model.workload import Cluster, WorkloadRef
from support.build_cases import WEB
from support.builds import Texts, sources

_OURS = "ops/rendered/infra-scale"
_BASE = {"app/base/kustomization.yaml": "resources: [web.yaml]\n", "app/base/web.yaml": WEB}
_WEB = WorkloadRef("Deployment", "shop", "web")


def _overlay(*components: str, more: str = "", up: str = "../..") -> str:
    lines = "".join(f"- {up}/{_OURS}/{component}\n" for component in components)
    return f"namespace: shop\nresources: [../base]\n{more}" + (f"components:\n{lines}" if lines else "")


def _target(*clusters: Cluster | str, name: str = "live") -> Target:
    made = (one if isinstance(one, Cluster) else Cluster(one, one, 0) for one in clusters or ("c1",))
    return Target(name, tuple(made), ("app",))


def _reach(files: Texts, target: Target, *, cluster: str = "c1", ref: WorkloadRef = _WEB) -> Reach:
    read = sources({**_BASE, **files})
    empty = {join for name in ("c1", "c2") for join in (f"{_OURS}/{name}/shop", f"{_OURS}/{name}/shop/deployment-web")}
    return reach(deployed(Builder(read, empty=empty), read, target), ref, cluster)


def _roots(found: Reach) -> tuple[list[str], list[str], list[str]]:
    return (
        [one.root for one in found.joined],
        [one.root for one in found.missing],
        [one.root for one, _ in found.broken],
    )


def test_the_component_of_the_workload_or_of_its_namespace_may_be_joined() -> None:
    for component in ("c1/shop", "c1/shop/deployment-web"):
        assert _roots(_reach({"app/x/kustomization.yaml": _overlay(component)}, _target())) == (["app/x"], [], [])


def test_a_build_of_the_workload_that_joins_nothing_lacks_it() -> None:
    assert _roots(_reach({"app/x/kustomization.yaml": _overlay()}, _target())) == ([], ["app/x"], [])


def test_another_overlay_beside_one_that_joins_may_be_for_another_target() -> None:
    files = {"app/x/kustomization.yaml": _overlay("c1/shop"), "app/y/kustomization.yaml": _overlay()}
    assert _roots(_reach(files, _target())) == (["app/x"], [], [])


def test_an_overlay_of_another_namespace_is_none_of_the_workload() -> None:
    files = {"app/x/kustomization.yaml": _overlay().replace("shop", "test")}
    assert _roots(_reach(files, _target())) == ([], [], [])


def test_the_component_that_is_joined_tells_the_cluster_of_an_overlay() -> None:
    files = {"app/x/kustomization.yaml": _overlay("c1/shop"), "app/y/kustomization.yaml": _overlay("c2/shop")}
    assert _roots(_reach(files, _target("c1", "c2"))) == (["app/x"], [], [])
    assert _roots(_reach(files, _target("c1", "c2"), cluster="c2")) == (["app/y"], [], [])


def test_a_folder_named_as_the_cluster_is_its_overlay() -> None:
    files = {f"app/{name}/kustomization.yaml": _overlay() for name in ("c1", "c2")}
    assert _roots(_reach(files, _target("c1", "c2"), cluster="c2")) == ([], ["app/c2"], [])


def test_a_folder_named_as_the_target_is_the_overlay_of_its_only_cluster() -> None:
    files = {f"app/{name}/kustomization.yaml": _overlay() for name in ("prod", "staging")}
    assert _roots(_reach(files, _target(name="prod"))) == ([], ["app/prod"], [])


def test_each_overlay_that_the_target_maps_to_the_cluster_has_to_join() -> None:
    mapped = _target(Cluster("c1", "c1", 0, overlays=("app/eu-*",)), "c2")
    files = {
        "app/eu-1/kustomization.yaml": _overlay("c1/shop"),
        "app/eu-2/kustomization.yaml": _overlay(),
        "app/us-1/kustomization.yaml": _overlay(),
    }
    assert _roots(_reach(files, mapped)) == (["app/eu-1"], ["app/eu-2"], [])


def test_a_mapped_folder_counts_even_where_another_kustomization_names_it() -> None:
    mapped = _target(Cluster("c1", "c1", 0, overlays=("app/eu",)))
    files = {"app/eu/kustomization.yaml": _overlay(), "app/all/kustomization.yaml": "resources: [../eu]\n"}
    assert "app/eu" in _roots(_reach(files, mapped))[1]


def test_an_application_joins_for_the_cluster_that_it_names() -> None:
    application = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web}}
spec:
  source: {{path: app/base, kustomize: {{components: [../../{_OURS}/c1/shop/deployment-web]}}}}
  destination: {{name: c1, namespace: shop}}
"""
    files = {"app/argocd/web.yaml": application}
    assert _roots(_reach(files, _target("c1", "c2"))) == (["app/base"], [], [])
    other = application.replace("namespace: shop", "namespace: other")
    assert _roots(_reach({"app/argocd/web.yaml": other.replace("c1/shop", "c2/shop")}, _target("c1"))) == ([], [], [])


def test_a_component_without_its_workload_breaks_the_build_that_joins_it() -> None:
    worker = WorkloadRef("Deployment", "shop", "worker")
    files = {"app/x/kustomization.yaml": _overlay("c1/shop")}
    assert _roots(_reach(files, _target(), ref=worker)) == ([], [], ["app/x"])


def test_a_build_that_is_not_known_whole_may_have_the_workload() -> None:
    worker = WorkloadRef("Deployment", "shop", "worker")
    files = {"app/x/kustomization.yaml": _overlay("c1/shop", more="bases: ['https://example.invalid/x?ref=1']\n")}
    assert _roots(_reach(files, _target(), ref=worker)) == (["app/x"], [], [])


def test_a_workload_that_is_renamed_later_is_there_when_the_component_joins() -> None:
    renamed = WorkloadRef("Deployment", "shop", "my-web")
    files = {"app/x/kustomization.yaml": _overlay("c1/shop", more="namePrefix: my-\n")}
    assert _roots(_reach(files, _target(), ref=renamed)) == (["app/x"], [], [])


def test_patterns_match_within_one_folder_name() -> None:
    cluster = Cluster("c1", "c1", 0, overlays=("apps/*/prod-*",))
    found = {folder: is_mapped(cluster, folder) for folder in ("apps/a/prod-1", "apps/prod-1", "apps/a/b/prod-1")}
    assert found == {"apps/a/prod-1": True, "apps/prod-1": False, "apps/a/b/prod-1": False}
