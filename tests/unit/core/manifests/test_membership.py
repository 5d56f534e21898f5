"""What of a build belongs to a workload, by build and not by folder."""

from infra_scale.core.manifests.build import Build, Builder
from infra_scale.core.manifests.identity import Id, Resource
from infra_scale.core.manifests.membership import (
    companions,
    containers,
    counterparts,
    name_for_patches,
    replicas,
    workloads,
)
from infra_scale.core.manifests.outcome import Refused
from infra_scale.core.manifests.targets import Target
from infra_scale.core.manifests.tree import Unknown
from support.build_cases import HPA, WEB, patching
from support.builds import Texts, build, sources

_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
_OURS = "ops/rendered/infra-scale/c1/shop"
_PDB = """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web}
spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
"""
_LABELLED = WEB.replace("  template:\n", "  template:\n    metadata: {labels: {app: web}}\n")
_SCALED = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: s}\nspec: {scaleTargetRef: {name: web}}\n"
_VPA = """\
apiVersion: autoscaling.k8s.io/v1
kind: VerticalPodAutoscaler
metadata: {name: v}
spec: {targetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
"""


def _built(files: Texts, folder: str = "app") -> tuple[Build, Resource]:
    found = build(files, folder)
    assert isinstance(found, Build), found
    (web,) = workloads(found, "Deployment", "web", "shop")
    return found, web


def _overlay(extra: Texts, resources: str) -> dict[str, str]:
    return {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": _LABELLED,
        "app/kustomization.yaml": f"namespace: shop\nresources: [../base, {resources}]\n",
        **{f"app/{path}": text for path, text in extra.items()},
    }


def test_autoscalers_and_budgets_of_an_overlay_belong_to_the_workload_of_its_base() -> None:
    files = {"hpa.yaml": HPA, "pdb.yaml": _PDB, "scaled.yaml": _SCALED, "vpa.yaml": _VPA}
    found = companions(*_built(_overlay(files, ", ".join(files))))
    assert [one.id.name for one in (*found.hpas, *found.scaled_objects, *found.vpas, *found.budgets)] == [
        "web",
        "s",
        "v",
        "web",
    ]
    assert found.unknown == ()


def test_an_autoscaler_of_another_namespace_or_kind_does_not_belong() -> None:
    other = HPA.replace("kind: Deployment", "kind: StatefulSet")
    assert companions(*_built(_overlay({"hpa.yaml": other}, "hpa.yaml"))).hpas == ()
    files = {"app/kustomization.yaml": "resources: [web.yaml, hpa.yaml]\n", "app/web.yaml": WEB}
    files["app/hpa.yaml"] = HPA.replace("metadata: {name: web}", "metadata: {name: web, namespace: other}")
    assert companions(*_built(files)).hpas == ()


def test_a_remote_base_leaves_it_open_which_autoscalers_there_are() -> None:
    found = companions(*_built(_overlay({}, "'https://example.invalid/all?ref=v1'")))
    assert found.hpas == ()
    assert "remote" in found.unknown[0].what


def test_a_patch_that_names_another_field_takes_nothing_away() -> None:
    files = {
        **_overlay({"hpa.yaml": HPA}, "hpa.yaml"),
        "base/kustomization.yaml": patching(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
            "spec: {template: {spec: {containers: [{name: a, securityContext: {runAsNonRoot: true}}]}}}"
        ),
    }
    found, web = _built(files)
    assert [one.id.name for one in companions(found, web).hpas] == ["web"]
    assert replicas(web) == "2"


def test_a_patch_of_a_container_without_a_name_makes_the_containers_unknown() -> None:
    keyless = patching(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec: {template: {spec: {containers: [{image: x}]}}}"
    )
    _, web = _built({"app/kustomization.yaml": keyless, "app/web.yaml": WEB})
    assert isinstance(containers(web), Unknown)


def _joined(overlay: str, component: str, file: str = WEB) -> dict[str, str]:
    return {
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": file,
        "app/kustomization.yaml": overlay,
        f"{_OURS}/kustomization.yaml": f"{_COMPONENT}{component}",
    }


def test_the_number_without_our_component_is_that_of_the_build_with_it_empty() -> None:
    files = _joined(f"resources: [../base]\ncomponents: [../{_OURS}]\n", "replicas: [{name: web, count: 9}]\n")
    builds = [Builder(sources(files), empty=empty).build("app") for empty in ((), (_OURS,))]
    numbers = [replicas(one.resources[0]) for one in builds if isinstance(one, Build)]
    assert numbers == ["9", "2"]


def test_a_component_that_nobody_joins_yet_can_be_joined_for_a_trial() -> None:
    files = _joined("resources: [../base]\n", "replicas: [{name: web, count: 9}]\n")
    found = Builder(sources(files), joining={"app": (_OURS,)}).build("app")
    assert isinstance(found, Build)
    assert replicas(found.resources[0]) == "9"


def test_a_component_whose_workload_is_not_there_fails_the_trial() -> None:
    files = _joined("resources: [../base]\n", "replicas: [{name: api, count: 9}]\n")
    found = Builder(sources(files), joining={"app": (_OURS,)}).build("app")
    assert isinstance(found, Refused)
    assert found.place.file == f"{_OURS}/kustomization.yaml"


def test_a_patch_names_the_object_as_it_is_at_the_place_of_joining() -> None:
    in_default = WEB.replace("{name: web}", "{name: web, namespace: default}")
    overlay = f"namespace: shop\nresources: [../base]\ncomponents: [../{_OURS}]\n"
    found, web = _built(_joined(overlay, "resources: []\n", in_default))
    (join,) = found.joins
    (before,) = counterparts(join.before, web)
    assert join.component == _OURS
    assert name_for_patches(join.before, before) == Id("apps", "v1", "Deployment", "web", "default")


def test_a_patch_of_one_of_two_that_had_the_name_needs_a_target() -> None:
    files = {
        **_joined(f"resources: [../twin, ../base]\ncomponents: [../{_OURS}]\n", "resources: []\n"),
        "twin/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: p.-\n",
        "twin/web.yaml": WEB,
    }
    found = build(files)
    assert isinstance(found, Build)
    before = found.joins[0].before
    assert name_for_patches(before, before[0]) == Id("apps", "v1", "Deployment", "p.-web", "default")
    assert name_for_patches(before, before[1]) is None
    assert Target(name="p\\.-web").takes(before[0])


def test_an_autoscaler_counts_also_where_an_unread_kustomization_may_rename_its_target() -> None:
    files = {"app/kustomization.yaml": "resources: [web.yaml, hpa.yaml, 'https://example.invalid/all?ref=v1']\n"}
    build_of, web = _built({**files, "app/web.yaml": WEB, "app/hpa.yaml": HPA})
    found = companions(build_of, web)
    assert [one.id.name for one in found.hpas] == ["web"]
    assert found.unknown
