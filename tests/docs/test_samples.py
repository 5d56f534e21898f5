"""The sample requests show between them everything that a valid request can hold."""

from infra_scale.core.compiling.context import Context
from infra_scale.core.documents.target import read_targets
from infra_scale.core.evaluation.catalogue import RULES
from infra_scale.model.workload import KINDS
from support.pure import SCHEMAS, compile, source
from support.repository import CHECKOUT


def test_the_samples_show_every_action_kind_and_rule_that_is_no_error() -> None:
    found = [
        source(file.read_bytes(), file.relative_to(CHECKOUT).as_posix())
        for file in (CHECKOUT / "requests").rglob("*.yaml")
    ]
    targets = tuple(
        source(file.read_bytes(), f"ops/targets/{file.name}") for file in (CHECKOUT / "ops/targets").iterdir()
    )

    other = source("kind: ConfigMap\nmetadata: {name: other}\n", "examples/apps/other.yaml")  # knows no workload
    compilation = compile(found, Context(SCHEMAS, targets=targets, manifests=(other,)))

    actions = [action for plan in compilation.plans for action in plan.actions]
    assert len(compilation.plans) >= 10
    assert {type(action).__name__ for action in actions} == {
        "ScaleWorkload",
        "ScaleJob",
        "UpdateResources",
        "ApplyHpa",
        "ApplyVpa",
        "ApplyKeda",
        "RemoveAutoscaler",
    }
    assert {action.ref.kind for action in actions} == {*KINDS} - {"Rollout"}  # no sample application has one yet
    assert {plan.metadata.target for plan in compilation.plans} == {"prod", "staging", "ci"}
    shown = {finding.rule for finding in compilation.findings}
    lenient = {rule.id for rule in RULES if rule.severity != "error" and rule.is_on}
    assert compilation.is_valid
    assert shown - _OF_MANIFESTS == lenient - _OF_MANIFESTS - _OF_CLUSTERS
    assert any(finding.waiver for finding in compilation.findings)
    assert any(target.policy.settings for target in read_targets(targets, schema=SCHEMAS.target)[0].by_name.values())


_OF_MANIFESTS = {
    "KIND-007",
    "HLM-002",
    "HLM-006",
    "HPA-007",
    "HPA-011",
    "HPA-012",
    "MAN-005",
    "MAN-006",
    "MAN-007",
    "MAN-008",
    "MAN-009",
    "MAN-012",
    "MAN-013",
    "OWN-009",
    "RES-003",
    "AVL-001",
    "AVL-005",
}
"""They look at the base manifests of applications, which need not be at odds with the samples."""
_OF_CLUSTERS = {
    *(
        "AVL-004",
        "HPA-018",
        "HPA-019",
        "OWN-008",
        "QUO-005",
        "CAP-001",
        "CAP-002",
        "CAP-003",
        "CAP-004",
        "CAP-005",
        "CAP-006",
        "CAP-007",
        "COST-001",
        "HPA-016",
        "KIND-003",
    ),
    *("KIND-004", "QUO-002", "QUO-003", "REP-004", "REP-005", "RES-005", "VPA-004"),
}
"""They look at snapshots and prices, which are left out here: test_sample_clusters.py has some of them."""
