"""What is rendered, built by the real kustomize: the requested values are there, and nothing else has changed."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from support.kustomize import Built, Object, build, faults_of_custom_resources, without_components
from support.repository import CHECKOUT

_CASES = CHECKOUT / "tests/cases/accepted"
_CUSTOM = ("keda.sh/v1alpha1", "autoscaling.k8s.io/v1")
_KINDS = {"apply_hpa": "hpa", "apply_vpa": "vpa", "apply_keda": "keda"}
_SAMPLES = sorted((CHECKOUT / "examples/apps").glob("*/overlays/*"))
_OF_CASES = sorted(_CASES.glob("*/apps/*/overlays/*"))


def _tree_of(overlay: Path) -> tuple[Path, Path]:
    """The root of a repository's files, and the generated ones that belong to it."""
    if overlay.is_relative_to(_CASES):
        case = _CASES / overlay.relative_to(_CASES).parts[0]
        return case, case / "expected/ops"
    return CHECKOUT, CHECKOUT / "ops"


def _copied(overlay: Path, to: Path) -> Path:
    """An overlay with its application and everything that is rendered, to be built or spoilt."""
    root, generated = _tree_of(overlay)
    app = overlay.parents[1]
    shutil.copytree(app, to / app.relative_to(root))
    shutil.copytree(generated / "rendered", to / "ops/rendered")
    return to / overlay.relative_to(root)


def _actions(overlay: Path) -> list[Object]:
    """The actions that the committed plans have for the cluster that an overlay is named after."""
    root, generated = _tree_of(overlay)
    found = []
    for file in sorted((generated / "plans").rglob("plan.yaml")):
        plan = yaml.safe_load(file.read_text(encoding="utf-8"))
        target = yaml.safe_load((root / f"ops/targets/{plan['metadata']['target']}.yaml").read_text(encoding="utf-8"))
        contexts = {one.get("context", one["name"]): one["name"] for one in target["clusters"]}
        for action in plan["actions"]:
            if contexts[action.get("context", plan["context"]["kubeContext"])] == overlay.name:
                found.append(action)  # noqa: PERF401 (a comprehension of that would not be read)
    return found


def _workloads(actions: list[Object]) -> set[tuple[str, str]]:
    return {(a["namespace"], a["name"]) for a in actions}


class Overlay(NamedTuple):
    """What kustomize builds without and with our Components."""

    path: Path
    before: Built
    after: Built


