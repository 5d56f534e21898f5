"""Rules about ScaledObjects, and what is rendered for one."""

import pytest
import yaml

from infra_scale.core.compiling.compilation import Compilation
from support.pure import compile_one

_TRIGGER = "triggers: [{type: cron, metadata: {timezone: UTC, start: 0 8 * * *, end: 0 9 * * *, desiredReplicas: '4'}}]"
_TARGET = "clusters: [{name: eu}]"


def _compiled(keda: str) -> Compilation:
    workload = f"{{kind: Deployment, name: web, keda: {{max: 9, {keda}, {_TRIGGER}}}}}"
    return compile_one(f"target: prod\nnamespace: shop\nworkloads: [{workload}]\n", prod=_TARGET)


@pytest.mark.parametrize(
    ("keda", "found"),
    [
        ("min: 1, idle: 0", []),
        ("min: 1", []),
        ("min: 0", []),
        ("min: 0, idle: 0", [("error", "keda.idle (0) must be less than keda.min (0) for Deployment/web")]),
        ("idle: 0", [("error", "keda.idle (0) must be less than keda.min (0) for Deployment/web")]),
        ("min: 2, idle: 3", [("error", "keda.idle (3) must be less than keda.min (2) for Deployment/web")]),
        (
            "min: 2, idle: 1",
            [
                (
                    "warning",
                    "keda.idle (1) of Deployment/web is not 0, the only number that KEDA's documentation supports",
                )
            ],
        ),
    ],
)
def test_idle_replicas_must_be_below_the_minimum_and_should_be_0(keda: str, found: list[tuple[str, str]]) -> None:
    findings = [one for one in _compiled(keda).findings if one.rule == "KEDA-012"]

    assert [(one.severity, one.message) for one in findings] == found


def test_settings_of_a_scaled_object_have_the_names_of_keda_where_it_is_rendered() -> None:
    compilation = _compiled("min: 1, idle: 0, initialCooldownPeriod: 60, restoreToOriginalReplicaCount: true")

    path = "ops/rendered/infra-scale/eu/shop/deployment-web/scaledobject-web.yaml"
    spec = yaml.safe_load(compilation.files[path])["spec"]
    assert (spec["idleReplicaCount"], spec["initialCooldownPeriod"]) == (0, 60)
    assert spec["advanced"] == {"restoreToOriginalReplicaCount": True}


def test_the_consequence_of_a_scaled_object_has_its_idle_replicas() -> None:
    (plan,) = _compiled("min: 1, idle: 0").plans

    (line,) = [one.what for one in plan.consequences]
    assert line.endswith("between 1 and 9, and 0 while no trigger is active")
