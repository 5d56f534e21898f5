"""Rules that need a target with clusters, or what its manifests say."""

import pytest

from infra_scale.core.compile import Compilation, Context, compile
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
