"""What Argo CD and Flux build from the folders of a repository, and how they change it."""

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.delivery import Delivery, deliveries, delivery_objects
from infra_scale.core.manifests.membership import replicas, workloads
from infra_scale.core.manifests.provenance import decides, position_of
from support.build_cases import WEB
from support.builds import Texts, sources

_BASE = {"app/base/kustomization.yaml": "resources: [web.yaml]\n", "app/base/web.yaml": WEB}
_APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  source:
    path: PATH
    repoURL: https://git.example/platform.git
EXTRA
  destination: {name: c1, namespace: shop}
"""
_SET = """\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: web}
spec:
  generators: [{clusters: {}}]
  template:
    metadata: {name: 'web-{{.name}}'}
    spec:
      source:
        path: app/base
        kustomize: {components: ['../../ops/rendered/infra-scale/{{.name}}/shop']}
      destination: {name: '{{.name}}', namespace: shop}
"""
_FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: web, namespace: flux-system}
spec:
  path: ./app/base
  targetNamespace: shop
"""


def _application(path: str = "app/base", extra: str = "") -> str:
    return _APPLICATION.replace("PATH", path).replace("EXTRA\n", extra)


def _found(files: Texts, *clusters: str) -> tuple[Delivery, ...]:
    read = sources(files)
    return deliveries(delivery_objects(read), read, clusters or ("c1", "c2"))


def _built(files: Texts, delivery: Delivery) -> Build:
    found = Builder(sources(files)).build(delivery.root, delivery.overrides, delivery.place)
    assert isinstance(found, Build), found
    return found


def test_an_application_builds_its_folder_with_its_own_replicas_and_components() -> None:
    kustomize = "    kustomize:\n      replicas: [{name: web, count: 9}]\n      namePrefix: my-\n"
    files = {**_BASE, "argocd/web.yaml": _application(extra=kustomize)}
    (one,) = _found(files)
    assert (one.engine, one.name, one.root, one.cluster, one.namespace) == ("Argo CD", "web", "app/base", "c1", "shop")
    (web,) = workloads(_built(files, one), "Deployment", "my-web", "shop")
    assert replicas(web) == "9"


def test_the_line_of_an_application_that_sets_a_number_is_found() -> None:
    kustomize = "    kustomize:\n      replicas:\n        - {name: other, count: 1}\n        - {name: web, count: 9}\n"
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: first}\n---\n"
    base = {**_BASE, "app/base/web.yaml": f"{WEB}---\n{WEB.replace('name: web', 'name: other')}"}
    files = {**base, "argocd/web.yaml": other + _application(extra=kustomize)}
    (one,) = _found(files)
    (web,) = workloads(_built(files, one), "Deployment", "web", "shop")
    place = decides(web, ("spec", "replicas"))
    position = position_of(sources(files), place)
    assert (place.file, position.excerpt.strip()) == ("argocd/web.yaml", "- {name: web, count: 9}")


def test_a_patch_in_an_application_is_found_where_it_is_written() -> None:
    patch = (
        "    kustomize:\n      patches:\n        - target: {kind: Deployment}\n          patch: |-\n"
        "            - op: replace\n              path: /spec/replicas\n              value: 7\n"
    )
    base = {**_BASE, "app/base/kustomization.yaml": "resources: [web.yaml]\npatches: [{path: p.yaml}]\n"}
    base["app/base/p.yaml"] = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: web}\nspec: {paused: true}\n"
    files = {**base, "argocd/web.yaml": _application(extra=patch)}
    (one,) = _found(files)
    (web,) = workloads(_built(files, one), "Deployment", "web", "shop")
    position = position_of(sources(files), decides(web, ("spec", "replicas")))
    assert (replicas(web), position.line) == ("7", 12)


def test_each_of_several_sources_is_a_build() -> None:
    several = _application().replace(
        "  source:\n    path: app/base\n", "  sources:\n  - path: app/base\n  - path: none\n  -"
    )
    files = {**_BASE, "argocd/web.yaml": several.replace("  -    repoURL", "  - repoURL")}
    assert [(one.root, one.place.route) for one in _found(files)] == [("app/base", ("spec", "sources", 0, "kustomize"))]


