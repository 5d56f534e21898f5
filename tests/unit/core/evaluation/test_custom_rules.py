"""A target's own rules, from its file to findings, plans and refusals."""

import sys

import pytest

from infra_scale.core.compiling.compilation import Compilation
from infra_scale.core.reporting.review import Links, findings_section
from infra_scale.core.reporting.summary import summary
from support.pure import compile_one

_REQUEST = """\
target: prod
namespace: shop
workloads:
  - {kind: Deployment, name: web, replicas: 8, requests: {cpu: 500m}, limits: {cpu: 1}}
"""


def _compiled(own: str, request: str = _REQUEST) -> Compilation:
    return compile_one(request, prod=f"policy:\n  own:\n    - {own}\n")


def _own(when: str, more: str = "") -> str:
    return f"{{id: ACME-001, message: Too many, when: '{when}'{more}}}"


def test_an_own_rule_that_fires_is_a_risk_of_the_plan_and_points_at_the_workloads() -> None:
    compilation = _compiled(_own("actions.exists(a, has(a.to) && a.to > 7)", ", fix: ask the platform team"))

    (finding,) = compilation.findings
    assert (finding.rule, finding.severity, finding.message) == ("ACME-001", "warning", "Too many")
    assert finding.help == "ask the platform team"
    assert finding.position
    assert (finding.position.line, finding.position.column) == (3, 1)
    assert compilation.plans[0].risks == ("Too many",)


def test_an_own_rule_is_silent_at_its_boundary() -> None:
    assert _compiled(_own("actions.exists(a, has(a.to) && a.to > 8)")).findings == ()


def test_an_own_rule_of_severity_error_refuses_the_request() -> None:
    compilation = _compiled(_own("actions.size() > 1", ", severity: error"))

    assert not compilation.is_valid
    assert compilation.plans == ()
    assert compilation.files == {}


def test_a_severity_of_an_own_rule_that_stands_among_the_others_is_shown_its_place() -> None:
    own = f"{_own('actions.size() > 1')}\n  rules: {{ACME-001: error}}"

    (finding,) = _compiled(own).findings

    assert finding.rule == "POL-001"
    assert finding.message == "ACME-001 is a custom rule of this target: set its severity in `own`"
    assert finding.help == "write `severity: error` there, and delete this line"


def test_a_waiver_of_an_own_rule_turns_it_into_a_note() -> None:
    allow = "allow: [{rule: ACME-001, reason: Load test, until: '2026-12-31'}]"
    request = _REQUEST.replace("replicas: 8,", f"replicas: 8, {allow},")

    compilation = _compiled(_own("actions.size() > 1", ", severity: error"), request)

    (plan,) = compilation.plans
    assert [(finding.rule, finding.severity) for finding in plan.findings] == [("ACME-001", "note")]
    assert plan.findings[0].waiver
    assert plan.findings[0].waiver.reason == "Load test"


def test_an_own_rule_that_gives_no_answer_says_so_and_is_not_taken_for_passed() -> None:
    (finding,) = _compiled(_own("actions.exists(a, a.nothing > 7)")).findings

    assert finding.rule == "ACME-001"
    assert finding.message.startswith("not checked: ACME-001 gave no answer for this plan: ")


@pytest.mark.parametrize(
    ("when", "said"),
    [("actions.exists(a, a.to >", "POL-005"), ("actionz.size() > 1", "POL-005"), ("actions.size()", "POL-005")],
)
def test_an_expression_that_cannot_be_read_is_an_error_in_the_target_file(when: str, said: str) -> None:
    compilation = _compiled(_own(when))

    (finding,) = compilation.findings
    assert (finding.rule, finding.path) == (said, "ops/targets/prod.yaml")
    assert finding.position
    assert finding.position.line == 3
    assert compilation.plans == ()


def test_an_own_rule_sees_neither_the_time_nor_another_own_rule() -> None:
    first = "{id: ACME-001, message: One, when: 'has(metadata.createdAt)'}"
    second = """{id: ACME-002, message: Two, when: 'findings.exists(f, f.rule.startsWith("ACME"))'}"""

    assert _compiled(f"{first}\n    - {second}").findings == ()


def test_without_the_library_a_target_with_own_rules_is_refused_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "infra_scale.core.evaluation.custom_rules", raising=False)
    monkeypatch.delitem(sys.modules, "infra_scale.core.evaluation.cel.rule", raising=False)
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)

    (finding,) = _compiled(_own("actions.size() > 1")).findings

    assert finding.rule == "POL-006"
    assert "infra-scale[policy] @" in finding.help
    assert 'additional_dependencies: [".[policy]"]' in finding.help


def test_the_message_of_an_own_rule_can_neither_mention_people_nor_open_html_in_a_summary() -> None:
    own = "{id: ACME-001, message: '@team <img src=x> | #1', when: 'true'}"

    (plan,) = _compiled(own).plans

    assert "- `@team <img src=x> | #1`\n" in summary(plan)
    assert "`@team <img src=x> \\| #1`" in findings_section(plan.findings, Links())
