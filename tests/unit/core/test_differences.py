"""What a reviewer is told when a plan replaces another."""

import pytest

from infra_scale.core.diff.plans import Difference, differences
from infra_scale.core.render.plan_yaml import action_nodes
from support.pure import compile_one


def _actions(workload: str) -> tuple[dict[str, object], ...]:
    (plan,) = compile_one(f"target: prod\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n").plans
    return tuple(dict(node) for node in action_nodes(plan))


_HPA = "hpa: {min: 2, max: 4, targetCPU: 65}"


def test_a_lower_cpu_request_moves_the_trigger_of_the_hpa() -> None:
    found = differences(_actions(f"requests: {{cpu: 500m}}, {_HPA}"), _actions(f"requests: {{cpu: 250m}}, {_HPA}"))

    assert Difference("default", "HorizontalPodAutoscaler/web", "CPU trigger", "325m", "162m") in found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"requests: {{cpu: 500m}}, {_HPA}", f"requests: {{cpu: '0.5'}}, {_HPA}"),
        (f"replicas: 3, {_HPA}", f"requests: {{cpu: 250m}}, {_HPA}"),
        ("requests: {cpu: 500m}", f"requests: {{cpu: 250m}}, {_HPA}"),
        (
            f"container: app, requests: {{cpu: 500m}}, {_HPA}",
            f"container: app, requests: {{cpu: 250m}}, {_HPA.replace('min', 'container: proxy, min')}",
        ),
    ],
    ids=["the same", "no request before", "no HPA before", "another container is measured"],
)
def test_a_trigger_that_is_not_known_on_both_sides_or_does_not_move_is_not_told(before: str, after: str) -> None:
    found = differences(_actions(before), _actions(after))

    assert not [difference for difference in found if difference.setting.startswith("CPU trigger")]


def test_a_committed_plan_with_a_broken_quantity_is_no_reason_to_fail() -> None:
    broken = _actions(f"requests: {{cpu: 500m}}, {_HPA}")
    broken[0]["requests"] = {"cpu": "a lot"}

    assert differences(broken, _actions(f"requests: {{cpu: 250m}}, {_HPA}"))
