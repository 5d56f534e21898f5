"""What is said about a document that its schema refuses."""

import pytest

from infra_scale.core.schema.catalogue import NIGHTLY, PLAN, REQUEST
from infra_scale.core.schema.check import check
from infra_scale.core.syntax.yaml import parse
from support.pure import source
from support.repository import CHECKOUT


def _rules(text: str, schema: str) -> list[str]:
    document, _ = parse(source(text))
    assert document is not None
    return [finding.rule for finding in check(document, (CHECKOUT / "schemas" / schema).read_text(encoding="utf-8"))]


@pytest.mark.parametrize("written", ["5", "[cpu]", "text", "true", ""])
def test_resources_that_are_no_mapping_have_one_fault_and_not_two(written: str) -> None:
    text = f"target: prod\nworkloads:\n  - kind: Deployment\n    name: web\n    requests: {written}\n"

    assert _rules(text, REQUEST) == ["SCH-003"]


@pytest.mark.parametrize("written", ["true", "5", "[a]", "text", ""])
def test_a_task_that_is_no_mapping_has_one_fault(written: str) -> None:
    assert _rules(f"tasks:\n  - {written}\n", NIGHTLY) == ["SCH-003"]


@pytest.mark.parametrize("action", ["7", "null", "[]", "text", "{}", "{action: scale_workload}"])
def test_an_action_that_is_none_of_those_that_a_plan_may_hold_is_refused(action: str) -> None:
    path = next((CHECKOUT / "ops/plans/infra-scale").rglob("plan.yaml"))
    before, _, after = path.read_text(encoding="utf-8").partition("\nactions:\n")

    assert _rules(f"{before}\nactions: [{action}]\n{after[after.index('rollbackHints') :]}", PLAN) == ["SCH-009"]
