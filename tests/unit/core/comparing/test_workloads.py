"""What a reviewer is told when a plan replaces another."""

import pytest

from infra_scale.core.comparing.desired import DesiredState, wanted
from infra_scale.core.comparing.workloads import changes, pairs
from infra_scale.core.documents.plan import read_plan, write_plan
from infra_scale.core.schema.catalogue import PLAN
from infra_scale.model.comparison import Setting
from support.pure import compile_one, source
from support.repository import CHECKOUT

_SCHEMA = (CHECKOUT / "schemas" / PLAN).read_text(encoding="utf-8")


def _asked(workload: str) -> list[DesiredState]:
    (plan,) = compile_one(f"target: prod\nworkloads: [{{kind: Deployment, name: web, {workload}}}]\n").plans
    return list(wanted(plan))


def _differences(before: list[DesiredState], after: list[DesiredState]) -> list[Setting]:
    return [setting for change in changes(pairs(before, after)) for setting in change.settings]


_HPA = "hpa: {min: 2, max: 4, targetCPU: 65}"
_CPU = "requests: {cpu: 500m}"


def test_a_lower_cpu_request_moves_the_trigger_of_the_hpa() -> None:
    found = _differences(_asked(f"requests: {{cpu: 500m}}, {_HPA}"), _asked(f"requests: {{cpu: 250m}}, {_HPA}"))

    assert Setting("HorizontalPodAutoscaler/web", "CPU trigger", "357m", "178m") in found


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
    found = _differences(_asked(before), _asked(after))

    assert not [setting for setting in found if setting.name.startswith("CPU trigger")]


def test_a_committed_plan_with_a_broken_quantity_is_read_as_none() -> None:
    (plan,) = compile_one(f"target: prod\nworkloads: [{{kind: Deployment, name: web, {_CPU}, {_HPA}}}]\n").plans
    text = write_plan(plan).replace("cpu: 500m", "cpu: a lot")
    broken = read_plan(source(text), schema=_SCHEMA)

    assert broken is None