def test_a_source_in_another_repository_is_none_of_ours() -> None:
    files = {**_BASE, "a.yaml": _application("charts/web"), "b.yaml": _FLUX.replace("app/base", "other")}
    assert _found({**files, "c.yaml": _application("../x"), "d.yaml": _FLUX.replace("  path: ./app/base\n", "")}) == ()


def test_an_application_set_is_an_application_for_each_cluster() -> None:
    files = {**_BASE, "argocd/web.yaml": _SET}
    assert [(one.cluster, one.overrides["components"]) for one in _found(files)] == [
        (name, [f"../../ops/rendered/infra-scale/{name}/shop"]) for name in ("c1", "c2")
    ]


def test_an_application_set_without_a_template_is_one_build_for_unknown_clusters() -> None:
    files = {**_BASE, "argocd/web.yaml": _SET.replace("{{.name}}/shop", "c1/shop").replace("'{{.name}}', n", "c9, n")}
    assert [one.cluster for one in _found(files)] == [""]


def test_an_application_set_with_folders_that_are_not_there_builds_nothing() -> None:
    assert _found({**_BASE, "argocd/web.yaml": _SET.replace("path: app/base", "path: 'app/{{.path.basename}}'")}) == ()


def test_flux_changes_namespace_and_adds_patches_and_substitutions() -> None:
    flux = f"{_FLUX}  postBuild:\n    substitute: {{REPLICAS: '4', EMPTY: ''}}\n"
    files = {**_BASE, "clusters/web.yaml": flux}
    (one,) = _found(files)
    assert (one.engine, one.root, one.substitutes, one.unknown) == (
        "Flux",
        "app/base",
        {"REPLICAS": "4", "EMPTY": ""},
        (),
    )
    (web,) = _built(files, one).resources
    assert web.id.namespace == "shop"


def test_values_of_a_config_map_are_not_known() -> None:
    (one,) = _found({**_BASE, "f.yaml": f"{_FLUX}  postBuild: {{substituteFrom: [{{kind: ConfigMap, name: x}}]}}\n"})
    assert one.unknown == ("substituteFrom is not followed",)
    assert one.substitutes == {}


def test_helm_values_in_an_application_are_not_followed() -> None:
    (one,) = _found(
        {**_BASE, "a.yaml": _application(extra="    helm: {parameters: [{name: replicaCount, value: '3'}]}\n")}
    )
    assert one.unknown == ("helm is not followed",)


def test_a_folder_without_a_kustomization_is_built_from_its_files() -> None:
    plain = {"app/base/web.yaml": WEB, "app/base/more/other.yaml": WEB}
    (flux,) = _found({**plain, "f.yaml": _FLUX})
    (argo,) = _found({**plain, "f.yaml": _application()})
    (recursing,) = _found({**plain, "f.yaml": _application(extra="    directory: {recurse: true}\n")})
    assert flux.overrides["resources"] == recursing.overrides["resources"] == ["more/other.yaml", "web.yaml"]
    assert argo.overrides["resources"] == ["web.yaml"]


def test_labels_of_an_application_are_labels_of_the_build() -> None:
    extra = "    kustomize: {commonLabels: {team: a}, labelWithoutSelector: true, labelIncludeTemplates: true}\n"
    files = {**_BASE, "a.yaml": _application(extra=extra)}
    (web,) = _built(files, _found(files)[0]).resources
    assert "team" in str(web.doc["metadata"])
    with_selector = {**_BASE, "a.yaml": _application(extra="    kustomize: {commonLabels: {team: a}}\n")}
    (web,) = _built(with_selector, _found(with_selector)[0]).resources
    assert "matchLabels': {'team': 'a'}" in str(web.doc["spec"])


def test_files_that_cannot_be_read_and_kustomization_files_are_no_deliveries() -> None:
    files = {
        **_BASE,
        "bad.yaml": f"{_application()}\n  {{",
        "x/kustomization.yaml": "# argoproj.io\nresources: []\n",
        "notes.md": _application(),
    }
    assert _found(files) == ()
