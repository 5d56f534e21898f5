"""Rules in CEL answer yes or no, or say why they cannot, and never run away."""

import json

import pytest
import yaml

from infra_scale.core.evaluation.cel import rule as own
from infra_scale.core.evaluation.cel.rule import CompiledOwn, OwnFault, compile_own, fires
from infra_scale.core.evaluation.cel.steps import shape, steps
from infra_scale.model.policy import OwnRule
from support.repository import CHECKOUT

_PLAN: dict[str, object] = yaml.safe_load("""
apiVersion: infra.scale/v1
kind: ScalePlan
metadata: {name: shop.web, target: prod, reason: Launch}
context: {kubeContext: null, namespace: shop}
assumptions: {autoscaling: hpa}
actions:
  - {action: scale_workload, kind: Deployment, name: web, namespace: shop, from: "${detect}", to: 60}
  - {action: update_resources, kind: Deployment, name: web, namespace: shop, requests: {cpu: 500m}}
  - {action: apply_hpa, kind: HorizontalPodAutoscaler, name: web, namespace: shop, hpa: {min: 4, max: 12}}
rollbackHints: [kubectl scale deployment/web]
risks: [High replica count]
notes: []
consequences: [pods start]
""")


def _compiled(when: str) -> CompiledOwn:
    compiled = compile_own(OwnRule("OWN-001", "warning", when, "message", "fix", "why"))
    assert isinstance(compiled, CompiledOwn), compiled
    return compiled


def _refused(when: str) -> OwnFault:
    fault = compile_own(OwnRule("OWN-001", "warning", when, "message", "fix", "why"))
    assert isinstance(fault, OwnFault)
    return fault


def _failed(when: str, plan: dict[str, object] | None = None) -> str:
    answer = fires(_compiled(when), plan or _PLAN)
    assert isinstance(answer, OwnFault)
    return answer.reason


@pytest.mark.parametrize(
    "when",
    [
        'actions.exists(a, a.action == "scale_workload" && a.to > 50)',
        'actions.all(a, a.namespace == "shop")',
        'actions.exists_one(a, a.kind == "HorizontalPodAutoscaler")',
        "actions.filter(a, has(a.hpa)).size() == 1",
        "actions.map(a, has(a.to), a.to * 2) == [120]",
        "size(actions.map(a, a.name)) == 3",
        "has(metadata.reason) && !has(metadata.ticket)",
        r'metadata.name.matches("^[a-z]+\\.web$")',
        "actions[0].to == 60 && actions[0].to > 59.5 && actions[0].to < 60.5",
        '"cpu" in actions[1].requests && actions[1].requests.cpu == "500m"',
        "context.kubeContext == null",
        "plan.actions[0].to == actions[0].to",
        'risks.exists(r, r.startsWith("High"))',
    ],
)
def test_a_rule_fires_when_its_expression_is_true(when: str) -> None:
    assert fires(_compiled(when), _PLAN) is True
    assert fires(_compiled(f"!({when})"), _PLAN) is False


def test_what_a_plan_leaves_out_is_empty() -> None:
    assert fires(_compiled('findings.exists(f, f.rule == "REP-001")'), _PLAN) is False
    assert fires(_compiled("has(plan.findings)"), _PLAN) is False


def test_every_key_at_the_top_of_a_plan_is_a_variable() -> None:
    schema = json.loads((CHECKOUT / "schemas" / "scale-plan.schema.json").read_text(encoding="utf-8"))
    assert own.VARIABLES.keys() == schema["properties"].keys() | {"plan"}


@pytest.mark.parametrize(
    ("when", "line", "column", "reason"),
    [
        ("1 +", 1, 4, "mismatched input the end"),
        ("actions.exists(a,\n  a.to >> 50)", 2, 9, "extraneous input '>'"),
        ("metadta.name == ''", 1, 8, "undeclared reference to 'metadta.name'; did you mean metadata?"),
        ("true &&\n\n  foo", 3, 3, "undeclared reference to 'foo'"),
        ("actions.exist(a, a.to > 5)", 1, 14, "undeclared reference to 'exist'"),
        ("risks.exists(r, r > 5)", 1, 19, "applied to '(string, int)'"),
        ("'ö😀' == foo", 1, 9, "undeclared reference to 'foo'"),
    ],
)
def test_a_wrong_expression_says_where_it_is_wrong(when: str, line: int, column: int, reason: str) -> None:
    fault = _refused(when)
    assert (fault.line, fault.column) == (line, column)
    assert fault.reason.endswith(reason)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("actions", "it gives a list, and a rule is true or false"),
        ("actions.size()", "it gives an int, and a rule is true or false"),
        ("'a'.matches('(')", "invalid regular expression: missing ): ("),
        ("'a'.matches(metadata.name)", "matches() needs its pattern as a text in quotes"),
        (
            "google.protobuf.Struct{} == {}",
            "it needs something of CEL that plans have no use for: a node of kind 8 with",
        ),
        ("'\0' == ''", "it holds a NUL or half of a character"),
        ("'\ud800' == ''", "it holds a NUL or half of a character"),
    ],
)
def test_what_can_be_no_rule_is_refused_before_there_is_a_plan(when: str, reason: str) -> None:
    assert _refused(when).reason.startswith(reason)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("metadata.map(k, k)[0] == 'name'", "a loop goes over a list"),
        ("{'a': 1}.exists(k, true)", "a loop goes over a list"),
        ("timestamp('2026-01-01T00:00:00Z').getHours('Europe/Berlin') == 1", "a time zone has other rules"),
    ],
)
def test_what_differs_between_runs_or_machines_is_refused(when: str, reason: str) -> None:
    assert _refused(when).reason.startswith(reason)