@pytest.fixture(scope="module", params=[*_SAMPLES, *_OF_CASES], ids=lambda path: "-".join(path.parts[-3::2]))
def overlay(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Overlay:
    """Built by the names that the base has: a prefix of the overlay is a matter of its own test."""
    path: Path = request.param
    copied = _copied(path, tmp_path_factory.mktemp("copy"))
    _without_prefix(copied)
    after = build(copied)
    without_components(copied)
    return Overlay(path, build(copied), after)


def _without_prefix(overlay: Path) -> None:
    file = overlay / "kustomization.yaml"
    written = yaml.safe_load(file.read_text(encoding="utf-8"))
    written.pop("namePrefix", None)
    file.write_text(yaml.safe_dump(written), encoding="utf-8")


def _pod(built: Object) -> Object:
    spec: Object = built["spec"]["jobTemplate"]["spec"] if built["kind"] == "CronJob" else built["spec"]
    pod: Object = spec.get("template", {}).get("spec", {})
    return pod


def _in_kubernetes(resources: dict[str, str]) -> dict[str, str]:
    return {"memory" if name == "mem" else name: quantity for name, quantity in resources.items()}


def _apply(action: Object, built: Object) -> None:
    """One action of a plan on the object that it is about, as its words say."""
    verb, spec = action["action"], built["spec"]
    if verb == "scale_workload":
        spec["replicas"] = action["to"]
    if verb == "scale_job" and "suspend" in action:
        spec["suspend"] = action["suspend"]["to"]
    if verb == "scale_job" and "parallelism" in action:
        inner = spec["jobTemplate"]["spec"] if built["kind"] == "CronJob" else spec
        inner["parallelism"] = action["parallelism"]["to"]
    if verb == "update_resources" and "container" in action:
        pod = _pod(built)
        containers = [*pod["containers"], *pod.get("initContainers", [])]
        (container,) = [one for one in containers if one["name"] == action["container"]]
        for kind in ("requests", "limits"):
            if kind in action:
                resources = container.setdefault("resources", {})
                resources[kind] = {**resources.get(kind, {}), **_in_kubernetes(action[kind])}


def _expected(before: Built, actions: list[Object]) -> Built:
    """Every object that was there before, with what the plans ask for; replicas only where no autoscaler sets them."""
    expected = copy.deepcopy(before)
    scaled = {(one["namespace"], one["name"]) for one in actions if one["action"] in ("apply_hpa", "apply_keda")}
    for action in actions:
        key = (action["kind"], action["namespace"], action["name"])
        if key in expected:
            _apply(action, expected[key])
    for (kind, namespace, name), built in expected.items():
        if (namespace, name) in scaled and kind in ("Deployment", "StatefulSet", "ReplicaSet"):
            built["spec"].pop("replicas", None)
    return expected


def test_an_application_with_its_component_has_what_the_plans_say_and_no_other_change(overlay: Overlay) -> None:
    path, before, after = overlay
    actions = _actions(path)

    added = {key: after[key] for key in after.keys() - before.keys()}
    assert _expected(before, actions) == {key: after[key] for key in before}
    own = _workloads(actions) & {(namespace, name) for _, namespace, name in before}
    wanted = [one for one in actions if one["action"] in _KINDS and (one["namespace"], one["name"]) in own]
    assert sorted(added) == sorted((one["kind"], one["namespace"], one["name"]) for one in wanted)
    for one in wanted:
        made = added[one["kind"], one["namespace"], one["name"]]["spec"]
        asked = one[_KINDS[one["action"]]]
        assert _BOUNDS[one["kind"]](made) == (_plain(asked.get("min")), _plain(asked.get("max")))
        assert (made.get("scaleTargetRef") or made["targetRef"])["name"] == one["name"]


_BOUNDS: dict[str, Callable[[Object], tuple[object, object]]] = {
    "HorizontalPodAutoscaler": lambda spec: (spec["minReplicas"], spec["maxReplicas"]),
    "ScaledObject": lambda spec: (spec["minReplicaCount"], spec["maxReplicaCount"]),
    "VerticalPodAutoscaler": lambda spec: _allowed(spec["resourcePolicy"]["containerPolicies"][0]),
}


def _allowed(policy: Object) -> tuple[object, object]:
    return policy.get("minAllowed"), policy.get("maxAllowed")


def _plain(value: object) -> object:
    return _in_kubernetes(value) if isinstance(value, dict) else value


def test_every_built_object_is_valid_for_the_oldest_and_the_newest_kubernetes(overlay: Overlay) -> None:
    _, before, after = overlay

    assert before
    for key, found in after.items():
        if found["apiVersion"] not in _CUSTOM:
            for version in (_oldest(before.get(key, found)), all_versions()[-1]):
                kubernetes_validate.validate(found, version, strict=True)


def _oldest(built: Object) -> str:
    """The oldest version that takes what the base has: 1.25, and 1.28 where a pod has a sidecar, which is new in it."""
    has_sidecar = "spec" in built and any("restartPolicy" in one for one in _pod(built).get("initContainers", []))
    return "1.28" if has_sidecar else all_versions()[0]


def test_every_vpa_and_scaled_object_is_valid_for_the_schemas_of_their_makers(tmp_path: Path) -> None:
    built = [build(_copied(overlay, tmp_path / str(number))) for number, overlay in enumerate(_OF_CASES)]
    custom = [found for one in built for found in one.values() if found["apiVersion"] in _CUSTOM]

    assert {found["kind"] for found in custom} == {"VerticalPodAutoscaler", "ScaledObject"}
    assert faults_of_custom_resources(custom) == [[] for _ in custom]


def test_the_schemas_refuse_what_is_wrong() -> None:
    """The check checks: a field that nobody knows, and a value of the wrong type."""
    ref = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    vpa = {"apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler", "metadata": {"name": "web"}}
    keda = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "web"}}
    trigger = {"type": "cron", "metadata": {"desiredReplicas": 3}}

    faults = faults_of_custom_resources(
        [
            {**vpa, "spec": {"targetRef": ref, "updatePolicy": {"updateMode": "Of"}}},
            {**vpa, "spec": {"targetRef": ref, "unknown": 1}},
            {**keda, "spec": {"scaleTargetRef": ref, "triggers": [trigger]}},
        ]
    )

    assert all(faults)


@pytest.mark.long
def test_every_workload_of_the_samples_is_in_an_application() -> None:
    asked = {(overlay.name, *key) for overlay in _SAMPLES for key in _workloads(_actions(overlay))}

    built = {(overlay.name, namespace, name) for overlay in _SAMPLES for _, namespace, name in build(overlay)}

    assert asked - built == set()
    assert {cluster for cluster, *_ in asked} == {"prod-eu-1", "prod-eu-2", "staging-eu-1", "ci"}


def test_every_rendered_namespace_builds_by_itself_or_fails_only_for_want_of_its_workloads(tmp_path: Path) -> None:
    """An overlay without the workload must fail: a component for a typo would otherwise do nothing, and say nothing."""
    overlay = next(path for path in _OF_CASES if path.parts[-3:] == ("shop", "overlays", "b"))
    copied = _copied(overlay, tmp_path / "copy")
    base = copied.parents[1] / "base/kustomization.yaml"
    base.write_text(base.read_text(encoding="utf-8").replace("web.yaml, ", ""), encoding="utf-8")

    with pytest.raises(AssertionError, match="no resource matches strategic merge patch"):
        build(copied)


def test_a_name_prefix_reaches_what_the_autoscalers_point_at(tmp_path: Path) -> None:
    overlay = next(path for path in _OF_CASES if path.parts[-3:] == ("shop", "overlays", "a"))

    built = build(_copied(overlay, tmp_path / "copy"))

    refs = {
        kind: (found["spec"].get("scaleTargetRef") or found["spec"]["targetRef"])["name"]
        for (kind, _, _), found in built.items()
        if kind in ("HorizontalPodAutoscaler", "VerticalPodAutoscaler", "ScaledObject")
    }
    assert refs == {
        "HorizontalPodAutoscaler": "eu-web",
        "VerticalPodAutoscaler": "eu-db",
        "ScaledObject": "eu-worker",
    }
