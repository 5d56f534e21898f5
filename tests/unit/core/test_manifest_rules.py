"""Rules that need a target with clusters, or what its manifests say."""

import pytest

from infra_scale.core.compile import Compilation, Context, compile
from infra_scale.model.plan import ScalePlan
from support.pure import NOW, SCHEMAS, source

_TARGET = "clusters: [{name: prod-eu-1}]\nmanifests: [apps]\n"
_POD = "spec: {containers: [{name: app, image: a}]}"
_TWO = "spec: {containers: [{name: app, image: a}, {name: log, image: b}]}"


def _base(pod: str = _POD, kind: str = "Deployment") -> str:
    return f"apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: web}}\nspec: {{replicas: 2, template: {{{pod}}}}}\n"


def _compiled(workload: str, *, target: str = _TARGET, **manifests: str) -> Compilation:
    request = f"target: prod\nnamespace: shop\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n"
    context = Context(
        SCHEMAS,
        NOW,
        targets=(source(target, "ops/targets/prod.yaml"),),
        manifests=tuple(source(text, f"apps/{name}.yaml") for name, text in manifests.items()),
    )
    return compile([source(request)], context)


def _rules(compilation: Compilation) -> list[str]:
    return [finding.rule for finding in compilation.findings]


def test_resources_of_a_container_that_nothing_names_are_said_to_be_missing_from_what_is_rendered() -> None:
    compilation = _compiled("requests: {cpu: 1}", other="kind: ConfigMap\nmetadata: {name: other}\n")

    assert _rules(compilation) == ["RES-011"]
    assert compilation.plans[0].notes == (
        "container of Deployment/web is not known: its resources are in the plan, and not rendered",
    )


@pytest.mark.parametrize(
    ("workload", "target", "manifests"),
    [
        ("container: app, requests: {cpu: 1}", _TARGET, {}),
        ("requests: {cpu: 1}", _TARGET, {"web": _base()}),
        ("requests: {cpu: 1}", "clusters: []\n", {}),
        ("replicas: 2", _TARGET, {}),
    ],
    ids=["the request names it", "the manifest has only one", "nothing is rendered", "nothing is asked for"],
)
def test_it_is_not_said_where(workload: str, target: str, manifests: dict[str, str]) -> None:
    assert "RES-011" not in _rules(_compiled(workload, target=target, **manifests))


def test_several_containers_in_the_base_are_another_rule_s_matter() -> None:
    compilation = _compiled("requests: {cpu: 1}", web=_base(_TWO))

    assert "RES-011" not in _rules(compilation)


_AUTOSCALERS = {
    "hpa: {min: 2, max: 4}": "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler",
    "vpa: {mode: 'Off'}": "apiVersion: autoscaling.k8s.io/v1\nkind: VerticalPodAutoscaler",
    "keda: {max: 4, triggers: [{type: cron, metadata: {a: b}}]}": "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject",
}


@pytest.mark.parametrize(("workload", "head"), _AUTOSCALERS.items())
def test_an_autoscaler_that_the_base_has_too_is_an_error(workload: str, head: str) -> None:
    same = f"{head}\nmetadata: {{name: web}}\nspec: {{}}\n"

    assert "MAN-003" in _rules(_compiled(workload, web=_base(), scaler=same))


@pytest.mark.parametrize(("workload", "head"), _AUTOSCALERS.items())
def test_an_autoscaler_of_another_name_or_namespace_is_none_of_it(workload: str, head: str) -> None:
    other = f"{head}\nmetadata: {{name: api}}\nspec: {{}}\n"
    elsewhere = f"{head}\nmetadata: {{name: web, namespace: test}}\nspec: {{}}\n"

    assert "MAN-003" not in _rules(_compiled(workload, web=_base(), other=other, elsewhere=elsewhere))


_SCALERS = {
    "HPA web": ("HorizontalPodAutoscaler", "hpa"),
    "ScaledObject web": ("ScaledObject", "keda"),
}


def _scaler(kind: str) -> str:
    return f"kind: {kind}\nmetadata: {{name: web}}\nspec: {{scaleTargetRef: {{kind: Deployment, name: web}}}}\n"


@pytest.mark.parametrize(("name", "kind", "setter"), [(name, *of) for name, of in _SCALERS.items()])
def test_fixed_replicas_beside_an_autoscaler_of_the_base_are_not_rendered_to_fight_with_it(
    name: str, kind: str, setter: str
) -> None:
    compilation = _compiled("replicas: 6, requests: {cpu: 1}", web=_base(), scaler=_scaler(kind))

    (plan,) = compilation.plans
    patches = [path.rpartition("/")[2] for path in compilation.files if "/patch-" in path]
    component = compilation.files["ops/rendered/infra-scale/prod-eu-1/shop/deployment-web/kustomization.yaml"].decode()
    assert patches == ["patch-deployment-web-resources.yaml"]
    assert f"# Deployment/web is autoscaled by {name}: its replicas are in the plan, and not rendered.\n" in component
    assert f"Deployment/web is autoscaled by {name}; a fixed replica count will be overwritten" in plan.risks[0]
    assert plan.risks[0].endswith(", so none is rendered.")
    assert [(owner.before, owner.after) for owner in plan.ownership] == [(setter, setter)]
    assert plan.consequences[0].what == f"nothing that lasts: {name} sets the replicas again at its next sync"
    assert plan.consequences[1].what.startswith("rolling restart of every pod")


def test_zero_replicas_stop_an_hpa_of_the_base_and_so_are_rendered_and_said_to() -> None:
    compilation = _compiled("replicas: 0", web=_base(), scaler=_scaler("HorizontalPodAutoscaler"))

    (plan,) = compilation.plans
    assert any(path.endswith("patch-deployment-web-replicas.yaml") for path in compilation.files)
    assert "replicas 0 disables HPA web for Deployment/web until it is scaled up manually." in plan.risks
    assert [(owner.before, owner.after) for owner in plan.ownership] == [("hpa", "replicas")]


def test_keda_starts_pods_from_zero_so_zero_replicas_beside_it_are_not_rendered() -> None:
    compilation = _compiled("replicas: 0", web=_base(), scaler=_scaler("ScaledObject"))

    assert not any("/patch-" in path for path in compilation.files)


def test_a_hand_over_to_replicas_says_that_the_autoscaler_has_to_leave_the_manifests_first() -> None:
    workload = "replicas: 6, handover: {from: hpa, replicas: 6}"

    (before,) = _compiled(workload, web=_base(), scaler=_scaler("HorizontalPodAutoscaler")).plans
    (after,) = _compiled(workload, web=_base()).plans

    assert "take HPA web out of the manifests, together with the plan" in _steps(before)
    assert "stands in Git" not in _steps(before)
    assert "spec.replicas is 6, and stands in Git" in _steps(after)
    assert "out of the manifests" not in _steps(after)


def _steps(plan: ScalePlan) -> str:
    return "\n".join(step.what for transfer in plan.transfers for step in transfer.steps)