@pytest.mark.parametrize(
    ("when", "reason"),
    [
        ("actions.all(a, a.to > 5)", 'Key not found in map : "to"; ask for it with has(…) first'),
        ("actions[0].to > '5'", "No matching overloads found : _>_(int64, string)"),
        ("actions[9].to > 5", "Index error: index=9 size=3"),
        ("1 / actions[0].to == 60 / (actions[0].to - 60)", "divide by zero"),
        ("actions[0].to", "it gave an int, and a rule is true or false"),
        ("context.kubeContext", "it gave a null, and a rule is true or false"),
    ],
)
def test_an_expression_that_fails_is_a_fault_and_not_false(when: str, reason: str) -> None:
    assert _failed(when).startswith(reason)


@pytest.mark.parametrize("text", ["web\0", "\ud800"])
def test_a_plan_is_not_judged_by_a_text_that_would_reach_the_library_as_another(text: str) -> None:
    assert "holds a character" in _failed("metadata.name == 'web'", {**_PLAN, "metadata": {"name": text}})


def test_a_number_beyond_64_bits_is_a_fault() -> None:
    assert "out of range" in _failed("actions[0].to > 1", {**_PLAN, "actions": [{"to": 2**64}]})


@pytest.mark.parametrize(
    "when",
    [
        "(" * 900 + "true" + ")" * 900,
        "[" * 900 + "]" * 900 + " == []",
        "true" + " ? true : true" * 100,
        "metadata" + ".a" * 900 + " == 1",
    ],
)
def test_deep_nesting_is_refused(when: str) -> None:
    assert _refused(when).reason == "it is nested more than 32 levels deep"


def test_the_deepest_nesting_of_loops_that_the_library_allows_is_read() -> None:
    when = "true"
    for depth in range(30):
        when = f"[1].all(v{depth}, {when})"
    assert fires(_compiled(when), _PLAN) is True


def test_an_expression_may_be_as_long_as_the_bound_and_no_longer() -> None:
    padded = "true".ljust(own.MAX_CHARACTERS)
    assert fires(_compiled(padded), _PLAN) is True
    assert _refused(padded + " ").reason == "it has 2001 characters, and 2000 are allowed"


_TEN = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]"


@pytest.mark.parametrize(
    "when",
    [
        "['aaaaaaaaaaaaaaaa']" + ".map(x, x + x)" * 26 + " != []",  # a text of a gigabyte
        "[b'aaaaaaaaaaaaaaaa']" + ".map(x, x + x)" * 26 + " != []",
        "[[1]]" + ".map(x, x + x)" * 26 + " != []",
        "[1]" + ".map(x, [x, x])" * 26 + " == [1]" + ".map(x, [x, x])" * 26,  # small to hold, not to compare
        "".join(f"{_TEN}.all(v{depth}, " for depth in range(7)) + "true" + ")" * 7,
        "'a'.matches('((a{10}){10}){10}" + r"\\pL" * 100 + "')",
    ],
)
def test_an_expression_that_takes_too_much_over_any_plan_is_refused(when: str) -> None:
    assert "steps" in _refused(when).reason


def test_an_expression_that_takes_too_much_over_one_plan_fails_there() -> None:
    crowded = {**_PLAN, "actions": [{"name": f"web-{index}"} for index in range(1500)]}
    when = "actions.all(a, [1, 2, 3].all(b, plan == plan))"
    assert fires(_compiled(when), _PLAN) is True
    assert "steps" in _failed(when, crowded)


def test_a_rule_is_asked_up_to_the_last_allowed_step() -> None:
    compiled = _compiled("metadata.reason.contains(metadata.reason)")

    def wanted(length: int) -> int:
        return steps(compiled.tree, {"metadata": shape({"reason": "a" * length})})

    longest = max(length for length in range(25_000, 26_000) if wanted(length) <= own.MAX_STEPS)
    assert wanted(longest + 1) > own.MAX_STEPS
    assert fires(compiled, {"metadata": {"reason": "a" * longest}}) is True
    assert isinstance(fires(compiled, {"metadata": {"reason": "a" * (longest + 1)}}), OwnFault)


def test_loops_turn_less_than_ten_thousand_times_in_all() -> None:
    compiled = _compiled("actions.all(a, risks.all(r, true))")
    plan: dict[str, object] = {"actions": [{}] * 100}
    assert fires(compiled, {**plan, "risks": ["r"] * 98}) is True
    fault = fires(compiled, {**plan, "risks": ["r"] * 99})
    assert fault == OwnFault("its loops turn 10000 times or more over this plan")


def test_the_usual_rules_are_far_from_the_bound_for_the_largest_request() -> None:
    action = {"action": "scale_workload", "kind": "Deployment", "name": "web-0123456789", "to": 3, "hpa": {"max": 3}}
    plan = {**_PLAN, "actions": [action] * 1500}
    pattern = "^(shop|web|search)-[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
    for when in (f"actions.all(a, a.name.matches('{pattern}'))", "actions.filter(a, a.to > 50).size() > 3"):
        compiled = _compiled(when)
        assert isinstance(fires(compiled, plan), bool), when
