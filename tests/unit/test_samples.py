"""The sample requests show between them everything that a valid request can hold."""

from infra_scale.core.compile import Context, compile
from infra_scale.core.rules.judge import RULES
from infra_scale.model.workload import KINDS
from support.pure import NOW, SCHEMAS, source
from support.repository import CHECKOUT


def test_the_samples_show_every_action_kind_and_rule_that_is_no_error() -> None:
    found = [
        source(file.read_bytes(), file.relative_to(CHECKOUT).as_posix())
        for file in (CHECKOUT / "requests").rglob("*.yaml")
    ]
    targets = tuple(
        source(file.read_bytes(), f"ops/targets/{file.name}") for file in (CHECKOUT / "ops/targets").iterdir()
    )

    compilation = compile(found, Context(SCHEMAS, NOW, targets=targets))

    actions = [action for plan in compilation.plans for action in plan.actions]
    assert len(compilation.plans) >= 10
    assert {type(action).__name__ for action in actions} == {"ScaleWorkload", "ScaleJob", "UpdateResources", "ApplyHpa"}
    assert {action.ref.kind for action in actions} == set(KINDS)
    assert {plan.request.target for plan in compilation.plans} == {"prod", "staging", "ci"}
    assert {finding.rule for finding in compilation.findings} == {rule.id for rule in RULES if rule.severity != "error"}
