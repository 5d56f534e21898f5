"""Roots of builds, and which of them build a workload or join a Component."""

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.overlays import components_line, digest, implied, joining, roots, unknown
from support.build_cases import WEB
from support.builds import sources

_OURS = "ops/rendered/infra-scale/c1/shop"
_FILES = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": WEB,
    "cl1/kustomization.yaml": f"resources: [core]\ncomponents: [../{_OURS}]\n",
    "cl1/core/kustomization.yaml": "namespace: shop\nresources: [../../base]\n",
    "cl2/kustomization.yaml": "namespace: shop\nresources: [../base, 'https://example.invalid/x?ref=1']\n",
    "broken/kustomization.yaml": "resources: [missing.yaml]\n",
    f"{_OURS}/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: []\n",
}


def test_roots_are_what_no_kustomization_names() -> None:
    assert roots(Builder(sources(_FILES)), _FILES) == ("broken", "cl1", "cl2")


def test_only_some_roots_that_build_a_workload_join_the_component() -> None:
    builder = Builder(sources(_FILES))
    builds = {root: builder.build(root) for root in roots(builder, _FILES)}
    assert [(root, join.chain) for root, join in joining(builds, _OURS)] == [("cl1", ("cl1/kustomization.yaml",))]
    assert [root for root, _ in unknown(builds)] == ["broken", "cl2"]


def test_a_join_inside_a_base_has_the_chain_that_leads_to_it() -> None:
    files = {**_FILES, "outer/kustomization.yaml": "resources: [../cl1]\n"}
    found = Builder(sources(files)).build("outer")
    assert isinstance(found, Build)
    assert [join.chain for join in found.joins] == [("outer/kustomization.yaml", "cl1/kustomization.yaml")]


def test_a_digest_changes_with_what_decides_about_a_build_alone() -> None:
    found = Builder(sources(_FILES)).build("cl1")
    assert isinstance(found, Build)

    def key(changed: dict[str, str]) -> str:
        return digest(sources({**_FILES, **changed}), found.reads)

    assert key({"cl2/kustomization.yaml": "resources: []\n"}) == key({})
    assert len({key({}), key({"base/web.yaml": WEB * 2}), key({"base/kustomization.yml": "resources: []\n"})}) == 3


def test_a_folder_that_several_name_is_part_of_each_digest() -> None:
    builder = Builder(sources(_FILES))
    for root in ("cl1", "cl2"):
        found = builder.build(root)
        assert isinstance(found, Build)
        assert "base/web.yaml" in found.reads


def test_flux_takes_all_manifests_of_a_folder_without_kustomization() -> None:
    paths = ["apps/a.yaml", "apps/notes.txt", "apps/sub/kustomization.yaml", "apps/sub/b.yaml", "other/c.yaml"]
    assert implied(paths, "apps") == {"resources": ["a.yaml", "sub"]}
    files = {"apps/a.yaml": WEB}
    found = Builder(sources(files)).build("apps", implied(files, "apps"))
    assert isinstance(found, Build)
    assert len(found.resources) == 1


def test_overrides_of_argo_cd_and_flux_come_on_top_of_the_root() -> None:
    overrides: dict[str, object] = {"replicas": [{"name": "web", "count": "9"}], "namespace": "prod"}
    found = Builder(sources(_FILES)).build("cl1", overrides)
    assert isinstance(found, Build)
    assert found.resources[0].id.namespace == "prod"
    assert found.resources[0].doc["spec"] == {**_spec(), "replicas": "9"}


def _spec() -> dict[str, object]:
    found = Builder(sources(_FILES)).build("cl1")
    assert isinstance(found, Build)
    spec = found.resources[0].doc["spec"]
    assert isinstance(spec, dict)
    return spec


def test_the_line_to_add_is_relative_to_the_kustomization() -> None:
    assert components_line("app/prod/kustomization.yaml", _OURS) == f"../../{_OURS}"
